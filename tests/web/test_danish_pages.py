"""What rooms refuse and say to systems, and what two people did, is told in the language of the page."""

import html
import re
import time
from datetime import timedelta

import pytest

from npn.instants import danish_day, day_in
from npn.people.model import AccountRole
from npn.transport.calls import Tally
from npn.transport.service import REMEMBERED
from operators import operator
from web.town import Browser, Town

OPERATOR = AccountRole.OPERATOR


@pytest.fixture
def danish(own_town: Town) -> Browser:
    return own_town.browser(OPERATOR, language="da")


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        (
            "/systems/{ours}/limits",
            {"smallest_draw": "900", "largest_draw": "899", "reason": "x"},
            "Det største træk er mindre end det mindste.",
        ),
        (
            "/systems/{ours}/limits",
            {"smallest_draw": "0", "largest_draw": "899", "reason": "x"},
            "Det mindste tal her er 1.",
        ),
        (
            "/systems/{ours}/limits",
            {"smallest_draw": "1", "largest_draw": "899", "quota": "5000", "reason": "x"},
            "En kvote kræver både et antal numre og et antal dage.",
        ),
        (
            "/accounts/new",
            {"email": "ny@example.dk", "name": "Ny Person", "role": "owner", "organisation": ""},
            "Rollen skal høre til en organisation: en kendt ejer.",
        ),
        (
            "/accounts/new",
            {"email": "ny@example.dk", "name": "Ny Person", "role": "region", "organisation": ""},
            "Rollen skal høre til en organisation: en kendt region.",
        ),
    ],
)
def test_what_a_room_refuses_is_said_in_danish(  # noqa: PLR0917  # what pytest hands over
    own_town: Town, danish: Browser, path: str, values: dict[str, str], words: str
) -> None:
    answer = danish.post(path.format(ours=own_town.ours), {**values, "do": "go"})
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert words in page
    for english in ("draw is", "a quota", "months from", "the role needs", "every_months", "freeze_months"):
        assert english not in page.lower()


@pytest.mark.parametrize("language", ["da", "en"])
def test_notices_are_said_in_the_visitor_s_language_also_on_a_case(own_town: Town, language: str) -> None:
    service, now = own_town.service, own_town.service.ledger.clock()
    service.stock.report(by=own_town.ours, free=40_300, used_per_day=400.0, as_of=now)
    today = danish_day(now)
    service.transport.add_calls([Tally(own_town.ours, today, "rest", plain=4500, plain_at=now)])
    if service.transport.plan().sunset is None:
        service.transport.announce(now + timedelta(days=300), by="admin:t", reason="besluttet i styregruppen")
    time.sleep(REMEMBERED)  # the server has read what was announced a moment ago
    browser, case = own_town.browser(OPERATOR, language=language), own_town.address("/cases/{case}")
    ends = day_in(language, service.transport.plan().sunset.cut_off)
    for path in (case, f"/systems/{own_town.ours}"):
        page = html.unescape(browser.get(path).text)
        if language == "da":
            assert "Beholdningen rækker til 100 dage ifølge systemets egne oplysninger" in page, path
            assert f"Ukrypteret HTTP ophører {ends};" in page, path
            assert "your stock lasts" not in page
            assert "plain HTTP ends" not in page
        else:
            assert "The stock lasts 100 days, as the system reports" in page, path
            assert f"Plain HTTP ends on {ends};" in page, path


def test_what_came_of_an_approval_is_said_in_danish_with_its_values(own_town: Town, danish: Browser) -> None:
    limits = {"smallest_draw": "1", "largest_draw": "20000000", "reason": "et år ad gangen"}
    asked = own_town.browser(OPERATOR).post(f"/systems/{own_town.test}/limits", limits).headers["Location"]
    own_town.browser_of(operator(own_town.service, "grethe")).post(asked, {"decision": "approved"})
    page = danish.get(asked).text
    assert f"Grænserne for {own_town.test} er sat." in page
    assert "done:" not in page
    assert "are set" not in page
    assert f"The limits of {own_town.test} are set." in own_town.browser(OPERATOR).get(asked).text


def test_what_an_operator_wrote_is_marked_as_danish_in_an_english_page(own_town: Town, danish: Browser) -> None:
    service = own_town.service
    if service.transport.plan().sunset is None:
        service.transport.announce(
            service.ledger.clock() + timedelta(days=300), by="admin:t", reason="besluttet i styregruppen"
        )
    time.sleep(REMEMBERED)
    reason = service.transport.plan().sunset.reason
    assert f'<span lang="da">{reason}</span>' in own_town.browser(OPERATOR).get("/transport").text
    assert 'lang="da">' + reason not in danish.get("/transport").text
    assert reason in danish.get("/transport").text


def test_spaces_and_environments_have_their_danish_names(danish: Browser) -> None:
    for path in ("/forecast", "/stock", "/spaces"):
        page = danish.get(path).text
        shown = re.sub(r"<[^>]*>", " ", page.partition("<main")[2])
        assert not re.search(r"\bproduction\b", shown), path
        assert "Produktion" in shown, path
