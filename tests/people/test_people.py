"""Accounts, sessions and approvals on both engines; the codes against RFC 6238's own."""

import base64
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from npn.ledger.export import export
from npn.people import attempts_store, passwords, totp
from npn.people.approvals import Decision
from npn.people.attempts import AttemptAllowance, SignInAttempt
from npn.people.model import Account, AccountDetails, AccountRole, AccountState, checked_email
from npn.people.tables import sign_in_failure
from npn.proof.verify import verify
from npn.systems.model import ApiKey, ConnectedSystem, OrganisationKind
from npn.wiring.assembly import build
from npn.wiring.service import Service
from operators import named

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture
def anna(service: Service) -> Account:
    account, _ = service.accounts.add(by="admin:root", email="Anna@Example.dk", name="Anna", role=AccountRole.OPERATOR)
    return account


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, seconds // totp.PERIOD) == code
    assert totp.step_of(RFC_SECRET, code, seconds=seconds + 25, after=0) == seconds // totp.PERIOD
    assert totp.step_of(RFC_SECRET, code, seconds=seconds, after=seconds // totp.PERIOD) is None  # each is good once
    assert totp.step_of(RFC_SECRET, code, seconds=seconds + 120, after=0) is None


@pytest.mark.parametrize("text", ["", "anna", "a b@x.dk", "a@-", "a@@x.dk", "a@x..dk", '"a"@x.dk', "a@x.dk\nBcc: b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_email(text)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "annajensen123", "password123456", "x" * 201])
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError):
        passwords.checked(password, email="annajensen@example.dk", name="Anna Jensen")


def test_a_link_is_good_once_and_only_the_newest(service: Service, anna: Account) -> None:
    first = service.accounts.new_link(anna.id, by="admin:root")
    second = service.accounts.new_link(anna.id, by="admin:root")
    with pytest.raises(NotFoundError):
        service.accounts.of_link(first.token)
    assert service.accounts.use_link(second.token, password=passwords.hashed("fire kloge ord")).has_password
    with pytest.raises(NotFoundError):
        service.accounts.use_link(second.token, password="x")  # noqa: S106  # nobody's
    assert "token" not in repr(second)


def test_an_address_has_one_account_and_a_role_its_organisation(service: Service, anna: Account) -> None:
    add = service.accounts.add
    with pytest.raises(ConflictError):
        add(by="admin:root", email=anna.email.upper(), name="Other", role=AccountRole.GROUP)
    with pytest.raises(InvalidInputError):
        add(by="admin:root", email="b@example.dk", name="B", role=AccountRole.OWNER)
    region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
    with pytest.raises(InvalidInputError):
        add(by="admin:root", email="b@example.dk", name="B", role=AccountRole.OWNER, organisation=region)
    with pytest.raises(InvalidInputError):
        add(by="admin:root", email="b@example.dk", name="B", role=AccountRole.GROUP, organisation=region)


def test_a_region_has_the_systems_of_its_owners(service: Service, connected: tuple[ConnectedSystem, ApiKey]) -> None:
    region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
    owner = service.systems.organisation(OrganisationKind.OWNER, connected[0].owner)
    made, _ = service.accounts.add(
        by="admin:root", email="r@example.dk", name="R", role=AccountRole.REGION, organisation=region
    )

    def sees() -> bool:
        visitor = service.sessions.visitor(service.sessions.begin(made).token)
        return visitor is not None and visitor.person.may_act_for(connected[0].id)

    assert not sees()
    service.systems.set_region(owner, region, by="t")
    assert sees()


def test_a_session_ends_by_idleness_by_age_and_with_its_account(service: Service, anna: Account) -> None:
    at = service.ledger.clock()
    now = [at]
    service.ledger.clock = lambda: now[0]
    sessions = dataclasses.replace(service.sessions, idle=timedelta(minutes=10), longest=timedelta(hours=1))
    token = sessions.begin(anna, proved=True).token
    now[0] = at + timedelta(minutes=9)
    visitor = sessions.visitor(token)
    assert visitor is not None
    sessions.see(visitor.digest)
    now[0] = at + timedelta(minutes=18)
    assert sessions.visitor(token) is not None
    now[0] = at + timedelta(minutes=29)
    assert sessions.visitor(token) is None
    late = sessions.begin(anna, proved=True).token
    for minutes in range(29, 95, 5):
        now[0] = at + timedelta(minutes=minutes)
        seen = sessions.visitor(late)
        if seen is not None:
            sessions.see(seen.digest)
    assert sessions.visitor(late) is None


@pytest.mark.parametrize("email", ["anna@example.dk", "nobody@example.dk"])
def test_after_five_wrong_attempts_password_and_code_are_judged_as_one_for_an_hour(
    service: Service, anna: Account, email: str
) -> None:
    now = [service.ledger.clock()]
    service.ledger.clock = lambda: now[0]
    sessions = service.sessions
    for _ in range(5):
        attempt = sessions.attempt(email.upper())
        assert not attempt.limited
        with pytest.raises(UnauthenticatedError):
            sessions.settle(attempt, right=False)
    for _ in range(3):
        assert sessions.attempt(email).limited
        with pytest.raises(UnauthenticatedError):
            sessions.settle(sessions.attempt(email), right=False, code="123456")
    now[0] += timedelta(minutes=61)
    assert not sessions.attempt(email).limited
    with service.database.write() as connection:
        attempts_store.count(connection, SignInAttempt.address("other@example.dk"), now[0])
        kept = connection.execute(sa.select(sign_in_failure)).all()
    assert len(kept) == 1  # what is over is forgotten


def test_two_servers_that_judge_at_once_use_no_attempt_twice(service: Service) -> None:
    tried, allowed, at = (
        SignInAttempt.together("192.0.2.1"),
        AttemptAllowance(10, timedelta(hours=1)),
        service.ledger.clock(),
    )
    service.ledger.clock = lambda: at
    other = build(service.settings, clock=lambda: at)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: (service, other)[n % 2].sessions.take(tried, allowed), range(40)))
    assert sorted(waits) == [0] * 10 + [360] * 30
    other.close()
    at += timedelta(minutes=6)
    assert [service.sessions.wait_in(tried, allowed), service.sessions.take(tried, allowed)] == [0, 0]
    assert service.sessions.wait_in(tried, allowed) == service.sessions.take(tried, allowed) == 360


def test_what_is_right_alone_is_wrong_where_both_are_asked_for(service: Service, anna: Account) -> None:
    secret, sessions = totp.make_secret(), service.sessions
    codes = service.accounts.set_second_factor(anna.id, secret=secret, step=0, by="t")
    for right, code in ((True, "000000"), (False, codes[0])):
        with pytest.raises(UnauthenticatedError) as refused:
            sessions.settle(sessions.attempt(anna.email), right=right, code=code)
        assert refused.value.code == "sign_in_failed"
    assert sessions.settle(sessions.attempt(anna.email), right=True, code=codes[0]).step == "in"  # it was not used up
    with pytest.raises(UnauthenticatedError):
        sessions.settle(sessions.attempt(anna.email), right=True, code=codes[0])


def test_an_account_is_known_on_twenty_devices_until_it_is_reset(service: Service, anna: Account) -> None:
    at = service.ledger.clock()
    for number in range(22):
        service.ledger.clock = lambda number=number: at + timedelta(seconds=number)  # type: ignore[misc]  # its own time
        service.sessions.trust_device(anna.id, f"device {number}")
    known = [service.sessions.attempt(anna.email, f"device {number}").known_device for number in range(22)]
    assert known == [False] * 2 + [True] * 20
    assert not service.sessions.attempt("nobody@example.dk", "device 21").known_device
    service.accounts.new_link(anna.id, by="t")
    assert not service.sessions.attempt(anna.email, "device 21").known_device


def test_two_people_are_two(service: Service, connected: tuple[ConnectedSystem, ApiKey]) -> None:
    wish = {
        "system": connected[0].id,
        "smallest_draw": 1,
        "largest_draw": 10**9,
        "quota": None,
        "quota_days": None,
    }
    approvals = service.approvals
    proposal = approvals.propose("limits", wish, by=named(service, "a"), reason="a year")
    with pytest.raises(RefusedError):
        approvals.decide(proposal.id, Decision.APPROVED, by=named(service, "a"))
    with pytest.raises(RefusedError):
        approvals.decide(proposal.id, Decision.WITHDRAWN, by=named(service, "b"))
    with pytest.raises(sa_exc.IntegrityError), service.database.write() as connection:
        connection.execute(
            sa.text("UPDATE approval SET state = 'approved', decided_by = proposed_by, decided_at = proposed_at")
        )
    done = approvals.decide(proposal.id, Decision.APPROVED, by=named(service, "b"))
    assert done.outcome.startswith("done")
    assert service.systems.get(connected[0].id).largest_draw == 10**9
    with pytest.raises(ConflictError):
        approvals.decide(proposal.id, Decision.REJECTED, by=named(service, "c"))


def test_what_was_approved_and_refused_can_be_carried_out_again(service: Service) -> None:
    wish = {"system": "nobody", "smallest_draw": 1, "largest_draw": 10**9, "quota": None, "quota_days": None}
    proposal = service.approvals.propose("limits", wish, by=named(service, "a"), reason="too early")
    done = service.approvals.decide(proposal.id, Decision.APPROVED, by=named(service, "b"))
    assert "no system" in done.outcome
    assert service.approvals.carry_out(done.id).outcome == done.outcome


def test_the_ledger_knows_of_people_by_id_alone_and_still_proves(service: Service, anna: Account) -> None:
    service.accounts.change(
        anna.id,
        details=AccountDetails(name="Anna B", role=AccountRole.OPERATOR, organisation=None, state=AccountState.ACTIVE),
        by="admin:root",
    )
    with pytest.raises(RefusedError):
        service.accounts.change(
            anna.id,
            details=AccountDetails(name="Anna", role=AccountRole.GROUP, organisation=None, state=AccountState.ACTIVE),
            by="admin:root",
        )
    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).entries == len(lines) - 1
    text = b"".join(lines)
    assert anna.id.encode() in text
    assert b"example.dk" not in text
    assert b"Anna" not in text
