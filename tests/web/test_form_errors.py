"""What is wrong with a form is told all at once, beside its fields, and why; what ends is shown before it does."""

import re

import pytest

from npn.people.model import AccountRole
from npn.support.contacts import Contact
from web.test_work import last_entry
from web.town import Browser, Town

_ERROR = re.compile(r'id="field-(\w+)-error"')


def errors(text: str) -> set[str]:
    return set(_ERROR.findall(text))


@pytest.fixture
def operator(own_town: Town) -> Browser:
    return own_town.browser(AccountRole.OPERATOR, language="da")


BROWN_OUT = {
    "day_day": "28",
    "day_month": "3",
    "day_year": "2027",
    "reason": "prøve",
    "starts_at": "1.30",
    "ends_at": "4",
}


def test_an_hour_that_summer_time_leaves_out_or_repeats_is_refused_for_that_reason(operator: Browser) -> None:
    path = "/transport/brown-outs/new"
    gap = operator.post(path, {**BROWN_OUT, "starts_at": "02.30", "ends_at": "2.45"})
    assert gap.status_code == 422
    assert errors(gap.text) == {"starts_at", "ends_at"}
    assert "findes ikke den dag" in gap.text
    twice = operator.post(path, {**BROWN_OUT, "day_day": "31", "day_month": "10", "ends_at": "02:15"})
    assert errors(twice.text) == {"ends_at"}
    assert "to gange den dag" in twice.text
    sound = operator.post(path, BROWN_OUT)
    assert sound.status_code == 200
    assert "Der er ikke sket noget endnu" in sound.text
    assert "28. mar. 2027" in sound.text


def test_a_day_that_is_none_names_its_part_and_keeps_what_was_typed(operator: Browser) -> None:
    answer = operator.post("/transport/brown-outs/new", {**BROWN_OUT, "day_day": "31", "day_month": "2", "reason": ""})
    assert answer.status_code == 422
    assert errors(answer.text) == {"day", "reason"}
    assert "Februar 2027 har kun 28 dage." in answer.text
    assert 'href="#field-day-day"' in answer.text
    assert re.search(r'name="day_day"[^>]* value="31"[^>]* aria-invalid="true"', answer.text)
    assert answer.text.count('aria-invalid="true"') == 2
    assert "<title>Fejl: Udmeld" in answer.text


def test_a_page_asked_by_its_address_says_which_part_of_a_day_is_wrong(operator: Browser) -> None:
    answer = operator.get("/transport/planner?proposed_day=31&proposed_month=4&proposed_year=2027&notice_day=1")
    assert answer.status_code == 422
    assert errors(answer.text) == {"proposed", "notice"}
    sound = operator.get("/transport/planner?proposed_day=30&proposed_month=4&proposed_year=2027")
    assert sound.status_code == 200
    assert errors(sound.text) == set()
    assert operator.get("/transport/planner").status_code == 200


def test_the_request_tells_all_that_is_wrong_in_one_answer(own_town: Town) -> None:
    browser = own_town.browser(None, language="da")
    sent = {
        "requester_email": "fejl", "requester_name": "Rikke", "system": "L", "expected_per_day": "4,50",
        "environment": "moon", "addresses": "192.0.2.1\nfejl\n10.0.0.0/99", "technical_telephone": "12",
        "on_call_email": "vagt@lab.dk", "administrative_name": "x" * 201, "comment": "\u202e",
    }  # fmt: skip
    answer = browser.post("/apply", sent)
    assert answer.status_code == 422
    assert errors(answer.text) == {
        "requester_email", "vendor", "owner", "expected_per_day", "environment", "transport", "addresses",
        "technical_telephone", "administrative_name", "administrative_email", "on_call_name",
        "comment",
    }  # fmt: skip
    assert "Linje 2, fejl" in answer.text
    assert "Linje 3, 10.0.0.0/99" in answer.text


def test_contacts_stand_on_one_page_to_be_changed_and_removed(own_town: Town) -> None:
    browser, path = own_town.browser(AccountRole.OWNER, language="da"), f"/systems/{own_town.ours}/contacts"
    assert 'value="tore@example.dk"' in browser.get(path).text
    first = {"technical_name": "Tore", "technical_email": "fejl", "on_call_telephone": "12", "on_call_name": "Vagten"}
    wrong = browser.post(path, first)
    assert wrong.status_code == 422
    assert errors(wrong.text) == {"technical_email", "on_call_telephone"}
    sound = {**first, "technical_email": "tore@lab.dk", "on_call_telephone": "97 64 10 00"}
    assert browser.post(path, sound).status_code == 303
    assert own_town.service.contacts.of(own_town.ours) == (
        Contact("technical", "Tore", "tore@lab.dk", ""),
        Contact("administrative"),
        Contact("on_call", "Vagten", "", "97 64 10 00"),
    )
    assert last_entry(own_town, "system_contact_set")["by"] == own_town.accounts[AccountRole.OWNER].by
    removed = browser.post(path, {**sound, "technical_email": "fejl", "technical_remove": "yes"})
    assert removed.status_code == 303
    assert [contact.name for contact in own_town.service.contacts.of(own_town.ours)] == ["", "", "Vagten"]
    none_left = browser.post(path, {"on_call_remove": "yes", "on_call_name": "Vagten"})
    assert none_left.status_code == 422
    assert "mindst én kontakt" in none_left.text


def test_a_number_with_a_digit_too_few_or_too_many_is_explained_and_what_was_meant_is_marked(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER, language="da")
    series = own_town.service.registry.series(own_town.series[own_town.ours], by=own_town.everything)
    scheme = next(space.scheme for space in own_town.service.registry.spaces() if space.name == series.space)
    number = series.text(scheme.nth(series.first, 3) or 0)
    for typed, there in ((number[:-1], "9"), (f"{number}{number[-1]}", "11"), (number[:4] + number[5:], "9")):
        page = browser.get("/lookup", params={"number": typed})
        assert f"Et prøvenummer har 10 cifre, og dette har {there}." in page.text
        assert f'href="/lookup?number={number}"' in page.text
        assert "Labka Nord</a>" in page.text
    short = browser.get("/lookup", params={"number": "12345678"})
    assert "Et prøvenummer har 10 cifre, og dette har 8." in short.text
    swapped = number[:-2] + number[-1] + number[-2]
    if swapped != number:
        marked = f"{number[:-2]}<mark>{number[-2:]}</mark>"
        assert marked in browser.get("/lookup", params={"number": f"{swapped[:3]} {swapped[3:]}"}).text
    spaced = browser.get("/lookup", params={"number": f"{number[:3]}\u00a0{number[3:]}"})
    assert "består kontrollen" in spaced.text


def test_what_a_suggestion_belongs_to_is_said_to_whom_it_concerns_alone(own_town: Town) -> None:
    series = own_town.service.registry.series(own_town.series[own_town.foreign], by=own_town.everything)
    scheme = next(space.scheme for space in own_town.service.registry.spaces() if space.name == series.space)
    number = series.text(scheme.nth(series.first, 5) or 0)
    for role, is_told in ((AccountRole.OPERATOR, True), (AccountRole.OWNER, False), (AccountRole.GROUP, False)):
        page = own_town.browser(role).get("/lookup", params={"number": number[:-1]}).text
        assert number in page
        assert ("Fremmed Lab" in page) is is_told


@pytest.mark.parametrize(
    ("path", "values", "button"),
    [
        ("/systems/{system}/state", {"reason": "prøve"}, "Spær"),
        ("/transport/sunset/announce", {"cut_off": "2031-03-01", "reason": "r"}, "Bekræft og send"),
        ("/systems/{system}/keys", {"revoke_old": "yes"}, "Ophæv"),
        ("/systems/{system}/certificates/end", {"fingerprint": "a" * 64}, "Fjern"),
        ("/released", {"series": "s", "first": "1", "last": "2", "reason": "r"}, "Foreslå"),
        ("/systems/{system}/agreement/acceptances/{acceptance}/end", {"reason": "r"}, "Ophæv"),
    ],
)
def test_what_can_not_be_undone_is_shown_before_it_is_done(
    own_town: Town, path: str, values: dict[str, str], button: str
) -> None:
    browser, address = own_town.browser(AccountRole.OPERATOR, language="da"), own_town.address(path)
    form = browser.get(address).text if path.endswith("keys") else ""
    newest = re.search(r'name="newest" value="([^"]*)"', form)
    before = own_town.entries()
    answer = browser.post(address, {**values, **({"newest": newest[1]} if newest else {})})
    assert answer.status_code == 200
    assert "Der er ikke sket noget endnu" in answer.text
    assert button in answer.text
    assert own_town.entries() == before
