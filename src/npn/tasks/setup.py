"""The first day: what a new service should have, and how far each of it is; what can't be told is unknown, not done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from npn.agreements.service import Agreements
from npn.db import Database
from npn.errors import NotFoundError, RefusedError, codes
from npn.ledger.model import BackupNote
from npn.ledger.places import is_on_same_device
from npn.ledger.service import Ledger
from npn.ledger.witness import FileWitness
from npn.mail.model import Email, MailState
from npn.mail.service import put
from npn.mail.store import one as one_email
from npn.people.accounts import Accounts
from npn.regions.service import Regions
from npn.support.links import new_token
from npn.tasks import store
from npn.tasks.store import SetupNote
from npn.tokens import digest_of
from npn.transport.service import Transport

BACKUP_HOLDS = timedelta(days=2)
_DISMISSED, _MAIL_SENT, _MAIL_SEEN = "dismissed", "mail_sent", "mail_seen"


class SetupState(StrEnum):
    """How far something is."""

    DONE = "done"
    MISSING = "missing"
    UNKNOWN = "unknown"


class SetupItem(StrEnum):
    """What a new service should have, in the order in which it is best done."""

    HTTPS = "https"
    ADDRESS = "address"
    MAIL = "mail"
    WITNESS = "witness"
    BACKUP = "backup"
    OPERATOR = "operator"
    AGREEMENT = "agreement"
    DATES = "dates"
    UNITS = "units"
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """One of them as it is; `how` says what was seen, for the pages to put in words."""

    item: SetupItem
    state: SetupState
    how: str = ""


@dataclass(frozen=True, slots=True)
class SetupSettings:
    """The settings that are looked at. `installation`: what it is for, empty where nobody said."""

    serves_tls: bool
    public_url: str
    link_base: str
    mail_works: bool
    installation: str


@dataclass(frozen=True, slots=True)
class Setup:
    """The checklist. `last_backup`: the newest backup that was noted."""

    settings: SetupSettings
    database: Database
    ledger: Ledger
    accounts: Accounts
    agreements: Agreements
    transport: Transport
    regions: Regions
    last_backup: Callable[[], BackupNote | None]

    def checks(self, *, by_https: bool) -> list[SetupCheck]:
        """Return every item as it is. `by_https`: whoever asks does so over https."""
        return [
            self._https(by_https=by_https),
            _plain(SetupItem.ADDRESS, done=bool(self.settings.public_url)),
            self._mail(),
            self._witness(),
            self._backup(),
            _plain(SetupItem.OPERATOR, done=self.accounts.has_two_operators()),
            _plain(SetupItem.AGREEMENT, done=bool(self.agreements.versions())),
            self._dates(),
            _plain(SetupItem.UNITS, done=bool(self.regions.units())),
            _plain(SetupItem.INSTALLATION, done=bool(self.settings.installation)),
        ]

    def is_dismissed(self) -> bool:
        """Whether an operator has put the checklist away."""
        return _DISMISSED in self._notes()

    def dismiss(self, *, by: str) -> None:
        """Put the checklist away; it stays under its address."""
        self._note(_DISMISSED, by=by)

    def take_up(self) -> None:
        """Show the checklist again."""
        with self.database.write() as connection:
            store.forget_setup_note(connection, _DISMISSED)

    def send_test_mail(self, *, to: str, by: str, write: Callable[[str], Email]) -> None:
        """Send a mail whose link confirms that it came; `write` is given the link. Raises RefusedError."""
        if not self.settings.mail_works:
            raise RefusedError("no mail is set up", code=codes.MAIL_NOT_SET_UP)
        token, at = new_token(), self.ledger.clock()
        email = write(f"{self.settings.link_base}/setup/mail/{token}")
        with self.database.write() as connection:
            mail_id = put(connection, Email(to, email.subject, email.text), at=at)
            note = SetupNote(_MAIL_SENT, at, by, f"{digest_of(token)} {mail_id}")
            store.set_setup_note(connection, note)
            store.forget_setup_note(connection, _MAIL_SEEN)

    def check_link(self, token: str) -> None:
        """Raise NotFoundError unless the link is that of the newest test mail."""
        sent = self._notes().get(_MAIL_SENT)
        if sent is None or sent.value.partition(" ")[0] != digest_of(token):
            raise NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED)

    def confirm_mail(self, token: str) -> None:
        """Note that the test mail came. Raises NotFoundError."""
        self.check_link(token)
        self._note(_MAIL_SEEN, by="link")

    def _https(self, *, by_https: bool) -> SetupCheck:
        if by_https or self.settings.serves_tls:
            return SetupCheck(SetupItem.HTTPS, SetupState.DONE)
        if self.settings.public_url.startswith("https://"):
            return SetupCheck(SetupItem.HTTPS, SetupState.UNKNOWN, "https_in_address")
        return SetupCheck(SetupItem.HTTPS, SetupState.MISSING)

    def _mail(self) -> SetupCheck:
        item, notes = SetupItem.MAIL, self._notes()
        if not self.settings.mail_works:
            return SetupCheck(item, SetupState.MISSING, "mail_not_set_up")
        if _MAIL_SEEN in notes:
            return SetupCheck(item, SetupState.DONE, "mail_link_opened")
        if _MAIL_SENT not in notes:
            return SetupCheck(item, SetupState.UNKNOWN, "mail_never_tried")
        with self.database.read() as connection:
            email = one_email(connection, notes[_MAIL_SENT].value.partition(" ")[2])
        if email is None or email.state is MailState.SENT:  # settled mail is removed in the end
            return SetupCheck(item, SetupState.DONE, "mail_accepted")
        if email.state is MailState.FAILED:
            return SetupCheck(item, SetupState.MISSING, "mail_refused")
        return SetupCheck(item, SetupState.UNKNOWN, "mail_on_its_way")

    def _witness(self) -> SetupCheck:
        if is_on_same_device(self.database, self.ledger.witness):
            return SetupCheck(SetupItem.WITNESS, SetupState.MISSING)
        if self.database.path is None and isinstance(self.ledger.witness, FileWitness):
            return SetupCheck(SetupItem.WITNESS, SetupState.UNKNOWN, "witness_disk_unknown")
        return SetupCheck(SetupItem.WITNESS, SetupState.DONE)

    def _backup(self) -> SetupCheck:
        backup = self.last_backup()
        if backup is None:
            return SetupCheck(SetupItem.BACKUP, SetupState.UNKNOWN, "backup_never_noted")
        if self.ledger.clock() - backup.taken_at > BACKUP_HOLDS:
            return SetupCheck(SetupItem.BACKUP, SetupState.MISSING, "backup_old")
        return SetupCheck(SetupItem.BACKUP, SetupState.DONE)

    def _dates(self) -> SetupCheck:
        agreed, ends = bool(self.agreements.dates()), self.transport.plan().sunset is not None
        how = "" if agreed and ends else "dates_of_agreement" if ends else "dates_of_transport" if agreed else ""
        return SetupCheck(SetupItem.DATES, SetupState.DONE if agreed and ends else SetupState.MISSING, how)

    def _notes(self) -> dict[str, SetupNote]:
        with self.database.read() as connection:
            return store.setup_notes(connection)

    def _note(self, name: str, *, by: str) -> None:
        with self.database.write() as connection:
            store.set_setup_note(connection, SetupNote(name, self.ledger.clock(), by, ""))


def _plain(item: SetupItem, *, done: bool) -> SetupCheck:
    return SetupCheck(item, SetupState.DONE if done else SetupState.MISSING)
