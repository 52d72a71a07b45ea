"""What a case's page shows of the request it is about: its steps, who waits since when, and whose turn it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from npn.onboarding.emails import WRITTEN_TO
from npn.onboarding.model import Request, Step, StepLink, StepName, StepWait
from npn.onboarding.service import Onboarding
from npn.onboarding.steps import Turn, turn
from npn.support.contacts import Contact
from npn.support.model import Case


@dataclass(frozen=True, slots=True)
class RequestPicture:
    """A request as pages show it; empty for a case that is about none. `readers`: who a link is sent to, by step."""

    now: datetime
    request: Request | None = None
    steps: Sequence[Step] = ()
    waits: Mapping[StepName, StepWait] = field(default_factory=dict)
    sent_links: Sequence[StepLink] = ()
    readers: Mapping[StepName, Contact] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    sendable: Collection[str] = tuple(WRITTEN_TO)

    def values(self) -> dict[str, object]:
        """Return it by the names that templates use."""
        return {name: getattr(self, name) for name in self.__slots__}


def request_picture(onboarding: Onboarding, case: Case) -> RequestPicture:
    """Look at the request that a case is about."""
    request, now = onboarding.of_case(case.number), onboarding.ledger.clock()
    if request is None:
        return RequestPicture(now)
    steps = onboarding.steps(request)
    return RequestPicture(
        now,
        request,
        steps,
        onboarding.progress.waits(request.id),
        onboarding.links.of(request.id),
        onboarding.readers(request),
        turn(steps, case.state),
    )
