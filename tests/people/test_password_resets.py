"""A forgotten password: set by mail and the second factor, by nobody else, and nothing but the password changes."""

import re
import time
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from letters import letters
from npn.errors import NotFoundError, RefusedError, UnauthenticatedError
from npn.ledger.export import export
from npn.people import passwords, store, totp
from npn.people.approvals import Approval, Decision
from npn.people.model import Account, AccountDetails, AccountRole, AccountState
from npn.people.tables import account as account_table
from npn.people.tables import account_vouch, approval, password_reset
from npn.proof.verify import NotProvedError, verify
from npn.wiring.service import Service
from operators import PASSWORD, operator, ready

NEW = "syv nye kloge ord til dig"
_LINK = re.compile(r"https?://\S+/reset/([A-Za-z0-9_-]{43})\n")


def person(service: Service, name: str, role: AccountRole = AccountRole.AUDITOR, *, password: bool = True) -> Account:
    made, link = service.accounts.add(by="admin:root", email=f"{name}@lab.example", name=name.title(), role=role)
    if password:
        service.accounts.use_link(link.token, password=passwords.hashed(PASSWORD))
    return service.accounts.get(made.id)


def asked(service: Service, email: str) -> list[str]:
    """Ask for a link; return the tokens that were mailed, each to that address."""
    before = len(letters(service))
    service.password_resets.ask(email)
    new = letters(service)[before:]
    assert all(letter.to == email.strip().lower() for letter in new)
    return [found[1] for letter in new for found in [_LINK.search(letter.text)] if found]


def code_of(secret: str, *, periods: int = 0) -> str:
    return totp.code_at(secret, int(time.time()) // totp.PERIOD + periods)


def exported(service: Service) -> list[bytes]:
    lines: list[bytes] = []
    export(service.database, lines.append)
    return lines


def kept(service: Service, account: Account) -> store.Secrets:
    with service.database.read() as connection:
        found = store.secrets_of(connection, account.id)
    assert found is not None
    return found


def at(service: Service, later: timedelta) -> None:
    """Move the service's time to so long after now."""
    moved = datetime.now(tz=service.ledger.clock().tzinfo) + later
    service.ledger.clock = lambda: moved


def test_only_the_password_changes_and_every_session_ends(service: Service) -> None:
    anna, bo = operator(service, "anna"), person(service, "bo")
    secret = ready(service, anna)
    codes = service.accounts.new_recovery_codes(anna.id, by=anna.by)
    before = kept(service, anna)
    session = service.sessions.begin(anna, proved=True)
    service.sessions.trust_device(anna.id, "device")
    bystander = service.sessions.begin(bo, proved=True)
    (token,) = asked(service, f" {anna.email.upper()} ")
    service.password_resets.use(token, password=passwords.hashed(NEW), code=code_of(secret))
    after = kept(service, anna)
    assert passwords.verified(after.password, NEW)
    assert after.totp_secret == before.totp_secret
    assert service.accounts.recovery_codes_left(anna.id) == len(codes)
    assert service.sessions.visitor(session.token) is None
    assert service.sessions.visitor(bystander.token) is not None
    assert not service.sessions.attempt(anna.email, "device").known_device
    assert "link i en e-mail" in letters(service, anna.email)[-1].text
    lines = exported(service)
    assert b'"credential":"password_reset"' in lines[-2]  # the checkpoint is last
    assert anna.email.encode() not in b"".join(lines)
    verify(lines)
    with pytest.raises(NotFoundError):
        service.password_resets.use(token, password=passwords.hashed(NEW), code=codes[0])


def test_a_recovery_code_does_for_the_second_factor_and_is_used_up(service: Service) -> None:
    anna = operator(service, "anna")
    ready(service, anna)
    codes = service.accounts.new_recovery_codes(anna.id, by=anna.by)
    (token,) = asked(service, anna.email)
    service.password_resets.use(token, password=passwords.hashed(NEW), code=codes[3].upper())
    assert service.accounts.recovery_codes_left(anna.id) == len(codes) - 1


def test_whose_password_mail_may_not_set_gets_no_link(service: Service) -> None:
    unready = operator(service, "uden")  # an operator without a second factor
    moved = operator(service, "flyttet")
    ready(service, moved)
    invited = person(service, "inviteret", password=False)
    suspended = person(service, "stoppet")
    stopped = AccountDetails(suspended.name, suspended.role, None, AccountState.SUSPENDED)
    service.accounts.change(suspended.id, stopped, by="admin:root")
    bo = operator(service, "bo")
    details = AccountDetails(moved.name, moved.role, None, AccountState.ACTIVE)
    service.accounts.change(moved.id, details, by=bo.by, email="bos.egen@example.dk")
    for address in (unready.email, "bos.egen@example.dk", invited.email):
        before = len(letters(service, address))
        assert asked(service, address) == []
        assert "engangslink" in letters(service, address)[before].text
    for address in (suspended.email, moved.email, "ingen@lab.example", "", "æ" * 300, "x\0@lab.example"):
        before = len(letters(service))
        assert asked(service, address) == []
        assert len(letters(service)) == before
    at(service, timedelta(days=31))
    assert len(asked(service, "bos.egen@example.dk")) == 1  # the old address was told a month ago


def test_a_link_is_good_for_half_an_hour_and_three_at_once(service: Service) -> None:
    anna = person(service, "anna")
    tokens = [asked(service, anna.email)[0]]
    for minute in (1, 2, 3):
        at(service, timedelta(minutes=minute))
        tokens += asked(service, anna.email)
    with pytest.raises(NotFoundError):
        service.password_resets.account(tokens[0])
    at(service, timedelta(minutes=31, seconds=30))
    with pytest.raises(NotFoundError):
        service.password_resets.account(tokens[1])
    assert service.password_resets.account(tokens[3]) == anna
    service.password_resets.use(tokens[3], password=passwords.hashed(NEW), code=None)
    with pytest.raises(NotFoundError):
        service.password_resets.account(tokens[2])  # one that was used ends all
    with service.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(password_reset)) == 0


def test_what_else_changes_the_account_ends_its_links(service: Service) -> None:
    anna = person(service, "anna")
    ways = (
        lambda: service.accounts.set_password(anna.id, password="none", by=anna.by),  # noqa: S106  # nobody signs in
        lambda: service.accounts.new_link(anna.id, by="admin:root"),
        lambda: service.accounts.change(
            anna.id,
            AccountDetails(anna.name, anna.role, None, AccountState.SUSPENDED),
            by="admin:root",
        ),
        lambda: service.accounts.change(
            anna.id, AccountDetails(anna.name, anna.role, None, AccountState.ACTIVE), by="admin:root", email="a@x.dk"
        ),
    )
    for way in ways:
        details = AccountDetails(anna.name, anna.role, None, AccountState.ACTIVE)
        service.accounts.change(anna.id, details, by="admin:root", email=anna.email)
        service.accounts.set_password(anna.id, password="none", by="admin:root")  # noqa: S106  # as above
        (token,) = asked(service, anna.email)
        way()
        with pytest.raises(NotFoundError):
            service.password_resets.use(token, password="new", code=None)  # noqa: S106  # as above


def test_five_wrong_codes_end_the_attempts_of_all_links_for_an_hour(service: Service) -> None:
    anna = operator(service, "anna")
    secret = ready(service, anna)
    before = kept(service, anna).password
    tokens = [*asked(service, anna.email), *asked(service, anna.email)]
    for number in range(5):
        with pytest.raises(UnauthenticatedError) as wrong:
            service.password_resets.use(tokens[number % 2], password="x", code=f"00000{number}")  # noqa: S106  # as above
        assert (wrong.value.code, wrong.value.field) == ("code_wrong", "code")
    tokens += asked(service, anna.email)
    for token in tokens:
        with pytest.raises(RefusedError) as locked:
            service.password_resets.use(token, password="x", code=code_of(secret))  # noqa: S106  # as above
        assert locked.value.code == "sign_in_locked"
        assert 3500 < (locked.value.retry_after or 0) <= 3601
    for none in ("", None):
        with pytest.raises(RefusedError):
            service.password_resets.use(tokens[0], password="x", code=none)  # noqa: S106  # as above
    assert kept(service, anna).password == before


def proposed(service: Service, by: Account) -> Approval:
    days = 4000 + len(service.approvals.list())
    return service.approvals.propose("quarantine", {"days": days}, by=by.by, reason="as the group decided")


def test_whose_password_was_set_by_mail_approves_and_vouches_for_nobody_for_a_day(service: Service) -> None:
    anna, bo = operator(service, "anna"), operator(service, "bo")
    secret = ready(service, bo)
    (token,) = asked(service, bo.email)
    service.password_resets.use(token, password=passwords.hashed(NEW), code=code_of(secret))
    begun = service.ledger.clock()
    wanted, other = proposed(service, anna), person(service, "carl")
    refusals = (
        lambda: service.approvals.decide(wanted.id, Decision.APPROVED, by=bo.by),
        lambda: service.accounts.vouch(other.id, by=bo.by, reason="known to the house"),
    )
    for act in refusals:
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.code == "reset_lately"
    assert not service.approvals.may_approve(wanted, bo.by)
    by_hand(service, wanted, bo, refused=True)
    own = proposed(service, bo)  # a proposal is another's to approve
    assert service.approvals.decide(own.id, Decision.APPROVED, by=anna.by).outcome.startswith("done")
    assert service.approvals.decide(proposed(service, anna).id, Decision.REJECTED, by=bo.by).state is Decision.REJECTED
    later = begun + timedelta(days=1, minutes=1)
    service.ledger.clock = lambda: later
    by_hand(service, wanted, bo, refused=True)  # whatever time the row claims, the database's own clock counts
    with service.database.write() as connection:
        set_back = sa.update(account_table).where(account_table.c.id == bo.id)
        connection.execute(set_back.values(password_reset_at=begun - timedelta(days=2)))
    assert service.approvals.decide(wanted.id, Decision.APPROVED, by=bo.by).outcome.startswith("done")
    service.accounts.vouch(other.id, by=bo.by, reason="known to the house")
    verify(exported(service))


def by_hand(service: Service, wanted: Approval, account: Account, *, refused: bool) -> None:
    """Write the approval and a vouch past the program; whether the database lets it is as expected."""
    now = service.ledger.clock()
    change = sa.update(approval).where(approval.c.id == wanted.id)
    rows = (
        change.values(state="approved", decided_by=account.by, decided_at=now),
        sa.insert(account_vouch).values(account_id=account.id, seq=10**6, vouched_by=account.by, at=now),
    )
    for row in rows:
        stopped = False
        try:
            with service.database.write() as connection, connection.begin_nested() as tried:
                connection.execute(row)
                tried.rollback()
        except sa_exc.IntegrityError:
            stopped = True
        assert stopped is refused


def test_the_proof_holds_an_approval_to_the_day(service: Service) -> None:
    anna, bo = operator(service, "anna"), operator(service, "bo")
    secret = ready(service, bo)
    (token,) = asked(service, bo.email)
    service.password_resets.use(token, password=passwords.hashed(NEW), code=code_of(secret))
    with service.database.write() as connection:  # as a program would that forgot
        connection.execute(sa.update(account_table).values(password_reset_at=None))
    wanted = proposed(service, anna)
    assert service.approvals.decide(wanted.id, Decision.APPROVED, by=bo.by).state is Decision.APPROVED
    with pytest.raises(NotProvedError, match="within a day after its password was set by e-mail"):
        verify(exported(service))
