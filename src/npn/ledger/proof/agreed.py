"""What two people had to agree on: proposed once, decided once, and approved by somebody else."""

import msgspec

from npn.ledger import approval_events as events
from npn.ledger.proof.wrong import WrongError


class Agreed:
    """Proposals, and by whom; those that are not decided yet."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[str, events.ApprovalProposed] = {}
        self._seen: set[str] = set()
        self._free: dict[str, tuple[events.ApprovalProposed, str]] = {}  # approved regrants, and by whom; not used yet

    def approval_proposed(self, event: events.ApprovalProposed) -> None:
        """Hold its id to be new."""
        if event.approval in self._seen:
            raise WrongError(f"the proposal {event.approval} is there already")
        self._seen.add(event.approval)
        self._open[event.approval] = event

    def approval_decided(self, event: events.ApprovalDecided) -> None:
        """Hold it to be open, and decided by another than who proposed it, unless withdrawn."""
        proposed = self._open.pop(event.approval, None)
        if proposed is None:
            raise WrongError(f"the proposal {event.approval} is not open")
        if (event.decision == "withdrawn") != (proposed.by == event.by):
            raise WrongError(f"the proposal {event.approval} of {proposed.by} was {event.decision} by {event.by}")
        if event.decision == "approved" and proposed.kind == "regrant":
            self._free[event.approval] = (proposed, event.by)

    def used_for(self, event: events.RegrantApproved) -> None:
        """Hold it to be what two people agreed on, and not done before."""
        proposed, decided_by = self._free.pop(event.approval, (None, ""))
        if proposed is None:
            raise WrongError(f"no proposal {event.approval} to grant numbers again was approved, or it was used before")
        try:
            wish = msgspec.json.decode(proposed.wish)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WrongError(f"the wish of the proposal {event.approval} is no JSON") from error
        if wish != {"series": event.series, "first": event.first, "last": event.last}:
            raise WrongError(f"the proposal {event.approval} that was approved is about other numbers")
        if event.by != f"{proposed.by}, {decided_by}":
            raise WrongError(f"the proposal {event.approval} was not approved by {event.by}")
