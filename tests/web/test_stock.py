"""The pages of stock and forecast, as each role sees them."""

from datetime import UTC, datetime

import pytest

from npn.people.model import AccountRole
from web.town import Town


def test_the_stock_of_ones_own_systems_is_listed_and_nobody_elses(town: Town) -> None:
    mine = town.browser(AccountRole.OWNER).get("/stock").text
    assert "Labka Nord" in mine
    assert "Fremmed" not in mine
    assert "Fremmed Lab" in town.browser(AccountRole.OPERATOR).get("/stock").text


def test_a_report_is_judged_and_drawn(town: Town) -> None:
    town.service.stock.report(by=town.test, free=10_000, used_per_day=100.0, as_of=datetime.now(UTC))
    page = town.browser(AccountRole.OWNER, language="da").get(f"/systems/{town.test}/stock")
    assert page.status_code == 200
    assert 'class="c-rule"' in page.text
    assert "seks måneder" in page.text
    assert "10.000" in page.text
    silent = town.browser(AccountRole.OWNER).get(f"/systems/{town.ours}/stock").text
    assert "has not reported its stock" in silent


@pytest.mark.parametrize(
    ("role", "status"), [(AccountRole.OPERATOR, 200), (AccountRole.GROUP, 200), (AccountRole.OWNER, 403)]
)
def test_the_forecast_is_for_those_who_watch_the_whole(town: Town, role: AccountRole, status: int) -> None:
    page = town.browser(role).get("/forecast")
    assert page.status_code == status
    if status == 200:
        assert "Production" in page.text
        assert "1000000000" in page.text
