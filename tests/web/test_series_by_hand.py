"""A series drawn or given back by hand: checked before anything happens, done once, with a receipt and its numbers."""

import base64
import re

import httpx
import msgspec
import pytest

from npn.people.model import AccountRole
from npn.registry.service import Registry
from web.test_work import hidden
from web.town import Browser, Town

NOTHING_YET = "Nothing has happened yet. Check your answers."


def form_of(browser: Browser, town: Town) -> dict[str, str]:
    """Open the form, which has its request's id from then on, and fill it in."""
    shown = browser.get(f"/systems/{town.ours}/draw", follow_redirects=True)
    assert "request=" in str(shown.url)
    return {**hidden(shown), "count": "1200", "of": "usable", "purpose": "Sommer"}


def draw(browser: Browser, town: Town, values: dict[str, str]) -> httpx.Response:
    return browser.post(f"/systems/{town.ours}/draw", values)


def checked_page(browser: Browser, answer: httpx.Response) -> httpx.Response:
    """Follow a form to the page on which its answers are checked."""
    assert answer.status_code == 303, answer.text
    assert "/check?" in answer.headers["Location"]
    return browser.get(answer.headers["Location"])


def test_a_draw_is_checked_before_anything_happens(own_town: Town) -> None:
    browser, before = own_town.browser(AccountRole.OWNER, language="da"), own_town.entries()
    typed = {**form_of(browser, own_town), "count": "1.200"}
    checked = checked_page(browser, draw(browser, own_town, typed))
    assert checked.status_code == 200
    for said in (
        "Der er ikke sket noget endnu",
        "1.200 brugbare numre",
        "Labka Nord",
        "Produktion",
        "karantæne",
        "Sommer",
    ):
        assert said in checked.text
    assert own_town.entries() == before
    changed = draw(browser, own_town, {**hidden(checked), "do": "change"})
    assert changed.status_code == 303
    assert 'value="1200"' in browser.get(changed.headers["Location"]).text
    drawn = draw(browser, own_town, {**hidden(checked), "do": "go"})
    assert re.fullmatch(r"/series/s[0-9a-f]+/receipt", drawn.headers["Location"])
    receipt = browser.get(drawn.headers["Location"])
    for said in ("Kvittering", "1.200", "Serien er trukket."):
        assert said in receipt.text


def test_a_form_that_was_used_leads_to_its_receipt_whatever_is_pressed(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    values = form_of(browser, own_town)
    drawn = draw(browser, own_town, {**values, "do": "go"}).headers["Location"]
    before = own_town.entries()
    again = [
        draw(browser, own_town, values),
        draw(browser, own_town, {**values, "do": "go"}),
        draw(browser, own_town, {**values, "count": "99", "do": "go"}),
        draw(browser, own_town, {**values, "do": "change"}),
        browser.get(f"/systems/{own_town.ours}/draw?request={values['request_id']}"),
        browser.get(f"/systems/{own_town.ours}/draw/check?request={values['request_id']}&count=5&of=usable"),
    ]
    assert {answer.headers["Location"] for answer in again} == {drawn}
    assert own_town.entries() == before


def test_what_would_be_refused_is_said_before_anybody_confirms_it(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    values = form_of(browser, own_town)
    answer = draw(browser, own_town, {**values, "count": "10000001"})
    assert answer.status_code == 422
    assert 'id="field-count-error"' in answer.text
    assert "<title>Error: " in answer.text
    assert 'tabindex="-1" autofocus' in answer.text


@pytest.mark.parametrize("sent", ["0", "12,5", "x", "10000000000000000000", "-4"])
def test_a_count_that_can_not_be_is_refused_with_what_was_typed(own_town: Town, sent: str) -> None:
    browser = own_town.browser(AccountRole.OWNER, language="da")
    answer = draw(browser, own_town, {**form_of(browser, own_town), "count": sent, "of": "", "do": "go"})
    assert answer.status_code == 422
    assert f'value="{sent}"' in answer.text
    assert 'id="field-count-error"' in answer.text
    assert 'id="field-of-error"' in answer.text


def test_nothing_is_filled_in_but_for_who_chooses_the_suggestion(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    path = f"/systems/{own_town.ours}/draw"
    assert (
        'name="count" class="short" inputmode="numeric" maxlength="40" value=""'
        in browser.get(path, follow_redirects=True).text
    )
    chosen = browser.get(f"{path}?count=336962&of=usable", follow_redirects=True)
    assert 'value="336962"' in chosen.text


def test_the_numbers_of_a_series_and_its_receipt_are_taken_along(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.REGION)
    path = draw(browser, own_town, {**form_of(browser, own_town), "do": "go"}).headers["Location"]
    series = own_town.service.registry.series(path.split("/")[2], by=own_town.everything)
    address = path.removesuffix("/receipt")
    listed = browser.get(f"{address}/numbers.txt")
    assert len(listed.text.split()) == series.usable == 1200
    assert listed.text.split()[0] == series.text(series.first) or int(listed.text.split()[0]) > series.first
    table = browser.get(f"{address}/numbers.csv")
    assert table.text.split("\r\n")[:2] == ["number", listed.text.split()[0]]
    assert table.headers["Content-Disposition"] == f'attachment; filename="npn-{series.id}-numbers.csv"'
    signed = browser.get(f"{address}/receipt.jws")
    payload = signed.text.split(".")[1]
    assert msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["series"] == series.id
    foreign = own_town.series[own_town.foreign]
    for file in ("receipt", "receipt.jws", "numbers.csv", "numbers.txt"):
        assert browser.get(f"/series/{foreign}/{file}").status_code == 404


def test_a_release_is_checked_and_its_receipt_says_how_long_the_numbers_wait(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER, language="da")
    path = draw(browser, own_town, {**form_of(browser, own_town), "do": "go"}).headers["Location"]
    series = own_town.service.registry.series(path.split("/")[2], by=own_town.everything)
    address, start = f"/series/{series.id}/release", series.text(series.last - 99)
    typed = f"{start[:2]} {start[2:6]}-{start[6:]}"
    before = own_town.entries()
    nothing = browser.post(address, {"from": "123"})
    assert nothing.status_code == 422
    assert 'id="field-from-error"' in nothing.text
    assert 'id="field-sure-error"' in nothing.text
    checked = checked_page(browser, browser.post(address, {"from": typed, "sure": "yes"}))
    assert checked.status_code == 200
    for said in (start, series.text(series.last), "100 numre i alt", "karantæne"):
        assert said in checked.text
    assert own_town.entries() == before
    done = browser.post(address, {**hidden(checked), "do": "go"})
    assert done.headers["Location"] == path
    assert "I karantæne til" in browser.get(path).text
    assert own_town.entries() == before + 1
    again = browser.post(address, {"from": typed, "sure": "yes"})
    assert again.headers["Location"] == path
    assert browser.get(f"{address}/check?from={start}&sure=yes").headers["Location"] == path
    assert browser.get(f"{address}/check?from=123").status_code == 422
    assert own_town.entries() == before + 1


def test_a_refused_trial_leaves_no_trace(own_town: Town) -> None:
    registry: Registry = own_town.service.registry
    before = registry.spaces()
    browser = own_town.browser(AccountRole.OWNER)
    for _ in range(3):
        assert NOTHING_YET in checked_page(browser, draw(browser, own_town, form_of(browser, own_town))).text
    assert registry.spaces() == before


def test_whoever_may_draw_has_a_button_for_it_on_the_stock_s_page(own_town: Town) -> None:
    for role, draws in ((AccountRole.OPERATOR, True), (AccountRole.OWNER, True), (AccountRole.AUDITOR, False)):
        page = own_town.browser(role).get(f"/systems/{own_town.ours}/stock").text
        assert (f'href="/systems/{own_town.ours}/draw"' in page) is draws
