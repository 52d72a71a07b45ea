"""Searches that somebody keeps: by name, for their own account, on the list they are of."""

import re

from npn.people.model import AccountRole
from web.town import Town

SEARCH = {"path": "/systems", "query": "q=hj%C3%B8rring&sort=-vendor"}


def test_a_search_is_saved_shown_replaced_and_removed_by_its_own_account_alone(town: Town) -> None:
    browser = town.browser(AccountRole.OPERATOR, language="da")
    answer = browser.post("/account/searches", {**SEARCH, "name": "Nordjyske <b>"})
    assert answer.headers["Location"] == "/systems?q=hj%C3%B8rring&sort=-vendor"
    browser.post("/account/searches", {**SEARCH, "name": "Nordjyske <b>", "query": "q=nord"})
    page = browser.get("/systems").text
    assert page.count("Nordjyske &lt;b&gt;</a>") == 1
    assert 'href="/systems?q=nord"' in page
    assert "Nordjyske" not in browser.get("/stock").text
    assert "Nordjyske" not in town.browser(AccountRole.AUDITOR).get("/systems").text
    found = re.search(r'name="id" value="([0-9a-f]{20})"', page)
    assert found is not None
    gone = {"id": found[1], "path": "/systems"}
    assert town.browser(AccountRole.AUDITOR).post("/account/searches/remove", gone).status_code == 404
    assert browser.post("/account/searches/remove", gone).headers["Location"] == "/systems"
    assert "Nordjyske" not in browser.get("/systems").text


def test_a_search_holds_for_the_same_list_of_every_system(town: Town) -> None:
    browser = town.browser(AccountRole.OPERATOR)
    ours, foreign = (f"/systems/{system}/series" for system in (town.ours, town.foreign))
    saved = browser.post("/account/searches", {"path": ours, "query": "state=released", "name": "Given up"})
    assert saved.headers["Location"] == f"{ours}?state=released"
    assert f'href="{foreign}?state=released"' in browser.get(foreign).text


def test_a_search_leads_nowhere_else_has_a_name_and_there_are_not_too_many(town: Town) -> None:
    browser = town.browser(AccountRole.OWNER)
    for elsewhere in ("//evil.example", "/overview", "/systems/", "/systems/x", "/systems.csv", "", "/nowhere"):
        away = browser.post("/account/searches", {**SEARCH, "name": "x", "path": elsewhere})
        assert (away.status_code, away.headers.get("Location")) == (404, None), elsewhere
    assert browser.post("/account/searches", {**SEARCH, "name": " "}).status_code == 422
    answers = [browser.post("/account/searches", {**SEARCH, "name": f"s{n}"}).status_code for n in range(31)]
    assert answers.count(422) >= 1
    assert browser.get("/systems").text.count('action="/account/searches/remove"') == 30
