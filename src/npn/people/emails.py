"""What is written to those who sign in, and to all operators: in Danish, then in English, plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa

from npn.instants import time_in
from npn.mail.model import Email
from npn.mail.service import put_if_valid
from npn.people import store, ties
from npn.people.model import Account, AccountRole, AccountState

_ROLES: Mapping[AccountRole, tuple[str, str]] = {
    AccountRole.OPERATOR: ("operatør", "operator"),
    AccountRole.REGION: ("region", "region"),
    AccountRole.OWNER: ("ejer", "owner"),
    AccountRole.VENDOR: ("leverandør", "vendor"),
    AccountRole.GROUP: ("referencegruppe", "reference group"),
    AccountRole.AUDITOR: ("revisor", "auditor"),
}


class AccountNotice(Enum):
    """What happened to an account, in Danish and in English."""

    MADE = ("er oprettet", "was added")
    RESET = (
        "har fået et nyt engangslink; adgangskode, totrinslogin og alle aktive logins er ophævet",
        "was given a new one-time link; its password, second factor and sessions have ended",
    )
    ROLE = ("har fået en anden rolle", "was given another role")
    SUSPENDED = ("må ikke længere logge ind", "may no longer sign in")
    RESUMED = ("må logge ind igen", "may sign in again")
    EMAIL = ("har fået en anden e-mailadresse", "was given another e-mail address")
    VOUCHED = (
        "er bekræftet: den tilhører en anden person end dem, der har ændret den",
        "was vouched for: it belongs to another person than those who changed it",
    )
    PASSWORD = ("har fået en ny adgangskode", "was given a new password")
    PASSWORD_RESET = (
        "har fået en ny adgangskode via et link i en e-mail; alle aktive logins er afsluttet",
        "was given a new password by a link in an e-mail; all its sessions have ended",
    )
    SECOND_FACTOR = ("har fået nyt totrinslogin", "was given a new second factor")
    RECOVERY_CODES = ("har fået nye nødkoder", "was given new recovery codes")
    OPENID = ("kan nu logge ind med fælles login", "can now sign in with an identity provider")


@dataclass(frozen=True, slots=True)
class Mailing:
    """How e-mails reach people: where their links lead, and whether a mail server is set up at all."""

    public_url: str = ""
    works: bool = False

    def send_link(
        self, connection: sa.Connection, account: Account, path: str, *, expires_at: datetime, at: datetime
    ) -> bool:
        """Put a one-time link into the outbox, to the account's address alone; False where it can't be mailed."""
        if not self.works:
            return False
        until_da, until_en = time_in("da", expires_at), time_in("en", expires_at)
        address = self.public_url + path
        text = (
            f"Hej {account.name}\n\n"
            f"Vælg din adgangskode til NPN-tjenesten her:\n{address}\n\n"
            f"Linket virker én gang, indtil {until_da}. Giv det ikke videre: den, der har det, har din adgang.\n"
            "Har du ikke ventet denne e-mail, så skriv til driften.\n\n"
            f"Hello {account.name}\n\n"
            f"Choose your password for the NPN service here:\n{address}\n\n"
            f"The link works once, until {until_en} (Danish time). Do not pass it on: whoever has it has your access.\n"
            "If you did not expect this e-mail, write to the operator.\n"
        )
        return put_if_valid(connection, Email(account.email, "NPN: din adgang / your access", text), at=at)

    def send_reset(
        self, connection: sa.Connection, account: Account, path: str, *, expires_at: datetime, at: datetime
    ) -> None:
        """Put a link to set a forgotten password into the outbox, to the account's address alone."""
        until_da, until_en = time_in("da", expires_at), time_in("en", expires_at)
        address = self.public_url + path
        text = (
            f"Hej {account.name}\n\n"
            f"Nogen, formentlig dig selv, har glemt adgangskoden til NPN-tjenesten. Vælg en ny her:\n{address}\n\n"
            f"Linket virker én gang, indtil {until_da}. Har din konto totrinslogin, skal du også bruge en kode.\n"
            "Var det ikke dig, så gør ingenting: din adgangskode er ikke ændret.\n\n"
            f"Hello {account.name}\n\n"
            f"Somebody, probably you, has forgotten the password for the NPN service. Choose a new one here:\n{address}"
            "\n\n"
            f"The link works once, until {until_en} (Danish time). "
            "If your account has a second factor, you also need a code.\n"
            "If it was not you, do nothing: your password has not been changed.\n"
        )
        email = Email(account.email, "NPN: glemt adgangskode / forgotten password", text)
        put_if_valid(connection, email, at=at)

    def send_no_reset(self, connection: sa.Connection, account: Account, *, at: datetime) -> None:
        """Write to the account's address that its password can't be set by e-mail, and what to do instead."""
        text = (
            f"Hej {account.name}\n\n"
            "Nogen, formentlig dig selv, har skrevet, at adgangskoden til NPN-tjenesten er glemt.\n"
            "For din konto kan den ikke ændres via e-mail. Brug fælles login, hvis du plejer det;\n"
            "ellers bed driften om et nyt engangslink.\n"
            "Var det ikke dig, så gør ingenting: intet er ændret.\n\n"
            f"Hello {account.name}\n\n"
            "Somebody, probably you, has asked to set a forgotten password for the NPN service.\n"
            "For your account this can't be done by e-mail. Use the identity provider if you usually do;\n"
            "otherwise ask the operator for a new one-time link.\n"
            "If it was not you, do nothing: nothing has been changed.\n"
        )
        email = Email(account.email, "NPN: glemt adgangskode / forgotten password", text)
        put_if_valid(connection, email, at=at)


_PROPOSALS: Mapping[str, tuple[str, str]] = {
    "limits": ("Grænser ud over det sædvanlige", "Limits beyond the usual"),
    "recovery": ("En gendannelse", "A recovery"),
    "regrant": ("Frigivne numre, der skal tildeles igen", "Released numbers to be granted again"),
    "quarantine": ("En anden karantæne for frigivne numre", "Another quarantine for released numbers"),
    "space": ("Et andet nummerrum til et system", "Another number space for a system"),
    "operator": ("En operatør", "An operator"),
}


def to_approvers(connection: sa.Connection, mailing: Mailing, *, path: str, kind: str, by: str, at: datetime) -> None:
    """Write to every active operator but the one who proposed it that a proposal waits; only where mail is set up.

    What is wished and why stands on the page alone, to be read by whoever signs in.
    """
    if not mailing.works:
        return
    danish, english = _PROPOSALS.get(kind, (kind, kind))
    address = mailing.public_url + path
    text = (
        f"Et forslag venter på en anden operatør: {danish}.\nSe på det, og godkend eller afvis det her:\n{address}\n\n"
        f"A proposal waits for another operator: {english}.\nLook at it, and approve or reject it here:\n{address}\n"
    )
    subject = "NPN: et forslag venter på dig / a proposal waits for you"
    for operator in store.every(connection):
        active = operator.role is AccountRole.OPERATOR and operator.state is AccountState.ACTIVE
        if active and operator.by != by:
            put_if_valid(connection, Email(operator.email, subject, text), at=at)


def to_holder(
    connection: sa.Connection, account: Account, notice: AccountNotice, *, at: datetime, to: str = ""
) -> None:
    """Write to an account's holder that it was changed; `to`: the address before, where that is what changed."""
    danish, english = notice.value
    text = (
        f"Hej {account.name}\n\nDin konto i NPN-tjenesten {danish} ({time_in('da', at)}).\n"
        "Var det ikke dig, og ved du ikke hvorfor, så skriv straks til driften.\n\n"
        f"Hello {account.name}\n\nYour account at the NPN service {english} ({time_in('en', at)}, Danish time).\n"
        "If it was not you, and you don't know why, write to the operator at once.\n"
    )
    put_if_valid(
        connection, Email(to or account.email, "NPN: din konto er ændret / your account was changed", text), at=at
    )


def to_operators(
    connection: sa.Connection, account: Account, notice: AccountNotice, *, by: str, reason: str, at: datetime
) -> None:
    """Write to every active operator what the shell did to an account."""
    danish, english = notice.value
    role_da, role_en = _ROLES[account.role]
    why = (f"Begrundelse: {reason}\n", f"Reason, as it was given: {reason}\n") if reason else ("", "")
    text = (
        f"Kontoen {account.name} ({account.email}, {role_da}) {danish} ({time_in('da', at)}).\n"
        f"Det er gjort fra serverens kommandolinje af {by}.\n{why[0]}"
        "Ved I ikke hvorfor, så undersøg det straks.\n\n"
        f"The account {account.name} ({account.email}, {role_en}) {english} ({time_in('en', at)}, Danish time).\n"
        f"It was done from the server's command line by {by}.\n{why[1]}"
        "If you don't know why, look into it at once.\n"
    )
    subject = "NPN: en konto er ændret fra serveren / an account was changed at the server"
    for operator in store.every(connection):
        if operator.role is AccountRole.OPERATOR and operator.state is AccountState.ACTIVE:
            put_if_valid(connection, Email(operator.email, subject, text), at=at)


def of_change(connection: sa.Connection, before: Account, account: Account, *, by: str, at: datetime) -> None:
    """Write to the holder of an account, and to every operator where the shell changed an operator's."""
    notice = AccountNotice.ROLE
    if before.state is not account.state:
        notice = AccountNotice.RESUMED if account.state is AccountState.ACTIVE else AccountNotice.SUSPENDED
    to_holder(connection, account, notice, at=at)
    if AccountRole.OPERATOR in (before.role, account.role):
        of_shell(connection, account, notice, by=by, at=at)


def of_shell(
    connection: sa.Connection, account: Account, notice: AccountNotice, *, by: str, at: datetime, reason: str = ""
) -> None:
    """Write to every operator what the shell did; of what anybody else did, nothing."""
    if ties.is_shell(by):
        to_operators(connection, account, notice, by=by, reason=reason, at=at)
