"""Pages on paper: each sheet has its number, and the last line says when it was printed, from where and by whom."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser

from chromium import CHROMIUM, chromium
from npn.people.model import AccountRole
from npn.web.texts import texts
from web.town import Town, case_about, private_link

PRINTED = re.compile(r'<p class="printed">([^<]*)</p>')


def printed(page: str) -> str:
    """Return the line that paper ends with."""
    line = PRINTED.search(page)
    assert line is not None
    return line[1]


@pytest.mark.parametrize("language", ["da", "en"])
def test_paper_says_when_where_and_who(town: Town, language: str) -> None:
    browser = town.browser(AccountRole.AUDITOR, language=language)
    line = printed(browser.get("/systems?q=labka").text)
    assert texts(language).date(datetime.now(UTC)) in line
    assert f"{town.server.url}/systems?q=labka" in line
    assert line.endswith("· Anna Auditor")
    assert "Anna" not in printed(town.browser(None, language=language).get("/docs").text)


def test_paper_shows_no_secret_of_a_private_link(town: Town) -> None:
    assert case_about(town, town.ours)
    link = private_link(town)
    line = printed(town.browser(None).get(f"/case/{link}").text)
    assert link not in line
    assert "/case/…" in line
    assert "code=" not in printed(town.browser(None).get("/sign-in?next=/x&code=secret").text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.skipif(not CHROMIUM.exists() or which("pdftotext") is None, reason="needs chromium and pdftotext")
def test_each_sheet_has_its_number(browser: Browser, town: Town, tmp_path: Path) -> None:
    page = browser.new_page(base_url=town.server.url)
    page.goto("/docs/operator")
    page.pdf(path=tmp_path / "a.pdf", format="A4", prefer_css_page_size=True)
    page.close()
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True)
    sheets = done.stdout.rstrip("\f").split("\f")
    assert len(sheets) > 3
    for number, sheet in enumerate(sheets, 1):
        assert re.search(rf"\b{number} / {len(sheets)}\s*\Z", sheet), sheet[-200:]
    assert f"{town.server.url}/docs/operator" in sheets[-1]
    assert "Sign in" not in done.stdout.splitlines()[0]


@pytest.mark.skipif(not CHROMIUM.exists() or which("pdftotext") is None, reason="needs chromium and pdftotext")
def test_what_is_folded_away_on_the_screen_is_there_on_paper(browser: Browser, town: Town, tmp_path: Path) -> None:
    page = browser.new_page(base_url=town.server.url)
    page.goto("/numbers-needed")
    assert not page.get_by_label("It then draws this many").is_visible()
    page.pdf(path=tmp_path / "a.pdf")
    page.close()
    done = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True)
    assert "It then draws this many" in done.stdout


@pytest.mark.parametrize("host", ["a b", "<b>", "x" * 300, "[::1]:80", "", "é.dk", "a,b"])
def test_whatever_host_is_asked_for_the_page_comes_or_is_refused(town: Town, host: str) -> None:
    answer = town.browser(None).client.get("/docs/api", headers={"Host": host.encode("latin-1")})
    assert answer.status_code in (200, 400)
    assert "<b>" not in answer.text
