"""What every event of the ledger is made of: its base class, the types of its members, and its form as JSON.

The events themselves stand in the `events.py` of the room that writes them. An entry of another kind, or one with a
member more, less or of another form, is no event: it is refused where it is written and where it is proved.
Numbers that may pass 2^53 are text, so that every JSON reader sees them exactly.
"""

import functools
import re
from collections.abc import Callable
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, inspect, structs

from npn.instants import day_or_none, instant_or_none
from npn.ledger.canonical import SAFE_INTEGER, Json, canonical

Text = Annotated[str, Meta(max_length=400)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Id = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,79}\Z")]
SpaceName = Annotated[str, Meta(pattern=r"\A[a-z0-9_-]{1,64}\Z")]
RangeId = Annotated[str, Meta(pattern=r"\A[siw][0-9a-f]{20}\Z")]
RegrantId = Annotated[str, Meta(pattern=r"\Ar[0-9a-f]{20}\Z")]
Number = Annotated[str, Meta(pattern=r"\A[0-9]{6,18}\Z")]
Figure = Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,18})\Z")]
Instant = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z\Z",
        extra={"calendar": "instant"},
    ),
]
Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
RequestId = Annotated[str, Meta(pattern=r"\A[!-~]{1,128}\Z")]
Name400 = Annotated[str, Meta(min_length=1, max_length=400)]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", extra={"calendar": "day"})]
Purpose = Annotated[str, Meta(max_length=200)]
Claimed = Annotated[str, Meta(max_length=80)]  # by a shell's user; absent where empty
Integer = Annotated[int, Meta(ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
Count = Annotated[int, Meta(ge=0, le=SAFE_INTEGER)]


class EventFormError(ValueError):
    """What was to be an event is not of its form; the text says what is wrong, and where."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Members of an event. Those with a default are left out where they have it, and never written."""


class Event(Shape, frozen=True):
    """What an entry's `data` holds; `tag` is the entry's `type`, and stays when a class is renamed.

    `free`: members that may have another value, where the rules allow that one, without a figure or a remark of the
    summary being another; a change of any other member is found, or named. Free is all that no second entry knows.
    `summed`: members that may have another value which no rule can know to be wrong, and the sums then differ.
    `leaves_ahead`: what is in use ahead of the cursors stays as it was.
    """

    tag: ClassVar[str]
    free: ClassVar[tuple[str, ...]] = ("by", "claimed")
    summed: ClassVar[tuple[str, ...]] = ()
    leaves_ahead: ClassVar[bool] = False


def encode(event: Event) -> bytes:
    """Return an event's members as canonical JSON. Raises EventFormError where a member is not of its type."""
    try:
        content = canonical(event)
        if not _fits_at_a_glance(event):
            _check_calendar(_decoder(type(event)).decode(content))
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError) as error:
        raise EventFormError(str(error)) from error
    return content


def decode(shape: type[Event], data: Json) -> Event:
    """Return the event of that class whose members are `data`. Raises EventFormError."""
    try:
        event = msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise EventFormError(str(error)) from error
    if isinstance(data, dict) and msgspec.to_builtins(event) != data:
        raise EventFormError("a member that is empty is left out, not written")
    _check_calendar(event)
    return event


@functools.cache
def _decoder(shape: type[Event]) -> "msgspec.json.Decoder[Event]":
    return msgspec.json.Decoder(shape)


def _fits_at_a_glance(event: Event) -> bool:
    """Return whether every member surely fits; where one may or may not, the decoder decides.

    A draw is written in a few microseconds; the decoder asks for as many for each pattern.
    """
    for value, (default, matches) in zip(structs.astuple(event), _glances(type(event)), strict=True):
        if value == default:
            continue
        if matches is None or type(value) is not str or matches(value) is None:
            return False
    return True


@functools.cache
def _glances(shape: type[Event]) -> tuple[tuple[object, Callable[[str], object] | None], ...]:
    """Return for each member, in order, the value with which it fits, and what matches its text if that is enough."""
    glances: list[tuple[object, Callable[[str], object] | None]] = []
    fields = {field.name: field for field in inspect.type_info(shape).fields}  # type: ignore[attr-defined]  # a struct
    for field in (fields[name] for name in shape.__struct_fields__):
        parts = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        default = [] if field.default_factory is list else field.default
        if any(isinstance(part, inspect.NoneType) for part in parts):
            default = None
        texts = [part for part in parts if isinstance(part, inspect.StrType)]
        glances.append((default, re.compile(_pattern(texts[0])).match if texts else None))
    return tuple(glances)


def _pattern(of: inspect.StrType) -> str:
    """Return what matches the whole of a text of that type."""
    return of.pattern or rf"(?s:.{{{of.min_length or 0},{of.max_length or ''}}})\Z"


def _check_calendar(event: Event) -> None:
    for name, calendar in _calendar(type(event)):
        value = getattr(event, name)
        if value is not None and (instant_or_none(value) if calendar == "instant" else day_or_none(value)) is None:
            raise EventFormError(f"{value} is not a valid {calendar} - at `$.{name}`")


@functools.cache
def _calendar(shape: type[Event]) -> tuple[tuple[str, str], ...]:
    """Return which members of an event are instants or days, as its types say."""
    members: list[tuple[str, str]] = []
    for field in inspect.type_info(shape).fields:  # type: ignore[attr-defined]  # an event is a struct
        types = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        members += [
            (field.name, str(part.extra["calendar"]))
            for part in types
            if isinstance(part, inspect.Metadata) and part.extra and "calendar" in part.extra
        ]
    return tuple(members)


class CheckpointPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the last line of an export signs."""

    length: Count
    head: Digest
    database: Annotated[str, Meta(pattern=r"\A[0-9a-f-]{36}\Z")]
    at: Instant
