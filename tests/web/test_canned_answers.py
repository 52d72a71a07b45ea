"""Ready answers are chosen by the operator, filled with the case's values in the requester's language, and edited."""

import html
import re

import pytest

from npn.people.model import AccountRole
from npn.support.model import Requester
from npn.web.pages.support.canned import CANNED, filled
from web.town import Town

OPERATOR = AccountRole.OPERATOR
_TEXT = re.compile(r'<textarea[^>]* name="text"[^>]*>(.*?)</textarea>', re.DOTALL)


def written(page: str) -> str:
    match = _TEXT.search(page)
    assert match is not None
    return html.unescape(match[1])


def opened(town: Town, name: str, language: str) -> int:
    requester = Requester(name, "anna@example.dk", language)
    case = town.service.cases.open(
        by="admin:t", subject="Nøgle", text="Hvor er den?", requester=requester, system=town.ours
    )
    return case.number


@pytest.mark.parametrize(("language", "greeting"), [("da", "Hej Anna"), ("en", "Hello Anna")])
@pytest.mark.parametrize("key", CANNED)
def test_each_is_filled_in_the_requester_s_language(own_town: Town, key: str, language: str, greeting: str) -> None:
    number = opened(own_town, "Anna", language)
    browser, before = own_town.browser(OPERATOR, language="da"), own_town.entries()
    text = written(browser.get(f"/cases/{number}?answer={key}").text)
    assert text.startswith(greeting)
    assert "Anna Operator" in text
    assert "{" not in text
    assert own_town.entries() == before  # nothing is sent before the operator presses
    assert browser.post(f"/cases/{number}/reply", {"text": f"{text}\nPS"}).status_code == 303
    assert own_town.service.cases.entries(number)[-1].text.endswith("PS")


def test_what_somebody_wrote_is_a_value_and_no_template(own_town: Town) -> None:
    number = opened(own_town, "{operator} {{ 7*7 }} {name.__class__}", "da")
    text = written(own_town.browser(OPERATOR).get(f"/cases/{number}?answer=solved").text)
    assert text.startswith("Hej {operator} {{ 7*7 }} {name.__class__}\n")
    assert "Labka Nord" in written(own_town.browser(OPERATOR).get(f"/cases/{number}?answer=plain_http").text)


def test_an_answer_that_is_none_leaves_the_form_empty_and_others_have_no_choice(own_town: Town) -> None:
    number = opened(own_town, "Anna", "da")
    assert written(own_town.browser(OPERATOR).get(f"/cases/{number}?answer=__class__").text) == ""
    owner = own_town.browser(AccountRole.OWNER, language="da").get(f"/cases/{number}?answer=key").text
    assert "færdigt svar" not in owner
    assert written(owner) == ""
    assert filled("no such answer", "da", {}) == ""
