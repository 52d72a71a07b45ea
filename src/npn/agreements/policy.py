"""What becomes of a draw by a system without an accepted agreement: nothing, until an operator has set a date.

Only production systems are held to it: a system under test draws before its owner accepts anything. Numbers that were
drawn are never touched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from npn.agreements import store
from npn.agreements.model import Dates, Stage, VersionNumber, standing
from npn.errors import NpnError, RefusedError, codes
from npn.instants import danish_day, iso_day
from npn.ledger.service import Transaction
from npn.registry.policy import DrawFacts, Policy
from npn.systems.model import Environment


@dataclass(frozen=True, slots=True)
class AcceptanceRequired:
    """A system whose owner has not accepted what was to be accepted by now gets no new series.

    `lacking`: the version each such system lacks, and since when it is refused.
    """

    lacking: Mapping[str, tuple[VersionNumber, date]]

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `agreement_missing`."""
        missing = self.lacking.get(facts.system.id)
        if missing is None or facts.system.environment is not Environment.PRODUCTION:
            return None
        number, since = missing
        return RefusedError(
            f"the connection agreement, version {number}, is not accepted for system {facts.system.id}; "
            f"since {iso_day(since)} it is given no new series",
            code=codes.AGREEMENT_MISSING,
            hint="its owner accepts it on the service's pages; numbers already drawn stay yours",
        )


class AgreementPolicies:
    """The room's source of policies for a batch of draws."""

    def policies(self, tx: Transaction, systems: Collection[str]) -> Sequence[Policy]:
        """Return the policy with its facts; nothing where no refusal has begun."""
        today = danish_day(tx.at)
        if not store.any_refusal_begun(tx.exchange, today):
            return ()
        effective = store.dates(tx.connection, begun=today)
        lacking = refused(tx.connection, effective, systems, today=today)
        return (AcceptanceRequired(lacking),) if lacking else ()


def refused(
    connection: sa.Connection, begun: Sequence[Dates], systems: Collection[str], *, today: date
) -> dict[str, tuple[VersionNumber, date]]:
    """Return those of the systems that are refused today, each with the version it lacks and since when."""
    accepted = store.newest_accepted(connection, systems)
    respites = {(respite.agreement, respite.system): respite for respite in store.respites(connection, systems)}
    refusals: dict[str, tuple[VersionNumber, date]] = {}
    for agreement in {due.agreement for due in begun}:
        dates = [due for due in begun if due.agreement == agreement]
        for system in systems:
            judged = standing(
                today,
                agreement=agreement,
                system=system,
                accepted=accepted.get((agreement, system)),
                dates=dates,
                respite=respites.get((agreement, system)),
            )
            if judged.stage is Stage.REFUSE and judged.wanted is not None and judged.refuse_from is not None:
                refusals[system] = (judged.wanted, judged.refuse_from)
    return refusals
