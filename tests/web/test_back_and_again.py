"""In a browser: going back after a draw draws nothing more, and the focus of a page with errors is on their summary."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from npn.people.model import AccountRole
from web.town import Town

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def signed_in(browser: Browser, town: Town, role: AccountRole) -> Page:
    context = browser.new_context(base_url=town.server.url, bypass_csp=True)
    cookies = town.browser(role, language="da").client.cookies
    context.add_cookies([{"name": name, "value": value, "url": town.server.url} for name, value in cookies.items()])
    return context.new_page()


def test_whoever_goes_back_after_a_draw_comes_to_its_receipt(browser: Browser, own_town: Town) -> None:
    page = signed_in(browser, own_town, AccountRole.OWNER)
    page.goto(f"/systems/{own_town.ours}/draw")
    page.get_by_label("Hvor mange").fill("1.200")
    page.get_by_role("button", name="Fortsæt").click()
    assert "1.200 brugbare numre" in page.locator("main").inner_text()
    assert violations(page) == []
    page.get_by_role("button", name="Ret svarene").click()
    assert page.get_by_label("Hvor mange").input_value() == "1200"
    page.get_by_role("button", name="Fortsæt").click()
    page.get_by_role("button", name="Træk nummerserien").dblclick()
    page.wait_for_url("**/receipt")
    receipt, entries = page.url, own_town.entries()
    assert violations(page) == []
    for _ in range(2):
        page.go_back()
        assert page.url == receipt
    page.reload()
    assert own_town.entries() == entries
    page.context.close()


def test_the_focus_of_a_page_with_errors_is_on_their_summary_and_leads_to_the_fields(
    browser: Browser, own_town: Town
) -> None:
    page = signed_in(browser, own_town, AccountRole.OPERATOR)
    page.goto("/transport/brown-outs/new")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_label("Dag", exact=True).fill("31")
    page.get_by_label("Måned", exact=True).fill("2")
    page.get_by_label("År", exact=True).fill("2027")
    page.get_by_role("main").get_by_role("button").first.click()
    assert page.title().startswith("Fejl: ")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert violations(page) == []
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "day_day"
    page.context.close()
