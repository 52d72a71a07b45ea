"""Which slot a name behind a path stands for: `{Operator|operator}`, `{SamplingDateTime|minute}`."""

from npn.messages.mapping.codes import CodeList
from npn.messages.mapping.dates import DaySlot, MinuteSlot, NoDateSlot
from npn.messages.mapping.slots import (
    CodedSlot,
    DefaultSlot,
    EachSlot,
    FlagSlot,
    IsSlot,
    JoinedSlot,
    MessageTypeSlot,
    NumberSlot,
    PartySlot,
    PayerSlot,
    Slot,
    StatusSlot,
    YesSlot,
)

CODECS: dict[str, type[Slot]] = {
    "": Slot,
    "or": DefaultSlot,
    "party": PartySlot,
    "payer": PayerSlot,
    "payer-2005": PayerSlot,
    "minute": MinuteSlot,
    "day": DaySlot,
    "each": EachSlot,
    "joined": JoinedSlot,
    "is": IsSlot,
    "yes": YesSlot,
    "day-or-none": NoDateSlot,
    "message-type": MessageTypeSlot,
    "npn": FlagSlot,
    "result-status": StatusSlot,
}


def make(text: str, lists: dict[str, CodeList], *, allowed: tuple[str, ...], aliases: dict[str, str]) -> Slot:
    """Make the slot of what stands between braces: `path`, `path|codec` or `path|codec argument`."""
    where, _, codec = text.partition("|")
    if where.startswith("#"):
        return NumberSlot((), where[1:])
    name, _, argument = codec.partition(" ")
    path = tuple(expanded(where, aliases).split("/"))
    if name in CODECS:
        slot = CODECS[name](path, argument, allowed=allowed)
    elif name in lists:
        slot = CodedSlot(path, argument, allowed=allowed)
    else:
        raise ValueError(f"no codec {name!r} in {text!r}")
    if isinstance(slot, CodedSlot):
        slot.codes = lists[name]
    return slot


def expanded(path: str, aliases: dict[str, str]) -> str:
    """Replace a first step that is an alias."""
    first, slash, rest = path.partition("/")
    return aliases[first] + slash + rest if first in aliases else path
