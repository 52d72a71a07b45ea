"""Microscopy, cultures, the resistance table and the conclusion of microbiology answers (§8 of the mapping).

All are groups without a status, told apart by what they hold, by numbers that refer to each other (SEQ, RFF+ARL),
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
        """Its number for comparing; one that is no number comes last."""
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

    def value(self, tag: str, element: int, place: int) -> str:
        """A component of its first segment with that tag, from 1."""
        return next((s.value(element, place) for s in self.occurrence.segments if s.tag == tag), "")


class Microbiology:
    """See the module."""

    def __init__(self, _compiler: object, _arguments: list[str]) -> None:
        """There is nothing to choose."""

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, writer: WriteState, root: Element) -> None:
        """Write everything after the results."""
        results = root.child("LaboratoryResults")
        if results is None:
            return
        number = len(results.all("Result"))
        for name, most in (("MicroscopicFindings", 9), ("CultureWithoutFindings", 1)):
            found = results.child(name)
            if found is not None:
                number += 1
                text = found.child("Comments")
                texts = limited(writer, text, ("RIT", "F00", most)) if text is not None else []
                writer.out += [*opening("OE", found.value("Headline") or "", number), *texts]
        culture = results.child("CultureWithFindings")
        if culture is not None:
            number = self._culture(writer, culture, number)
        organisms = len(culture.all("Microorganism")) if culture is not None else 0
        pattern = culture.child("Pattern") if culture is not None else None
        root_number = number + 1
        entries = (
            self._table(writer, culture, pattern, root_number) if culture is not None and pattern is not None else 0
        )
        after = root_number + entries + organisms + 2
        if pattern is not None:
            self._text(writer, SENSITIVITY, after, (pattern.child("SensitivityInterpretation"), 1))
        comment = root.find("LaboratoryResults/GeneralResultInformation/Comment")
        if comment is not None:
            self._text(writer, CONCLUSION, after + 1, (comment, 2))

    def _text(self, writer: WriteState, name: str, number: int, text: tuple[Element | None, int]) -> None:
        """Write a text with a fixed headline."""
        element, most = text
        writer.out += opening("OE", name, number)
        if element is not None:
            writer.out += limited(writer, element, ("RIT", "P00", most))

    def _culture(self, writer: WriteState, culture: Element, number: int) -> int:
        """Write headline, organisms and comment; give the last number."""
        number += 1
        writer.out += opening("OE", culture.value("Headline") or "", number)
        for organism in culture.all("Microorganism"):
            number += 1
            writer.out += opening("MQ", organism.value("Name") or "", number)
            growth = organism.value("GrowthValue") or ""
            writer.out.append(Segment.of("RSL", "TV", ("", "", "", "", "", growth)))
            comment = organism.child("SpeciesComment")
            if comment is not None:
                writer.out.append(Segment.of("FTX", "SPC", "F00", "", comment.text))
        comment = culture.child("Comments")
        if comment is not None:
            number += 1
            writer.out += [GIS, Segment("INV", (("NR",),)), sequence(number)]
            writer.out += limited(writer, comment, ("SPC", "P00", 2))
        return number

    def _table(self, writer: WriteState, culture: Element, pattern: Element, root: int) -> int:
        """Write the resistance table; give the number of its entries."""
        headline = pattern.value("Headline") or ""
        writer.out += [*opening("OE", headline, root), Segment.of("RSL", "SB", "2")]
        number, count = root, 0
        names = [each.value("Name") or "" for each in pattern.all("Antibiotic")]
        entries = [
            (position(each, "RefMicroorganism"), position(each, "RefAntibiotic"), each.value("Sensitivity") or "")
            for each in pattern.all("PatternEntry")
        ]
        for at, organism in enumerate(culture.all("Microorganism"), 1):
            number += 1
            column = number
            writer.out += [*opening("MQ", organism.value("Name") or "", number), refers(root)]
            for antibiotic, name in enumerate(names, 1):
                for _, _, sensitivity in (e for e in entries if e[:2] == (at, antibiotic)):
                    number, count = number + 1, count + 1
                    value = Segment.of("RSL", "AV", ("", "", sensitivity))
                    writer.out += [*opening("CO", name, number), value, refers(column)]
        writer.out += [*opening("MM", headline, number + 1), Segment.of("RSL", "SS", TABLE_END), refers(root)]
        return count

    # --- reading --------------------------------------------------------------------------------------------

    def claims(self, occurrence: SegmentGroup, occurrences: Sequence[SegmentGroup]) -> bool:
        """Every answer group without a status."""
        del occurrences
        return occurrence.name == "S18" and all(segment.tag != "STS" for segment in occurrence.segments)

    def read(self, reading: ReadState, claimed: Sequence[SegmentGroup], occurrences: Sequence[SegmentGroup]) -> None:
        """Tell the groups apart and read them."""
        del occurrences
        groups = [FindingGroup.of(occurrence) for occurrence in claimed]
        organisms = [group for group in groups if group.result == "TV"]
        table = next((group for group in groups if group.result == "SB"), None)
        roles = TextRoles(groups, organisms, table, as_peer=reading.as_peer)
        root = reading.root
        for name, group in (("MicroscopicFindings", roles.microscopy), ("CultureWithoutFindings", roles.without)):
            if group is not None:
                put_finding(root.at((*RESULTS,)).add(name, group.origin), group)
        if roles.headline is not None:
            self._read_culture(root, roles, organisms, groups)
        if table is not None or roles.sensitivity is not None:
            ResistanceTable(groups, table, organisms, as_peer=reading.as_peer).read(root.at(PATTERN))
        self._read_conclusions(root, roles)
        for occurrence in claimed:
            for segment in occurrence.segments:
                if segment.tag not in TAGS:
                    reading.report_unknown(segment)

    @staticmethod
    def _read_conclusions(root: Node, roles: "TextRoles") -> None:
        """Read what is said of the resistance table and of the whole."""
        if roles.sensitivity is not None:
            put_text(root.at(PATTERN), "SensitivityInterpretation", roles.sensitivity)
        if roles.conclusion is not None:
            general = root.at(GENERAL)
            general.put(("Headline",), roles.conclusion.name, roles.conclusion.origin)
            put_text(general, "Comment", roles.conclusion)

    def _read_culture(
        self, root: Node, roles: "TextRoles", organisms: list[FindingGroup], groups: list[FindingGroup]
    ) -> None:
        """Read headline, organisms and comment of a culture with findings."""
        culture = root.at(WITH)
        if roles.headline is not None:
            culture.put(("Headline",), roles.headline.name, roles.headline.origin)
        for each in organisms:
            node = culture.add("Microorganism", each.origin)
            node.put(("Name",), each.name, each.origin)
            node.put(("GrowthValue",), each.value("RSL", 2, 6), each.origin)
            if each.first_text():
                node.put(("SpeciesComment",), each.first_text(), each.origin)
        comment = next((each for each in groups if each.kind == "NR"), None)
        if comment is not None:
            put_text(culture, "Comments", comment)


class TextRoles:
    """What each text is: told by its headline where that is fixed, else by position."""

    def __init__(
        self, groups: list[FindingGroup], organisms: list[FindingGroup], table: FindingGroup | None, *, as_peer: bool
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
        taken = (self.microscopy, self.without, self.headline)
        self._rest([group for group in texts if group not in taken], border=border, table=table is not None)

    def _findings(self, groups: Sequence[FindingGroup], *, alone_is_microscopy: bool) -> None:
        """Tell microscopy and a culture without findings apart; of one alone, a text that begins with + decides."""
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
        self, groups: list[FindingGroup], root: FindingGroup | None, organisms: list[FindingGroup], *, as_peer: bool
    ) -> None:
        """Find columns and entries."""
        self.root, self.organisms = root, organisms
        number = root.number if root else None
        self.columns = [each for each in groups if number and each.refers == number and each.result != "SS"]
        self.entries = {
            column.number: [each for each in groups if each.refers == column.number] for column in self.columns
        }
        self.as_peer = as_peer

    def read(self, pattern: Node) -> None:
        """Put headline, antibiotics and entries into the tree."""
        if self.root is not None:
            pattern.put(("Headline",), self.root.name, self.root.origin)
        columns = [named(self.entries[column.number]) for column in self.columns]
        antibiotics = merged(columns[:1] if self.as_peer else columns)  # P35
        origins = {key: each.origin for column in columns for key, each in column}
        for key in antibiotics:
            pattern.add("Antibiotic", origins[key]).put(("Name",), key[0], origins[key])
        known = [key for key, _ in named(self.organisms)]
        for (column, _), entries in zip(named(self.columns), columns, strict=True):
            for key, each in entries:
                node = pattern.add("PatternEntry", each.origin)
                node.put(("RefMicroorganism",), str(known.index(column) + 1 if column in known else 0), each.origin)
                node.put(("RefAntibiotic",), str(antibiotics.index(key) + 1 if key in antibiotics else 0), each.origin)
                node.put(("Sensitivity",), each.value("RSL", 2, 3), each.origin)


Name = tuple[str, int]


def named(groups: list[FindingGroup]) -> list[tuple[Name, FindingGroup]]:
    """Give each group its name and how often that name came before."""
    counts: dict[str, int] = {}
    found = []
    for each in groups:
        counts[each.name] = counts.get(each.name, 0) + 1
        found.append(((each.name, counts[each.name]), each))
    return found


def merged(columns: list[list[tuple[Name, FindingGroup]]]) -> list[Name]:
    """Give the antibiotics of all columns by first appearance; one that a column has before a known one stands so."""
    order: list[Name] = []
    for column in columns:
        keys = [key for key, _ in column]
        for number, key in enumerate(keys):
            if key not in order:
                after = next((other for other in keys[number + 1 :] if other in order), None)
                order.insert(len(order) if after is None else order.index(after), key)
    return order


def put_finding(node: Node, group: FindingGroup) -> None:
    """Put headline and text of a finding."""
    node.put(("Headline",), group.name, group.origin)
    put_text(node, "Comments", group)


def put_text(node: Node, name: str, group: FindingGroup) -> None:
    """Put a group's text; an element without content where it has none."""
    texts = group.texts()
    made = read_text(name, texts, formatted=False, as_peer=False) if texts else Element(name, "", (), "", group.origin)
    node.put((name,), made, group.origin)


def opening(kind: str, name: str, number: int) -> list[Segment]:
    """Give the first three segments of a group."""
    return [GIS, Segment.of("INV", kind, ("", "", "", name)), sequence(number)]


def sequence(number: int) -> Segment:
    """Give the segment that numbers a group."""
    return Segment.of("SEQ", "", str(number))


def refers(number: int) -> Segment:
    """Give the segment that refers to a group."""
    return Segment.of("RFF", ("ARL", str(number)))


def position(entry: Element, name: str) -> int:
    """Give a reference as a number; 0 where it is none."""
    text = (entry.value(name) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() else 0


def limited(writer: WriteState, element: Element, how: tuple[str, str, int]) -> list[Segment]:
    """Give the segments of a text; more than allowed is an error."""
    code, form, most = how
    made = text_segments(writer, element, code, form)
    writer.check_length(element, len(made), most)
    return made
