"""What a system without an accepted agreement is told: in `GET /v1/me`, and in a header of each draw from warnings on.

Npn-Notice: agreement_missing; version=2.0; refuse-from=2027-06-01
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from npn.agreements.model import AgreementStanding, Stage
from npn.agreements.service import Agreements
from npn.instants import iso_day
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice, declare_notice

_LACKS = "the connection agreement, version {version}, is not accepted for this system"
_LACKS_EN = "the connection agreement, version {version}, is not accepted for the system"
_LACKS_DA = "tilslutningsaftalen, version {version}, er ikke accepteret for systemet"
_MISSING = declare_notice(
    "agreement_missing",
    program=f"{_LACKS}; its owner accepts it on the pages",
    en=f"{_LACKS_EN}: its owner accepts it",
    da=f"{_LACKS_DA}: ejeren accepterer den",
)
_WILL_BE_REFUSED = declare_notice(
    "agreement_missing",
    program=f"{_LACKS}: from {{day}} on it is given no new series; its owner accepts it on the pages",
    en=f"{_LACKS_EN}: from {{day}} it is given no new series; its owner accepts it",
    da=f"{_LACKS_DA}: fra {{day}} får det ingen nye serier; ejeren accepterer den",
)
_REFUSED = declare_notice(
    "agreement_missing",
    program=f"{_LACKS}: since {{day}} it is given no new series; numbers already drawn stay its own",
    en=f"{_LACKS_EN}: since {{day}} it is given no new series; numbers already drawn stay its own",
    da=f"{_LACKS_DA}: siden {{day}} får det ingen nye serier; numre, der er trukket, beholder det",
)
HEADER = "Npn-Notice"
REMEMBERED = 5.0  # seconds that a draw's warning may lag behind what was accepted or set


@dataclass(frozen=True, slots=True)
class AgreementNotices:
    """What this room has to say to a system."""

    agreements: Agreements

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return a notice where the system must know that its agreement is not accepted, and what follows when."""
        state = self.agreements.standing(system.id)
        if state.stage is Stage.NONE:
            return []
        if state.refuse_from is None:
            return [_MISSING.of(version=str(state.wanted))]
        kind = _REFUSED if state.stage is Stage.REFUSE else _WILL_BE_REFUSED
        return [kind.of(by=state.refuse_from, version=str(state.wanted), day=state.refuse_from)]


class Warnings:
    """Which systems are warned at each draw: looked up once for all of them, and remembered for a few seconds."""

    def __init__(self, agreements: Agreements, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        """`elapsed` tells how old what is remembered is."""
        self._agreements = agreements
        self._elapsed = elapsed
        self._looking = threading.Lock()
        self._known: tuple[float, dict[str, str]] | None = None

    @property
    def fresh(self) -> bool:
        """Return whether `of` can answer without the database."""
        return self._known is not None and self._elapsed() - self._known[0] <= REMEMBERED

    def look(self) -> None:
        """Look them up again, unless somebody just has."""
        with self._looking:
            if not self.fresh:
                headers = {state.system: _header(state) for state in self._agreements.standings() if _warned(state)}
                self._known = (self._elapsed(), headers)

    def of(self, system: str) -> dict[str, str]:
        """Return the header for a system's draw, by its name; nothing for most."""
        value = None if self._known is None else self._known[1].get(system)
        return {} if value is None else {HEADER: value}


def _warned(found: AgreementStanding) -> bool:
    return found.stage in (Stage.WARN, Stage.REFUSE)


def _header(found: AgreementStanding) -> str:
    parts = ["agreement_missing", f"version={found.wanted}"]
    if found.refuse_from is not None:
        parts.append(f"refuse-from={iso_day(found.refuse_from)}")
    return "; ".join(parts)
