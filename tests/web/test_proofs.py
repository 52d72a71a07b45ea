"""A session left open changes nobody's role, address, password or factor: each asks for the present factor first."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from npn.people import passwords, totp
from npn.people.model import Account, AccountRole
from npn.people.tables import account, person_session, sign_in_failure
from operators import operator
from web.conftest import town_in
from web.test_signing_in import secret_on
from web.test_two_people import links_to, new_operator
from web.town import Browser, Town

PASSWORD = "korrekt hest batteri klammer"  # noqa: S105  # nobody's
OPERATOR = AccountRole.OPERATOR
MAIL = {"smtp_host": "127.0.0.1", "smtp_port": 1, "mail_from": "npn@example.dk", "public_url": "https://npn.example"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with mail, whose operator has a second factor."""
    with town_in(tmp_path_factory.mktemp("guarded"), toml=MAIL) as made:
        yield made


@pytest.fixture
def codes(guarded: Town) -> list[str]:
    """The operator's recovery codes; what failed before is forgotten."""
    with guarded.service.database.write() as connection:
        connection.execute(sa.delete(sign_in_failure))
    account = guarded.accounts[OPERATOR]
    return guarded.service.accounts.set_second_factor(account.id, secret=totp.make_secret(), step=0, by="admin:t")


def grown_old(town: Town, minutes: int = 11) -> None:
    """Have every session begun earlier."""
    at = town.service.ledger.clock() - timedelta(minutes=minutes)
    with town.service.database.write() as connection:
        connection.execute(sa.update(person_session).values(created_at=at))


def current(town: Town, role: AccountRole) -> Account:
    return town.service.accounts.get(town.accounts[role].id)


def as_they_are(account: Account) -> dict[str, str]:
    """What the form of an account holds."""
    return {
        "name": account.name,
        "email": account.email,
        "role": account.role.value,
        "organisation": account.organisation or "",
        "state": account.state.value,
    }


@pytest.mark.parametrize(
    "change",
    [{"role": "group", "organisation": ""}, {"email": "elsewhere@example.dk"}, {"state": "suspended"}],
    ids=lambda change: next(iter(change)),
)
def test_another_s_role_address_and_state_are_changed_with_the_operator_s_present_factor(
    guarded: Town, codes: list[str], change: dict[str, str]
) -> None:
    before = current(guarded, AccountRole.VENDOR)
    browser, path = guarded.browser(OPERATOR), f"/accounts/{before.id}"
    assert 'name="code"' in browser.get(path).text
    fields = {**as_they_are(before), **change}
    for wrong in ({}, {"code": "000000"}):
        answer = browser.post(path, {**fields, **wrong})
        assert (answer.status_code, 'id="field-code-error"' in answer.text) == (422, True)
    assert current(guarded, AccountRole.VENDOR) == before
    letters = len(guarded.letters())
    assert browser.post(path, {**fields, "code": codes[0]}).headers["Location"] == "/accounts"
    assert current(guarded, AccountRole.VENDOR) != before
    assert [letter for letter in guarded.letters()[:-letters] if letter.startswith(before.email)], "its holder is told"
    assert browser.post(path, {**as_they_are(before), "code": codes[0]}).status_code == 422, "a code is good once"
    assert browser.post(path, {**as_they_are(before), "code": codes[1]}).headers["Location"] == "/accounts"


def test_another_s_password_and_factor_are_ended_with_the_operator_s_present_factor(
    guarded: Town, codes: list[str]
) -> None:
    owner, browser = guarded.accounts[AccountRole.OWNER], guarded.browser(OPERATOR)
    refused = browser.post(f"/accounts/{owner.id}/link", {"code": "000000"})
    assert (refused.status_code, 'id="field-link-code-error"' in refused.text) == (422, True)
    assert links_to(guarded, owner.email) == []
    assert browser.post(f"/accounts/{owner.id}/link", {"code": codes[0]}).status_code == 200
    assert len(links_to(guarded, owner.email)) == 1


def test_who_approves_a_new_operator_proves_it(guarded: Town, codes: list[str]) -> None:
    proposed = new_operator(guarded.browser_of(operator(guarded.service, "tove")), "carl@example.dk", "holidays")
    browser = guarded.browser(OPERATOR)
    assert 'name="code"' in browser.get(proposed).text
    assert browser.post(proposed, {"decision": "approved", "code": "000000"}).status_code == 422
    assert links_to(guarded, "carl@example.dk") == []
    assert browser.post(proposed, {"decision": "approved", "code": codes[0]}).status_code == 303
    assert len(links_to(guarded, "carl@example.dk")) == 1
    other = new_operator(guarded.browser_of(operator(guarded.service, "rita")), "dora@example.dk", "holidays")
    assert browser.post(other, {"decision": "rejected"}).status_code == 303, "a rejection lets nobody in"


def enrol(browser: Browser, **more: str) -> int:
    secret = secret_on(browser.get("/second-factor").text)
    code = totp.code_at(secret, int(time.time() // totp.PERIOD))
    return browser.post("/second-factor", {"secret": secret, "code": code, **more}).status_code


def test_a_first_factor_is_set_up_with_the_password(guarded: Town) -> None:
    """With a factor of one's own, a session left open could bind an identity of the provider, and stay."""
    region = guarded.accounts[AccountRole.REGION]
    guarded.service.accounts.set_password(region.id, password=passwords.hashed(PASSWORD), by="admin:t")
    browser = guarded.browser(AccountRole.REGION)
    assert enrol(browser) == 422
    assert enrol(browser, present="wrong password") == 422
    assert not current(guarded, AccountRole.REGION).has_second_factor
    assert enrol(browser, present=PASSWORD) == 200


def test_who_has_neither_password_nor_factor_signs_in_again(guarded: Town) -> None:
    browser = guarded.browser(AccountRole.AUDITOR)
    grown_old(guarded)
    secret = totp.make_secret()
    code = totp.code_at(secret, int(time.time() // totp.PERIOD))
    refused = browser.post("/second-factor", {"secret": secret, "code": code})
    assert (refused.status_code, "more than ten minutes ago" in refused.text) == (422, True)
    assert enrol(guarded.browser(AccountRole.AUDITOR)) == 200


def test_new_recovery_codes_are_made_with_the_present_factor_and_end_the_old_ones(
    guarded: Town, codes: list[str]
) -> None:
    browser = guarded.browser(OPERATOR)
    assert "/account/recovery-codes" in browser.get("/account").text
    assert 'name="code"' in browser.get("/account/recovery-codes").text
    refused = browser.post("/account/recovery-codes", {"code": "000000"})
    assert (refused.status_code, 'id="field-code-error"' in refused.text) == (422, True)
    letters = len(guarded.letters())
    shown = browser.post("/account/recovery-codes", {"code": codes[0]})
    fresh = re.findall(r"<li><code>([^<]+)</code></li>", shown.text)
    assert (shown.status_code, len(fresh)) == (200, len(codes))
    assert len(guarded.letters()) > letters, "the holder is written to"
    assert browser.post("/account/recovery-codes", {"code": codes[1]}).status_code == 422, "an old code is gone"
    assert browser.post("/account/recovery-codes", {"code": fresh[0]}).status_code == 200


def test_who_has_no_second_factor_sets_one_up_before_there_are_recovery_codes(guarded: Town) -> None:
    browser = guarded.browser(AccountRole.GROUP)
    assert browser.get("/account/recovery-codes").headers["Location"] == "/second-factor"
    assert browser.post("/account/recovery-codes").headers["Location"] == "/second-factor"


def test_an_outdated_hash_of_a_password_is_renewed_at_sign_in(guarded: Town) -> None:
    vendor = current(guarded, AccountRole.VENDOR)
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    guarded.service.accounts.set_password(vendor.id, password=weak, by="admin:t")
    for sent, outdated in (("wrong password 1", True), (PASSWORD, False)):
        guarded.browser(None).post("/sign-in", {"email": vendor.email, "password": sent})
        with guarded.service.database.read() as connection:
            kept = connection.scalar(sa.select(account.c.password).where(account.c.id == vendor.id))
        assert passwords.is_outdated(str(kept)) is outdated
        assert passwords.verified(str(kept), PASSWORD)
