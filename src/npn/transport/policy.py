"""The rule that draws are checked against: once plain HTTP has ended for a system, or during a brown-out, TLS only."""

from dataclasses import dataclass

from npn.errors import NpnError
from npn.registry.policy import DrawFacts
from npn.transport.model import Plan


@dataclass(frozen=True, slots=True)
class SecureTransport:
    """A draw over plain HTTP is checked against the plan."""

    plan: Plan

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `insecure_transport`."""
        return None if facts.draw.secure else self.plan.refusal(facts.system.id, facts.at)
