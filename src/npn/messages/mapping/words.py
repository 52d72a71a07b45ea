"""What the mapping says at several places: notes and texts of findings."""

from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import any_of, in_danish
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import ASSUMED


def assumed(what: str, about: Element | Segment | None = None) -> Note:
    """Return the note that no public document states a place; MedCom's converter reads it there."""
    fields = any_of(tuple(what.split(", ")), "og")
    text = Text(
        f"the place of {what} in EDIFACT is assumed: no public document says it",
        f"pladsen for {fields} i EDIFACT er antaget: intet offentligt dokument angiver den",
    )
    return note(ASSUMED, text, about=about)


def missing_segment(name: str) -> Text:
    """Return what is said of a segment that is always written and did not come."""
    return Text(f"the segment {name} is missing here", f"segmentet {name} mangler her")


def missing_group(title: str) -> Text:
    """Return what is said of a group that is always written and did not come."""
    return Text(f"the group {title} is missing here", f"gruppen {title} mangler her")


def too_long(name: str, count: int, *, most: int) -> Text:
    """Return what is said of a text that needs more segments than allowed."""
    return Text(
        f"{name} needs {count} FTX segments; {most} at most",
        f"{in_danish(name)} kræver {count} FTX-segmenter; højst {most}",
    )
