"""The pages in a real browser: axe-core finds nothing, nothing sticks out, nothing is refused by the policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from npn.people.model import AccountRole
from npn.web import pages
from npn.web.routes import TABLE
from web.town import Town

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}

pages.load()
PATHS = sorted(
    (path, next((role for role in AccountRole if role in route.rule.roles), None))
    for (method, path), route in TABLE.items()
    if method == "GET"
    and not path.startswith(
        (
            "/language",
            "/docs/files",
            "/sign-in/",
            "/second",
            "/welcome",
            "/ledger/export",
            "/series/{series}/file",
            "/agreement.pdf",
        )
    )
    and not path.endswith((".pdf", "/pdf", "/jws", ".jws", ".csv", ".txt", ".jsonl", "/docs/files/{file}"))
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, town: Town, role: AccountRole | None, **more: object) -> Page:
    """Return a page of a new browser profile in which somebody of the role has signed in."""
    context = browser.new_context(bypass_csp=True, base_url=town.server.url, **more)  # type: ignore[arg-type]  # passed on
    cookies = town.browser(role).client.cookies
    context.add_cookies([{"name": name, "value": value, "url": town.server.url} for name, value in cookies.items()])
    return context.new_page()


@pytest.mark.parametrize(("path", "role"), PATHS, ids=[path for path, _ in PATHS])
def test_axe_core_finds_nothing_and_nothing_sticks_out(
    browser: Browser, town: Town, path: str, role: AccountRole | None
) -> None:
    page = opened(browser, town, role, locale="da-DK")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # the sizes are plain dicts
    page.goto(f"/language/en?back={town.address(path)}")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the sizes are plain dicts
    page.goto(f"/language/da?back={town.address(path)}")
    assert page.locator("html").get_attribute("lang") == "da"
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()


def test_the_policy_refuses_nothing_of_ours(browser: Browser, town: Town) -> None:
    context = browser.new_context(base_url=town.server.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/", "/sign-in"):
        page.goto(path, wait_until="networkidle")
        assert page.evaluate("document.scripts.length") == 0
    context.close()
    assert said == []
