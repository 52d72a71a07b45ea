"""Every kind of event the ledger may hold, from the rooms that write them."""

from types import ModuleType

from npn.agreements import events as agreements
from npn.ledger import events as ledger
from npn.ledger.event import Event
from npn.onboarding import events as onboarding
from npn.people import events as people
from npn.pools import events as pools
from npn.regions import events as regions
from npn.registry import events as registry
from npn.standards import events as standards
from npn.support import events as support
from npn.systems import events as systems
from npn.transport import events as transport

_ROOMS: tuple[ModuleType, ...] = (
    *(ledger, systems, people, pools, regions, registry, transport, agreements, support, onboarding, standards),
)

KINDS: dict[str, type[Event]] = {
    shape.tag: shape
    for room in _ROOMS
    for shape in vars(room).values()
    if isinstance(shape, type) and issubclass(shape, Event) and "tag" in vars(shape)
}
