"""A change of the agreement from proposal to decision, each role in its own browser, with JavaScript switched off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from chromium import CHROMIUM, chromium
from npn.people.model import AccountRole
from web.test_walk import Walker, both
from web.town import Town

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

DAYS = ("183", "197")  # of stock, in the marks and in the sentences


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@both
def test_a_change_is_proposed_heard_weighed_and_decided(browser: Browser, own_town: Town, language: str) -> None:
    def somebody(role: AccountRole) -> Walker:
        return Walker(browser, own_town, language, script=False).signed_in(own_town, role)

    operator = somebody(AccountRole.OPERATOR)
    operator.follow("Agreements")
    operator.follow("Change proposals")
    operator.follow("Propose a change")
    operator.fill("What it is about", f"More stock ({language})")
    operator.fill("Reason", "Longer outages")
    for label in ("Danish text", "English text"):
        text = operator.page.get_by_label(operator.say(label)).input_value()
        old, new = DAYS if DAYS[0] in text else DAYS[::-1]
        operator.fill(label, text.replace(old, new))
    operator.press("Preview the changes")
    assert not operator.page.locator("[role=alert]").count(), operator.page.locator("[role=alert]").inner_text()
    expect(operator.page.locator("ins").first).to_be_visible()
    operator.press("Submit")
    expect(operator.page.get_by_role("heading", level=1)).to_contain_text(f"More stock ({language})")
    address = operator.page.url

    group = somebody(AccountRole.GROUP)
    group.follow("Agreements")
    group.follow("Change proposals")
    group.page.locator("main").get_by_role("link", name=f"More stock ({language})").click()
    group.choose("Section", "4.2")
    group.fill("Comment", "Is that enough?")
    group.press("Send the comment")
    expect(group.page.locator(".talk")).to_contain_text("Is that enough?")

    vendor = somebody(AccountRole.VENDOR)
    vendor.follow("Change proposals")
    vendor.page.get_by_role("row", name=f"More stock ({language})").get_by_role("link").click()
    vendor.follow("What it means for each vendor")
    vendor.follow("State what the system needs")
    vendor.choose("System", own_town.ours)
    vendor.fill("What the system needs to meet the coming version", f"A release ({language})")
    vendor.press("Save")
    expect(vendor.page.locator("main")).to_contain_text(f"A release ({language})")

    operator.page.goto(address)
    operator.follow("Record the decision")
    operator.choose("Outcome", "adopted")
    operator.fill("Minutes", "4/2026")
    operator.press("Save the decision")
    operator.press("Record and publish")
    expect(operator.page.locator(".tag").first).to_have_text(operator.say("Adopted"))
    assert own_town.service.agreements.versions()[-1].proposal == address.rpartition("/")[2]
    for walker in (operator, group, vendor):
        walker.page.context.close()
