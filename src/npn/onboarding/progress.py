"""How a request goes on: whoever must act next is written to, and reminded after a week and after three.

Whose turn the case is follows the steps.
Whatever happens to a request ends with `settle`. What nobody tells the service (a key fetched, a draw by a program) it
sees by itself: `advance` looks at all requests that wait for somebody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.ledger.service import Ledger, Transaction
from npn.onboarding import store
from npn.onboarding.asking import known
from npn.onboarding.emails import ALL_DONE, OPERATOR_TODO, REMINDER, WRITTEN_TO, spoken
from npn.onboarding.evidence import StepObserver
from npn.onboarding.links import StepLinks, reader_of
from npn.onboarding.model import Actor, Request, Step, StepName, StepWait
from npn.onboarding.steps import all_done, ready
from npn.support import store as support_store
from npn.support.contacts import Contact
from npn.support.model import Case, CaseKind, CaseState, Direction
from npn.support.service import CaseMessage, Cases, add_said

REMIND_AFTER = (timedelta(days=7), timedelta(days=21))
_TOLD_BY_ITSELF = frozenset({"give_test_access"})  # the confirmation told the operator


@dataclass(frozen=True, slots=True)
class Progress:
    """Follows requests."""

    database: Database
    ledger: Ledger
    cases: Cases
    observer: StepObserver
    links: StepLinks

    def waits(self, request_id: str) -> dict[StepName, StepWait]:
        """Return the steps that wait for somebody, and since when."""
        with self.database.read() as connection:
            return store.waits(connection, request_id)

    def settle(self, tx: Transaction, request_id: str, *, by_operator: bool) -> None:
        """Write to whoever must act next, and turn the case.

        What the operator did turns the case to whoever must act then. What others did, or nobody, turns it to the
        operator where something new is theirs; else a message that waits for its answer stays the operator's.
        """
        request = known(store.one_request(tx.connection, request_id), request_id)
        case = None if request.case is None else support_store.one_case(tx.connection, request.case)
        if case is None:
            return
        steps = self.observer.steps(tx.connection, request)
        new_steps = self._note(tx, request, steps)
        for step in new_steps:
            self._tell(tx, request, case, step=step, tells_operator=not by_operator)
        fresh = ready(steps) if by_operator else [step for step in new_steps if step.todo not in _TOLD_BY_ITSELF]
        own = [step for step in fresh if step.who is Actor.OPERATOR]
        self._turn(tx, request, case, is_ours=bool(own), may_leave=by_operator, is_done=all_done(steps))

    def advance(self) -> int:
        """Look at every request that waits for somebody, and do what is due; return how many had something due."""
        now = self.ledger.clock()
        with self.database.read() as connection:
            followed = store.requests_of_cases(connection, support_store.open_numbers(connection, CaseKind.CONNECTION))
            due = [request.id for request in followed if self._is_due(connection, request, now)]
        for request_id in due:
            with self.ledger.transaction() as tx:
                self.settle(tx, request_id, by_operator=False)
                self._remind(tx, request_id)
        return len(due)

    def _is_due(self, connection: sa.Connection, request: Request, now: datetime) -> bool:
        steps, waits = self.observer.steps(connection, request), store.waits(connection, request.id)
        able = {step.name: step for step in ready(steps)}
        noted = {name: (wait.who, wait.todo) for name, wait in waits.items()}
        changed = noted != {name: (step.who, step.todo) for name, step in able.items()}
        is_over = all_done(steps) and self.cases.is_waiting(connection, request.case)
        return changed or is_over or any(_reminder_is_due(wait, now) for wait in waits.values())

    def _note(self, tx: Transaction, request: Request, steps: list[Step]) -> list[Step]:
        """Note which steps wait from now on, and which no longer; return those that began to wait for somebody."""
        waits, new_steps = store.waits(tx.connection, request.id), []
        able = {step.name: step for step in ready(steps)}
        for name in waits.keys() - able.keys():
            store.end_wait(tx.connection, request.id, name)
        for name, step in able.items():
            wait = waits.get(name)
            if wait is None or wait.who is not step.who:
                store.put_wait(tx.connection, request.id, StepWait(name, step.who, step.todo, tx.at, 0))
                new_steps.append(step)
            elif wait.todo != step.todo:
                store.put_wait(tx.connection, request.id, replace(wait, todo=step.todo))
        return new_steps

    def _tell(self, tx: Transaction, request: Request, case: Case, *, step: Step, tells_operator: bool) -> None:
        """Write to whoever a step waits for; the link to a key was mailed with the offer."""
        if step.todo in WRITTEN_TO:
            reader = reader_of(tx.connection, request, step.name)
            self.links.send_in(tx, request, step.todo, step=step.name, to=reader)
        elif step.who is Actor.OPERATOR and tells_operator and step.todo not in _TOLD_BY_ITSELF:
            self.cases.tell_operator(tx, case, OPERATOR_TODO[step.todo])

    def _turn(
        self, tx: Transaction, request: Request, case: Case, *, is_ours: bool, may_leave: bool, is_done: bool
    ) -> None:
        state = case.state
        if is_ours:
            state = CaseState.OPEN
        elif may_leave or state is CaseState.WAITING:
            state = CaseState.CLOSED if is_done else CaseState.WAITING
        if state is case.state:
            return
        if state is CaseState.CLOSED:
            text = ALL_DONE[spoken(request.language)]
            add_said(tx, case.number, CaseMessage(text, "NPN", Direction.EVENT))
        values: dict[str, object] = {
            "state": state.value,
            "changed_at": tx.at,
            "closed_at": tx.at if state is CaseState.CLOSED else None,
        }
        support_store.change_case(tx.connection, case.number, values)

    def _remind(self, tx: Transaction, request_id: str) -> None:
        request = known(store.one_request(tx.connection, request_id), request_id)
        case = None if request.case is None else support_store.one_case(tx.connection, request.case)
        for wait in store.waits(tx.connection, request_id).values():
            if case is None or not _reminder_is_due(wait, tx.at):
                continue
            store.put_wait(tx.connection, request_id, replace(wait, reminders=wait.reminders + 1))
            if wait.todo in WRITTEN_TO:
                reader = self._last_reader(tx.connection, request, wait.step)
                self.links.send_in(tx, request, wait.todo, step=wait.step, to=reader, is_reminder=True)
            elif wait.who is Actor.OPERATOR:
                self.cases.tell_operator(tx, case, f"{REMINDER['da']}{OPERATOR_TODO[wait.todo]}")

    @staticmethod
    def _last_reader(connection: sa.Connection, request: Request, step: StepName) -> Contact:
        """Return whoever the last link to a step was sent to: the operator may have chosen another than the contact."""
        sent = next((link for link in store.step_links(connection, request.id) if link.step is step), None)
        reader = reader_of(connection, request, step)
        return reader if sent is None else replace(reader, name=sent.name, email=sent.sent_to)


def _reminder_is_due(wait: StepWait, at: datetime) -> bool:
    """Whether the next reminder's time has come; each comes once."""
    return wait.reminders < len(REMIND_AFTER) and at - wait.since >= REMIND_AFTER[wait.reminders]
