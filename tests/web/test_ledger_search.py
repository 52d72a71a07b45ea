"""The ledger's page: searched by words, system, person, kind and day, page by page, and as a file."""

import csv
import io
import re

import pytest

from npn.people.model import AccountRole
from npn.systems.model import SystemState
from web.town import Town


def shown(
    town: Town, query: str, *, role: AccountRole = AccountRole.OPERATOR, language: str = "da", status: int = 200
) -> str:
    answer = town.browser(role, language=language).get(f"/ledger{query}")
    assert answer.status_code == status
    return re.sub(r'<details class="raw.*?</details>|<option .*?</option>', "", answer.text, flags=re.DOTALL)


def numbers(page: str) -> list[int]:
    return [int(n.replace(".", "")) for n in re.findall(r'<th scope="row" class="right">([\d.]+)</th>', page)]


@pytest.fixture
def suspended(own_town: Town) -> Town:
    """The town after its operator has suspended a system and resumed it."""
    town = own_town
    browser = town.browser(AccountRole.OPERATOR)
    for reason in ("Prøve af hovedbogen", "Prøven er slut"):
        state = SystemState.SUSPENDED if reason.startswith("Prøve ") else SystemState.ACTIVE
        by = town.accounts[AccountRole.OPERATOR].by
        town.service.systems.set_state(town.test, state, by=by, reason=reason)
    assert browser.get("/ledger").status_code == 200
    return town


@pytest.mark.parametrize("role", [AccountRole.OPERATOR, AccountRole.AUDITOR])
def test_entries_are_in_words_with_names_and_links(suspended: Town, role: AccountRole) -> None:
    page = shown(suspended, "", role=role)
    assert "System spærret" in page
    assert f'<a href="/systems/{suspended.test}">Labka Nord Test</a> blev spærret.' in page
    assert "Anna Operator" in page
    assert "Prøve af hovedbogen" in page
    assert "system_suspended" not in page
    assert "account:" not in re.sub(r'href="[^"]*"', "", page)


def test_it_is_searched_by_each_filter_and_by_several(suspended: Town) -> None:
    everything = numbers(shown(suspended, ""))
    by_system = shown(suspended, "?system=labka+nord+test")
    assert "Labka Nord Test" in by_system
    assert "Fremmed" not in by_system
    kind = shown(suspended, "?kind=system_suspended&system=labka-nord-test")
    assert numbers(kind)
    assert "blev spærret" in kind
    assert "må trække igen" not in kind
    person = shown(suspended, "?person=anna+operator")
    assert "Prøven er slut" in person
    assert set(numbers(person)) < set(everything)
    assert "Prøve af hovedbogen" in shown(suspended, "?q=PRØVE+hovedbogen")
    assert "Ingen poster passer" in shown(suspended, "?q=findes-ikke-her")
    assert "Ingen poster passer" in shown(suspended, "?system=findes-ikke")
    assert "Ingen poster passer" in shown(suspended, "?to=2001-01-01")
    assert numbers(shown(suspended, "?from=2001-01-01")) == everything
    assert "Skriv dag, måned og år med tal" in shown(suspended, "?from=i+går", status=422)
    assert numbers(shown(suspended, "?from_day=1&from_month=1&from_year=2001")) == everything
    assert "Ingen poster passer" in shown(suspended, "?to_day=1&to_month=1&to_year=2001")
    half = shown(suspended, "?from_day=31&from_month=2&from_year=2026&to_day=1", status=422)
    assert "Februar 2026 har kun 28 dage." in half
    assert "Skriv også måneden" in half
    assert 'href="/ledger.csv?from=2001-01-01"' in shown(suspended, "?from_day=1&from_month=1&from_year=2001")
    group = shown(suspended, "?kind=systems&person=anna+operator")
    assert "System spærret" in group


def test_every_entry_is_reached_page_by_page_and_in_the_file(suspended: Town) -> None:
    browser, seen, address = suspended.browser(AccountRole.OPERATOR, language="da"), list[int](), "/ledger"
    while address:
        page = browser.get(address).text
        seen += numbers(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(seen[0], 0, -1))
    file = browser.get("/ledger.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert [int(row[0]) for row in rows[1:]] == seen
    narrowed = browser.get("/ledger.csv?kind=system_suspended").content.decode("utf-8-sig")
    assert all("blev spærret" in row[3] for row in list(csv.reader(io.StringIO(narrowed), delimiter=";"))[1:])


def test_a_series_a_case_and_an_account_lead_to_their_entries(suspended: Town) -> None:
    browser = suspended.browser(AccountRole.OPERATOR, language="da")
    for path in (
        f"/series/{suspended.series[suspended.ours]}",
        suspended.address("/cases/{case}"),
        f"/accounts/{suspended.accounts[AccountRole.OWNER].id}",
    ):
        link = re.search(r'href="(/ledger\?[^"]+)"', browser.get(path).text)
        assert link is not None, path
        assert numbers(browser.get(link[1].replace("&amp;", "&")).text), link[1]
