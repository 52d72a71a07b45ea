"""Systems of a list matched with those that are known: the same, renamed, new, gone, back, or unclear.

A list names systems by name, vendor and type, and has no ids. A new name is taken for a known system only where it
is clear; where it is not, both are held back until somebody says. Names are compared as they are read, not as they
are encoded: a letter that was written in one encoding and read in another is still that letter.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

import msgspec

from npn.errors import InvalidInputError, details
from npn.systems.names import ComparedName, near_names

_ALIKE = 0.75  # of names, as difflib measures it
SHARED = 0.5  # of the standards of two listings, that a like name is believed
_SAME_TYPE = 0.92  # of two spellings of a type
_NEARLY_ALL = 0.8  # of the standards, that another name is worth a question


@dataclass(frozen=True, slots=True)
class ListedSystem:
    """A system as the list has it: one name of one vendor, whatever its types."""

    name: str
    vendor: str
    types: frozenset[str]
    standards: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A system that was taken from the list before, by our id. `name`: what the list called it last.

    `vendors`: its vendor, and those that the list may still name where the operator chose another.
    """

    id: str
    name: str
    aliases: frozenset[str]
    standards: frozenset[str]
    gone: bool
    vendors: frozenset[str]
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class RenamedSystem:
    """A known system under its new name."""

    known: KnownSystem
    listed: ListedSystem


@dataclass(frozen=True, slots=True)
class UnclearMatch:
    """A known system that is no longer listed, and names that might be its own; nothing is done to either."""

    known: KnownSystem
    candidates: list[str]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does.

    `listings`: what the list has of each known system, by our id.
    `near_vendors`: names of vendors that nobody has here, and the vendors that may be meant; their systems wait.
    """

    new: list[ListedSystem] = field(default_factory=list)
    renamed: list[RenamedSystem] = field(default_factory=list)
    gone: list[KnownSystem] = field(default_factory=list)
    back: list[KnownSystem] = field(default_factory=list)
    unclear: list[UnclearMatch] = field(default_factory=list)
    unchanged: int = 0
    listings: Mapping[str, ListedSystem] = field(default_factory=dict)
    near_vendors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def standards(self) -> dict[str, frozenset[str]]:
        """Return the standards of every known system that the list has, by our id."""
        return {system_id: item.standards for system_id, item in self.listings.items()}

    @property
    def changes(self) -> int:
        """Count what is done to systems."""
        return len(self.new) + len(self.renamed) + len(self.gone) + len(self.back)

    @property
    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "new": [{"name": i.name, "vendor": i.vendor, "types": sorted(i.types)} for i in self.new],
            "renamed": [{"system": r.known.id, "from": r.known.name, "to": r.listed.name} for r in self.renamed],
            "gone": [{"system": k.id, "name": k.name} for k in self.gone],
            "back": [{"system": k.id, "name": k.name} for k in self.back],
            "unclear": [{"system": u.known.id, "name": u.known.name, "maybe": u.candidates} for u in self.unclear],
            "near_vendors": [{"vendor": name, "maybe": near} for name, near in sorted(self.near_vendors.items())],
            "unchanged": self.unchanged,
        }

    @property
    def digest(self) -> str:
        """Return what distinguishes it from an import that does anything else."""
        standards = sorted((system_id, sorted(names)) for system_id, names in self.standards.items())
        return hashlib.sha256(msgspec.json.encode([self.document, standards])).hexdigest()


@dataclass(frozen=True, slots=True)
class ResolvedMatches:
    """What the operator said where it was unclear: `same`, our id to the list's name; `new`, names of new systems.

    `vendors`: the list's name of a vendor to ours; `new_vendors`: the list's names that are near ours and others.
    `shown`: the digest of the plan that was shown; another one is not carried out.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    new: Collection[str] = ()
    vendors: Mapping[str, str] = field(default_factory=dict)
    new_vendors: Collection[str] = ()
    shown: str = ""


UNRESOLVED = ResolvedMatches()


def our_vendors(
    listed: Collection[str], names: Mapping[str, str], resolved: ResolvedMatches
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return our name of each vendor that the list has, and of those that are nobody's who may be meant.

    Names that differ in nothing but case, signs and legal form are one vendor's.
    """
    unknown = sorted(name for name in resolved.vendors.values() if name not in names)
    if unknown:
        raise InvalidInputError(
            details.NO_SUCH_ORGANISATION.of(kind=details.ORGANISATION_KINDS["vendor"], name=unknown[0]),
            field="vendor",
            hint="npn admin organisation list",
        )
    by_spelling = {ComparedName.of(name).whole: now for name, now in names.items()}
    ours: dict[str, str] = {}
    near: dict[str, list[str]] = {}
    for vendor in sorted(listed):
        name = resolved.vendors.get(vendor, vendor)
        alike = by_spelling.setdefault(ComparedName.of(vendor).whole, vendor)
        ours[vendor] = names.get(name) or alike
        if ours[vendor] == vendor and vendor not in names and vendor not in resolved.new_vendors:
            near[vendor] = list(dict.fromkeys(names[name] for name in near_names(vendor, names)))
    return ours, {vendor: candidates for vendor, candidates in near.items() if candidates}


def with_vendors(listed: Iterable[ListedSystem], ours: Mapping[str, str]) -> list[ListedSystem]:
    """Return the list with our vendors' names; two entries that are one by that are put together."""
    together: dict[tuple[str, str], ListedSystem] = {}
    for item in listed:
        vendor = ours[item.vendor]
        before = together.get((item.name, vendor), ListedSystem(item.name, vendor, frozenset(), frozenset()))
        together[item.name, vendor] = replace(
            before, types=before.types | item.types, standards=before.standards | item.standards
        )
    return [together[key] for key in sorted(together)]


def match_systems(
    listed: Collection[ListedSystem],
    known: Collection[KnownSystem],
    *,
    types: Collection[str],
    same: Mapping[str, str],
    new: Collection[str],
) -> ImportPlan:
    """Return what a list means for what is known; only new systems of `types` are taken.

    `same` and `new` are somebody's word where it was unclear. Raises InvalidInputError for an id or name not there.
    """
    named = _told(listed, known, same, new=new)
    still = _still_listed(listed, known)
    missing, offered = _unmatched(listed, known, still, types=types)
    renamed, unclear = _matched(missing, offered, named=named, new=new)
    missing, offered = _without(renamed, missing, offered)
    listings = {**still, **{pair.known.id: pair.listed for pair in renamed}}
    waiting = {doubt.known.id for doubt in unclear}
    claimed = {name for doubt in unclear for name in doubt.candidates} - set(new)
    return ImportPlan(
        new=[item for item in offered if item.name not in claimed],
        renamed=renamed,
        gone=[k for k in missing if k.id not in waiting and not k.gone],
        back=[k for k in known if k.gone and k.id in listings],
        unclear=unclear,
        unchanged=sum(not k.gone for k in known if k.id in still),
        listings=listings,
    )


def _still_listed(listed: Collection[ListedSystem], known: Collection[KnownSystem]) -> dict[str, ListedSystem]:
    """Return, by our id, the systems that the list has under the name it had before."""
    by_key = {(item.name, item.vendor): item for item in listed}
    fitting = ((k.id, by_key.get((k.name, vendor))) for k in known for vendor in sorted(k.vendors))
    return {system_id: item for system_id, item in fitting if item is not None}


def _unmatched(
    listed: Collection[ListedSystem],
    known: Collection[KnownSystem],
    still: Mapping[str, ListedSystem],
    *,
    types: Collection[str],
) -> tuple[list[KnownSystem], list[ListedSystem]]:
    """Return the systems that are not listed under their name, and the names of the chosen types that are nobody's."""
    matched, wanted = set(still.values()), set(types)
    missing = [k for k in known if k.id not in still]
    return missing, [item for item in listed if item not in matched and item.types & wanted]


def _matched(
    missing: Collection[KnownSystem],
    offered: Collection[ListedSystem],
    *,
    named: Mapping[str, ListedSystem],
    new: Collection[str],
) -> tuple[list[RenamedSystem], list[UnclearMatch]]:
    """Return which missing system has which new name, by the operator's word or clearly, and what is in doubt."""
    renamed = [RenamedSystem(k, named[k.id]) for k in missing if k.id in named]
    free = [item for item in offered if item.name not in new]
    renamed += _respelt(*_without(renamed, missing, free))
    renamed += _clearly_renamed(*_without(renamed, missing, free))
    missing, free = _without(renamed, missing, free)
    candidates = ((k, [item.name for item in free if _maybe(k, item)]) for k in missing)
    return renamed, [UnclearMatch(k, names) for k, names in candidates if names]


def _without(
    renamed: Collection[RenamedSystem], missing: Collection[KnownSystem], offered: Collection[ListedSystem]
) -> tuple[list[KnownSystem], list[ListedSystem]]:
    """Return the missing systems and the names that no pair has."""
    matched, listed = {pair.known.id for pair in renamed}, {pair.listed for pair in renamed}
    return [k for k in missing if k.id not in matched], [item for item in offered if item not in listed]


def _told(
    listed: Collection[ListedSystem],
    known: Collection[KnownSystem],
    same: Mapping[str, str],
    *,
    new: Collection[str],
) -> dict[str, ListedSystem]:
    """Hold the operator's word to what there is."""
    ids, names = {k.id for k in known}, {item.name: item for item in listed}
    for system_id in same:
        if system_id not in ids:
            raise InvalidInputError(details.NOT_FROM_THE_LIST.of(system=system_id), field="same")
    for name in (*same.values(), *new):
        if name not in names:
            raise InvalidInputError(
                details.NOT_IN_THE_LIST.of(name=name), field="same" if name in same.values() else "new"
            )
    return {system_id: names[name] for system_id, name in same.items()}


def _respelt(missing: Collection[KnownSystem], fresh: Collection[ListedSystem]) -> list[RenamedSystem]:
    """Pair names of the same letters, where whatever else either might be is the same letters as another.

    A system that left the list before is no rival of one that it had until now.
    """
    alike = [(k, item) for k in missing for item in fresh if plain(k.name) == plain(item.name) and _clear(k, item)]
    pairs = _one_to_one(alike, alike)
    unpaired_known, unpaired_items = _without(pairs, missing, fresh)
    return [
        pair
        for pair in pairs
        if not any(_maybe(pair.known, item) for item in unpaired_items)
        and not any(_maybe(k, pair.listed) for k in unpaired_known if pair.known.gone or not k.gone)
    ]


def _clearly_renamed(missing: Collection[KnownSystem], fresh: Collection[ListedSystem]) -> list[RenamedSystem]:
    """Pair what is clear, and only where each is the other's one candidate."""
    pairs = [(k, item) for k in missing for item in fresh if _clear(k, item)]
    return _one_to_one(pairs, [(k, item) for k in missing for item in fresh if _maybe(k, item)])


def _one_to_one(
    pairs: Iterable[tuple[KnownSystem, ListedSystem]], possible: Collection[tuple[KnownSystem, ListedSystem]]
) -> list[RenamedSystem]:
    """Return those pairs of which each is the other's only possible one."""
    return [
        RenamedSystem(k, item)
        for k, item in pairs
        if sum(other is k for other, _ in possible) == 1 and sum(other is item for _, other in possible) == 1
    ]


def _clear(known: KnownSystem, item: ListedSystem) -> bool:
    if item.vendor not in known.vendors or not _share_a_type(known.types, item.types):
        return False
    if item.name in known.aliases:
        return True
    return _named_alike(known.name, item.name) and share(known.standards, item.standards) >= SHARED


def _maybe(known: KnownSystem, item: ListedSystem) -> bool:
    """Whether a person should look: a like name, or the same standards from the same vendor."""
    if _clear(known, item) or _named_alike(known.name, item.name):
        return True
    return item.vendor in known.vendors and share(known.standards, item.standards) >= _NEARLY_ALL


def _share_a_type(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two systems have a type in common, however it is spelt."""
    return bool(a & b) or any(_ratio(plain(one), plain(other)) >= _SAME_TYPE for one in a for other in b)


def _ratio(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def plain(name: str) -> str:
    """Return the letters and digits of a name without case, as they were meant (`read_right`)."""
    return "".join(c for c in read_right(name).casefold() if c.isalnum())


def read_right(text: str) -> str:
    """Return a text in UTF-8 that was read as Windows-1252 as it was meant; any other as it is."""
    with suppress(UnicodeError):
        return text.encode("cp1252").decode("utf-8")
    return text


def _named_alike(a: str, b: str) -> bool:
    a, b = plain(a), plain(b)
    short, long = sorted((a, b), key=len)
    if len(short) >= 4 and long.startswith(short):
        return True
    return _ratio(a, b) >= _ALIKE


def share(a: frozenset[str], b: frozenset[str]) -> float:
    """Return which part of the standards of either both have."""
    return len(a & b) / len(a | b) if a | b else 0.0
