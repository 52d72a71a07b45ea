"""Every page says until when one is signed in, and warns before: by the style sheet, without a script."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium
from npn.people.model import AccountRole
from npn.web.session_end import session_end
from web.conftest import town_in
from web.town import Town

NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
_DELAY = re.compile(r'class="session-end noprint ones-(\d) tens-(\d) hundreds-(\d) thousands-(\d)"')
_TIME = re.compile(r"\b(\d\d)\.(\d\d)\b")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town where a session ends after 43 minutes without use, and after two hours at the latest."""
    with town_in(tmp_path_factory.mktemp("short"), toml={"session_idle_minutes": 43, "session_hours": 2}) as made:
        yield made


@pytest.mark.parametrize(
    ("left", "latest", "delay"),
    [
        (timedelta(minutes=60), timedelta(hours=12), "ones-5 tens-5 hundreds-0 thousands-0"),
        (timedelta(minutes=12, seconds=59), timedelta(hours=1), "ones-7 tens-0 hundreds-0 thousands-0"),
        (timedelta(minutes=6), timedelta(hours=1), "ones-3 tens-0 hundreds-0 thousands-0"),  # half of what is left
        (timedelta(minutes=1), timedelta(minutes=1), "ones-0 tens-0 hundreds-0 thousands-0"),
        (timedelta(hours=23), timedelta(hours=23), "ones-5 tens-7 hundreds-3 thousands-1"),
        (timedelta(days=30), timedelta(days=30), "ones-9 tens-9 hundreds-9 thousands-9"),
        (timedelta(seconds=-9), timedelta(seconds=-9), "ones-0 tens-0 hundreds-0 thousands-0"),
    ],
)
def test_the_warning_comes_five_minutes_before(town: Town, left: timedelta, latest: timedelta, delay: str) -> None:
    session = town.service.sessions.begin(town.accounts[AccountRole.OWNER], proved=True)
    visitor = town.service.sessions.visitor(session.token)
    assert visitor is not None
    end = session_end(replace(visitor, ends_at=NOW + left, latest_end=NOW + latest), NOW)
    assert (end.delay, end.is_last) == (delay, left == latest)


def test_a_session_s_end_follows_its_use_and_its_beginning(short: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = replace(short.service.sessions, idle=timedelta(minutes=43), longest=timedelta(hours=2))
    begun = short.service.ledger.clock()
    clock = [begun]
    monkeypatch.setattr(short.service.ledger, "clock", lambda: clock[0])
    token = sessions.begin(short.accounts[AccountRole.OWNER], proved=True).token
    for minutes, ends in ((0, 43), (40, 83), (80, 120), (110, 120)):
        clock[0] = begun + timedelta(minutes=minutes)
        visitor = sessions.visitor(token)
        assert visitor is not None
        assert visitor.ends_at == begun + timedelta(minutes=ends)
        assert visitor.latest_end == begun + timedelta(hours=2)
        sessions.see(visitor.digest)
    clock[0] = begun + timedelta(minutes=121)
    assert sessions.visitor(token) is None


def test_the_page_says_both_ends_in_the_visitor_s_time(short: Town) -> None:
    browser = short.browser(AccountRole.OWNER, language="da")
    page = browser.get("/cases/new").text
    foot = re.search(r"<footer>.*?</p>", page, re.DOTALL)
    assert foot is not None
    first, last = ((int(h) * 60 + int(m)) for h, m in _TIME.findall(foot[0]))
    assert (last - first) % 1440 in (76, 77, 78)
    assert _DELAY.search(page) is not None
    assert [int(d) for d in reversed(_DELAY.search(page).groups())] in ([0, 0, 3, 7], [0, 0, 3, 8])  # type: ignore[union-attr]  # found above
    assert "session-end" not in short.browser(None).get("/sign-in").text
    assert "signed in until" in short.browser(AccountRole.OWNER).get("/account/session").text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with chromium() as opened:
        yield opened


def opened(browser: Browser, town: Town, path: str, **more: object) -> Page:
    context = browser.new_context(base_url=town.server.url, java_script_enabled=True, **more)  # type: ignore[arg-type]  # passed on
    cookies = town.browser(AccountRole.OWNER, language="da").client.cookies
    context.add_cookies([{"name": name, "value": value, "url": town.server.url} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(path)
    return page


def after(page: Page, minutes: float) -> None:
    """Let the style sheet's clock go on."""
    page.evaluate("ms => document.getAnimations().forEach(a => { a.currentTime = ms; })", minutes * 60_000)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_browser_shows_it_in_time_and_the_form_stays_as_it_is(browser: Browser, short: Town, motion: str) -> None:
    page = opened(browser, short, "/cases/new", reduced_motion=motion)
    page.fill("textarea", "et halvt svar")
    warning = page.get_by_text("Du bliver logget ud kl.")
    after(page, 36.9)
    assert not warning.is_visible()
    after(page, 38.1)
    assert warning.is_visible()
    with page.context.expect_page() as other:
        page.get_by_role("link", name="Forbliv logget ind").click()
    assert other.value.locator("h1").inner_text() == "Du er stadig logget ind"
    assert page.input_value("textarea") == "et halvt svar"
    assert page.evaluate("document.scripts.length") == 0
    page.context.close()


def test_it_hides_nothing_on_a_phone_and_is_not_printed(browser: Browser, short: Town, tmp_path: Path) -> None:
    page = opened(browser, short, "/cases/new", viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    after(page, 40)
    button = page.locator("form.stack button").last
    button.focus()
    line, box = page.locator(".session-end").bounding_box(), button.bounding_box()
    assert line is not None
    assert box is not None
    assert box["y"] + box["height"] <= line["y"] or box["y"] >= line["y"] + line["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.emulate_media(media="print")
    assert not page.locator(".session-end").is_visible()
    page.context.close()
