"""Where everybody begins: what is theirs to do, the worst first, and how their systems are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from npn.health.model import HealthSubject, Level, ServiceState
from npn.http.answers import Answer
from npn.people.model import Person
from npn.stock.cover import Colour, Cover, CoverSource
from npn.stock.picture import Pictures
from npn.systems.model import ConnectedSystem, Environment, SystemState
from npn.systems.service import Systems
from npn.tasks.model import TaskKind
from npn.tasks.setup import SetupItem, SetupState
from npn.web.pages.tasks.setup import ITEMS, checked
from npn.web.pages.tasks.shown import shown
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.state_words import banner
from npn.web.visit import Visit

_SAID_BY_TASKS = {
    HealthSubject.WITNESS_PLACE: TaskKind.WITNESS_PLACE,
    HealthSubject.FILES: TaskKind.FILE_READABLE,
    HealthSubject.BACKGROUND: TaskKind.BACKGROUND,
}
_SETUP_IN_TASKS = {SetupItem.WITNESS: TaskKind.WITNESS_PLACE, SetupItem.OPERATOR: TaskKind.SECOND_OPERATOR}
_SETUP_IN_BANNER = {SetupItem.BACKUP: HealthSubject.BACKUP, SetupItem.MAIL: HealthSubject.MAIL}
FEW = 6  # systems that are shown one by one instead of counted


@dataclass(frozen=True, slots=True)
class OwnSystem:
    """One of few systems, with its cover where one is known; `acts`: the visitor may draw for it."""

    system: ConnectedSystem
    cover: Cover | None
    acts: bool


@dataclass(frozen=True, slots=True)
class SetupFigures:
    """How far the set-up of a new service is; `open`: what is not done, or not known to be, and said nowhere else."""

    done: int
    total: int
    open: Sequence[str]


@get("/overview", signed_in())
async def overview(visit: Visit) -> Answer:
    """Show what is the visitor's to do."""
    tasks = await visit.read(visit.services.tasks.of, visit.person)
    figures = await visit.read(_figures, visit.person, visit.services.systems, visit.services.pictures)
    few = await visit.read(_few, visit.person, visit.services.systems, visit.services.pictures)
    kinds, state = {group.kind for group in tasks.ours}, await visit.state()
    covered = {subject for subject, kind in _SAID_BY_TASKS.items() if kind in kinds}
    return await visit.page(
        "tasks/overview.html",
        figures=figures,
        few=few,
        setup=await _setup(visit, kinds, state),
        banner=banner(visit.texts, state, visit.person, but=covered),
        **await shown(visit, tasks),
    )


def _stands_elsewhere(item: SetupItem, kinds: Collection[TaskKind], state: ServiceState) -> bool:
    """Whether a task or the banner says already what an item of the checklist lacks."""
    subject = _SETUP_IN_BANNER.get(item)
    is_in_banner = subject is not None and state.part(subject).level in (Level.BAD, Level.WARNING)
    return is_in_banner or _SETUP_IN_TASKS.get(item) in kinds


async def _setup(visit: Visit, kinds: Collection[TaskKind], state: ServiceState) -> SetupFigures | None:
    """Return how far the set-up is, for operators until it is done or put away; what stands elsewhere is not named."""
    if not visit.person.is_operator or await visit.read(visit.services.setup.is_dismissed):
        return None
    checks = await checked(visit)
    finished = sum(check.state is SetupState.DONE for check in checks)
    missing = [check.item for check in checks if check.state is not SetupState.DONE]
    named = [ITEMS[item].name for item in missing if not _stands_elsewhere(item, kinds, state)]
    return SetupFigures(finished, len(checks), named) if missing else None


def _few(person: Person, systems: Systems, pictures: Pictures) -> list[OwnSystem]:
    """Return the systems of somebody who has few, those in production first; none for whoever has many, or sees all."""
    if person.sees is None or len(person.sees) > FEW:
        return []
    mine = sorted((s for s in systems.list() if person.may_see(s.id)), key=lambda s: (s.environment, s.name))
    covers = pictures.latest().covers
    return [OwnSystem(s, covers.get(s.id), person.may_act_for(s.id) and s.state is SystemState.ACTIVE) for s in mine]


def _figures(person: Person, systems: Systems, pictures: Pictures) -> dict[str, int]:
    """Return the visitor's systems in figures; `stocked` of the `used` ones have reported stock for six months.

    `used`: in production, active, and given numbers at some time; the others keep no stock.
    """
    mine = [system for system in systems.list() if person.may_see(system.id)]
    picture = pictures.latest()
    production = [system for system in mine if system.environment is Environment.PRODUCTION]
    used = [s for s in production if s.state is SystemState.ACTIVE and s.id in picture.ever]
    covers = [picture.covers[system.id] for system in used if system.id in picture.covers]
    return {
        "systems": len(mine),
        "production": len(production),
        "suspended": sum(system.state is SystemState.SUSPENDED for system in mine),
        "used": len(used),
        "stocked": sum(cover.colour is Colour.GREEN and cover.source is CoverSource.REPORTED for cover in covers),
    }
