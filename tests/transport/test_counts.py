"""Calls are counted for connected systems, exactly, whoever else calls meanwhile; the figures name nobody else."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from drawing import add
from messages import Message, draw_body, password_card
from npn.config import Settings
from npn.people.model import AccountRole
from npn.systems.model import Caller, CallerKind, CallerName, Role
from npn.transport.calls import Tally
from npn.transport.service import REMEMBERED
from npn.wiring.assembly import build
from npn.wiring.service import Service
from running import Running, running
from tlshouse import connect


def test_a_count_that_can_not_be_kept_costs_no_other(service: Service) -> None:
    known = [add(service, name)[0].id for name in ("Alfa", "Omega")]
    today = datetime.now(UTC).date()
    rows = [Tally(system, today, "rest", plain=50) for system in (known[0], "account:abc", "operator", known[1])]
    service.transport.add_calls(rows)
    service.transport.add_calls(rows)
    assert {system: used.plain for system, used in service.transport.usage().items()} == dict.fromkeys(known, 100)


def test_refusals_of_two_servers_at_once_are_all_counted(service: Service) -> None:
    lab, _ = add(service, "Lab")
    others = [build(service.settings) for _ in range(3)]
    for each in others:
        each.refusals.note(CallerName(CallerKind.SYSTEM, lab.id), "quota_exceeded")
    threads = [threading.Thread(target=each.refusals.flush) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(code, count) for code, count, _ in service.refusals.of(lab.id)] == [("quota_exceeded", 3)]
    for each in others:
        each.close()


@pytest.mark.parametrize(
    ("caller", "system", "said"),
    [
        (Caller(Role.SYSTEM, "labka", "labka", "").called, "labka", "labka"),
        (Caller(Role.OPERATOR, "operator", None, "").called, None, "operator"),
        (CallerName(CallerKind.ACCOUNT, "labka"), None, "account:labka"),
    ],
)
def test_a_caller_is_a_system_by_its_kind_never_by_its_text(caller: CallerName, system: str | None, said: str) -> None:
    assert (caller.system, str(caller)) == (system, said)


def session_of_an_operator(service: Service) -> str:
    service.accounts.add(by="t", email="o@example.dk", name="Olga", role=AccountRole.OPERATOR, organisation=None)
    account = service.accounts.list()[0]
    return f"npn_session={service.sessions.begin(account, proved=True).token}"


def call_in_turn(server: Running, keys: dict[str, str], cookie: str) -> httpx.Headers:
    """Call as a system, an operator's key, an account and a stranger; return a page's headers."""
    card = password_card("labka", keys["labka"].removeprefix("npn_labka_"))
    with server.client(keys["labka"]) as labka, server.client(keys["operator"]) as operator, server.client() as nobody:
        for _ in range(10):
            assert labka.get("/v1/me").status_code == 200
            assert operator.get("/v1/me").status_code == 200
            page = nobody.get("/accounts", headers={"Accept": "text/html", "Cookie": cookie})
            assert page.status_code == 200
            assert nobody.get("/sign-in", headers={"Accept": "text/html"}).status_code == 200
            assert nobody.get("/v1/me").status_code == 401
        message = Message(draw_body(5), credentials=card)
        sent = nobody.post("/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
        assert sent.status_code == 200
        figures = nobody.get("/metrics").text
    assert 'npn_plain_http_calls_total{system="labka"} 11.0' in figures
    assert "account" not in figures.replace("/account", "")
    assert 'system="operator"' not in figures
    return page.headers


def test_pages_cost_no_system_its_counts_and_the_figures_name_no_account(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = connect(settings)
    service = build(settings)
    service.transport.announce(datetime.now(UTC) + timedelta(days=300), by="t", reason="decided")
    with running(settings, tmp_path) as server:
        threading.Event().wait(REMEMBERED)
        headers = call_in_turn(server, keys, session_of_an_operator(service))
        assert not {"sunset", "deprecation"} & set(headers)
        server.stop()
        assert "not_written" not in server.log.read_text("utf-8")
        assert "calls_not_counted" not in server.log.read_text("utf-8")
    used = service.transport.usage()
    assert {system: (each.rest_plain, each.soap_plain) for system, each in used.items()} == {"labka": (10, 1)}
    service.close()
