"""The ledger: page by page, proved from here, and as a file."""

import tempfile
from collections.abc import Mapping
from typing import IO

import msgspec

from npn.db import Database
from npn.http.answers import Answer
from npn.ledger.export import export
from npn.ledger.model import Entry
from npn.ledger.service import Ledger
from npn.people.model import AccountRole
from npn.reading import Reading
from npn.web.answers import FileAnswer
from npn.web.pages.people.names import names_of
from npn.web.paging import older_than
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.verification import Verifier
from npn.web.visit import Visit

READERS = (AccountRole.OPERATOR, AccountRole.AUDITOR)
_SIZE = 50
_HIDDEN = frozenset({"jwk", "weights"})  # long, and of no use on a page


@get("/ledger", only(*READERS))
async def show_ledger(visit: Visit) -> Answer:
    """Show the newest entries, or those older than one."""
    before = older_than(visit.query.get("before", ""))
    entries = await visit.look(_page, visit.services.ledger, before)
    rows = [(entry, _facts(entry.data)) for entry in entries[:_SIZE]]
    names = await visit.read(names_of, visit.services.accounts)
    return await visit.page(
        "ledger/ledger.html",
        entries=rows,
        names=names,
        older=entries[_SIZE - 1].seq if len(entries) > _SIZE else None,
        first=before is None,
        verifier=_verifier(visit),
    )


def _page(reading: Reading, ledger: Ledger, before: int | None) -> list[Entry]:
    return ledger.page(before=before, limit=_SIZE + 1, held_by=reading.database)


def _facts(data: str) -> list[tuple[str, str]]:
    """Return an entry's members as they are shown."""
    facts: Mapping[str, object] = msgspec.json.decode(data)
    return [(name, _display(value)) for name, value in facts.items() if name not in _HIDDEN and value not in (None, "")]


def _display(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]} …"


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
