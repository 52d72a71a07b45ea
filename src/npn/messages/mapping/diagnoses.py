"""Diagnosis headline and SNOMED codes of pathology answers (§9, §10 of the mapping).

`procedure diagnoses one`: a headline group, then the codes of the one sample (RPT03).
`procedure diagnoses each`: for each sample a group of headlines and one of codes that names the sample (RPT04).
"""

from collections.abc import Sequence

from npn.messages.edifact.groups import SegmentGroup
from npn.messages.mapping.groups import opener
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.tree import Node
from npn.messages.model.interchange import Element
from npn.messages.model.segment import Segment

PLACE = ("LaboratoryResults", "CodedFormat")
GIS = Segment("GIS", (("N",),))
CODES_END = Segment("INV", (("NR",),))


def headline(text: str) -> Segment:
    """Return the segment of a headline."""
    return Segment.of("INV", "OE", ("", "", "", text))


def codes(coded: Element) -> list[Segment]:
    """Return the segments of a sample's codes, each with its comment after it."""
    segments = []
    for child in coded.children:
        if child.name in ("Topography", "Result"):
            segments.append(
                Segment.of("CIN", "CCI", (child.value("Code") or "", "SNO", "SST", child.value("Text") or ""))
            )
            comment = child.child("Comment")
            if comment is not None:
                segments.append(Segment.of("CIN", "SPC", ("", "", "", comment.text)))
    return segments


def is_headlines(occurrence: SegmentGroup) -> bool:
    """Whether a group holds headlines and nothing else."""
    return all(
        segment.tag == "GIS" or (segment.tag == "INV" and segment.value(1) == "OE") for segment in occurrence.segments
    )


def is_codes(occurrence: SegmentGroup) -> bool:
    """Whether a group holds codes; an empty one has only its end."""
    return any(
        segment.tag == "CIN" or (segment.tag == "INV" and segment.value(1) == "NR" and not segment.value(2, 4))
        for segment in occurrence.segments
    )


class Diagnoses:
    """See the module."""

    def __init__(self, _compiler: object, arguments: list[str]) -> None:
        """`one` or `each`."""
        self.each = arguments == ["each"]

    def write(self, state: WriteState, root: Element) -> None:
        """Write headline and codes."""
        place = root.find("/".join(PLACE))
        if place is None:
            return
        diagnosis = place.child("DiagnosisHeadline")
        samples = place.all("Sample")
        if not self.each:
            if diagnosis is not None:
                state.out += [GIS, headline(diagnosis.text)]
            for sample in samples:
                coded_results = sample.child("CodedResults")
                if coded_results is not None:
                    state.out += [GIS, *codes(coded_results), CODES_END]
            return
        any_coded = any(sample.child("CodedResults") is not None for sample in samples)
        for number, sample in enumerate(samples, 1):
            self._sample(state, sample, number=number, diagnosis=diagnosis, any_coded=any_coded)

    def _sample(
        self, state: WriteState, sample: Element, *, number: int, diagnosis: Element | None, any_coded: bool
    ) -> None:
        """Write one sample's groups; the peer writes empty ones too, and no headline without a diagnosis (P47, P48)."""
        coded_results = sample.child("CodedResults")
        lines = [headline(diagnosis.text)] if number == 1 and diagnosis is not None else []
        if coded_results is not None:
            lines.append(headline(coded_results.value("Headline") or ""))
        if state.as_peer:
            lines = [] if diagnosis is None else lines + ([Segment("INV", (("OE",),))] if coded_results is None else [])
        if lines:
            state.out += [GIS, *lines]
        if coded_results is not None or (state.as_peer and any_coded):
            inner = codes(coded_results) if coded_results is not None else []
            state.out += [GIS, *inner, CODES_END, Segment.of("RFF", ("ASL", str(number)))]

    def claims(self, occurrence: SegmentGroup, occurrences: Sequence[SegmentGroup]) -> bool:
        """Codes, and headlines that stand right after the table or before codes."""
        if occurrence.name != "S18":
            return False
        if is_codes(occurrence):
            return True
        if not is_headlines(occurrence):
            return False
        answers = [answer for answer in occurrences if answer.name == "S18"]
        at = answers.index(occurrence)
        return at == 1 or (at + 1 < len(answers) and is_codes(answers[at + 1]))

    def read(self, state: ReadState, claimed: Sequence[SegmentGroup], *, occurrences: Sequence[SegmentGroup]) -> None:
        """Read headlines and codes; a headline belongs to the codes right after it."""
        order = [answer for answer in occurrences if answer.name == "S18"]
        place = state.root.at(PLACE)
        samples = sample_nodes(place, occurrences)
        for occurrence in claimed:
            if is_codes(occurrence):
                at = order.index(occurrence)
                before = order[at - 1] if at and is_headlines(order[at - 1]) and order[at - 1] in claimed else None
                self._codes(state, occurrence, before=before, samples=samples)
            else:
                self._diagnosis(occurrence, order, place=place)

    def _diagnosis(self, occurrence: SegmentGroup, order: Sequence[SegmentGroup], *, place: Node) -> None:
        """The first headline is the diagnosis's, unless it is that of the codes that follow."""
        lines = [segment for segment in occurrence.segments if segment.tag == "INV" and segment.value(2, 4)]
        at = order.index(occurrence)
        follows = at + 1 < len(order) and is_codes(order[at + 1])
        own = lines[:-1] if self.each and follows else lines
        if own and not place.has(("DiagnosisHeadline",)):
            place.put(("DiagnosisHeadline",), own[0].value(2, 4), origin=own[0].index)

    def _codes(
        self, state: ReadState, occurrence: SegmentGroup, *, before: SegmentGroup | None, samples: dict[str, Node]
    ) -> None:
        """Read one sample's codes; an empty group is skipped."""
        if not any(segment.tag == "CIN" for segment in occurrence.segments):
            return
        number = next((segment.value(1, 2) for segment in occurrence.segments if segment.tag == "RFF"), "1")
        sample = samples.get(number)
        if sample is None:
            state.report_unknown(opener(occurrence))
            return
        node = sample.inner("CodedResults", opener(occurrence).index)
        lines = (
            [segment for segment in before.segments if segment.tag == "INV" and segment.value(2, 4)] if before else []
        )
        if self.each and lines:
            node.put(("Headline",), lines[-1].value(2, 4), origin=lines[-1].index)
        self._coded(state, occurrence, coded=node)

    def _coded(self, state: ReadState, occurrence: SegmentGroup, *, coded: Node) -> None:
        """Read the codes: the first is the topography; a comment belongs to the code before it."""
        current: Node | None = None
        for segment in occurrence.segments:
            if segment.tag == "CIN" and segment.value(1) == "CCI":
                name = "Result" if coded.has(("Topography",)) else "Topography"
                current = coded.add(name, segment.index)
                current.put(("Code",), segment.value(2, 1), origin=segment.index)
                current.put(("Text",), segment.value(2, 4), origin=segment.index)
            elif segment.tag == "CIN" and segment.value(1) == "SPC" and current is not None:
                topography = current is coded.inner_nodes.get("Topography")
                if not (topography and state.as_peer):  # P44
                    current.put(("Comment",), segment.value(2, 4), origin=segment.index)
            elif segment.tag not in ("GIS", "INV", "RFF"):
                state.report_unknown(segment)


def sample_nodes(place: Node, occurrences: Sequence[SegmentGroup]) -> dict[str, Node]:
    """Return the samples by the number their group has."""
    nodes = [payload for slot, payload, _ in place.items if slot == "Sample" and isinstance(payload, Node)]
    groups = [occurrence for occurrence in occurrences if occurrence.name == "S16"]
    numbers = [
        next((segment.value(2) for segment in group.segments if segment.tag == "SEQ"), str(position))
        for position, group in enumerate(groups, 1)
    ]
    return dict(zip(numbers, nodes, strict=False))
