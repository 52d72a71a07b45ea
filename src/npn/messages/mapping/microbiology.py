"""Microscopy, cultures, the resistance table and the conclusion of microbiology answers (§8 of the mapping).

All are groups without a status, distinguished by what they hold, by numbers that refer to each other (SEQ, RFF+ARL),
and by position.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.messages.edifact.groups import SegmentGroup
from npn.messages.mapping.groups import opener
from npn.messages.mapping.slots import component
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.textlines import format_of, read_text, text_segments
from npn.messages.mapping.tree import Node
from npn.messages.model.interchange import Element
from npn.messages.model.segment import Segment

RESULTS = ("LaboratoryResults",)
GENERAL = (*RESULTS, "GeneralResultInformation")
WITH = (*RESULTS, "CultureWithFindings")
PATTERN = (*WITH, "Pattern")
GIS = Segment("GIS", (("N",),))
SENSITIVITY, CONCLUSION = "Følsomhed", "Kommentar"
TABLE_END = "SKEMASLUT"
CANDIDATES = 3
FIXED = "F00"
TAGS = frozenset(("GIS", "INV", "SEQ", "RSL", "RFF", "FTX"))


@dataclass(frozen=True, slots=True, eq=False)
class FindingGroup:
    """One group: what its segments say."""

    occurrence: SegmentGroup
    number: str
    kind: str
    name: str
    result: str
    refers: str

    @classmethod
    def of(cls, occurrence: SegmentGroup) -> "FindingGroup":
        """Read the few components that tell groups apart."""
        by_tag: dict[str, Segment] = {}
        for segment in occurrence.segments:
            by_tag.setdefault(segment.tag, segment)
        nothing = Segment("")
        inv, rsl = by_tag.get("INV", nothing), by_tag.get("RSL", nothing)
        arl = [s.value(1, 2) for s in occurrence.segments if s.tag == "RFF" and s.value(1) == "ARL"]
        return cls(
            occurrence,
            by_tag.get("SEQ", nothing).value(2),
            inv.value(1),
            inv.value(2, 4),
            rsl.value(1),
            (arl or [""])[0],
        )

    @property
    def origin(self) -> int:
        """The index of its first segment."""
        return opener(self.occurrence).index

    @property
    def order(self) -> int:
        """Its number for comparing; without a valid number it comes last."""
        return int(self.number) if self.number.isascii() and self.number.isdecimal() else 1 << 30

    def texts(self) -> list[Segment]:
        """Its FTX segments."""
        return [segment for segment in self.occurrence.segments if segment.tag == "FTX"]

    def is_finding(self) -> bool:
        """Whether its text is in the fixed font."""
        return bool(self.texts()) and format_of(self.texts()[0]) == FIXED

    def first_text(self) -> str:
        """The first component of its text."""
        return component(self.texts()[0], (3, 0)) if self.texts() else ""

    def value(self, tag: str, element: int, *, place: int) -> str:
        """A component of its first segment with that tag, from 1."""
        return next((s.value(element, place) for s in self.occurrence.segments if s.tag == tag), "")


class Microbiology:
    """See the module."""

    def __init__(self, _compiler: object, _arguments: list[str]) -> None:
        """There is nothing to choose."""

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, state: WriteState, root: Element) -> None:
        """Write everything after the results."""
        results = root.child("LaboratoryResults")
        if results is None:
            return
        number = len(results.all("Result"))
        for name, most in (("MicroscopicFindings", 9), ("CultureWithoutFindings", 1)):
            finding = results.child(name)
            if finding is not None:
                number += 1
                text = finding.child("Comments")
                texts = limited(state, text, code="RIT", form="F00", most=most) if text is not None else []
                state.out += [*opening("OE", finding.value("Headline") or "", number=number), *texts]
        culture = results.child("CultureWithFindings")
        if culture is not None:
            number = self._culture(state, culture, number=number)
        organisms = len(culture.all("Microorganism")) if culture is not None else 0
        pattern = culture.child("Pattern") if culture is not None else None
        root_number = number + 1
        entries = (
            self._table(state, culture, pattern=pattern, root=root_number)
            if culture is not None and pattern is not None
            else 0
        )
        after = root_number + entries + organisms + 2
        if pattern is not None:
            self._text(state, pattern.child("SensitivityInterpretation"), name=SENSITIVITY, number=after, most=1)
        comment = root.find("LaboratoryResults/GeneralResultInformation/Comment")
        if comment is not None:
            self._text(state, comment, name=CONCLUSION, number=after + 1, most=2)

    @staticmethod
    def _text(state: WriteState, element: Element | None, *, name: str, number: int, most: int) -> None:
        """Write a text with a fixed headline."""
        state.out += opening("OE", name, number=number)
        if element is not None:
            state.out += limited(state, element, code="RIT", form="P00", most=most)

    def _culture(self, state: WriteState, culture: Element, *, number: int) -> int:
        """Write headline, organisms and comment; return the last number."""
        number += 1
        state.out += opening("OE", culture.value("Headline") or "", number=number)
        for organism in culture.all("Microorganism"):
            number += 1
            state.out += opening("MQ", organism.value("Name") or "", number=number)
            growth = organism.value("GrowthValue") or ""
            state.out.append(Segment.of("RSL", "TV", ("", "", "", "", "", growth)))
            comment = organism.child("SpeciesComment")
            if comment is not None:
                state.out.append(Segment.of("FTX", "SPC", "F00", "", comment.text))
        comment = culture.child("Comments")
        if comment is not None:
            number += 1
            state.out += [GIS, Segment("INV", (("NR",),)), sequence(number)]
            state.out += limited(state, comment, code="SPC", form="P00", most=2)
        return number

    def _table(self, state: WriteState, culture: Element, *, pattern: Element, root: int) -> int:
        """Write the resistance table; return the number of its entries."""
        headline = pattern.value("Headline") or ""
        state.out += [*opening("OE", headline, number=root), Segment.of("RSL", "SB", "2")]
        number, count = root, 0
        names = [element.value("Name") or "" for element in pattern.all("Antibiotic")]
        entries = [
            (position(entry, "RefMicroorganism"), position(entry, "RefAntibiotic"), entry.value("Sensitivity") or "")
            for entry in pattern.all("PatternEntry")
        ]
        for at, organism in enumerate(culture.all("Microorganism"), 1):
            number += 1
            column = number
            state.out += [*opening("MQ", organism.value("Name") or "", number=number), refers(root)]
            for antibiotic, name in enumerate(names, 1):
                for _, _, sensitivity in (e for e in entries if e[:2] == (at, antibiotic)):
                    number, count = number + 1, count + 1
                    value = Segment.of("RSL", "AV", ("", "", sensitivity))
                    state.out += [*opening("CO", name, number=number), value, refers(column)]
        state.out += [*opening("MM", headline, number=number + 1), Segment.of("RSL", "SS", TABLE_END), refers(root)]
        return count

    # --- reading --------------------------------------------------------------------------------------------

    def claims(self, occurrence: SegmentGroup, occurrences: Sequence[SegmentGroup]) -> bool:
        """Every answer group without a status."""
        del occurrences
        return occurrence.name == "S18" and all(segment.tag != "STS" for segment in occurrence.segments)

    def read(self, state: ReadState, claimed: Sequence[SegmentGroup], *, occurrences: Sequence[SegmentGroup]) -> None:
        """Distinguish the groups and read them."""
        del occurrences
        groups = [FindingGroup.of(occurrence) for occurrence in claimed]
        organisms = [group for group in groups if group.result == "TV"]
        table = next((group for group in groups if group.result == "SB"), None)
        roles = TextRoles(groups, organisms, table=table, as_peer=state.as_peer)
        root = state.root
        for name, group in (("MicroscopicFindings", roles.microscopy), ("CultureWithoutFindings", roles.without)):
            if group is not None:
                put_finding(root.at((*RESULTS,)).add(name, group.origin), group)
        if roles.headline is not None:
            self._read_culture(root, roles, organisms=organisms, groups=groups)
        if table is not None or roles.sensitivity is not None:
            ResistanceTable(groups, table, organisms=organisms, as_peer=state.as_peer).read(root.at(PATTERN))
        self._read_conclusions(root, roles)
        for occurrence in claimed:
            for segment in occurrence.segments:
                if segment.tag not in TAGS:
                    state.report_unknown(segment)

    @staticmethod
    def _read_conclusions(root: Node, roles: "TextRoles") -> None:
        """Read what is said of the resistance table and of the whole."""
        if roles.sensitivity is not None:
            put_text(root.at(PATTERN), "SensitivityInterpretation", group=roles.sensitivity)
        if roles.conclusion is not None:
            general = root.at(GENERAL)
            general.put(("Headline",), roles.conclusion.name, origin=roles.conclusion.origin)
            put_text(general, "Comment", group=roles.conclusion)

    def _read_culture(
        self, root: Node, roles: "TextRoles", *, organisms: list[FindingGroup], groups: list[FindingGroup]
    ) -> None:
        """Read headline, organisms and comment of a culture with findings."""
        culture = root.at(WITH)
        if roles.headline is not None:
            culture.put(("Headline",), roles.headline.name, origin=roles.headline.origin)
        for organism in organisms:
            node = culture.add("Microorganism", organism.origin)
            node.put(("Name",), organism.name, origin=organism.origin)
            node.put(("GrowthValue",), organism.value("RSL", 2, place=6), origin=organism.origin)
            if organism.first_text():
                node.put(("SpeciesComment",), organism.first_text(), origin=organism.origin)
        comment = next((group for group in groups if group.kind == "NR"), None)
        if comment is not None:
            put_text(culture, "Comments", group=comment)


class TextRoles:
    """What each text is: by its headline where that is fixed, else by position."""

    def __init__(
        self, groups: list[FindingGroup], organisms: list[FindingGroup], *, table: FindingGroup | None, as_peer: bool
    ) -> None:
        """Go through the groups with headlines, in order."""
        self.microscopy: FindingGroup | None = None
        self.without: FindingGroup | None = None
        self.headline: FindingGroup | None = None
        self.sensitivity: FindingGroup | None = None
        self.conclusion: FindingGroup | None = None
        texts = [group for group in groups if group.kind == "OE" and group is not table]
        if not as_peer:
            texts = self._fixed(texts, table=table is not None)
        border = min((group.order for group in (*organisms, *([table] if table else []))), default=None)
        candidates = [group for group in texts[:CANDIDATES] if border is None or group.order < border]
        if border is not None and candidates:
            self.headline = candidates.pop()
        self._findings(candidates[:2], alone_is_microscopy=as_peer or border is None)
        roles = (self.microscopy, self.without, self.headline)
        self._rest([group for group in texts if group not in roles], border=border, table=table is not None)

    def _findings(self, groups: Sequence[FindingGroup], *, alone_is_microscopy: bool) -> None:
        """Distinguish microscopy and a culture without findings; of one alone, a text that begins with + decides."""
        if len(groups) == 2:
            self.microscopy, self.without = groups
        elif groups and (alone_is_microscopy or groups[0].first_text().startswith("+")):
            self.microscopy = groups[0]
        elif groups:
            self.without = groups[0]

    def _fixed(self, texts: list[FindingGroup], *, table: bool) -> list[FindingGroup]:
        """Take the texts whose headline says what they are; give the others.

        Messages in use have `Kommentar` over other texts too. Those are findings, and findings are written in
        the fixed font, conclusions are not: so a text in the fixed font is left to its position.
        """
        last = texts[-1] if texts else None
        if last is not None and last.name == CONCLUSION and not last.is_finding():
            self.conclusion, texts = last, texts[:-1]
        last = texts[-1] if texts else None
        if last is not None and last.name == SENSITIVITY and table and not last.is_finding():
            self.sensitivity, texts = last, texts[:-1]
        return texts

    def _rest(self, rest: list[FindingGroup], *, border: int | None, table: bool) -> None:
        """The peer's rule of position for what is left."""
        if rest and border is None and self.headline is None and len(rest) > 1:
            self.headline = rest.pop(0)
        if rest and self.sensitivity is None and (table or len(rest) > 1):
            self.sensitivity = rest.pop(0)
        if rest and self.conclusion is None:
            self.conclusion = rest.pop(0)


class ResistanceTable:
    """The resistance table: columns refer to its root, entries to their column."""

    def __init__(
        self, groups: list[FindingGroup], root: FindingGroup | None, *, organisms: list[FindingGroup], as_peer: bool
    ) -> None:
        """Find columns and entries."""
        self.root, self.organisms = root, organisms
        number = root.number if root else None
        self.columns = [group for group in groups if number and group.refers == number and group.result != "SS"]
        self.entries = {
            column.number: [group for group in groups if group.refers == column.number] for column in self.columns
        }
        self.as_peer = as_peer

    def read(self, pattern: Node) -> None:
        """Put headline, antibiotics and entries into the tree."""
        if self.root is not None:
            pattern.put(("Headline",), self.root.name, origin=self.root.origin)
        columns = [named(self.entries[column.number]) for column in self.columns]
        antibiotics = merged(columns[:1] if self.as_peer else columns)  # P35
        origins = {key: group.origin for column in columns for key, group in column}
        for key in antibiotics:
            pattern.add("Antibiotic", origins[key]).put(("Name",), key[0], origin=origins[key])
        organisms = [key for key, _ in named(self.organisms)]
        for (column, _), entries in zip(named(self.columns), columns, strict=True):
            for key, group in entries:
                node = pattern.add("PatternEntry", group.origin)
                node.put(
                    ("RefMicroorganism",),
                    str(organisms.index(column) + 1 if column in organisms else 0),
                    origin=group.origin,
                )
                node.put(
                    ("RefAntibiotic",),
                    str(antibiotics.index(key) + 1 if key in antibiotics else 0),
                    origin=group.origin,
                )
                node.put(("Sensitivity",), group.value("RSL", 2, place=3), origin=group.origin)


Name = tuple[str, int]
NamedGroup = tuple[Name, FindingGroup]


def named(groups: list[FindingGroup]) -> list[NamedGroup]:
    """Return each group with its name and how often that name came so far."""
    counts: dict[str, int] = {}
    pairs = []
    for group in groups:
        counts[group.name] = counts.get(group.name, 0) + 1
        pairs.append(((group.name, counts[group.name]), group))
    return pairs


def merged(columns: list[list[NamedGroup]]) -> list[Name]:
    """Return the antibiotics of all columns by first appearance; one that a column has before a known one stands so."""
    order: list[Name] = []
    for column in columns:
        keys = [key for key, _ in column]
        for number, key in enumerate(keys):
            if key not in order:
                after = next((follower for follower in keys[number + 1 :] if follower in order), None)
                order.insert(len(order) if after is None else order.index(after), key)
    return order


def put_finding(node: Node, group: FindingGroup) -> None:
    """Put headline and text of a finding."""
    node.put(("Headline",), group.name, origin=group.origin)
    put_text(node, "Comments", group=group)


def put_text(node: Node, name: str, *, group: FindingGroup) -> None:
    """Put a group's text; an element without content where it has none."""
    texts = group.texts()
    element = (
        read_text(name, texts, formatted=False, as_peer=False) if texts else Element(name, "", (), "", group.origin)
    )
    node.put((name,), element, origin=group.origin)


def opening(kind: str, name: str, *, number: int) -> list[Segment]:
    """Return the first three segments of a group."""
    return [GIS, Segment.of("INV", kind, ("", "", "", name)), sequence(number)]


def sequence(number: int) -> Segment:
    """Return the segment that numbers a group."""
    return Segment.of("SEQ", "", str(number))


def refers(number: int) -> Segment:
    """Return the segment that refers to a group."""
    return Segment.of("RFF", ("ARL", str(number)))


def position(entry: Element, name: str) -> int:
    """Return a reference as a number; 0 where it is not one."""
    text = (entry.value(name) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() else 0


def limited(state: WriteState, element: Element, *, code: str, form: str, most: int) -> list[Segment]:
    """Return the segments of a text; more than `most` is an error."""
    segments = text_segments(state, element, code=code, form=form)
    state.check_length(element, len(segments), most=most)
    return segments
