"""What the ledger's page is asked for, and the entries that it finds: by system, person, kind, time and words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import sqlalchemy as sa

from npn.instants import start_of_day
from npn.ledger import store
from npn.ledger.index import PLACE, LedgerIndex
from npn.ledger.model import Entry
from npn.web.pages.ledger.describing import GROUPS, LedgerNames
from npn.web.paging import older_than
from npn.wording import has_words

_BATCH = 500  # entries read at a time
_MOST = 40_000  # entries that are searched for words at once; the page says where it stopped
_ABOUT = frozenset(
    {"series", "case", "account", "approval", "proposal", "unit", "answer", "organisation", "space", "request"}
)
_FIELDS = ("q", "system", "person", "kind", "from", "to", "about")
_LONGEST = 200

Member = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """What is asked for. `groups`: of each, an entry has one member; `needles`: of each word, an entry holds one.

    `impossible`: something was named that is not there, so nothing fits.
    """

    values: Mapping[str, str]
    groups: Sequence[Sequence[Member]] = ()
    needles: Sequence[Sequence[str]] = ()
    since: date | None = None
    until: date | None = None
    before: int | None = None
    impossible: bool = False

    def address(self, path: str, before: int | None = None) -> str:
        """Write the address of the same search, from an older entry on."""
        pairs = {name: value for name, value in self.values.items() if value}
        if before is not None:
            pairs["before"] = str(before)
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for."""
        return any(self.values.values())


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """The entries of a page, the newest first. `older`: the place below which to go on, None at the end.

    `stopped`: not everything was searched, so that older entries may fit.
    """

    entries: Sequence[Entry]
    older: int | None
    stopped: bool = False


def ledger_query(asked: Mapping[str, str], names: LedgerNames, *, drawn_at: int | None = None) -> LedgerQuery:
    """Read an address: names are looked up, folded; a day is written `2027-03-28`, anything else is left out.

    `drawn_at`: the place of the draw of the series that the address names, which is not indexed by it.
    """
    values = {name: asked.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    groups = _groups(values, names, drawn_at)
    since, until = _day(values["from"]), _day(values["to"])
    return LedgerQuery(
        values=values,
        groups=groups,
        needles=[_needles(word, names) for word in values["q"].split()],
        since=since,
        until=until,
        before=older_than(asked.get("before", "")),
        impossible=any(not group for group in groups),
    )


def _groups(values: Mapping[str, str], names: LedgerNames, drawn_at: int | None) -> list[Sequence[Member]]:
    """Return what entries must have, a group for each thing that is asked for."""
    groups: list[Sequence[Member]] = []
    if values["system"]:
        systems = _ids(values["system"], names.systems)
        groups.append([(member, item) for item in systems for member in ("system", "test", "holder")])
    if values["person"]:
        groups.append(_of_people(values["person"], names))
    if values["kind"]:
        groups.append(_of_kind(values["kind"]))
    if values["about"]:
        member, _colon, value = values["about"].partition(":")
        places = [] if drawn_at is None else [(PLACE, str(drawn_at))]
        groups.append([(member, value), *places] if member in _ABOUT and value else [])
    return groups


def _ids(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the ids of what is meant: by its id, by its whole name, or by words of its name."""
    if text in names:
        return [text]
    whole = [item for item, name in names.items() if has_words(name, text) and has_words(text, name)]
    return whole or [item for item, name in names.items() if has_words(text, name)]


def _of_people(text: str, names: LedgerNames) -> list[Member]:
    ids = _ids(text.removeprefix("account:"), names.accounts)
    members = [member for item in ids for member in (("by", f"account:{item}"), ("account", item))]
    return members or [("by", text)]


def _of_kind(kind: str) -> list[Member]:
    group = GROUPS.get(kind)
    return [("kind", tag) for tag in (group[1] if group else (kind,))]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _needles(word: str, names: LedgerNames) -> list[str]:
    """Return what an entry may hold where a word is looked for: the word, or the id of what has it in its name."""
    named = [
        f'"{prefix}{item}"'
        for prefix, catalogue in (("", names.systems), ("account:", names.accounts), ("", names.accounts))
        for item in catalogue
        if has_words(word, catalogue[item])
    ]
    return [word.casefold(), *named[:200]]


def find_entries(connection: sa.Connection, index: LedgerIndex, query: LedgerQuery, *, size: int) -> FoundEntries:
    """Return a page of the entries that fit, the newest first."""
    if query.impossible:
        return FoundEntries((), None)
    entries: list[Entry] = []
    looked = 0
    for batch in _batches(connection, index, query):
        for entry in batch:
            if _holds(entry, query.needles):
                entries.append(entry)
                if len(entries) > size:
                    return FoundEntries(entries[:size], entries[size - 1].seq)
        looked += len(batch)
        if looked >= _MOST and batch:
            return FoundEntries(entries, batch[-1].seq, stopped=True)
    return FoundEntries(entries, None)


def everything(connection: sa.Connection, index: LedgerIndex, query: LedgerQuery) -> Iterator[Sequence[Entry]]:
    """Yield every entry that fits, the newest first, some hundred at a time."""
    if not query.impossible:
        for batch in _batches(connection, index, query):
            yield [entry for entry in batch if _holds(entry, query.needles)]


def _batches(connection: sa.Connection, index: LedgerIndex, query: LedgerQuery) -> Iterator[Sequence[Entry]]:
    """Yield the entries that what is indexed lets through."""
    first = 1 if query.since is None else store.seq_at(connection, _begins(query.since))
    before = query.before or 2**62
    if query.until is not None:
        before = min(before, store.seq_at(connection, _begins(query.until + timedelta(days=1))))
    if not query.groups:
        while batch := [e for e in store.page(connection, before=before, limit=_BATCH) if e.seq >= first]:
            yield batch
            before = batch[-1].seq
        return
    index.update(connection)
    places: list[int] = []
    for place in index.find(query.groups, first=first, before=before):
        places.append(place)
        if len(places) == _BATCH:
            yield store.entries_at(connection, places)
            places = []
    if places:
        yield store.entries_at(connection, places)


def _begins(day: date) -> datetime:
    """Return when a day begins in Denmark."""
    return start_of_day(day)


def _holds(entry: Entry, needles: Sequence[Sequence[str]]) -> bool:
    if not needles:
        return True
    text = entry.data.casefold()
    return all(any(needle in text for needle in word) for word in needles)
