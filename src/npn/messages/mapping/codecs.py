"""Which slot a name behind a path stands for: `{Operator|operator}`, `{SamplingDateTime|minute}`."""

from npn.messages.mapping.codes import CodeList
from npn.messages.mapping.dates import Day, Minute, NoDate
from npn.messages.mapping.slots import (
    Coded,
    Default,
    Each,
    Flag,
    Is,
    Joined,
    MessageType,
    Number,
    Party,
    Payer,
    Slot,
    Status,
    Yes,
)

CODECS: dict[str, type[Slot]] = {
    "": Slot,
    "or": Default,
    "party": Party,
    "payer": Payer,
    "payer-2005": Payer,
    "minute": Minute,
    "day": Day,
    "each": Each,
    "joined": Joined,
    "is": Is,
    "yes": Yes,
    "day-or-none": NoDate,
    "message-type": MessageType,
    "npn": Flag,
    "result-status": Status,
}


def make(text: str, lists: dict[str, CodeList], allowed: tuple[str, ...], aliases: dict[str, str]) -> Slot:
    """Make the slot of what stands between braces: `path`, `path|codec` or `path|codec argument`."""
    where, _, codec = text.partition("|")
    if where.startswith("#"):
        return Number((), where[1:])
    name, _, argument = codec.partition(" ")
    path = tuple(expanded(where, aliases).split("/"))
    if name in CODECS:
        slot = CODECS[name](path, argument, allowed)
    elif name in lists:
        slot = Coded(path, argument, allowed)
    else:
        raise ValueError(f"no codec {name!r} in {text!r}")
    if isinstance(slot, Coded):
        slot.codes = lists[name]
    return slot


def expanded(path: str, aliases: dict[str, str]) -> str:
    """Replace a first step that is an alias."""
    first, slash, rest = path.partition("/")
    return aliases[first] + slash + rest if first in aliases else path
