"""Documents that can't lag: links lead somewhere, and the README's commands exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NPN = str(Path(sys.executable).with_name("npn"))
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


def test_the_index_names_every_page_and_every_decision() -> None:
    docs = ROOT / "docs"
    for index, pages in (
        (docs / "README.md", [page for page in docs.glob("**/*.md") if page.parent.name != "adr"]),
        (docs / "adr" / "README.md", list((docs / "adr").glob("*.md"))),
    ):
        text = index.read_text("utf-8")
        shown = {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#\s]+\.md)", text)}
        assert [page.name for page in pages if page not in {*shown, index}] == []


def test_every_make_target_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    said = re.compile(r"(?:`|^\$ )make ([a-z-]+)", flags=re.MULTILINE)
    named = {target for page in PAGES for target in said.findall(page.read_text("utf-8"))}
    assert named
    assert named <= targets


def test_every_command_in_the_documents_is_one_of_ours() -> None:
    known = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    for page in PAGES:
        for line in re.findall(r"^\$ (?:\.venv/bin/)?(npn .*)$", page.read_text("utf-8"), flags=re.MULTILINE):
            words = [word for word in line.split() if not word.startswith("-")]
            assert f"## `npn {words[1]}" in known, line


def test_help_is_shown_without_a_traceback() -> None:
    done = subprocess.run([NPN, "--help"], capture_output=True, text=True, check=True)
    assert "draw" in done.stdout
    assert not done.stderr
