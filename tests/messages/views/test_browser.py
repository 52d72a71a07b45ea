"""The pages in a real browser: axe-core finds nothing, nothing is fetched, nothing sticks out on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from npn.messages.examples import example
from npn.messages.views import view

NEWEST = (
    "XQ0131K", "XQ0230M", "XQ0331P", "XQ0430M", "XR0131K", "XR0130F", "XR0231M", "XR0331P", "XR0432P", "XR0532M",
    "XR0630M", "XR0730G", "XC0130Q", "XC0230Q", "XC0330Q",
)  # fmt: skip
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1200, "height": 900}

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all: Playwright's own context would let scripts of the page run; there are none."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("audience", ["clinician", "citizen"])
@pytest.mark.parametrize("name", NEWEST)
def test_axe_core_finds_nothing(page: Page, name: str, audience: str, lang: str) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # the sizes are plain dicts
    page.set_content(view(example(name), audience, lang))  # type: ignore[arg-type]  # pytest gives plain strings
    assert violations(page) == []


@pytest.mark.parametrize("name", ["XR0131K", "XR0231M", "XR0432P", "XQ0131K"])
def test_the_dark_page_has_contrast_enough(page: Page, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_content(view(example(name)))
    found = violations(page)
    page.emulate_media(color_scheme="light")
    assert found == []


def test_several_letters_have_headings_in_order(page: Page) -> None:
    page.set_content(view(example("XR0331P", 2)))
    assert violations(page) == []


@pytest.mark.parametrize("audience", ["clinician", "citizen"])
@pytest.mark.parametrize("name", NEWEST)
def test_nothing_sticks_out_on_a_narrow_phone(page: Page, name: str, audience: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the sizes are plain dicts
    page.set_content(view(example(name), audience))  # type: ignore[arg-type]  # pytest gives plain strings
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_page_fetches_nothing_and_runs_no_script(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    intruder = '<img src="https://example.org/x.png"><script>document.title = "changed"</script></body>'
    page.set_content(view(example("XR0131K")).replace("</body>", intruder))
    page.wait_for_timeout(200)
    title = page.title()
    context.close()
    assert title == "Svar, klinisk biokemi"
    assert len([text for text in refused if "Content Security Policy" in text]) == 2


def test_it_prints_on_pages_of_paper(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content(view(example("XR0131K")))
    paper = page.pdf(format="A4")
    context.close()
    assert paper.startswith(b"%PDF")
