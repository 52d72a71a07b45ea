"""The ledger: in words, searched and page by page, proved from here, and as a file."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO

import msgspec

from npn.agreements.service import Agreements
from npn.db import Database
from npn.errors import NotFoundError
from npn.http.answers import Answer, Stream
from npn.instants import instant_or_none
from npn.ledger.canonical import Json
from npn.ledger.export import export
from npn.ledger.index import LedgerIndex
from npn.ledger.model import Entry
from npn.people.accounts import Accounts
from npn.people.model import AccountRole
from npn.reading import Reading
from npn.regions.service import Regions
from npn.systems.model import OPERATOR, Caller, Role
from npn.systems.service import Systems
from npn.web.answers import FileAnswer
from npn.web.forms import Choice, Field, Form
from npn.web.lists.file import MEDIA_TYPE, lines_of
from npn.web.lists.model import Value
from npn.web.pages.agreements.agreement import edition, language_of
from npn.web.pages.ledger.describing import GROUPS, Description, LedgerNames, described
from npn.web.pages.ledger.searching import FoundEntries, LedgerQuery, everything, find_entries, ledger_query
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Texts, _
from npn.web.verification import Verifier
from npn.web.visit import Visit

READERS = (AccountRole.OPERATOR, AccountRole.AUDITOR)
_SIZE = 50
_EVERYTHING = Caller(Role.OPERATOR, OPERATOR, None, "")
_DAYS = (
    Field("from", _("From the day"), kind="date", required=False),
    Field("to", _("To the day"), kind="date", required=False),
)
_HEADINGS = (_("No."), _("When"), _("What"), _("In words"), _("Who"), _("Reason"))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry as the page shows it: in words, and as it stands in the file."""

    entry: Entry
    said: Description

    @property
    def at(self) -> datetime | None:
        """Return when it was made."""
        return instant_or_none(self.entry.at)


@get("/ledger", only(*READERS))
async def show_ledger(visit: Visit) -> Answer:
    """Show the newest entries that fit, or those older than one."""
    names = await _names(visit)
    query = await _query(visit, names)
    page = await visit.look(_found, _index(visit), query)
    return await visit.page(
        "ledger/ledger.html",
        rows=[_row(visit.texts, names, entry) for entry in page.entries],
        query=query,
        about=_about(visit, query),
        form=_form(visit, query, names),
        newest=query.address("/ledger"),
        older="" if page.older is None else query.address("/ledger", page.older),
        stopped=page.stopped,
        file=query.address("/ledger.csv"),
        verifier=_verifier(visit),
    )


async def _query(visit: Visit, names: LedgerNames) -> LedgerQuery:
    """Read the address; the draw of a series that it names is found by the series."""
    about, drawn_at = visit.query.get("about", ""), None
    if about.startswith("series:"):
        with suppress(NotFoundError):
            series = await visit.read(visit.services.registry.series, about.removeprefix("series:"), by=_EVERYTHING)
            drawn_at = series.seq
    return ledger_query({**visit.query, **_days(visit).sound()}, names, drawn_at=drawn_at)


def _days(visit: Visit) -> Form:
    """Read the days of the address, each in three parts or as one text."""
    return Form.of(_DAYS).read(visit.query, visit.texts)


def _found(reading: Reading, index: LedgerIndex, query: LedgerQuery) -> FoundEntries:
    with reading.database.read() as connection:
        return find_entries(connection, index, query, size=_SIZE)


def _row(texts: Texts, names: LedgerNames, entry: Entry) -> LedgerRow:
    facts: dict[str, Json] = msgspec.json.decode(entry.data)
    return LedgerRow(entry, described(texts, names, kind=entry.type, facts=facts))


async def _names(visit: Visit) -> LedgerNames:
    services = visit.services
    names = await visit.read(_known, services.systems, services.accounts, services.regions)
    titles = await visit.read(_titles, services.agreements, visit)
    answers = await visit.read(services.standard_answers.all)
    labels = {answer.id: answer.text(visit.language).label for answer in answers}
    return replace(names, requirements=titles, answers=labels)


def _known(systems: Systems, accounts: Accounts, regions: Regions) -> LedgerNames:
    return LedgerNames(
        systems={system.id: system.name for system in systems.list(closed=True)},
        accounts={account.id: account.name for account in accounts.list()},
        organisations={item.id: item.name for item in systems.organisations()},
        units={unit.id: unit.name for unit in regions.units(None)},
    )


def _titles(agreements: Agreements, visit: Visit) -> dict[str, str]:
    current = edition(agreements, "", language_of(visit))
    return {} if current is None else {s.name: f"{s.number} {s.title}" for s in current.text.requirements}


def _form(visit: Visit, query: LedgerQuery, names: LedgerNames) -> Form:
    kinds = [
        choice
        for group, (label, texts) in GROUPS.items()
        for choice in (
            Choice(group, label),
            *(Choice(tag, f"\N{EN DASH} {visit.text(text.label)}") for tag, text in texts.items()),
        )
    ]
    fields = (
        Field("q", _("Search"), kind="search", required=False),
        Field("system", _("System (name or id)"), required=False),
        Field("person", _("Person"), required=False),
        Field("kind", _("Kind of entry"), kind="select", required=False, choices=kinds),
        *_DAYS,
    )
    values = dict(query.values)
    values["person"] = names.accounts.get(values["person"].removeprefix("account:"), values["person"])
    values["system"] = names.systems.get(values["system"], values["system"])
    days = _days(visit)
    form = Form.of(fields, {**values, **days.values})
    form.errors, form.parts = days.errors, days.parts
    return form


def _about(visit: Visit, query: LedgerQuery) -> str:
    """Return what the entries are about, where the address names one thing."""
    member, _colon, value = query.values["about"].partition(":")
    called = {
        "series": _("One series"),
        "case": _("Case %(value)s"),
        "account": _("One account"),
        "approval": _("One proposal"),
        "proposal": _("Change proposal %(value)s"),
        "unit": _("One unit"),
        "answer": _("One standard answer"),
        "organisation": _("One organisation"),
        "space": _("Number space %(value)s"),
        "request": _("One request"),
    }.get(member)
    return "" if called is None else visit.text(called, value=value)


def _index(visit: Visit) -> LedgerIndex:
    state = visit.request.app.state
    index = state.get("ledger_index")
    if not isinstance(index, LedgerIndex):
        index = state.ledger_index = LedgerIndex()
    return index


@get("/ledger.csv", only(*READERS))
async def ledger_file(visit: Visit) -> Stream:
    """Return every entry that fits, in words, for a spreadsheet."""
    names = await _names(visit)
    query = await _query(visit, names)
    content = _lines(visit.services.database, _index(visit), query, texts=visit.texts, names=names)
    saved_as = {"Content-Disposition": 'attachment; filename="npn-ledger.csv"'}
    return Stream(content, visit.context.threads.streams, MEDIA_TYPE, saved_as)


def _lines(
    database: Database, index: LedgerIndex, query: LedgerQuery, *, texts: Texts, names: LedgerNames
) -> Iterator[bytes]:
    yield lines_of(texts, [_HEADINGS], is_first=True)
    with database.read() as connection:
        for batch in everything(connection, index, query):
            if batch:
                yield lines_of(texts, [_cells(_row(texts, names, entry)) for entry in batch])


def _cells(row: LedgerRow) -> Sequence[Value]:
    sentence = "".join(part if isinstance(part, str) else part.text for part in row.said.sentence)
    return (row.entry.seq, row.at, row.said.label, sentence, row.said.who, row.said.reason)


def _verifier(visit: Visit) -> Verifier:
    state = visit.request.app.state
    verifier = state.get("verifier")
    if not isinstance(verifier, Verifier):
        verifier = state.verifier = Verifier(visit.services.settings)
    return verifier


@post("/ledger/verify", only(*READERS), largest=4096, again=False)
async def verify(visit: Visit) -> Answer:
    """Begin a proof; it goes on beside the service's work."""
    _verifier(visit).begin()
    return visit.see_other("/ledger", _("The proof is under way. Load the page again to see how it ended."))


@get("/ledger/export.jsonl", only(*READERS))
async def export_file(visit: Visit) -> FileAnswer:
    """Return the whole ledger as a file, for a proof with nothing but the file."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the answer once it is sent
    await visit.read(_exported, visit.services.database, file)
    return FileAnswer(file, "application/jsonl", "npn-ledger.jsonl")


def _exported(database: Database, file: IO[bytes]) -> None:
    export(database, file.write)
    file.seek(0)
