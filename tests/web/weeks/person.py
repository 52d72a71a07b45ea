"""Somebody at a screen, with mouse and keyboard alone: what it takes is counted, and each page is looked at on arrival.

Set `NPN_PICTURES` to a folder to have a picture of every page there, at three widths, light and dark.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from chromium import violations
from npn.people import totp
from web.test_texts import catalogues

DESKTOP = {"width": 1440, "height": 900}
WIDTHS = (320, 768, 1440)
ENGLISH = frozenset(
    text for _file, text, danish in catalogues() if isinstance(text, str) and text != danish and " " in text
)
_ENGLISH_WORDS = re.compile(r"\b(the|of|this|which|are|has been|with|your)\b", re.IGNORECASE)
_TABS = 3  # as far as somebody goes with the tabulator before taking the mouse
_PROSE = """() => {
    const copy = document.querySelector("main").cloneNode(true);
    document.querySelector("main").before(copy);
    const foreign = "[lang]:not([lang=da]), pre, code, textarea";
    for (const other of copy.querySelectorAll(foreign)) other.remove();
    const text = copy.innerText;
    copy.remove();
    return text;
}"""


@dataclass
class Count:
    """What a walk took of all the people in it."""

    clicks: int = 0
    fields: int = 0
    started: float = field(default_factory=time.monotonic)
    pages: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def __str__(self) -> str:
        return f"{self.clicks} clicks, {self.fields} fields, {self.seconds:.0f} s, {len(self.pages)} pages"


class Person:
    """Presses, types and reads by the words on the page, in Danish. Pages are only reached as a person reaches them."""

    def __init__(self, browser: Browser, count: Count, name: str = "") -> None:
        self.count, self.name, self.arrivals = count, name, 0
        self.said: list[str] = []  # what the browser's console got
        context = browser.new_context(locale="da-DK", bypass_csp=True, accept_downloads=True)  # axe-core is a script
        context.set_default_timeout(20_000)
        self.page: Page = context.new_page()
        self.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, address: str) -> None:
        """Begin: an address that was typed once, or the link of an e-mail."""
        self.page.goto(address)
        self._arrive()

    def follow(self, name: str, *, within: str = "main, nav, header, footer") -> None:
        """Click on a link by its text."""
        self._click(self.page.locator(within).get_by_role("link", name=_begins(name)).first)

    def press(self, name: str) -> None:
        """Click on a button by its text."""
        self._click(self.page.get_by_role("button", name=name, exact=True).first)

    def unfold(self, name: str) -> None:
        """Click on a summary, so that what it hides is seen."""
        self.page.locator("summary", has_text=name).first.click()
        self.count.clicks += 1

    def tick(self, name: str) -> None:
        """Click on a box or a choice by its label."""
        self.page.get_by_label(name).click()
        self.count.clicks += 1

    def write(self, label: str, text: str) -> None:
        """Type into a field by its label, as far as the label begins so."""
        self._reach(self.page.get_by_label(_begins(label)).first)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.count.fields += 1

    def choose(self, label: str, option: str) -> None:
        """Choose in a list, by words of the choice."""
        box = self.page.get_by_label(_begins(label)).first
        self._reach(box)
        (value,) = [each.get_attribute("value") for each in box.locator("option").all() if option in each.inner_text()]
        box.select_option(value)
        self.count.fields += 1

    def enter(self) -> None:
        """Send the form that is typed into."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self._arrive()

    def download(self, name: str, to: Path) -> None:
        """Click on a link that gives a file, and save it."""
        with self.page.expect_download() as expected:
            self.page.get_by_role("link", name=_begins(name)).first.click()
        self.count.clicks += 1
        expected.value.save_as(to)

    def prints(self, folder: Path) -> str:
        """Print the page; return what stands on the paper."""
        sheet = folder / "sheet.pdf"
        self.page.pdf(path=sheet)
        return subprocess.run(["pdftotext", sheet, "-"], capture_output=True, text=True, check=True).stdout

    def code(self, secret: str) -> str:
        """Return what the app on the telephone shows for the second factor."""
        return totp.code_at(secret, int(time.time()) // totp.PERIOD)

    def sees(self, *texts: str) -> None:
        """Hold the page to words that must stand on it."""
        shown = self.text()
        missing = [text for text in texts if text not in shown]
        assert not missing, f"{missing} is not on {self.page.url}:\n{shown}"

    def text(self) -> str:
        return self.page.locator("main").inner_text().replace("\xa0", " ")

    def close(self) -> None:
        self.page.context.close()
        assert not [said for said in self.said if "422" not in said], self.said  # a form refused is no fault of a page

    def _click(self, found: Locator) -> None:
        assert found.is_visible(), f"nothing to press: {found} is not on {self.page.url}:\n{self.text()}"
        with self.page.expect_navigation():
            found.click()
        self.count.clicks += 1
        self._arrive()

    def _reach(self, found: Locator) -> None:
        for _ in range(_TABS):
            if found.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        if not found.evaluate("one => one === document.activeElement"):
            found.focus()  # as a click does, without opening a list that only a click would close
            self.count.clicks += 1

    def _arrive(self) -> None:
        """Hold the page that came to what every page is held to, once for each."""
        page = self.page
        self.arrivals += 1
        if folder := os.environ.get("NPN_PICTURES"):
            pictures(page, Path(folder), f"{self.name}-{self.arrivals:02}")
        if page.title() in self.count.pages:
            return
        self.count.pages.add(page.title())
        assert page.locator("html").get_attribute("lang") == "da"
        assert page.locator("h1").count() == 1, page.url
        assert english_on(page) == [], page.url
        assert violations(page) == [], page.url


def english_on(page: Page) -> list[str]:
    """Return the lines of a Danish page that are English."""
    lines = [line.strip() for line in page.evaluate(_PROSE).replace("\xa0", " ").splitlines()]
    return [line for line in lines if line in ENGLISH or len(_ENGLISH_WORDS.findall(line)) > 1]


def pictures(page: Page, folder: Path, stem: str) -> None:
    """Take a page at every width, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", page.title().partition(" – ")[0])[:40]
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            page.screenshot(path=folder / f"{stem}-{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict
    page.emulate_media(color_scheme="light")


@contextmanager
def walk(most_clicks: int, most_seconds: float, what: str) -> Iterator[Count]:
    """Count a walk, and hold it to its ceilings."""
    count = Count()
    yield count
    print(f"\n{what}: {count}")  # noqa: T201  # seen with -s
    assert count.clicks <= most_clicks, str(count)
    assert count.seconds <= most_seconds, str(count)


def _begins(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(name)}(?!\w)")
