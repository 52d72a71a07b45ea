"""What waits at a place of the menu, counted for one person, and remembered for some seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock

from npn.people.approvals import Decision
from npn.people.model import Person
from npn.support.model import CaseState
from npn.web.services import WebServices

REMEMBERED = 10.0  # seconds
_MOST = 500  # people


class MenuTally:
    """The counts of one process. A count that is some seconds old misleads nobody; one for each page would cost."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        """Nothing is counted yet."""
        self._ticks = ticks
        self._lock = Lock()
        self._counts: OrderedDict[str, tuple[float, Mapping[str, int]]] = OrderedDict()

    def remembered(self, person: Person) -> Mapping[str, int] | None:
        """Return what was counted in the last seconds, or None."""
        with self._lock:
            counted = self._counts.get(person.id)
        return None if counted is None or self._ticks() - counted[0] >= REMEMBERED else counted[1]

    def count(self, services: WebServices, person: Person) -> Mapping[str, int]:
        """Count what waits for a person, by the path of its place."""
        counts = _counted(services, person)
        with self._lock:
            self._counts[person.id] = (self._ticks(), counts)
            self._counts.move_to_end(person.id)
            while len(self._counts) > _MOST:
                self._counts.popitem(last=False)
        return counts

    def forget(self, person: Person) -> None:
        """Count again at the next page: the person has just changed something."""
        with self._lock:
            self._counts.pop(person.id, None)


MENU_COUNTS = MenuTally()  # of the process: an account's id is of one database alone


def _counted(services: WebServices, person: Person) -> dict[str, int]:
    counts = {"/overview": services.tasks.open_tasks(person), "/cases": _cases(services, person)}
    if person.is_operator:
        waiting = (p for p in services.approvals.list() if p.state is Decision.OPEN and p.proposed_by != person.by)
        counts["/approvals"] = sum(1 for _proposal in waiting)
        counts["/requests"] = len(services.onboarding.requests())
    return counts


def _cases(services: WebServices, person: Person) -> int:
    """Count the cases whose next step is the person's: the operator's open ones, the others' that wait for them."""
    if person.is_operator:
        return services.cases.counts().get(CaseState.OPEN.value, 0)
    if person.sees is None:
        return 0
    return len(services.cases.some(states=(CaseState.WAITING,), systems=person.sees))
