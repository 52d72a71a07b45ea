"""What the domain alone can tell of a form is told with the rest: every error in one answer, each beside its field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from agreements_texts import TEXTS
from npn.agreements.model import Language
from npn.errors import InvalidFieldsError
from npn.instants import danish_day
from npn.people.model import AccountRole
from web.test_form_errors import errors
from web.town import Browser, Town

TODAY = danish_day(datetime.now(UTC))
PAST, LATER = TODAY - timedelta(days=3), TODAY + timedelta(days=30)


@pytest.fixture
def operator(own_town: Town) -> Browser:
    return own_town.browser(AccountRole.OPERATOR, language="da")


def sent(own_town: Town, operator: Browser, path: str, values: Mapping[str, object]) -> str:
    """Send a form that has errors; return the page."""
    before = own_town.entries()
    answer = operator.post(own_town.address(path), {name: str(value) for name, value in values.items()})
    assert answer.status_code == 422
    assert own_town.entries() == before
    return answer.text


@pytest.mark.parametrize(
    ("path", "values", "wrong"),
    [
        (
            "/systems/{system}/limits",
            {"smallest_draw": 500, "largest_draw": 100, "quota": 1000, "quota_days": "", "reason": ""},
            {"largest_draw", "quota_days", "reason"},
        ),
        (
            "/systems/{system}/limits",
            {"smallest_draw": 0, "largest_draw": 100, "quota": "", "quota_days": 30, "reason": "r"},
            {"smallest_draw", "quota"},
        ),
        (
            "/accounts/new",
            {"name": "", "email": "owner@example.dk", "role": "owner", "organisation": "vendor-csc-sundhed"},
            {"name", "email", "organisation"},
        ),
        ("/accounts/new", {"name": "N", "email": "owner@example.dk", "role": "region"}, {"email", "organisation"}),
        (
            "/accounts/{account}",
            {"name": "", "email": "operator@example.dk", "role": "vendor", "state": "active"},
            {"name", "email", "organisation"},
        ),
        ("/transport/sunset/announce", {"cut_off": PAST, "reason": ""}, {"cut_off", "reason"}),
        ("/transport/sunset/announce", {"cut_off": LATER, "reason": ""}, {"cut_off", "reason"}),
        (
            "/transport/brown-outs/new",
            {"day": PAST, "starts_at": "10", "ends_at": "9", "reason": ""},
            {"starts_at", "ends_at", "reason"},
        ),
        (
            "/transport/brown-outs/new",
            {"day": LATER, "starts_at": "x", "ends_at": "", "reason": "r"},
            {"starts_at", "ends_at"},
        ),
        ("/systems/{system}/transport/exception", {"until": PAST, "reason": ""}, {"until", "reason"}),
        ("/systems/{system}/agreement/respite", {"until": PAST, "reason": ""}, {"until", "reason"}),
        (
            "/systems/{system}/agreement/requirements/{requirement}/exemption",
            {"until": PAST, "reason": ""},
            {"until", "reason"},
        ),
        (
            "/systems/{system}/agreement/requirements/{requirement}/shown",
            {"met": "", "how": "", "shown_on": LATER, "expires_on": PAST},
            {"met", "how", "shown_on", "expires_on"},
        ),
        (
            "/agreements/policy",
            {"version": "1.0", "inform_from": LATER, "warn_from": TODAY, "refuse_from": PAST, "at_once": "yes"},
            {"warn_from", "refuse_from"},
        ),
        (
            "/agreements/proposals/{proposal}/decision",
            {"outcome": "adopted", "decided_on": LATER, "minutes": "", "effective_from": TODAY},
            {"decided_on", "minutes", "effective_from"},
        ),
    ],
)  # fmt: skip
def test_every_error_of_a_form_stands_beside_its_field(
    own_town: Town, operator: Browser, *, path: str, values: Mapping[str, object], wrong: set[str]
) -> None:
    text = sent(own_town, operator, path, values)
    assert errors(text) == wrong
    listed = re.findall(r'<a href="#field-(\w+?)(?:-(?:day|month|year))?">', text)
    assert set(listed) == wrong


def test_a_draft_is_told_all_that_is_wrong_with_its_number_its_day_and_its_texts(
    own_town: Town, operator: Browser
) -> None:
    english = TEXTS[Language.ENGLISH].rstrip() + "\n\n## 99 More\n\nMore.\n"
    texts = {"danish": TEXTS[Language.DANISH], "english": english, "version": "1.0"}
    publication = {**texts, "effective_from": PAST}
    assert errors(sent(own_town, operator, "/agreements/publish", publication)) == {
        "version", "effective_from", "english", "sure",
    }  # fmt: skip
    assert errors(sent(own_town, operator, "/agreements/proposals/new", texts)) == {
        "title", "reason", "forum", "version", "english",
    }  # fmt: skip
    assert errors(sent(own_town, operator, "/agreements/proposals/{proposal}/draft", {**texts, "version": "x"})) == {
        "version", "english",
    }  # fmt: skip


def test_an_account_that_is_refused_leaves_no_organisation_behind(own_town: Town, operator: Browser) -> None:
    values = {
        "name": "N", "email": "owner@example.dk", "role": "owner", "organisation": "new",
        "organisation_new": "Helt Nyt Laboratorium",
    }  # fmt: skip
    assert errors(sent(own_town, operator, "/accounts/new", values)) == {"email"}
    names = [organisation.name for organisation in own_town.service.systems.organisations()]
    assert "Helt Nyt Laboratorium" not in names


def test_a_program_is_told_the_first_of_them(own_town: Town) -> None:
    limits = {"smallest_draw": 0, "largest_draw": 5, "quota": None, "quota_days": 7}
    with pytest.raises(InvalidFieldsError) as refused:
        own_town.service.systems.set_limits(own_town.ours, by="admin:t", **limits)
    assert refused.value.field == "smallest_draw"
    assert [error.field for error in refused.value.errors] == ["smallest_draw", "quota"]
