"""What a bridge is: its lines, each with an action, a weight and a reason; and what it did to a letter."""

from dataclasses import dataclass, field
from enum import StrEnum

from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element


class Action(StrEnum):
    """What a line does with an element."""

    KEEP = "keep"
    DROP = "drop"
    FOLD = "fold"
    REFUSE = "refuse"
    CONSTANT = "constant"


class Weight(StrEnum):
    """How much it matters to the reader that something is not as it was."""

    LOST_TO_READER = "lost_to_reader"
    ADMINISTRATIVE = "administrative"
    HARMLESS = "harmless"


class NoteKind(StrEnum):
    """What happened to an element besides what a line says."""

    UNNAMED = "unnamed"
    DOES_NOT_FIT = "does_not_fit"
    LAYOUT = "layout"


@dataclass(frozen=True, slots=True)
class Condition:
    """A constant is written only where an element is there, or has one of these values."""

    path: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line of a bridge.

    path    the element it is about, below the letter or the line around it; `("*",)`: all that both sides know
    target  where it goes; for a constant the same as `path`
    text    of a fold the template, of a constant the value
    codes   values that are written in another way
    inner   lines for what is in the element
    """

    action: Action
    path: tuple[str, ...]
    target: tuple[str, ...]
    weight: Weight
    reason: Text
    text: str = ""
    when: Condition | None = None
    codes: dict[str, str] = field(default_factory=dict)
    inner: tuple["BridgeLine", ...] = ()


@dataclass(frozen=True, slots=True)
class Bridge:
    """From one version to another. `own`: how many of the lines, the first ones, are the operator's."""

    source: str
    target: str
    title: str
    lines: tuple[BridgeLine, ...]
    origin: str
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class BridgeNote:
    """What a bridge did to one element.

    rule   by which one consents: the path of the element below the letter; `Segment:FTX+NEW` for a segment
    what   an action, or what happened besides
    """

    rule: str
    what: Action | NoteKind
    weight: Weight
    element: Element
    reason: Text
