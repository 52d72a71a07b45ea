"""A message of an assumed version: segments that no line reads are kept, and the mapping judges nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from msgspec import structs

from npn.messages.model.finding import Finding, Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.notes import Note
from npn.messages.model.segment import Segment
from npn.messages.model.unknown import SEGMENT
from npn.messages.rules.conversion import UNKNOWN_GROUP, UNKNOWN_SEGMENT
from npn.messages.structure.rules import DIFFERS
from npn.messages.versions.notation import Version

KEPT = frozenset((UNKNOWN_SEGMENT.id, UNKNOWN_GROUP.id))  # the structure names the segments that are kept
GROUP_UNKNOWN, GROUP_ORDER = "edifact.group-unknown", "edifact.group-order"


def with_segments(root: Element, unread: Iterable[Segment]) -> Element:
    """Return a letter with the segments that no line has read, each as a text."""
    elements = tuple(Element(SEGMENT, segment_text(segment), (), "", segment.index) for segment in unread)
    return structs.replace(root, children=(*root.children, *elements)) if elements else root


def segment_text(segment: Segment) -> str:
    """Return a segment as text, without release characters."""
    return "+".join([segment.tag, *(":".join(element) for element in segment.elements)])


def unjudged_notes(notes: Iterable[Note], version: Version) -> Iterator[Note]:
    """Return the notes of reading as remarks that the message differs; what is named as not known is left out."""
    for entry in notes:
        if entry.rule.id in KEPT:
            continue
        is_error = entry.severity is Severity.ERROR
        yield (
            replace(entry, rule=DIFFERS, severity=DIFFERS.severity, text=_text(entry.text, version))
            if is_error
            else entry
        )


def unjudged_findings(findings: Iterable[Finding], version: Version) -> Iterator[Finding]:
    """Return the findings of the groups as such remarks."""
    for finding in findings:
        if finding.rule == GROUP_ORDER:
            text = _text(Text(finding.en, finding.da), version)
            yield Finding(DIFFERS.id, DIFFERS.severity, finding.place, *text, finding.citation)
        elif finding.rule != GROUP_UNKNOWN:
            yield finding


def _text(text: Text, version: Version) -> Text:
    return Text(f"not judged; in {version.base}: {text.en}", f"ikke bedømt; i {version.base}: {text.da}")
