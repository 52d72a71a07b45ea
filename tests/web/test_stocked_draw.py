"""The check of a draw has the stock before and after, what is left of the quota, and what is out of the ordinary."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from npn.config import Settings
from npn.people.model import AccountRole
from npn.wiring.assembly import build
from running import running
from web.test_series_by_hand import checked_page, draw, form_of
from web.town import Town, founded, town_of


@pytest.fixture
def stocked(tmp_path: Path) -> Iterator[Town]:
    """A town whose system has said what it has, and has a quota, before the service looks."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    founded(settings)
    service = build(settings)
    service.stock.report(by="labka-nord", free=10_000, used_per_day=100.0, as_of=datetime.now(UTC) + timedelta(hours=1))
    service.systems.set_limits(
        "labka-nord", by="admin:t", smallest_draw=1, largest_draw=10**7, quota=4_000_000, quota_days=30
    )
    service.close()
    with running(settings, tmp_path) as server:
        made = town_of(server, settings)
        yield made
        made.connections.close()
        made.service.close()


def test_the_check_has_the_stock_before_and_after_and_what_is_left_of_the_quota(stocked: Town) -> None:
    browser = stocked.browser(AccountRole.OWNER, language="da")
    shown = browser.get(f"/systems/{stocked.ours}/draw", follow_redirects=True).text
    suggestion = re.search(r'href="(/systems/[^"]*count=(\d+)&amp;of=usable)"', shown)
    assert suggestion is not None
    assert 'name="count" class="short" inputmode="numeric" maxlength="40" value=""' in shown
    chosen = browser.get(suggestion[1].replace("&amp;", "&")).text
    assert f'value="{suggestion[2]}"' in chosen
    sound = checked_page(browser, draw(browser, stocked, {**form_of(browser, stocked), "count": suggestion[2]})).text
    for said in ("10.000 brugbare numre: 100 dage", "197 dage", "af 4.000.000 numre på 30 dage er tilbage"):
        assert said in sound
    assert "gange det anbefalede træk" not in sound
    large = checked_page(browser, draw(browser, stocked, {**form_of(browser, stocked), "count": "300.000"})).text
    assert "30,9 gange det anbefalede træk på 9.700 brugbare numre" in large
    beyond = draw(browser, stocked, {**form_of(browser, stocked), "count": "900.000"})
    assert beyond.status_code == 429  # as REST answers what the quota refuses
    assert "kvote" in beyond.text.casefold()
