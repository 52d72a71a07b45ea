"""The state of the service in words: of every part what it is called, and of everything found a sentence."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from npn.health.model import HealthPart, HealthSubject, Level, ServiceState
from npn.people.model import AccountRole, Person
from npn.web import refusals
from npn.web.texts import Msgid, Texts, _

SUBJECTS: Mapping[HealthSubject, Msgid] = {
    HealthSubject.DRAWS: _("Draws"),
    HealthSubject.WITNESS: _("Witness"),
    HealthSubject.WITNESS_PLACE: _("Where the witness is kept"),
    HealthSubject.STANDBY: _("Standby"),
    HealthSubject.BACKUP: _("Backup"),
    HealthSubject.MAIL: _("E-mail"),
    HealthSubject.CERTIFICATE: _("The server's certificate"),
    HealthSubject.REVOCATION: _("Revocation lists"),
    HealthSubject.CLOCK: _("Clocks"),
    HealthSubject.BACKGROUND: _("Background work"),
    HealthSubject.FILES: _("Files with secrets"),
    HealthSubject.VERSION: _("Version"),
}
LEVELS: Mapping[Level, Msgid] = {
    Level.GOOD: _("In order"),
    Level.ABSENT: _("Not set up"),
    Level.UNKNOWN: _("Unknown"),
    Level.WARNING: _("Needs attention"),
    Level.BAD: _("Not working"),
}
STYLES: Mapping[Level, str] = {
    Level.GOOD: "good",
    Level.ABSENT: "",
    Level.UNKNOWN: "",
    Level.WARNING: "warn",
    Level.BAD: "bad",
}
SENTENCES: Mapping[tuple[HealthSubject, str], Msgid] = {
    (HealthSubject.DRAWS, "possible"): _("Series can be drawn."),
    (HealthSubject.WITNESS, "agrees"): _("The witness and the database agree at entry %(length)s of the ledger."),
    (HealthSubject.WITNESS_PLACE, "apart"): _("The witness is kept apart from the database."),
    (HealthSubject.WITNESS_PLACE, "same_disk"): _(
        "The witness is on the same disk as the database, so one loss can take both. Move it with "
        "npn admin witness move."
    ),
    (HealthSubject.WITNESS_PLACE, "unknown"): _(
        "The witness is a file on this server. Whether the database is on the same disk can't be seen from here."
    ),
    (HealthSubject.STANDBY, "one_file"): _("The database is one file on one server, without a standby."),
    (HealthSubject.STANDBY, "none_streams"): _("No standby follows the database at the moment."),
    (HealthSubject.STANDBY, "streams"): _("Standbys that follow the database: %(streaming)s."),
    (HealthSubject.STANDBY, "reads"): _(
        "Lists and look-ups are read at a standby that is at most %(seconds)s s behind. Standbys that follow the "
        "database: %(streaming)s."
    ),
    (HealthSubject.STANDBY, "reads_behind"): _(
        "The standby for reading is away or too far behind, so everything is read at the primary. Standbys that follow "
        "the database: %(streaming)s."
    ),
    (HealthSubject.BACKUP, "never_noted"): _(
        "Nobody has ever noted a backup. Let the nightly job end with npn admin backup seen."
    ),
    (HealthSubject.BACKUP, "noted"): _("The last backup that was noted was taken on %(taken_at)s."),
    (HealthSubject.BACKUP, "old"): _(
        "The last backup that was noted was taken on %(taken_at)s, more than a day and a half ago."
    ),
    (HealthSubject.MAIL, "no_server"): _("No mail server is set. E-mails that wait: %(waiting)s."),
    (HealthSubject.MAIL, "held_up"): _("E-mails are not delivered: %(waiting)s wait, the oldest since %(oldest)s."),
    (HealthSubject.MAIL, "some_failed"): _(
        "E-mails given up in the last seven days: %(failed)s. Waiting: %(waiting)s."
    ),
    (HealthSubject.MAIL, "flows"): _("E-mails are delivered. Waiting: %(waiting)s."),
    (HealthSubject.CERTIFICATE, "elsewhere"): _(
        "The service does not speak TLS itself. The certificate of a proxy in front of it can't be seen from here."
    ),
    (HealthSubject.CERTIFICATE, "unreadable"): _("The certificate's file can't be read."),
    (HealthSubject.CERTIFICATE, "until"): _("The certificate is valid until %(until)s."),
    (HealthSubject.CERTIFICATE, "expired"): _("The certificate expired on %(until)s."),
    (HealthSubject.REVOCATION, "no_lists"): _("No revocation lists are set."),
    (HealthSubject.REVOCATION, "current"): _("Revocation lists within their dates: %(lists)s."),
    (HealthSubject.REVOCATION, "overdue"): _("Revocation lists past their date: %(files)s."),
    (HealthSubject.CLOCK, "agree"): _("The clocks differ by %(seconds)s s."),
    (HealthSubject.CLOCK, "differ"): _(
        "The clocks differ by %(seconds)s s. Releases and regrants are refused until they agree; draws go on."
    ),
    (HealthSubject.BACKGROUND, "runs"): _("All background work ran without errors the last time."),
    (HealthSubject.BACKGROUND, "failing"): _("Background work that fails: %(names)s. The server's log has the reason."),
    (HealthSubject.FILES, "private"): _("Files with secrets can be read by the service alone."),
    (HealthSubject.FILES, "readable"): _(
        "Other users of the server's machine can read %(files)s. Take the right away with chmod 600."
    ),
    (HealthSubject.VERSION, "current"): _("Program %(program)s, database schema %(schema)s."),
    (HealthSubject.VERSION, "other_schema"): _(
        "Program %(program)s was made for database schema %(newest)s and works on schema %(schema)s."
    ),
}
_NOT_ASKED = _("This could not be found out. The server's log has the reason.")
_STOPPED = _("No series can be drawn at the moment. Systems carry on with the numbers they have in stock.")
_WHAT_TO_DO = _("/docs/on-call#when-nothing-can-be-drawn")
_MAIL_HELD_UP = _("E-mails from the service are delayed at the moment.")
_EXPIRED = _("The server's certificate has expired: systems and browsers may refuse to connect.")
FOR_EVERYBODY: Mapping[tuple[HealthSubject, str], Msgid] = {
    (HealthSubject.MAIL, "held_up"): _MAIL_HELD_UP,
    (HealthSubject.CERTIFICATE, "expired"): _EXPIRED,
}


class BannerLine(NamedTuple):
    """A line of the banner: the class that it is shown with, its text, and where one reads what to do."""

    style: str
    text: str
    path: str = ""


WATCHERS = frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR})


def sentence(texts: Texts, part: HealthPart) -> str:
    """Return what was found, in the visitor's language; an error by its text in the catalogue."""
    msgid = SENTENCES.get((part.subject, part.code))
    if msgid is None:
        return refusals.text_of_code(texts, part.code) or texts.gettext(_NOT_ASKED)
    return texts.gettext(msgid) % {name: _value(texts, value) for name, value in part.values.items()}


def banner(
    texts: Texts, state: ServiceState, person: Person | None, *, but: Collection[HealthSubject] = ()
) -> list[BannerLine]:
    """Return what stands on top of every page: nothing where nothing is wrong.

    Everybody is told what concerns them; operators and auditors what needs attention as well. `but`: what the page
    itself says already.
    """
    watches = person is not None and person.role in WATCHERS
    stopped = texts.gettext(_STOPPED)
    if watches:
        stopped = f"{stopped} {sentence(texts, state.part(HealthSubject.DRAWS))}"
    lines = [] if state.can_draw else [BannerLine("bad", stopped, "" if watches else texts.gettext(_WHAT_TO_DO))]
    if not watches:
        concerns = (FOR_EVERYBODY.get((part.subject, part.code)) for part in state.parts)
        return [*lines, *(BannerLine("warn", texts.gettext(text)) for text in concerns if text is not None)]
    covered = {HealthSubject.DRAWS, *but} if state.can_draw else {HealthSubject.DRAWS, HealthSubject.WITNESS, *but}
    more = [part for part in state.of(Level.BAD, Level.WARNING) if part.subject not in covered]
    return [*lines, *(BannerLine(STYLES[part.level], sentence(texts, part)) for part in more)]


def _value(texts: Texts, value: object) -> str:
    if isinstance(value, datetime):
        return texts.time(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return texts.number(value, 1)
    return texts.number(value) if isinstance(value, int) else str(value)
