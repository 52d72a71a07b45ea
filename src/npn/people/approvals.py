"""What two operators must agree on: proposed by one, decided by another; the database itself knows that they differ.

What is done in the end is done by the room it belongs to, given as an *executor* by kind; both names go with it. A
proposal that was approved and not carried out (a crash, a refusal) stays so and can be carried out again: executors do
the same thing however often they are run.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import cast

import msgspec
import sqlalchemy as sa

from npn.db import Database
from npn.db.errors import IntegrityError
from npn.errors import ConflictError, NotFoundError, NpnError, RefusedError, codes, details
from npn.ledger.canonical import Json
from npn.ledger.service import Ledger
from npn.people import approvals_store as store
from npn.people import emails, ties_store, two_people
from npn.people.emails import Mailing
from npn.people.events import ApprovalDecided, ApprovalProposed, Outcome
from npn.people.model import NamedAccount, checked_reason
from npn.wording import checked_text

Wish = Mapping[str, Json]

LONGEST_COMMENT = 2000
WITHOUT_LEDGER = frozenset({"recovery"})  # the ledger can't be written to until it is done; it says who itself


class Decision(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal. `outcome` is empty until it was carried out."""

    id: str
    kind: str
    wish: Wish
    reason: str
    state: Decision
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    outcome: str

    @property
    def by(self) -> str:
        """Name both, as the ledger does."""
        return f"{self.proposed_by}, {self.decided_by}"


Executor = Callable[[Approval], str]  # does what was approved; gives what came of it
Check = Callable[[Wish], Wish]  # gives the wish as it is kept, or raises what stands against it already


@dataclass(frozen=True, slots=True)
class Approvals:
    """Proposals and decisions. `executors` by kind; `checks` of those whose wish is checked against the facts first."""

    database: Database
    ledger: Ledger
    executors: Mapping[str, Executor]
    checks: Mapping[str, Check] = field(default_factory=dict)
    mailing: Mailing = field(default_factory=Mailing)

    def propose(self, kind: str, wish: Wish, *, by: str, reason: str, named: NamedAccount | None = None) -> Approval:
        """Propose something; the other operators are written to. Raises ConflictError `proposed_already`.

        `named`: whom it is about, kept beside it until it is decided and never in the ledger.
        """
        why = checked_reason(reason)
        if kind not in self.executors:
            raise NotFoundError(details.NOTHING_FOR_TWO.of(kind=kind), field="kind")
        if kind in self.checks:
            wish = self.checks[kind](wish)
        text = msgspec.json.encode(wish, order="deterministic").decode()
        values = {
            "id": secrets.token_hex(6),
            "kind": kind,
            "wish": text,
            "reason": why,
            "state": Decision.OPEN.value,
            "proposed_by": by,
            "proposed_at": self.ledger.clock(),
            "outcome": "",
        }
        if kind in WITHOUT_LEDGER:
            with self.database.write() as connection:
                store.add(connection, values)
                self._tell(connection, values)
        else:
            with self.ledger.transaction() as tx:
                if store.open_twin(tx.connection, kind, text):
                    raise ConflictError("the same is proposed already", code=codes.PROPOSED_ALREADY)
                store.add(tx.connection, values)
                if named is not None:
                    store.add_named(tx.connection, str(values["id"]), named)
                self._tell(tx.connection, values)
                tx.append(ApprovalProposed(approval=str(values["id"]), kind=kind, wish=text, reason=why, by=by))
        return self.get(str(values["id"]))

    def _tell(self, connection: sa.Connection, values: Mapping[str, object]) -> None:
        path, by = f"/approvals/{values['id']}", str(values["proposed_by"])
        emails.to_approvers(
            connection, self.mailing, path=path, kind=str(values["kind"]), by=by, at=self.ledger.clock()
        )

    def decide(self, approval_id: str, decision: Decision, *, by: str, comment: str = "") -> Approval:
        """Approve or reject what somebody else proposed, or withdraw one's own; what is approved is carried out.

        `comment`: what whoever decides says of it, for those who read the proposal; it is not in the ledger.
        Who approves is an active operator, and certainly another person than who proposed (`npn.people.ties`).
        Raises RefusedError `same_person`, `people_tied`, `not_operator`, `reset_lately`; ConflictError
        `decided_already`.
        """
        approval, text = self.get(approval_id), checked_text(comment, "comment", least=0, most=LONGEST_COMMENT)
        if (decision is Decision.WITHDRAWN) != (approval.proposed_by == by):
            raise RefusedError("a proposal is decided by somebody else than who made it", code=codes.SAME_PERSON)
        if approval.kind in WITHOUT_LEDGER:
            with self.database.write() as connection:
                _settle(connection, approval, decision, by=by, at=self.ledger.clock())
                _remark(connection, approval, text)
        else:
            with self.ledger.transaction() as tx:
                _settle(tx.connection, approval, decision, by=by, at=tx.at)
                _remark(tx.connection, approval, text)
                tx.append(ApprovalDecided(approval=approval_id, decision=cast("Outcome", decision.value), by=by))
        return self.carry_out(approval_id) if decision is Decision.APPROVED else self.get(approval_id)

    def may_approve(self, proposal: Approval, by: str) -> bool:
        """Return whether somebody may approve a proposal, as things are."""
        with self.database.read() as connection:
            at = self.ledger.clock()
            return (
                ties_store.is_active_operator(connection, by)
                and not ties_store.may_be_one(connection, proposal.proposed_by, by, at=at)
                and not ties_store.reset_lately(connection, by, at=at)
            )

    def carry_out(self, approval_id: str) -> Approval:
        """Do what was approved, unless it was done; what refuses it is kept as the outcome, to be tried again."""
        approval = self.get(approval_id)
        if approval.state is not Decision.APPROVED or approval.outcome.startswith(DONE):
            return approval
        try:
            outcome = f"{DONE}{self.executors[approval.kind](approval)}"
        except NpnError as error:
            outcome = f"{error.message[:300]} [{error.code}]"
        with self.database.write() as connection:
            if outcome.startswith(DONE):
                store.forget_named(connection, approval_id)
            store.set_outcome(connection, approval_id, outcome[:400])
        return self.get(approval_id)

    def get(self, approval_id: str) -> Approval:
        """Return one. Raises NotFoundError."""
        with self.database.read() as connection:
            row = store.one(connection, approval_id)
        if row is None:
            raise NotFoundError("there is no such proposal", field="approval")
        return _approval(row)

    def comment(self, approval_id: str) -> str:
        """Return what whoever decided a proposal said of it; empty where nothing was said."""
        with self.database.read() as connection:
            return store.comment(connection, approval_id)

    def list(self) -> list[Approval]:
        """Return all, the open ones first, then the newest."""
        with self.database.read() as connection:
            return [_approval(row) for row in store.every(connection)]


DONE = "done: "


def _settle(connection: sa.Connection, proposal: Approval, decision: Decision, *, by: str, at: datetime) -> None:
    """Write a decision down, where whoever makes it may make it; the database itself refuses what slips by."""
    if decision is Decision.APPROVED:
        two_people.hold_apart(connection, proposed_by=proposal.proposed_by, approved_by=by, at=at)
    try:
        changed = store.decide(connection, proposal.id, decision.value, by=by, at=at)
    except IntegrityError as error:
        raise two_people.tied() from error
    if not changed:
        raise ConflictError("the proposal was decided already", code=codes.DECIDED_ALREADY)
    if decision is not Decision.APPROVED:
        store.forget_named(connection, proposal.id)


def _remark(connection: sa.Connection, proposal: Approval, text: str) -> None:
    if text:
        store.add_comment(connection, proposal.id, text)


def _approval(row: Mapping[str, object]) -> Approval:
    wish = msgspec.json.decode(str(row["wish"]))
    values = {name: row[name] for name in Approval.__slots__ if name not in ("wish", "state")}
    return Approval(wish=wish, state=Decision(str(row["state"])), **values)  # type: ignore[arg-type]  # a row's columns
