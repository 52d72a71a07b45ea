"""Connected systems: the visitor's own in a list, and one of them."""

from npn.people.model import ALL, AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.web.answers import Answer
from npn.web.routes import get
from npn.web.rules import only, theirs
from npn.web.visit import Visit
from npn.wiring import Service

_ALL = tuple(ALL - {AccountRole.GROUP})


@get("/systems", only(*_ALL))
async def list_systems(visit: Visit) -> Answer:
    """List the systems that are the visitor's."""
    return await visit.page("systems.html", systems=await visit.read(_seen, visit.service, visit.person))


def _seen(service: Service, person: Person) -> list[ConnectedSystem]:
    return [system for system in service.systems.list() if person.may_see(system.id)]


@get("/systems/{system}", theirs(*_ALL))
async def show_system(visit: Visit) -> Answer:
    """Show one system."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    details = await visit.read(visit.service.systems.details, system.id)
    return await visit.page("system.html", system=system, details=details)
