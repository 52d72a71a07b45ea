"""The menu has five groups, leads only where one may go, and the search finds what one may see, however it is typed."""

import re
from itertools import product

import pytest

from npn.people.model import AccountRole
from npn.web.menu_counts import REMEMBERED, MenuTally
from npn.web.navigation import MENU
from npn.web.texts import LANGUAGES, texts
from web.conftest import town_in
from web.town import FOREIGN, ROLES, Town


def test_there_are_five_groups_and_each_role_has_its_own_places() -> None:
    assert len(MENU) == 5
    paths = [entry.path for group in MENU for entry in group.entries]
    assert len(paths) == len(set(paths))
    for role in ROLES:
        assert any(role in entry.roles for group in MENU for entry in group.entries)


@pytest.mark.parametrize("role", ROLES)
def test_every_place_of_the_menu_can_be_opened_and_is_marked(town: Town, role: AccountRole) -> None:
    browser = town.browser(role)
    page = browser.get("/overview").text
    shown = re.findall(r'<a href="([^"]+)"', page[page.index('<details class="all">') : page.index("</nav>")])
    assert shown == [entry.path for group in MENU for entry in group.entries if role in entry.roles]
    for path in shown:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert f'<a href="{path}" aria-current="page">' in answer.text, path
        assert answer.text.count('aria-current="true"') == 1, path


def test_pages_below_a_place_belong_to_its_group(town: Town) -> None:
    browser = town.browser(AccountRole.OPERATOR)
    for path, place in (
        (f"/systems/{town.ours}/keys", "/systems"),
        (f"/series/{town.series[town.ours]}", "/systems"),
        ("/add-system", "/systems"),
        ("/agreements/proposals/new", "/agreements/proposals"),
        ("/transport/planner", "/transport/planner"),
        ("/transport/certificates", "/transport"),
    ):
        page = browser.get(path).text
        assert re.findall(r'<a href="([^"]+)" aria-current="page"', page)[0] == place, path


def test_counts_are_of_the_person_and_change_with_what_they_do(own_town: Town) -> None:
    operator = own_town.browser(AccountRole.OPERATOR)
    before = waiting(operator.get("/overview").text, "/cases")
    answer = operator.post(
        "/cases/new", {"system": own_town.ours, "subject": "En mere", "text": "Hvad nu?", "kind": "support"}
    )
    assert answer.status_code == 303, answer.text
    assert waiting(operator.get("/overview").text, "/cases") == before + 1
    assert waiting(own_town.browser(AccountRole.AUDITOR).get("/overview").text, "/cases") == 0


def waiting(page: str, path: str) -> int:
    found = re.search(rf'<li><a href="{path}"[^>]*>[^<]*<span class="count">([0-9.,]+)', page)
    return int(found[1]) if found else 0


def test_a_count_is_remembered_for_some_seconds_and_forgotten_after_a_change(own_town: Town) -> None:
    ticks = [0.0]
    counts = MenuTally(lambda: ticks[0])
    account = own_town.accounts[AccountRole.OPERATOR]
    visitor = own_town.service.sessions.visitor(own_town.service.sessions.begin(account, proved=True).token)
    assert visitor is not None
    assert counts.remembered(visitor.person) is None
    counted = counts.count(own_town.service, visitor.person)  # type: ignore[arg-type]  # it has what is asked of it
    assert counts.remembered(visitor.person) == counted
    ticks[0] = REMEMBERED + 1
    assert counts.remembered(visitor.person) is None
    counts.count(own_town.service, visitor.person)  # type: ignore[arg-type]  # as above
    counts.forget(visitor.person)
    assert counts.remembered(visitor.person) is None


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("labka", "/systems/labka-nord"),
        ("LABKA nord", "/systems/labka-nord"),
        ("nordsygehus", "/systems/labka-nord"),
        ("1000000015", "/lookup?number=1000000015"),
        ("100 000 0015", "/lookup?number=1000000015"),
        ("1.000.000.015", "/lookup?number=1000000015"),
        ("tore@example.dk", "/systems/labka-nord"),
        ("hovedbog", "/ledger"),
        ("nummerrum", "/spaces"),
    ],
)
def test_what_somebody_has_in_hand_leads_to_its_page(town: Town, words: str, path: str) -> None:
    page = town.browser(AccountRole.OPERATOR, language="da").get("/search", params={"q": words}).text
    assert f'href="{path}"' in main_of(page)


def test_a_case_is_found_by_its_number_its_mark_and_its_subject(town: Town) -> None:
    case = next(case for case in town.service.cases.some() if case.subject == f"Om {town.ours}")
    browser = town.browser(AccountRole.OPERATOR)
    for words in (str(case.number), f"NPN-{case.number}", str(case.thread), case.subject.upper()):
        assert f'href="/cases/{case.number}"' in main_of(browser.get("/search", params={"q": words}).text), words


@pytest.mark.parametrize("role", [AccountRole.OPERATOR, AccountRole.AUDITOR])
def test_every_hit_of_a_search_opens(town: Town, role: AccountRole) -> None:
    browser = town.browser(role)
    for words in ("nord", "csc", "1000000015", "anna", "tore", "e"):
        hits = re.findall(r'<li><a href="([^"#?]+)', main_of(browser.get("/search", params={"q": words}).text))
        assert hits
        assert [path for path in hits if browser.get(path).status_code != 200] == []
    assert '<a href="/organisations/' in main_of(browser.get("/search", params={"q": "nordsygehuset"}).text)


def test_nobody_finds_what_is_not_theirs(town: Town) -> None:
    for role, words in product(ROLES, ("fremmed", "Fremmedsygehuset", "example", "a", "1")):
        if role in (AccountRole.OPERATOR, AccountRole.AUDITOR):
            continue
        page = main_of(town.browser(role).get("/search", params={"q": words}).text)
        shown = re.sub(r'value="[^"]*"|“[^”]*”', "", page)
        assert FOREIGN not in shown.casefold(), (role, words)


def test_what_is_searched_for_is_text_and_nothing_is_said_in_words(town: Town) -> None:
    for language in LANGUAGES:
        browser = town.browser(AccountRole.REGION, language=language)
        page = browser.get("/search", params={"q": "<b>%(words)s{{ 7*7 }}</b>"}).text
        assert "<b>" not in main_of(page)
        assert "&lt;b&gt;%(words)s{{ 7*7 }}&lt;/b&gt;" in page
        assert texts(language).gettext("Search") in page  # type: ignore[arg-type]  # a text of the program
        assert browser.get("/search").status_code == browser.get("/search", params={"q": "x" * 500}).status_code == 200


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_an_installation_says_what_it_is_for_and_who_runs_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    toml = {"installation": "test", "authority_name": "Styrelsen <for> alt", "authority_contact": "npn@example.dk"}
    with town_in(tmp_path_factory.mktemp("named"), toml=toml) as named:
        for role in (None, *ROLES):
            page = named.browser(role, language="da").get("/" if role is None else "/overview").text
            assert "Testinstallation" in page
            assert "Styrelsen &lt;for&gt; alt" in page
            assert 'href="mailto:npn@example.dk"' in page
