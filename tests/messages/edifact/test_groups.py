"""Segment groups, the hidden ones included."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from npn.messages.edifact.groups import SegmentGroup, nest
from npn.messages.edifact.syntax import Message, read_interchanges
from npn.messages.model.segment import Segment

if TYPE_CHECKING:
    from npn.messages.model.finding import Finding


def message(text: str, kind: str = "MEDRPT") -> Message:
    data = f"UNB+UNOC:3+1+2+3+4'UNH+1+{kind}:D:93A:UN:R0131K+RPT01'\n{text}'UNT+2+1'UNZ+1+4'"
    return read_interchanges(data.encode()).interchanges[0].messages[0]


def paths(text: str, kind: str = "MEDRPT") -> list[str]:
    return [group.path for group in nest(message(text, kind)).walk()][1:]


def test_gis_opens_a_hidden_group_after_the_samples_and_nowhere_else() -> None:
    assert paths("S01+01'S02+02'GIS+N'STS++K'S16+16'SPC'GIS+N'INV'S20+20'RND'GIS+M'INV") == [
        "S01",
        "S02",
        "S16",
        "S18",
        "S18/S20",
        "S18[2]",
    ]


def test_in_a_requisition_the_hidden_group_is_s17() -> None:
    assert paths("S02+02'GIS+N'S15+15'S15+15'GIS+N'GIS+N", "MEDREQ") == [
        "S02",
        "S15",
        "S15[2]",
        "S17",
        "S17[2]",
    ]


def test_s19_of_the_2005_version_lies_in_its_result_and_ends_nothing() -> None:
    assert paths("S16+16'GIS+N'S19+19'REL'S20+20'RND'GIS+N") == ["S16", "S18", "S18/S19", "S18/S20", "S18[2]"]


def test_a_groups_segments_are_found_by_tag_and_qualifier() -> None:
    group = nest(message("S04+04'RFF+ROI:1'RFF+SOI:2'DTM+4:3")).of("S04")[0]
    assert group.trigger == Segment.of("S04", "04")
    assert [s.value(1, 2) for s in group.all("RFF")] == ["1", "2"]
    found = group.first("RFF", "SOI")
    assert found is not None
    assert found.value(1, 2) == "2"
    assert group.first("RFF", "XYZ") is None
    place = group.place(found, 1, component=2)
    assert (place.line, place.column, place.segment, place.path) == (2, 26, 5, "S04/RFF[2] 1.2")


@pytest.mark.parametrize(
    ("text", "rule", "path"),
    [
        ("S02+02'S01+01", "edifact.group-order", "S01"),
        ("S01+01'S03+03", "edifact.group-unknown", "S03"),
        ("S16+16'S20+20", "edifact.group-unknown", "S20"),
        ("S01+02", "edifact.group-code", "S01"),
        ("S01", "edifact.group-code", "S01"),
    ],
)
def test_a_group_that_stands_wrong_is_a_finding(text: str, rule: str, path: str) -> None:
    findings: list[Finding] = []
    nest(message(text), findings)
    assert [(f.rule, f.place.path) for f in findings] == [(rule, path)]


def test_a_type_without_groups_stays_flat() -> None:
    whole = nest(message("UCI+1'FTX+A", "CONTRL"))
    assert not whole.groups
    assert [s.tag for s in whole.segments] == ["UCI", "FTX"]
    assert len(nest(message("S99+99'GIS", "XXXXXX")).segments) == 2


def test_no_segment_of_a_sample_is_lost_or_moved(samples: Path) -> None:
    for path in sorted(samples.glob("edifact/*.edi")):
        (read,) = read_interchanges(path.read_bytes()).interchanges[0].messages
        findings: list[Finding] = []
        flat = [s for group in nest(read, findings).walk() for s in _in_order(group)]
        assert flat == list(read.segments), path.name
        assert not findings, path.name


def _in_order(group: SegmentGroup) -> list[Segment]:
    return [*([group.trigger] if group.trigger else []), *group.segments]


def test_many_groups_are_nested_in_time() -> None:
    assert len(nest(message("S01+01'" * 100_000 + "NAD")).groups) == 100_000
