"""What mapping has to say while it runs; a note becomes a finding when its place is worked out."""

from dataclasses import dataclass

from npn.messages.edifact.segment import Segment
from npn.messages.finding import Severity
from npn.messages.model import Element


@dataclass(frozen=True, slots=True)
class Note:
    """A rule, how serious, what in two languages, and the element or segment it is about."""

    rule: str
    severity: Severity
    en: str
    da: str
    element: Element | None = None
    segment: Segment | None = None


def error(rule: str, texts: tuple[str, str], about: Element | Segment | None = None) -> Note:
    """Make a note that stops the output."""
    return note(rule, Severity.ERROR, texts, about)


def warning(rule: str, texts: tuple[str, str], about: Element | Segment | None = None) -> Note:
    """Make a note that something comes out otherwise than expected."""
    return note(rule, Severity.WARNING, texts, about)


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
