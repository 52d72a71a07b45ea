"""What two people had to agree on: proposed by one active operator, approved by another person."""

import json
from dataclasses import dataclass
from datetime import datetime

from npn.ledger.canonical import Json
from npn.people.events import ApprovalDecided, ApprovalProposed
from npn.proof.edition import Breach, Edition, is_shell
from npn.proof.people import People, account_of
from npn.proof.wrong import WrongError
from npn.registry.events import FIRST_QUARANTINE_DAYS, QuarantinePolicySet, RegrantApproved, SystemSpaceSet
from npn.systems.events import SystemLimitsSet


@dataclass(slots=True)
class ApprovalRecord:
    """A proposal; `by` names the proposer, and both once it was approved. `tied`: the approver may be the proposer."""

    kind: str
    wish: dict[str, Json]
    by: str
    state: str = "open"
    tied: bool = False
    used: bool = False


class ApprovalProof:
    """Proposals, and what was done upon them."""

    def __init__(self, people: People, edition: Edition) -> None:
        """`people` know who is an operator."""
        self._people = people
        self._edition = edition
        self._proposals: dict[str, ApprovalRecord] = {}
        self._pairs: set[str] = set()
        self._limits: set[tuple[str, str]] = set()

    def approval_proposed(self, event: ApprovalProposed) -> None:
        """Check that its id is new, its wish is plain JSON, and an active operator proposed it."""
        if event.approval in self._proposals:
            raise WrongError(f"the proposal {event.approval} is there already")
        self._people.operator(account_of(event.by))
        self._proposals[event.approval] = ApprovalRecord(event.kind, _wish(event), event.by)

    def approval_decided(self, event: ApprovalDecided, *, at: datetime) -> None:
        """Check that it is open, and that another active operator decided it, unless it was withdrawn."""
        proposal = self._proposals.get(event.approval)
        if proposal is None or proposal.state != "open":
            raise WrongError(f"the proposal {event.approval} is not open")
        if (event.decision == "withdrawn") != (proposal.by == event.by):
            raise WrongError(f"the proposal {event.approval} of {proposal.by} was {event.decision} by {event.by}")
        self._people.operator(account_of(event.by))
        proposal.state = event.decision
        if event.decision == "approved":
            self._people.signs_in_as_before(account_of(event.by), at)
            proposal.tied = self._people.may_be_one(account_of(proposal.by), account_of(event.by), at)
            if proposal.tied:
                reason = f"the proposal {event.approval} was approved by an account that may be the proposer's own"
                self._edition.breach(Breach.TIED_APPROVAL, reason)
            proposal.by = f"{proposal.by}, {event.by}"
            self._pairs.add(proposal.by)
            if proposal.kind == "limits":
                self._limits.add((proposal.by, _canonical(proposal.wish)))

    def regrant_approved(self, event: RegrantApproved) -> None:
        """Check that two independent people agreed on just these numbers, and that it was not done before."""
        proposal = self._approved(event.approval, "regrant", event.by)
        if proposal.wish != {"series": event.series, "first": event.first, "last": event.last}:
            raise WrongError(f"the proposal {event.approval} that was approved is about other numbers")
        if proposal.tied:
            raise WrongError(f"the proposal {event.approval} was approved by an account that may be the proposer's own")
        self._use(event.approval, proposal)

    def quarantine_policy_set(self, event: QuarantinePolicySet) -> None:
        """Let the shell write the first policy; every other needs two people."""
        if event.approval is not None:
            proposal = self._approved(event.approval, "quarantine", event.by)
            if proposal.wish != {"days": event.days}:
                raise WrongError(f"the proposal {event.approval} is about another quarantine")
            self._use(event.approval, proposal)
        elif self._edition.quarantine_days is not None or not is_shell(event.by):
            raise WrongError("the policy of quarantine was set without two people's approval")
        elif event.days != FIRST_QUARANTINE_DAYS:
            raise WrongError(f"the first policy of quarantine is not of {FIRST_QUARANTINE_DAYS} days")
        self._edition.quarantine_days = event.days

    def limits_set(self, event: SystemLimitsSet) -> None:
        """Check that limits set by two people are those that they agreed on."""
        if ", " not in event.by or is_shell(event.by):
            return
        wish: dict[str, Json] = {
            "system": event.system,
            "smallest_draw": int(event.smallest_draw),
            "largest_draw": int(event.largest_draw),
            "quota": None if event.quota is None else int(event.quota),
            "quota_days": event.quota_days,
        }
        if (event.by, _canonical(wish)) not in self._limits:
            raise WrongError(f"no proposal of these limits for {event.system} was approved by {event.by}")

    def system_space_set(self, event: SystemSpaceSet, *, needed: bool) -> None:
        """Check that two people agreed on where a system draws from, where that takes two."""
        if event.approval is not None:
            proposal = self._approved(event.approval, "space", event.by)
            if proposal.wish != {"system": event.system, "space": event.space}:
                raise WrongError(f"the proposal {event.approval} is about another system or space")
            self._use(event.approval, proposal)
        elif needed:
            raise WrongError(f"the system {event.system} was moved to another space without two people's approval")

    def operator_act(self, approval: str, account: str, act: str, *, by: str) -> None:
        """Check that two people agreed on what is done to an operator's account."""
        proposal = self._approved(approval, "operator", by)
        if (proposal.wish.get("account"), proposal.wish.get("act")) != (account, act):
            raise WrongError(f"the proposal {approval} is not about the account {account}, or about another act")

    def act_once(self, approval: str) -> None:
        """Count a proposal about an account as carried out."""
        self._use(approval, self._proposals[approval])

    def two_people(self, by: str) -> None:
        """Check that two names in an event are those of a proposal and its approval."""
        if by not in self._pairs:
            raise WrongError(f"no proposal was made and approved by {by}")

    def recovery_by(self, by: str, at: datetime) -> None:
        """Check who recovered: its proposal is outside the ledger, which can't be written to until it is done."""
        names = self._people.names(by)
        if not names:
            return
        if len(names) != 2:  # two people
            raise WrongError(f"one account, {by}, recovered alone")
        for name in names:
            self._people.operator(name)
        if self._people.may_be_one(*names, at):
            self._edition.breach(Breach.TIED_APPROVAL, f"{by} may be one person")

    def _approved(self, approval: str, kind: str, by: str) -> ApprovalRecord:
        proposal = self._proposals.get(approval)
        if proposal is None or proposal.state != "approved" or proposal.kind != kind or proposal.used:
            raise WrongError(f"no proposal {approval} of the kind {kind} was approved, or it was used before")
        if proposal.by != by:
            raise WrongError(f"the proposal {approval} was not made and approved by {by}")
        return proposal

    def _use(self, approval: str, proposal: ApprovalRecord) -> None:
        if proposal.used:
            raise WrongError(f"the proposal {approval} was used before")
        proposal.used = True


def _wish(event: ApprovalProposed) -> dict[str, Json]:
    try:
        value = json.loads(event.wish, object_pairs_hook=_members, parse_float=_refused, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise WrongError(f"the wish of the proposal {event.approval} is no JSON of ours: {error}") from error
    if not isinstance(value, dict) or _canonical(value) != event.wish:
        raise WrongError(f"the wish of the proposal {event.approval} is not an object in canonical form")
    return value


def _canonical(value: dict[str, Json]) -> str:
    """Return the canonical form; unlike the ledger's own, a wish may hold whole numbers of any size."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs) or not all(name.isascii() for name in value):
        raise ValueError("a member stands twice, or its name is not ASCII")
    return value


def _refused(text: str) -> Json:
    raise ValueError(f"{text} is not a whole number")
