"""Reads at a standby: with their age, never for draws, repeats and keys, and never where it is too far behind."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from npn.config import Settings
from npn.people.model import AccountRole
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, installed
from running import Running, running
from standby import following


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as made:
        yield made


@pytest.fixture(scope="module")
def follower(primary: Cluster) -> Iterator[Cluster]:
    with following(primary) as made:
        yield made


def draw(client: httpx.Client, request_id: str) -> httpx.Response:
    return client.post("/v1/series", json={"count": 10}, headers={"Idempotency-Key": request_id})


def until_read_there(client: httpx.Client, path: str) -> httpx.Response:
    """Ask until the standby has it."""
    until = time.monotonic() + 60
    while True:
        answer = client.get(path)
        if answer.status_code == 200 and "npn-data-age" in answer.headers:
            return answer
        assert time.monotonic() < until, (answer.text, answer.headers)
        time.sleep(0.2)


def test_look_ups_are_read_there_with_their_age_and_draws_never(
    primary: Cluster, follower: Cluster, tmp_path: Path
) -> None:
    settings = Settings(database=primary.new_database(), witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    service = build(settings)
    _, key = service.systems.add(by="t", name="Lab", vendor="V", owner="O", environment=Environment.PRODUCTION)
    service.close()
    there = f"postgresql://postgres@127.0.0.1:{follower.port}/{settings.database.rpartition('/')[2]}"
    with running(settings, tmp_path, toml={"read_database": there}) as server, server.client(key) as client:
        series = draw(client, "one").json()
        for path in (f"/v1/series/{series['id']}", "/v1/series", f"/v1/numbers/{series['first']}"):
            assert 0 <= float(until_read_there(client, path).headers["npn-data-age"]) < 60
        assert until_read_there(client, f"/v1/receipts/{series['id']}").text.count(".") == 2
        assert 'npn_database_standbys{state="async"} 1.0' in client.get("/metrics").text

        _stands_still(client, follower, series["id"])
        assert "npn-data-age" not in draw(client, "one").headers
        _goes_away(client, follower, series["first"])


def _stands_still(client: httpx.Client, follower: Cluster, early: str) -> None:
    """A standby that replays no more: what it has not seen yet is read at the primary, repeats and keys always."""
    with psycopg.connect(follower.url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        late = draw(client, "two")
        assert late.status_code == 201
        assert draw(client, "two").json() == late.json(), "a repeat is answered from the primary"
        answer = client.get(f"/v1/series/{late.json()['id']}")
        assert (answer.status_code, "npn-data-age" in answer.headers) == (200, False), "the standby does not know it"
        assert "npn-data-age" in client.get(f"/v1/series/{early}").headers
        connection.execute("SELECT pg_wal_replay_resume()")


def _goes_away(client: httpx.Client, follower: Cluster, number: str) -> None:
    follower.stop("immediate")
    try:
        answer = client.get(f"/v1/numbers/{number}")
        assert (answer.status_code, "npn-data-age" in answer.headers) == (200, False), "the primary is asked then"
        assert client.get("/readyz").status_code == 200
    finally:
        follower.start()


def test_pages_are_read_there_and_say_so_but_not_to_who_just_changed_something(
    primary: Cluster, follower: Cluster, tmp_path: Path
) -> None:
    settings = Settings(database=primary.new_database(), witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    service = build(settings)
    system, _ = service.systems.add(by="t", name="Lab", vendor="V", owner="O", environment=Environment.PRODUCTION)
    account, _ = service.accounts.add(by="t", email="o@example.dk", name="Ole", role=AccountRole.OPERATOR)
    token = service.sessions.begin(account, proved=True).token
    service.close()
    there = f"postgresql://postgres@127.0.0.1:{follower.port}/{settings.database.rpartition('/')[2]}"
    with running(settings, tmp_path, toml={"read_database": there}) as server, visitor(server, token) as client:
        stock, series = f"/systems/{system.id}/stock", f"/systems/{system.id}/series"
        for path in ("/lookup?number=1000000005", "/stock", stock, "/forecast", "/ledger", series):
            answer = until_read_there(client, path)
            assert 0 <= float(answer.headers["npn-data-age"]) < 60
            assert "hentet fra en kopi af databasen" in answer.text
        with psycopg.connect(follower.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            _draw_by_hand(client, system.id)
            shown = client.get(series)
            assert (series_in(shown), "npn-data-age" in shown.headers) == (1, False), "one's own change is seen at once"
            client.cookies.delete("npn_changed")
            assert series_in(client.get(series)) == 0, "others see it a little later"
            connection.execute("SELECT pg_wal_replay_resume()")


def visitor(server: Running, token: str) -> httpx.Client:
    """Somebody who is signed in."""
    cookies = {"npn_session": token}
    return httpx.Client(base_url=server.url, trust_env=False, headers={"Accept": "text/html"}, cookies=cookies)


def series_in(page: httpx.Response) -> int:
    """Count the series that a page links to."""
    return len(set(re.findall(r'href="/series/([^"]+)"', page.text)))


def _draw_by_hand(client: httpx.Client, system: str) -> None:
    """Fill the form in, and confirm it on the page that checks it."""
    page = client.get(f"/systems/{system}/draw", follow_redirects=True)
    typed = {**_hidden(page.text), "count": "10", "of": "count", "purpose": ""}
    sent = client.post(f"/systems/{system}/draw", data=typed)
    assert sent.status_code == 303, sent.text
    checked = client.get(sent.headers["Location"])
    confirmed = client.post(f"/systems/{system}/draw", data={**_hidden(checked.text), "do": "go"})
    assert confirmed.status_code == 303, confirmed.text


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's own form."""
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page[page.index("<main") :]))


def test_one_that_is_too_far_behind_is_not_asked(primary: Cluster, follower: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=primary.new_database(), witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    there = f"postgresql://postgres@127.0.0.1:{follower.port}/{settings.database.rpartition('/')[2]}"
    service = build(msgspec.structs.replace(settings, read_database=there, read_max_age_seconds=0.0))
    try:
        assert service.readings.choose().age is None
        assert service.readings.choose().database is service.database
    finally:
        service.close()
