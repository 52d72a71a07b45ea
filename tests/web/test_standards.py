"""The pages of standards: for everybody, in Danish first, each state in a word with its evidence and its days."""

import re

import pytest

from web.town import Town


def plain(page: str) -> str:
    """Return a page's words."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture(scope="module")
def matrix(town: Town) -> str:
    return town.browser(None, language="da").get("/standards/RPT02").text


def test_standards_are_listed_for_everybody_with_their_figures(town: Town) -> None:
    answer = town.browser(None, language="da").get("/standards")
    assert answer.status_code == 200
    assert "RPT02 Mikrobiologisvar EDIFACT R0231M 1 0" in plain(answer.text)
    assert 'href="/standards/RPT02"' in answer.text


def test_matrix_says_state_evidence_and_day_of_each_cell(matrix: str) -> None:
    text = plain(matrix)
    assert "Sender R0231M Modtager R0231M" in text
    assert re.search(r"Labka CSC Sundhed Lab ✓ ja på listen, \S+ \S+ \d{4} siden \S+ \S+ \d{4} \(udledt\)", text)
    assert re.search(r"Novax Novax Læge – intet oplyst ≠ modstridende i test, ja på listen", text)
    assert re.search(
        r"Novax Novax · Region Nord Læge – intet oplyst ✓ ja i brug, ikke godkendt max_results: 20 "
        r"oplyst, noteret af driften for Region Nord",
        text,
    )


def test_table_can_be_read_aloud(matrix: str) -> None:
    assert matrix.count('scope="col"') == 3
    assert matrix.count('scope="row"') == 3
    assert '<span aria-hidden="true">✓</span> ja' in matrix


def test_region_and_days_are_in_the_address(town: Town) -> None:
    browser = town.browser(None, language="da")
    nord = plain(browser.get("/standards/RPT02?region=Region%20Nord").text)
    assert "Region Nord" in nord
    assert "Labka CSC" not in nord
    before = plain(browser.get("/standards/RPT02?at=2020-01-01").text)
    assert "Der var ikke importeret nogen liste" in before
    since = plain(browser.get("/standards/RPT02?since=2020-01-01").text)
    assert "Labka (CSC Sundhed), Sender R0231M: intet oplyst → ✓ ja" in since
    assert browser.get("/standards/RPT02?at=in%20May").status_code == 422
    assert browser.get("/standards/RPT99").status_code == 404
