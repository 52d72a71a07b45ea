"""The pages in a real browser: axe-core finds nothing, the keyboard reaches all, and all fits, enlarged four times too.

Each template once, as the first role that has it; the long form takes every page of every role, light and dark.
"""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from npn.people.model import AccountRole
from npn.web.routes import TABLE
from web.looking import misfits, unreached
from web.page_costs import VISITORS, page_paths, pages_of
from web.town import Town

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

ENLARGED = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
DESKTOP = {"width": 1280, "height": 900}
_FILES = (".pdf", "/pdf", "/jws", ".jws", ".csv", ".txt", ".jsonl", "/docs/files/{file}")
_LEAD_ON = ("/language/{language}", "/second-factor", "/sign-in/code", "/sign-in/openid", "/welcome/{link}")
PATHS = [path for path in page_paths() if not path.endswith(_FILES) and not path.startswith(_LEAD_ON)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def desks(browser: Browser, town: Town) -> Mapping[AccountRole | None, Page]:
    """A page for every role, in which somebody has signed in, shared by all looks."""
    return {role: opened(browser, town, role) for role in VISITORS}


def opened(browser: Browser, town: Town, role: AccountRole | None) -> Page:
    """Return a page of a new browser profile in which somebody of the role has signed in."""
    context = browser.new_context(bypass_csp=True, base_url=town.server.url, reduced_motion="reduce")
    cookies = town.browser(role).client.cookies
    context.add_cookies([{"name": name, "value": value, "url": town.server.url} for name, value in cookies.items()])
    return context.new_page()


def show(page: Page, address: str, *, language: str, scheme: str, size: Mapping[str, int]) -> None:
    """Open a page in a language, a colour scheme and a size."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    page.set_viewport_size(size)  # type: ignore[arg-type]  # the sizes are plain dicts
    page.goto(f"/language/{language}?back={address}")
    assert page.locator("html").get_attribute("lang") == language, address


def faults_of(page: Page, address: str, *, schemes: Mapping[str, str]) -> list[str]:
    """Return all that is wrong with a page: at a desktop's size in the first scheme, enlarged in the others."""
    faults = []
    for size, (language, scheme) in zip((DESKTOP, ENLARGED), schemes.items(), strict=True):
        show(page, address, language=language, scheme=scheme, size=size)
        if page.locator("h1").count() != 1:
            faults.append("not one heading")
        faults += [*violations(page), *misfits(page), *unreached(page)]
    return faults


@pytest.mark.parametrize("path", PATHS)
def test_axe_core_finds_nothing_the_keyboard_reaches_all_and_all_fits(
    desks: Mapping[AccountRole | None, Page], town: Town, path: str
) -> None:
    role = next((role for role in AccountRole if role in TABLE["GET", path].rule.roles), None)
    assert faults_of(desks[role], town.address(path), schemes={"en": "light", "da": "dark"}) == []


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("role", VISITORS, ids=lambda role: "nobody" if role is None else role.value)
def test_every_page_of_every_role_is_so_light_and_dark(
    desks: Mapping[AccountRole | None, Page], town: Town, role: AccountRole | None
) -> None:
    faults = {}
    for path, address, _, _ in pages_of(town, (role,)):
        if path in PATHS:
            found = faults_of(desks[role], address, schemes={"da": "light", "en": "dark"})
            found += faults_of(desks[role], address, schemes={"da": "dark", "en": "light"})
            if found:
                faults[path] = found
    assert faults == {}


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
