"""What two people had to agree on: proposed once, decided once, and approved by somebody else."""

from npn.ledger import events
from npn.ledger.proof.wrong import WrongError


class Agreed:
    """Proposals, and by whom; those that are not decided yet."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[str, str] = {}
        self._seen: set[str] = set()

    def approval_proposed(self, event: events.ApprovalProposed) -> None:
        """Hold its id to be new."""
        if event.approval in self._seen:
            raise WrongError(f"the proposal {event.approval} is there already")
        self._seen.add(event.approval)
        self._open[event.approval] = event.by

    def approval_decided(self, event: events.ApprovalDecided) -> None:
        """Hold it to be open, and decided by another than who proposed it, unless withdrawn."""
        proposer = self._open.pop(event.approval, None)
        if proposer is None:
            raise WrongError(f"the proposal {event.approval} is not open")
        if (event.decision == "withdrawn") != (proposer == event.by):
            raise WrongError(f"the proposal {event.approval} of {proposer} was {event.decision} by {event.by}")
