"""An address that takes only a form, opened in a browser, leads back to the page that the form is on."""

import re

import pytest

from npn.people.model import AccountRole
from npn.web import pages
from npn.web.broken import broken
from npn.web.routes import TABLE, Route, page_of
from web.formfields import forms_of
from web.town import Town

pages.load()
FORMS_ONLY = sorted(
    (route for (method, path), route in TABLE.items() if method == "POST" and ("GET", path) not in TABLE),
    key=lambda route: route.path,
)
_LINK = re.compile(r'<a class="button" href="([^"]+)"')


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("route", FORMS_ONLY, ids=lambda route: route.path)
def test_it_is_a_page_that_leads_to_one_that_is_there(town: Town, route: Route, language: str) -> None:
    role = next((role for role in AccountRole if role in route.rule.roles), None)
    browser, before = town.browser(role, language=language), town.entries()
    answer = browser.get(town.address(route.path))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert f'<html lang="{language}">' in answer.text
    link = _LINK.search(answer.text)
    assert link is not None
    assert browser.get(link[1]).status_code in (200, 404)  # a page with a link in a mail ends with the link
    assert "{" not in link[1]
    assert town.entries() == before


@pytest.mark.parametrize("route", FORMS_ONLY, ids=lambda route: route.path)
def test_a_program_and_a_stranger_are_answered_too(town: Town, route: Route) -> None:
    address = town.address(route.path)
    program = town.browser(None).client.get(address, headers={"Accept": "application/json"})
    assert (program.status_code, program.headers["Allow"]) == (405, "POST")
    assert program.json()["code"] == "method_not_allowed"
    stranger = town.browser(None).get(address)
    assert stranger.status_code == 405
    assert "Open the page with the form" in stranger.text
    head = town.browser(None).client.head(address, headers={"Accept": "text/html"})
    assert (head.status_code, head.content) == (405, b"")


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/cases/{case}/reply", "/cases/{case}"),
        ("/approvals/recovery", "/approvals"),
        ("/transport/brown-outs/{brown_out}/cancel", "/transport/sunset"),
        ("/systems/{system}/ask-contacts", "/contacts"),
        ("/systems/{system}/other-numbers/{place}/end", "/systems/{system}/other-numbers"),
        ("/mail/{email}/retry", "/mail"),
        ("/sign-out", "/"),
    ],
)
def test_each_leads_to_its_own_form(path: str, page: str) -> None:
    assert page_of(TABLE["POST", path]) == page


def test_a_request_s_forms_lead_its_operator_to_its_case_and_others_to_the_list(town: Town) -> None:
    address = town.address("/requests/{asked}/refuse")
    operator = town.browser(AccountRole.OPERATOR)
    link = _LINK.search(operator.get(address).text)
    assert link is not None
    assert re.fullmatch(r"/cases/[0-9]+", link[1])
    assert address in [form.action for form in forms_of(operator.get(link[1]).text)]
    stranger = _LINK.search(town.browser(None).get(address).text)
    assert stranger is not None
    assert stranger[1] == "/requests"


def test_the_page_of_a_fault_has_both_languages_and_the_request_s_number() -> None:
    page = broken("7f3a<9").decode()
    assert page.count("<code>7f3a&lt;9</code>") == 2
    assert '<html lang="da">' in page
    assert '<div lang="en">' in page
    assert re.search(r'<link rel="stylesheet" href="/static/[0-9a-f]{16}/npn.css">', page)
