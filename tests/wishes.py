"""How the tests draw: a wish in one line, its series or its refusal."""

from typing import TypedDict, Unpack

from npn.errors import NpnError
from npn.registry.model import Draw, Series
from npn.systems.model import ApiKey, ConnectedSystem
from npn.wiring.service import Service

Connected = tuple[ConnectedSystem, ApiKey]


class Wish(TypedDict, total=False):
    """The parts of a draw that a test may name."""

    count: int
    usable: int
    space: str
    purpose: str
    channel: str


def wish(by: Connected, request_id: str, **parts: Unpack[Wish]) -> Draw:
    """A draw by a connected system; ten numbers where nothing is said."""
    usable = parts.get("usable")
    count = parts.get("count", None if usable is not None else 10)
    return Draw(
        system=by[0].id,
        key=by[1].digest,
        request_id=request_id,
        count=count,
        usable=usable,
        space=parts.get("space"),
        purpose=parts.get("purpose"),
        channel=parts.get("channel", "rest"),
    )


def draw(service: Service, by: Connected, request_id: str, **parts: Unpack[Wish]) -> Series:
    """Draw and give the series; raises what refused it."""
    return service.allocator.draw(wish(by, request_id, **parts)).result(30).series


def refusal(service: Service, by: Connected, request_id: str, **parts: Unpack[Wish]) -> NpnError:
    """Return what refused a draw."""
    error = service.allocator.draw(wish(by, request_id, **parts)).exception(30)
    assert isinstance(error, NpnError), f"not refused: {error!r}"
    return error
