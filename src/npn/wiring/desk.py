"""The part of the composition that people write to: mail, cases, contacts, regions, requests to be connected.

`wiring` puts it beside the rest; it stands here for its length alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from npn.chores import Chore
from npn.config import Settings
from npn.db import Database
from npn.errors import ConfigurationError, InvalidInputError
from npn.ledger.service import Ledger
from npn.mail.model import address
from npn.mail.service import Outbox
from npn.mail.smtp import Smtp
from npn.onboarding.asking import Asking
from npn.onboarding.handover import Handovers
from npn.onboarding.service import Onboarding
from npn.onboarding.steps import Agreements
from npn.regions.service import Regions
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.refusals import Refusals
from npn.support.service import Cases
from npn.systems.certificates import Certificates
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice
from npn.text import read_text

SEND_EVERY = 2.0  # seconds between two looks into the outbox


@dataclass(frozen=True, slots=True)
class Desk:
    """The rooms that people write to, put together."""

    outbox: Outbox
    regions: Regions
    cases: Cases
    contacts: Contacts
    refusals: Refusals
    facts: FactFinder
    onboarding: Onboarding

    def chores(self) -> list[Chore]:
        """List what a running service does by itself for them."""
        made = [
            Chore("count_refusals", 30, self.refusals.flush),
            Chore("ask_contacts", 3_600, self.contacts.ask_due),
            Chore("forget_old", 3_600, self.forget_old),
        ]
        if self.outbox.smtp is not None:
            made.append(Chore("send_mail", SEND_EVERY, self.outbox.send_due))
        return made

    def forget_old(self) -> None:
        """Remove what is kept for a time only: settled mail, ended links, unconfirmed requests, old counts."""
        self.outbox.forget()
        self.cases.forget()
        self.onboarding.asking.forget()
        self.refusals.forget()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the desk stands on."""

    settings: Settings
    database: Database
    ledger: Ledger
    clock: Callable[[], datetime]


def open_desk(
    ground: Ground,
    *,
    certificates: Certificates,
    agreements: Agreements,
    notices: Callable[[ConnectedSystem], list[Notice]],
) -> Desk:
    """Put the desk together. Raises ConfigurationError naming a setting of mail that is wrong."""
    settings, database, ledger, clock = ground.settings, ground.database, ground.ledger, ground.clock
    public_url = public_address(settings)
    regions, refusals = Regions(database, ledger), Refusals(database, clock)
    cases = Cases(database, ledger, public_url, settings.operator_mail)
    return Desk(
        outbox=Outbox(database, clock, mail_server(settings), timedelta(seconds=settings.mail_retry_seconds)),
        regions=regions,
        cases=cases,
        contacts=Contacts(database, ledger, public_url),
        refusals=refusals,
        facts=FactFinder(database, clock, regions, refusals, notices),
        onboarding=Onboarding(
            database=database,
            ledger=ledger,
            cases=cases,
            asking=Asking(database, ledger, cases, public_url),
            handovers=Handovers(database, ledger, public_url),
            certificates=certificates,
            agreements=agreements,
        ),
    )


def mail_server(settings: Settings) -> Smtp | None:
    """Return the mail server that the settings name, or None. Raises ConfigurationError naming the setting."""
    if not settings.smtp_host:
        return None
    try:
        sender = address(settings.mail_from, "mail_from")
    except InvalidInputError as error:
        hint = "name the address that mail is from"
        raise ConfigurationError("smtp_host needs mail_from", field="mail_from", hint=hint) from error
    _smtp_password(settings)  # a file that can't be read ends the start
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=sender,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=lambda: _smtp_password(settings),
        ca=settings.smtp_ca,
        timeout=settings.smtp_timeout_seconds,
        subaddress=settings.mail_subaddress,
    )


def _smtp_password(settings: Settings) -> str:
    """Read the password, for each connection: a new one counts without a restart. Raises ConfigurationError."""
    if not settings.smtp_password_file:
        return ""
    return read_text(Path(settings.smtp_password_file), field="smtp_password_file").partition("\n")[0].strip()


def public_address(settings: Settings) -> str:
    """Return the address that links in mails begin with; where none is set, the one that is listened on."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{settings.port}"
