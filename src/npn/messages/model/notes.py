"""What mapping has to say while it runs; a note becomes a finding when its place is worked out."""

from dataclasses import dataclass, replace

from npn.messages.model.finding import Severity
from npn.messages.model.interchange import Element
from npn.messages.model.segment import Segment

At = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Note:
    """A rule, how serious, what in two languages, and the element or segment it is about.

    at  element and component of the segment, from 1; element 0: the segment
    """

    rule: str
    severity: Severity
    en: str
    da: str
    element: Element | None = None
    segment: Segment | None = None
    at: tuple[int, int] = (0, 1)


def error(rule: str, texts: tuple[str, str], about: Element | Segment | None = None, at: At = None) -> Note:
    """Make a note that stops the output; `at`: element and component of the segment, from 0."""
    return placed(note(rule, Severity.ERROR, texts, about), at)


def warning(rule: str, texts: tuple[str, str], about: Element | Segment | None = None, at: At = None) -> Note:
    """Make a note that something comes out otherwise than expected; `at` as in `error`."""
    return placed(note(rule, Severity.WARNING, texts, about), at)


def placed(made: Note, at: At) -> Note:
    """Give a note its component, counted from 1."""
    return replace(made, at=(at[0] + 1, at[1] + 1)) if at else made


def assumed(what: str, about: Element | Segment | None = None) -> Note:
    """Say that a place is not known from MedCom's documents but follows what their converter reads."""
    texts = (
        f"the place of {what} in EDIFACT is assumed: no public document says it",
        f"pladsen for {what} i EDIFACT er antaget: intet offentligt dokument angiver den",
    )
    return note("mapping.assumed", Severity.INFO, texts, about)


def note(rule: str, severity: Severity, texts: tuple[str, str], about: Element | Segment | None) -> Note:
    """Make a note; `texts` are English and Danish."""
    element = about if isinstance(about, Element) else None
    segment = about if isinstance(about, Segment) else None
    return Note(rule, severity, texts[0], texts[1], element, segment)


def missing_segment(name: str) -> tuple[str, str]:
    """Say that a segment that is always written did not come."""
    return f"the segment {name} is missing here", f"segmentet {name} mangler her"


def missing_group(title: str) -> tuple[str, str]:
    """Say that a group that is always written did not come."""
    return f"the group {title} is missing here", f"gruppen {title} mangler her"


def too_long(name: str, count: int, most: int) -> tuple[str, str]:
    """Say that a text needs more segments than allowed."""
    return (
        f"{name} needs {count} FTX segments; {most} at most",
        f"{name} kræver {count} FTX-segmenter; højst {most}",
    )
