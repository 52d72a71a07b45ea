"""Each role walks through its work in a real browser, in both languages; once with JavaScript switched off."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from npn.people import totp
from npn.people.model import AccountRole
from npn.web.texts import texts
from web.town import Town

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

PASSWORD = "fire kloge ord om aftenen"  # noqa: S105  # nobody's
Say = Callable[..., str]
_GROUP_OF = """name => [...document.querySelectorAll(".menu .all ul")].find(
    list => [...list.querySelectorAll("a")].some(link => link.textContent.startsWith(name))
)?.previousElementSibling.textContent"""
both = pytest.mark.parametrize("language", ["da", "en"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Walker:
    """Somebody at a browser: presses and fills by the words on the page."""

    def __init__(self, browser: Browser, town: Town, language: str, *, script: bool = True) -> None:
        self.say = texts(language).gettext
        context = browser.new_context(
            base_url=town.server.url,
            locale="da-DK" if language == "da" else "en-GB",
            java_script_enabled=script,
            bypass_csp=True,  # axe-core brings its own script
        )
        context.set_default_timeout(60_000)
        self.page: Page = context.new_page()

    def signed_in(self, town: Town, role: AccountRole) -> "Walker":
        token = town.service.sessions.begin(town.accounts[role], proved=True).token
        self.page.context.add_cookies([{"name": "npn_session", "value": token, "url": town.server.url}])
        self.page.goto("/overview")
        return self

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=self.say(label), exact=True).click()

    def follow(self, label: str) -> None:
        """Press a link of the page or the menu; one that stands in another group of the menu is found through it."""
        name = self.say(label)
        link = self.page.locator("main, .menu").get_by_role("link", name=re.compile(f"^{re.escape(name)}( [0-9]|$)"))
        if not link.count():
            group = self.page.evaluate(_GROUP_OF, name)
            self.page.locator(".menu .groups").get_by_role("link", name=re.compile(f"^{re.escape(group)}")).click()
            if not link.count():  # the only place of its group, which leads there itself
                return
        link.first.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(re.compile(f"^{re.escape(self.say(label))}( |$)")).fill(text)

    def choose_named(self, label: str, name: str) -> None:
        self.page.get_by_label(re.compile(f"^{re.escape(self.say(label))}( |$)")).select_option(label=name)

    def choose(self, label: str, value: str) -> None:
        self.page.get_by_label(re.compile(f"^{re.escape(self.say(label))}( |$)")).select_option(value)

    def reads(self, text: str) -> bool:
        return self.say(text) in self.page.locator("main").inner_text()

    def close(self) -> None:
        self.page.context.close()


@both
def test_an_operator_begins_with_a_link_and_connects_a_system(browser: Browser, own_town: Town, language: str) -> None:
    link = own_town.service.accounts.new_link(own_town.accounts[AccountRole.OPERATOR].id, by="admin:root")
    me = Walker(browser, own_town, language)
    me.page.goto(link.path)
    assert violations(me.page) == []
    me.fill("New password", PASSWORD)
    me.fill("Repeat the password", PASSWORD)
    me.press("Keep the password")
    secret = me.page.locator("input[name=secret]").input_value()
    assert me.page.locator("svg.qr").is_visible()
    assert violations(me.page) == []
    me.fill("Code from the app", totp.code_at(secret, int(time.time()) // totp.PERIOD))
    me.press("Go on")
    assert me.page.locator(".codes li").count() == 10
    assert violations(me.page) == []
    me.follow("Go on")
    assert me.reads("Your tasks")

    me.follow("Systems")
    me.follow("Connect a system")
    me.fill("Name", f"LABKA {language}")
    me.choose_named("Vendor", "CSC Sundhed")
    me.choose_named("Owner", "Nordsygehuset")
    me.choose("Environment", "production")
    me.press("Connect a system")
    assert me.page.locator("#key").inner_text().startswith(f"npn_labka-{language}_")
    assert violations(me.page) == []
    me.follow("I have saved the key")
    me.follow("Suspend")
    me.fill("Reason", "a try")
    me.press("Suspend")
    assert me.reads("Nothing has happened yet. Check your answers.")
    assert violations(me.page) == []
    me.press("Suspend")
    assert me.reads("The system is suspended.")
    me.follow("Resume")
    me.fill("Reason", "tried")
    me.press("Resume")
    me.press("Resume")
    for label in ("Ledger", "Number spaces", "Approvals", "Accounts", "Settings"):
        me.follow(label)
        assert me.page.locator("h1").inner_text() == me.say(label)
    me.close()


@pytest.mark.parametrize(("language", "script"), [("da", True), ("en", True), ("da", False)])
@pytest.mark.parametrize("role", [AccountRole.OWNER, AccountRole.REGION])
def test_an_owner_and_a_region_look_after_their_system(
    browser: Browser, own_town: Town, tmp_path: Path, *, role: AccountRole, language: str, script: bool
) -> None:
    me = Walker(browser, own_town, language, script=script).signed_in(own_town, role)
    me.follow("Systems")
    me.page.get_by_role("link", name="Labka Nord", exact=True).click()
    me.follow("Keys")
    me.press("Create a key")
    assert me.page.locator("#key").inner_text().startswith("npn_labka-nord_")
    me.follow("I have saved the key")
    me.follow("Change contacts")
    me.fill("On call: name", "Vagten")
    me.fill("On call: e-mail", "vagt@example.dk")
    me.press("Save")
    assert me.reads("The contacts are saved.")
    me.follow("Draw a series")
    me.fill("How many", "9")
    me.press("Continue")
    assert me.reads("Nothing has happened yet. Check your answers.")
    me.press("Draw the series")
    assert me.reads("The series is drawn.")
    with me.page.expect_download() as expected:
        me.follow("Start and end as a file")
    saved = tmp_path / "series.csv"
    expected.value.save_as(saved)
    assert saved.read_text("utf-8").startswith("series,space,first,last,system,drawn_at")
    me.follow("The series")
    me.follow("Give back")
    me.press("Continue")
    assert me.page.locator("input:invalid").count() == 1  # the browser asks for the tick, as the server would
    me.page.get_by_role("checkbox").check()
    me.press("Continue")
    me.press("Give the numbers back")
    assert me.reads("The numbers are given back.")
    me.close()


@both
def test_a_vendor_sees_its_systems_and_draws_in_test(browser: Browser, own_town: Town, language: str) -> None:
    me = Walker(browser, own_town, language).signed_in(own_town, AccountRole.VENDOR)
    me.follow("Systems")
    me.page.get_by_role("link", name="Labka Nord", exact=True).click()
    assert not me.reads("Draw a series")
    me.page.goto(f"/systems/{own_town.test}/draw")
    me.fill("How many", "5")
    me.press("Continue")
    assert me.reads("Nothing has happened yet. Check your answers.")
    me.press("Draw the series")
    assert me.reads("The series is drawn.")
    me.close()


@both
def test_the_group_and_an_auditor_look_and_change_nothing(browser: Browser, own_town: Town, language: str) -> None:
    group = Walker(browser, own_town, language).signed_in(own_town, AccountRole.GROUP)
    group.follow("Number spaces")
    group.follow("Look a number up")
    group.fill("Sample number", "1000000000")
    group.press("Look up")
    assert group.reads("another's")
    assert not group.page.locator(".menu").get_by_role("link", name=group.say("Connected systems"), exact=True).count()
    group.close()
    auditor = Walker(browser, own_town, language).signed_in(own_town, AccountRole.AUDITOR)
    auditor.follow("Ledger")
    auditor.press("Prove it now")
    with auditor.page.expect_download() as expected:
        auditor.follow("Export")
    assert expected.value.suggested_filename == "npn-ledger.jsonl"
    assert auditor.page.goto("/add-system").status == 403  # type: ignore[union-attr]  # a navigation has an answer
    auditor.close()
