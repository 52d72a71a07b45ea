"""Standard answers are kept by operators, offered by kind of case, filled in the requester's language, and edited."""

import html
import re

import pytest
import sqlalchemy as sa

from npn.errors import ConflictError
from npn.people.model import AccountRole
from npn.support.model import CaseKind, Requester, StandardText
from npn.support.standard_texts import SHIPPED
from web.town import Browser, Town

OPERATOR = AccountRole.OPERATOR
_TEXT = re.compile(r'<textarea[^>]* name="text"[^>]*>(.*?)</textarea>', re.DOTALL)
_OPTION = re.compile(r'<option value="([^"]+)"[^>]*>([^<]+)</option>')
FORM = {
    "kind": "support",
    "label_da": "Øvelsen er aflyst",
    "danish": "Hej {name}\n\nØvelsen for {system} er aflyst (sag {case}).\n\n{operator}",
    "label_en": "The drill is cancelled",
    "english": "Hello {name}\n\nThe drill for {system} is cancelled (case {case}).\n\n{operator}",
}
PATH = "/standard-answers"


def written(page: str) -> str:
    match = _TEXT.search(page)
    assert match is not None
    return html.unescape(match[1])


def offered(browser: Browser, number: int) -> dict[str, str]:
    """Return the standard answers that a case's page offers, by name."""
    select = re.search(r'<select id="field-answer".*?</select>', browser.get(f"/cases/{number}").text, re.DOTALL)
    assert select is not None
    return {html.unescape(label).strip(): value for value, label in _OPTION.findall(select[0])}


def case_of(town: Town, name: str, language: str, *, kind: CaseKind = CaseKind.SUPPORT, system: bool = True) -> int:
    requester = Requester(name, "anna@example.dk", language)
    with town.service.ledger.transaction() as tx:
        case = town.service.cases.open_in(
            tx, by="admin:t", kind=kind, subject="Nøgle", requester=requester, system=town.ours if system else None
        )
    return case.number


@pytest.mark.parametrize(("language", "greeting"), [("da", "Hej Anna"), ("en", "Hello Anna")])
@pytest.mark.parametrize("key", SHIPPED)
def test_each_shipped_one_is_filled_in_the_requester_s_language(
    own_town: Town, key: str, language: str, greeting: str
) -> None:
    number = case_of(own_town, "Anna", language)
    browser, before = own_town.browser(OPERATOR, language="da"), own_town.entries()
    text = written(browser.get(f"/cases/{number}?answer={key}").text)
    assert text.startswith(greeting)
    assert "Anna Operator" in text
    assert "{" not in text
    assert own_town.entries() == before  # nothing is sent before the operator presses
    assert browser.post(f"/cases/{number}/reply", {"text": f"{text}\nPS"}).status_code == 303
    assert own_town.service.cases.entries(number)[-1].text.endswith("PS")


def test_one_is_added_used_changed_retired_and_restored(own_town: Town) -> None:
    browser, number = own_town.browser(OPERATOR, language="da"), case_of(own_town, "Anna", "en")
    own = browser.post(f"{PATH}/new", FORM).headers["location"].partition("?")[0]
    key = own.rpartition("/")[2]
    assert offered(browser, number)["Øvelsen er aflyst"] == key
    filled = "Hello Anna\n\nThe drill for Labka Nord is cancelled (case {}).\n\nAnna Operator"
    assert written(browser.get(f"/cases/{number}?answer={key}").text) == filled.format(number)
    page = html.unescape(browser.get(own).text)
    assert "Hej Anna Jensen\n\nØvelsen for Labka Nord er aflyst (sag 1042).\n\nAnna Operator" in page
    assert browser.post(own, {**FORM, "english": "Off, {name}."}).status_code == 303
    assert written(browser.get(f"/cases/{number}?answer={key}").text) == "Off, Anna."
    assert browser.post(f"{own}/retire").status_code == 303
    assert "Øvelsen er aflyst" not in offered(browser, number)
    assert written(browser.get(f"/cases/{number}?answer={key}").text) == ""
    assert "Øvelsen er aflyst" not in browser.get(PATH).text
    assert "Øvelsen er aflyst" in browser.get(f"{PATH}?show=retired").text
    refused = browser.post(own, FORM)
    assert refused.status_code == 422
    assert "Standardsvaret er taget ud af brug: tag det i brug igen først" in refused.text
    assert browser.post(f"{own}/restore").status_code == 303
    assert offered(browser, number)["Øvelsen er aflyst"] == key
    history = browser.get(re.findall(r'href="(/ledger[?]about=[^"]+)"', browser.get(own).text)[0]).text
    assert history.count("Standardsvaret Øvelsen er aflyst") == 4  # added, changed, retired, in use again
    ledger = browser.get("/ledger?kind=standard_answer_retired").text
    assert "Standardsvaret Øvelsen er aflyst blev taget ud af brug." in ledger


def test_a_shipped_one_is_changed_and_retired_like_any_other(own_town: Town) -> None:
    browser, number = own_town.browser(OPERATOR, language="da"), case_of(own_town, "Anna", "da")
    assert (
        browser.post(
            f"{PATH}/solved", {**FORM, "label_da": "Løst", "label_en": "Done", "danish": "Løst: {system}"}
        ).status_code
        == 303
    )
    assert written(browser.get(f"/cases/{number}?answer=solved").text) == "Løst: Labka Nord"
    assert browser.post(f"{PATH}/key/retire").status_code == 303
    assert "En ny nøgle" not in offered(browser, number)
    assert browser.post(f"{PATH}/key/retire").status_code == 409
    assert browser.post(f"{PATH}/none/retire").status_code == 404


@pytest.mark.parametrize(("kind", "seen"), [("", {1, 2}), ("support", {1}), ("connection", {2})])
def test_one_is_offered_in_cases_of_its_kind_alone(own_town: Town, kind: str, seen: set[int]) -> None:
    browser, name = own_town.browser(OPERATOR, language="da"), f"Øvelse i {kind or 'alt'}"
    form = {**FORM, "kind": kind, "label_da": name, "label_en": name}
    assert browser.post(f"{PATH}/new", form).status_code == 303
    numbers = {1: case_of(own_town, "Anna", "da"), 2: case_of(own_town, "Anna", "da", kind=CaseKind.CONNECTION)}
    assert {which for which, number in numbers.items() if name in offered(browser, number)} == seen


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hej {nmae}", "{nmae}"),
        ("{name.__class__.__mro__}", "{name.__class__.__mro__}"),
        ("{name!r:>1000000}", "{name!r:>1000000}"),
        ("{0}", "{0}"),
        ("{{name}}", "{}"),
        ("{na{name}me}", "{name}"),
        ("{ name }", "{ name }"),
        ("{", "{"),
        ("100 % }", "}"),
        ("{{ 7*7 }}", "{"),
    ],
)
def test_braces_that_are_no_placeholder_are_refused_beside_their_field(own_town: Town, text: str, named: str) -> None:
    browser, before = own_town.browser(OPERATOR, language="da"), own_town.entries()
    answer = browser.post(f"{PATH}/new", {**FORM, "danish": text, "label_en": ""})
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert f"'{named}' er ikke en pladsholder; brug {{name}}, {{case}}, {{system}}, {{operator}}" in page
    assert own_town.entries() == before


def test_neither_a_stored_text_nor_a_value_is_ever_a_template(own_town: Town) -> None:
    """A row that came past the checks, and a requester who writes placeholders, are text."""
    browser = own_town.browser(OPERATOR, language="da")
    form = {**FORM, "label_da": "Skrevet", "label_en": "Written", "kind": ""}
    assert browser.post(f"{PATH}/solved", form).status_code == 303
    with own_town.service.database.write() as connection:
        row = {"t": "{name.__class__} {0} {{ 7*7 }} %(x)s {case}", "l": "{name.__class__} {{ 7*7 }} %(x)s"}
        connection.execute(
            sa.text("UPDATE standard_answer SET danish = :t, english = :t, label_da = :l WHERE id = 'solved'"), row
        )
    number = case_of(own_town, "{operator} {system.__init__}", "da")
    assert written(browser.get(f"/cases/{number}?answer=solved").text) == (
        f"{{name.__class__}} {{0}} {{{{ 7*7 }}}} %(x)s {number}"
    )
    assert offered(browser, number)["{name.__class__} {{ 7*7 }} %(x)s"] == "solved"
    for path in (PATH, f"{PATH}/solved"):
        assert "{name.__class__} {{ 7*7 }} %(x)s" in html.unescape(browser.get(path).text)
    text = written(browser.get(f"/cases/{number}?answer=more").text)
    assert text.startswith("Hej {operator} {system.__init__}\n")


def test_what_a_case_lacks_is_said_in_the_requester_s_language(own_town: Town) -> None:
    browser = own_town.browser(OPERATOR, language="da")
    number = case_of(own_town, "", "en", system=False)
    text = written(browser.get(f"/cases/{number}?answer=plain-http").text)
    assert text.startswith("Hello anna@example.dk\n")
    assert "the system still calls over plain HTTP" in text


def test_a_name_is_in_use_once_in_each_language(own_town: Town) -> None:
    answers = own_town.service.standard_answers
    german, other = StandardText("Øvelse", "Ja"), StandardText("Drill", "Yes")
    first = answers.put(by="admin:t", danish=german, english=other)
    second = answers.put(by="admin:t", danish=StandardText("Andet", "Ja"), english=StandardText("Drill!", "Yes"))
    assert (first.id, second.id) == ("answer-drill", "answer-drill-2")
    for danish, english, field in (
        (StandardText("øVELSE", "J"), second.english, "label_da"),
        (german, other, "label_da"),
    ):
        with pytest.raises(ConflictError) as refusal:
            answers.put(by="admin:t", danish=danish, english=english, answer_id=second.id)
        assert refusal.value.field == field
    answers.retire(first.id, by="admin:t")
    answers.put(by="admin:t", danish=german, english=other, answer_id=second.id)
    with pytest.raises(ConflictError):
        answers.restore(first.id, by="admin:t")
    with pytest.raises(ConflictError):
        answers.restore(second.id, by="admin:t")
    odd = [
        answers.put(by="admin:t", danish=StandardText(name, "Ja"), english=StandardText(name, "Yes")).id
        for name in ("!", "New", "Key")
    ]
    assert odd == ["answer", "answer-new", "answer-key"]  # neither an address of another page nor a shipped one


def test_others_have_no_choice_and_no_page(own_town: Town) -> None:
    number = case_of(own_town, "Anna", "da")
    assert written(own_town.browser(OPERATOR).get(f"/cases/{number}?answer=__class__").text) == ""
    owner = own_town.browser(AccountRole.OWNER, language="da").get(f"/cases/{number}?answer=key").text
    assert "standardsvar" not in owner
    assert written(owner) == ""
