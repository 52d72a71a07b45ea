"""Two people are two people: whoever made, reset, promoted or changed an account is not its second person."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.errors import ConflictError, InvalidInputError, NpnError, RefusedError, UnauthenticatedError, UnavailableError
from npn.ledger.export import export
from npn.people.approvals import Approval, Decision
from npn.people.model import Account, AccountDetails, AccountRole, AccountState
from npn.people.operator_acts import OperatorAct
from npn.people.tables import account_tie, account_vouch, approval, openid_binding, operator_ever, operator_wish
from npn.proof.verify import verify
from npn.wiring.service import Service
from operators import operator

WISH = {"system": "none", "smallest_draw": 1, "largest_draw": 10**9, "quota": None, "quota_days": None}
OPERATOR = AccountRole.OPERATOR
SHELL = "admin:root"


def other(service: Service, name: str, *, by: str, role: AccountRole = AccountRole.AUDITOR) -> Account:
    return service.accounts.add(by=by, email=f"{name}@example.dk", name=name.title(), role=role)[0]


def changed(
    service: Service,
    account: Account,
    *,
    by: str,
    role: AccountRole | None = None,
    state: AccountState = AccountState.ACTIVE,
    email: str | None = None,
) -> Account:
    return service.accounts.change(
        account.id,
        details=AccountDetails(name=account.name, role=role or account.role, organisation=None, state=state),
        by=by,
        email=email,
    )


def proposal(service: Service, *, by: Account) -> Approval:
    return service.approvals.propose("recovery", {}, by=by.by, reason="a year")


def approve(service: Service, asked: Approval, *, by: Account) -> Approval:
    return service.approvals.decide(asked.id, Decision.APPROVED, by=by.by)


def may_approve(service: Service, proposer: Account, approver: Account) -> bool:
    """Whether it is done; the database itself must say the same of the row written by hand."""
    asked = proposal(service, by=proposer)
    at = service.ledger.clock()
    by_hand = sa.update(approval).where(approval.c.id == asked.id)
    refused = False
    try:
        with service.database.write() as connection, connection.begin_nested() as tried:
            connection.execute(by_hand.values(state="approved", decided_by=approver.by, decided_at=at))
            tried.rollback()
    except sa_exc.IntegrityError:
        refused = True
    try:
        done = approve(service, asked, by=approver).state is Decision.APPROVED
    except RefusedError as error:
        done = error.code not in ("people_tied", "same_person")
    assert done is not refused
    return done


@pytest.fixture
def clock(service: Service) -> Callable[[timedelta], None]:
    """Move the service's time to so long before now."""

    def ago(time: timedelta) -> None:
        at = datetime.now(UTC) - time
        service.ledger.clock = lambda: at

    return ago


@pytest.fixture
def anna(service: Service) -> Account:
    return operator(service, "anna")


def promoted_by_shell(service: Service, account: Account) -> Account:
    return changed(service, account, by=SHELL, role=OPERATOR)


def test_whom_an_operator_made_is_no_second_person_in_either_direction(service: Service, anna: Account) -> None:
    bo = other(service, "bo", by=anna.by, role=OPERATOR)  # the second operator there ever was: one person may make it
    assert not may_approve(service, anna, bo)
    assert not may_approve(service, bo, anna)
    carl = operator(service, "carl")
    assert may_approve(service, anna, carl)
    assert may_approve(service, bo, carl)


def test_an_account_made_in_another_role_stays_whose_it_was(service: Service, anna: Account) -> None:
    bo = promoted_by_shell(service, other(service, "bo", by=anna.by))
    assert not may_approve(service, anna, bo)


def test_a_chain_of_accounts_and_two_made_by_one_are_one_person(service: Service, anna: Account) -> None:
    bo = other(service, "bo", by=anna.by)
    carl, dina = (promoted_by_shell(service, other(service, name, by=bo.by)) for name in ("carl", "dina"))
    bo = promoted_by_shell(service, bo)
    everybody = (anna, bo, carl, dina)
    assert not any(may_approve(service, one, two) for one in everybody for two in everybody if one != two)


def test_two_who_reset_a_third_together_stay_two_and_neither_is_the_third(service: Service, anna: Account) -> None:
    bo, carl = operator(service, "bo"), other(service, "carl", by=SHELL)
    service.accounts.new_link(carl.id, by=f"{anna.by}, {bo.by}")
    carl = promoted_by_shell(service, carl)
    assert may_approve(service, anna, bo)
    assert not may_approve(service, anna, carl)
    assert not may_approve(service, carl, bo)


@pytest.mark.parametrize("tie", ["made", "reset", "promoted"])
def test_a_third_person_or_the_shell_vouches_and_the_next_reset_ties_again(
    service: Service, anna: Account, tie: str
) -> None:
    bo = other(service, "bo", by=anna.by if tie == "made" else SHELL)
    if tie == "reset":
        service.accounts.new_link(bo.id, by=anna.by)
    bo = changed(service, bo, by=anna.by if tie == "promoted" else SHELL, role=OPERATOR)
    carl = operator(service, "carl")
    assert not may_approve(service, anna, bo)
    for tied in (anna, bo):
        with pytest.raises(RefusedError):
            service.accounts.vouch(bo.id, by=tied.by, reason="I know them")
    service.accounts.vouch(bo.id, by=carl.by if tie == "made" else SHELL, reason="seen in person")
    assert may_approve(service, anna, bo)
    service.accounts.new_link(bo.id, by=SHELL)
    assert may_approve(service, anna, bo)


def test_somebody_who_is_no_operator_or_no_third_person_vouches_for_nobody(service: Service, anna: Account) -> None:
    bo, auditor = other(service, "bo", by=anna.by, role=OPERATOR), other(service, "paula", by=SHELL)
    puppet = promoted_by_shell(service, other(service, "puppet", by=anna.by))
    gone = changed(service, operator(service, "gone"), by=SHELL, state=AccountState.SUSPENDED)
    for voucher in (auditor, puppet, gone):
        with pytest.raises(RefusedError):
            service.accounts.vouch(bo.id, by=voucher.by, reason="surely")
        values = {"account_id": bo.id, "seq": 10**9, "vouched_by": voucher.by, "at": service.ledger.clock()}
        with pytest.raises(sa_exc.IntegrityError), service.database.write() as connection:
            connection.execute(sa.insert(account_vouch).values(values))
    for reason in ("", " \t", "x" * 401, "a\u202eb"):
        with pytest.raises(InvalidInputError):
            service.accounts.vouch(bo.id, by=SHELL, reason=reason)


@pytest.mark.parametrize("what", ["role", "state", "email"])
def test_whom_an_operator_changed_is_no_second_person_for_thirty_days_whoever_vouches(
    service: Service, anna: Account, clock: Callable[[timedelta], None], what: str
) -> None:
    bo, carl = other(service, "bo", by=SHELL), operator(service, "carl")
    for days, may in ((31, True), (29, False)):
        clock(timedelta(days=days))
        if what == "role":
            changed(service, service.accounts.get(bo.id), by=anna.by, role=AccountRole.GROUP)
            bo = promoted_by_shell(service, bo)
        elif what == "state":
            changed(service, bo, by=anna.by, state=AccountState.SUSPENDED)
            bo = changed(service, bo, by=SHELL, role=OPERATOR)
        else:
            bo = changed(service, bo, by=anna.by, email=f"bo{days}@example.dk")
            bo = promoted_by_shell(service, bo)
        assert not may_approve(service, anna, bo)
        service.ledger.clock = lambda: datetime.now(UTC)
        service.accounts.vouch(bo.id, by=carl.by, reason="seen in person")
        assert may_approve(service, anna, bo) is may
        service.ledger.clock = lambda: datetime.now(UTC) + timedelta(days=40)  # a server whose clock is ahead
        assert may_approve(service, anna, bo) is may


def test_a_subject_of_the_provider_that_was_ever_bound_to_both_makes_them_one(service: Service, anna: Account) -> None:
    bo, carl = operator(service, "bo"), operator(service, "carl")
    assert may_approve(service, anna, bo)
    for account in (anna, bo):
        service.accounts.bind(account.id, issuer="https://login.example", subject="s1")
        service.accounts.new_link(account.id, by=SHELL)  # which unbinds it
    assert service.accounts.issuers(anna.id) == []
    assert not may_approve(service, anna, bo)
    assert not may_approve(service, bo, anna)
    service.accounts.vouch(bo.id, by=carl.by, reason="seen in person")
    assert not may_approve(service, anna, bo)
    assert may_approve(service, carl, bo)


def test_only_an_active_operator_approves(service: Service, anna: Account) -> None:
    bo = operator(service, "bo")
    changed(service, bo, by=SHELL, state=AccountState.SUSPENDED)
    for approver in (bo, other(service, "paula", by=SHELL)):
        with pytest.raises(RefusedError) as refused:
            approve(service, proposal(service, by=anna), by=approver)
        assert refused.value.code == "not_operator"
        values = {"state": "approved", "decided_by": approver.by, "decided_at": service.ledger.clock()}
        with pytest.raises(sa_exc.IntegrityError), service.database.write() as connection:
            connection.execute(sa.update(approval).values(values))


def test_an_operator_takes_two_once_two_have_ever_been_active(service: Service, anna: Account) -> None:
    auditor = other(service, "paula", by=SHELL)
    bo = other(service, "bo", by=anna.by, role=OPERATOR)
    changed(service, bo, by=anna.by, state=AccountState.SUSPENDED)  # takes one, and lowers nothing
    alone: list[Callable[[], object]] = [
        lambda: other(service, "carl", by=anna.by, role=OPERATOR),
        lambda: changed(service, auditor, by=anna.by, role=OPERATOR),
        lambda: changed(service, auditor, by=anna.by, role=OPERATOR, state=AccountState.SUSPENDED),
        lambda: changed(service, bo, by=anna.by),
        lambda: service.accounts.new_link(bo.id, by=anna.by),
        lambda: service.accounts.new_link(bo.id, by=f"{anna.by}, account:someone"),
        lambda: service.accounts.new_link(anna.id, by=anna.by),
    ]
    for attempt in alone:
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert refused.value.code == "two_people_needed"
    assert len([each for each in service.accounts.list() if each.role is OPERATOR]) == 2


def test_what_two_operators_agree_on_is_done_once_and_names_stay_out_of_the_ledger(
    service: Service, anna: Account
) -> None:
    bo = operator(service, "bo")
    asked = service.operators.propose_new(by=anna.by, email="Carl@Example.dk", name="Carl Carlsen", reason="holidays")
    whom = service.operators.whom(asked)
    assert whom is not None
    assert (whom.name, whom.email) == ("Carl Carlsen", "carl@example.dk")
    for again in ("carl@example.dk", "ANNA@example.dk"):
        with pytest.raises(ConflictError):
            service.operators.propose_new(by=bo.by, email=again, name="Carl", reason="holidays")
    done = approve(service, asked, by=bo)
    assert done.outcome.startswith("done")
    carl = service.accounts.with_email("carl@example.dk")
    assert (carl.role, carl.id) == (OPERATOR, asked.wish["account"])
    assert service.approvals.carry_out(asked.id).outcome == done.outcome
    with service.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(operator_wish)) == 0
    assert not may_approve(service, anna, carl)
    assert not may_approve(service, bo, carl)
    lines: list[bytes] = []
    export(service.database, lines.append)
    text = b"".join(lines)
    assert b"Carl" not in text
    assert b"example.dk" not in text
    assert f'"approval":"{asked.id}"'.encode() in text
    assert verify(lines).entries == len(lines) - 1


def test_promoting_and_re_activating_are_carried_out_and_a_refusal_forgets_the_name(
    service: Service, anna: Account
) -> None:
    bo, paula = operator(service, "bo"), other(service, "paula", by=SHELL)
    asked = service.operators.propose(paula.id, OperatorAct.PROMOTE, by=anna.by, reason="holidays")
    approve(service, asked, by=bo)
    assert service.accounts.get(paula.id).role is OPERATOR
    changed(service, service.accounts.get(paula.id), by=anna.by, state=AccountState.SUSPENDED)
    asked = service.operators.propose(paula.id, OperatorAct.REACTIVATE, by=bo.by, reason="back")
    approve(service, asked, by=anna)
    assert service.accounts.get(paula.id).state is AccountState.ACTIVE
    for act in (OperatorAct.PROMOTE, OperatorAct.REACTIVATE):
        with pytest.raises(ConflictError):
            service.operators.propose(paula.id, act, by=anna.by, reason="once more")
    asked = service.operators.propose_new(by=anna.by, email="x@example.dk", name="X", reason="none")
    service.approvals.decide(asked.id, Decision.REJECTED, by=bo.by)
    assert service.operators.whom(asked) is None


def test_what_the_shell_does_to_an_operator_is_mailed_to_all_of_them(service: Service, anna: Account) -> None:
    bo = operator(service, "bo")

    def told(act: Callable[[], object], words: str) -> None:
        before = len(service.outbox.emails())
        act()
        new = service.outbox.emails()[: len(service.outbox.emails()) - before]
        receivers = {letter.to for letter in new if words in letter.text and "admin:root" in letter.text}
        assert receivers >= {"anna@example.dk"}, words
        assert "welcome" not in "".join(letter.text for letter in new)

    told(lambda: service.accounts.new_link(bo.id, by=SHELL), "new one-time link")
    told(lambda: service.accounts.vouch(bo.id, by=SHELL, reason="seen"), "Begrundelse: seen")
    told(lambda: changed(service, bo, by=SHELL, email="bo2@example.dk"), "e-mail address")
    told(lambda: changed(service, bo, by=SHELL, state=AccountState.SUSPENDED), "no longer sign in")
    told(lambda: changed(service, bo, by=SHELL), "sign in again")
    told(lambda: operator(service, "carl"), "was added")
    told(lambda: promoted_by_shell(service, other(service, "paula", by=SHELL)), "another role")
    last = {letter.to for letter in service.outbox.emails() if "another role" in letter.text}
    assert last == {f"{name}@example.dk" for name in ("anna", "bo2", "carl", "paula")}


def test_a_verified_address_never_binds_a_provider_to_an_operators_account(service: Service, anna: Account) -> None:
    paula = other(service, "paula", by=SHELL)
    known = {"issuer": "https://login.example", "name": "X", "bind_by_email": True, "new_role": None}
    assert service.accounts.of_subject(subject="s1", email=paula.email, **known).id == paula.id  # type: ignore[arg-type]  # as settings give them
    with pytest.raises(UnauthenticatedError):
        service.accounts.of_subject(subject="s2", email=anna.email, **known)  # type: ignore[arg-type]  # as above


KEPT = {
    "account_tie": (account_tie, "kind"),
    "account_vouch": (account_vouch, "vouched_by"),
    "openid_binding": (openid_binding, "at"),
    "operator_ever": (operator_ever, "at"),
    "approval": (approval, "wish"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_known_of_people_is_never_taken_back_by_hand(service: Service, anna: Account, name: str) -> None:
    bo = other(service, "bo", by=anna.by, role=OPERATOR)
    service.accounts.vouch(bo.id, by=SHELL, reason="seen")
    service.accounts.bind(bo.id, issuer="https://login.example", subject="s1")
    approve(service, proposal(service, by=anna), by=bo)
    table, column = KEPT[name]
    columns = ", ".join(f'"{each.name}"' for each in table.columns)
    statements = [f"DELETE FROM {name}", f"UPDATE {name} SET {column} = {column} || 'x'"]
    if service.database.dialect == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {name} ({columns}) SELECT {columns} FROM {name}")
        statements.append(f"UPDATE OR REPLACE {name} SET rowid = rowid + 1")
        statements.append(f"INSERT OR REPLACE INTO {name} (rowid, {columns}) SELECT rowid, {columns} FROM {name}")
    else:
        statements[1] = f"UPDATE {name} SET {column} = NULL"
        statements.append(f"TRUNCATE {name} CASCADE")
    for statement in statements:
        with pytest.raises((sa_exc.DBAPIError, UnavailableError)), service.database.write() as connection:
            connection.execute(sa.text(statement))
    if name == "approval":
        made = "INSERT INTO approval SELECT 'x', kind, wish, reason, state, proposed_by, proposed_at, decided_by, "
        with pytest.raises(sa_exc.IntegrityError), service.database.write() as connection:
            connection.execute(sa.text(f"{made} decided_at, outcome FROM approval"))


def test_a_reason_is_held_to_what_the_ledger_keeps(service: Service, anna: Account) -> None:
    for reason in ("", "x" * 401, "\u2066"):
        with pytest.raises(NpnError):
            service.approvals.propose("limits", WISH, by=anna.by, reason=reason)
