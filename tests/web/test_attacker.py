"""An attacker at the sign-in: learns nothing by answer or time, locks nobody out, and gets ten tries an hour."""

import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from npn.people import passwords, totp
from npn.people.attempts import SignInAttempt
from npn.people.attempts_store import count
from npn.people.model import AccountDetails, AccountRole, AccountState
from npn.people.tables import sign_in_failure
from running import running
from web.conftest import town_in
from web.town import Browser, Town

PASSWORD = "korrekt hest batteri klammer"  # noqa: S105  # nobody's
WRONG = "password of the season"
_VARYING = re.compile(r'value="[^"]*"|[a-z0-9.]+@example\.dk|[?&]next=[^"]*|<p class="printed">[^·]*')


OPEN: list[httpx.Client] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


class Attacker:
    """Somebody who tries, from a network address of their own; each try with a fresh browser."""

    def __init__(self, town: Town, address: str = "127.0.0.1") -> None:
        transport = httpx.HTTPTransport(local_address=address)
        self._client = httpx.Client(base_url=town.server.url, transport=transport, trust_env=False, timeout=60)
        self._client.cookies.set("npn_language", "en")
        OPEN.append(self._client)
        self.browser = Browser(self._client)
        self.token = self.browser.token()

    def tries(self, email: str, password: str = WRONG, **more: str) -> httpx.Response:
        return self.browser.post("/sign-in", {"email": email, "password": password, **more}, token=self.token)


def learnt(answer: httpx.Response) -> tuple[int, str, str]:
    """What an answer tells: all of it, but for what was typed, for tokens and for the minute that stands on paper."""
    return answer.status_code, _VARYING.sub("", answer.text), answer.headers.get("Retry-After", "")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose operator has password and second factor, its owner a password, its group nothing yet."""
    with town_in(tmp_path_factory.mktemp("attacked"), attempts=1000) as made:
        for role in (AccountRole.OPERATOR, AccountRole.OWNER, AccountRole.VENDOR):
            account = made.accounts[role]
            made.service.accounts.set_password(account.id, password=passwords.hashed(PASSWORD), by="admin:t")
        suspended = made.accounts[AccountRole.VENDOR]
        made.service.accounts.change(
            suspended.id,
            details=AccountDetails(
                name=suspended.name,
                role=suspended.role,
                organisation=suspended.organisation,
                state=AccountState.SUSPENDED,
            ),
            by="admin:t",
        )
        yield made


@pytest.fixture
def secret(attacked: Town) -> str:
    """The operator's second factor, new for each test."""
    made = totp.make_secret()
    operator = attacked.accounts[AccountRole.OPERATOR]
    attacked.service.accounts.set_second_factor(operator.id, secret=made, step=0, by="admin:t")
    return made


def code(secret: str) -> str:
    return totp.code_at(secret, int(time.time()) // totp.PERIOD)


def test_answers_tell_nothing_of_who_has_an_account_however_often_one_tries(attacked: Town, secret: str) -> None:
    attacker = Attacker(attacked)
    told = {}
    for email in ("operator@example.dk", "owner@example.dk", "vendor@example.dk", "group@example.dk", "no@example.dk"):
        answers = [learnt(attacker.tries(email)) for _ in range(7)]
        answers.append(learnt(attacker.tries(email, code="123456")))
        told[email] = answers
    assert [status for status, _, _ in told["no@example.dk"]] == [422] * 5 + [429] * 2 + [422]
    unknown = told.pop("no@example.dk")
    for email, answers in told.items():
        for known, stranger in zip(answers, unknown, strict=True):
            lines = unified_diff(stranger[1].splitlines(), known[1].splitlines(), "nobody", email, lineterm="")
            assert known == stranger, "\n".join(lines)
    suspended = learnt(attacker.tries("vendor@example.dk", PASSWORD, code=""))
    assert suspended == learnt(attacker.tries("owner@example.dk", code=""))
    half_right = learnt(attacker.tries("operator@example.dk", PASSWORD, code="000000"))  # the password is
    assert half_right == learnt(attacker.tries("no@example.dk", code="000000"))


def test_answers_take_as_long_whatever_was_wrong(attacked: Town, secret: str) -> None:
    attacker = Attacker(attacked, "127.0.0.9")

    def took(email: str, number: int) -> float:
        since = time.monotonic()
        attacker.tries(email.format(number))
        return time.monotonic() - since

    times: dict[str, list[float]] = {"operator@example.dk": [], "no{}@example.dk": []}
    with attacked.service.database.write() as connection:
        connection.execute(sa.delete(sign_in_failure))
    for number in range(4):  # below the limit, where the password is tried
        for email, taken in times.items():
            taken.append(took(email, number))
    known, unknown = times.values()
    assert min(*known, *unknown) >= 0.24
    assert abs(min(known) - min(unknown)) < 0.1, (statistics.median(known), statistics.median(unknown))
    for _ in range(7):
        took("no@example.dk", 0)
    limited = [took(email, 0) for email in ("operator@example.dk", "no@example.dk") for _ in range(3)]
    assert min(limited) >= 0.24, "the form that asks for both comes on the beat, too"


def test_nobody_is_locked_out_by_an_attacker(attacked: Town, secret: str) -> None:
    attacker = Attacker(attacked)
    for email in ("operator@example.dk", "owner@example.dk"):
        for _ in range(12):
            attacker.tries(email)
    operator = Attacker(attacked, "127.0.0.2")
    asked = operator.tries("operator@example.dk", PASSWORD)
    assert asked.status_code == 429
    assert 'name="code"' in asked.text
    wrong = operator.tries("operator@example.dk", PASSWORD, code="000000")
    assert wrong.status_code == 422
    inside = operator.tries("operator@example.dk", PASSWORD, code=code(secret))
    assert inside.headers.get("Location") == "/overview"
    assert operator.browser.get("/overview").status_code == 200
    owner = Attacker(attacked, "127.0.0.3")
    assert owner.tries("owner@example.dk", PASSWORD, code="").headers["Location"] == "/overview"


def test_a_browser_that_signed_in_before_is_not_limited_by_what_others_try(attacked: Town) -> None:
    owner, attacker = Attacker(attacked, "127.0.0.4"), Attacker(attacked, "127.0.0.4")
    assert owner.tries("owner@example.dk", PASSWORD).headers["Location"] == "/overview"
    cookie = owner.browser.client.cookies["npn_device"]
    owner.browser.post("/sign-out")
    for _ in range(20):  # from the same network address
        attacker.tries("owner@example.dk", code="1")
    assert attacker.tries("owner@example.dk", PASSWORD, code="").status_code == 429
    owner.token = owner.browser.token()
    assert owner.tries("owner@example.dk", PASSWORD).headers["Location"] == "/overview"
    other = Attacker(attacked, "127.0.0.4")
    other.browser.client.cookies.set("npn_device", cookie)
    answers = {other.tries("operator@example.dk").status_code for _ in range(6)}
    assert 429 in answers  # it is the owner's, and stands for nobody else
    for _ in range(5):  # its own failures count
        owner.browser.post("/sign-out")
        owner.token = owner.browser.token()
        owner.tries("owner@example.dk")
    assert owner.tries("owner@example.dk", PASSWORD).status_code == 429
    owner_id = attacked.accounts[AccountRole.OWNER].id
    attacked.service.accounts.new_link(owner_id, by="admin:t")
    attacked.service.accounts.set_password(owner_id, password=passwords.hashed(PASSWORD), by="admin:t")
    assert cookie.encode() not in (attacked.service.database.path or Path()).read_bytes()  # kept hashed


def test_password_and_code_together_are_tried_ten_times_an_hour_from_one_address(attacked: Town, secret: str) -> None:
    attacker = Attacker(attacked, "127.0.0.5")
    for _ in range(6):
        attacker.tries("operator@example.dk")
    answers = [attacker.tries("operator@example.dk", PASSWORD, code=f"{n:06}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 2
    assert 60 <= int(answers[-1].headers["Retry-After"]) <= 3600
    for _ in range(5):
        attacker.tries("no@example.dk")
    assert learnt(answers[-1])[:2] == learnt(attacker.tries("no@example.dk", code="1"))[:2]
    elsewhere = Attacker(attacked, "127.0.0.6")
    assert elsewhere.tries("operator@example.dk", PASSWORD, code=code(secret)).status_code == 303


def test_two_servers_together_allow_ten_tries_an_hour(attacked: Town, tmp_path: Path) -> None:
    now = attacked.service.ledger.clock()
    with attacked.service.database.write() as connection:
        for _ in range(5):
            count(connection, SignInAttempt.address("nobody@example.dk"), now)
    answers = []
    with running(attacked.service.settings, tmp_path) as beside:
        for server in (beside, attacked.server):
            attacker = Attacker(replace(attacked, server=server), "127.0.0.10")
            answers += [attacker.tries("nobody@example.dk", code=f"{n:06}").status_code for n in range(6)]
    assert answers == [422] * 10 + [429] * 2


def test_the_second_factor_alone_is_not_tried_without_end(attacked: Town, secret: str) -> None:
    with attacked.service.database.write() as connection:
        connection.execute(sa.delete(sign_in_failure))
    attacker = Attacker(attacked, "127.0.0.7")  # who knows the password
    assert attacker.tries("operator@example.dk", PASSWORD).headers["Location"] == "/sign-in/code"
    attacker.token = attacker.browser.token()

    def guess(number: int) -> int:
        return attacker.browser.post("/sign-in/code", {"code": f"{number:06}"}, token=token()).status_code

    def token() -> str:
        found = re.search(r'name="token" value="([^"]+)"', attacker.browser.get("/sign-in/code").text)
        return found[1] if found else ""

    assert [guess(number) for number in range(6)] == [422] * 5 + [429]
    assert attacker.browser.get("/sign-in/code").status_code == 303  # the session is over: both again


def spray(town: Town, count: int) -> Counter[int]:
    """Try one password on that many addresses from one network, 16 at a time; return how often each status came."""
    attackers = [Attacker(town, "127.0.0.8") for _ in range(16)]
    with ThreadPoolExecutor(len(attackers)) as pool:
        statuses = pool.map(lambda n: attackers[n % 16].tries(f"a{n}@example.dk").status_code, range(count))
        return Counter(statuses)


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_a_spray_over_many_addresses_is_stopped_and_fills_nothing(tmp_path: Path, count: int) -> None:
    with town_in(tmp_path, attempts=20) as town:
        owner = town.accounts[AccountRole.OWNER]
        town.service.accounts.set_password(owner.id, password=passwords.hashed(PASSWORD), by="admin:t")
        since = time.monotonic()
        answers = spray(town, count)
        judged = range(20, 21 + int(time.monotonic() - since) // 36 + 1)  # one more every 36 seconds
        assert answers[422] in judged
        assert answers[429] == count - answers[422]
        together = Attacker(town, "127.0.0.8").tries("owner@example.dk", PASSWORD, code="")
        assert together.headers["Location"] == "/overview", "its first try with both is judged"
        with town.service.database.read() as connection:
            kept = list(connection.scalars(sa.select(sign_in_failure.c.tried)))
        assert len(kept) <= judged.stop + 2
        assert not any("example" in key for key in kept)
