"""Documents that can't lag: links lead somewhere, and the README's commands exist."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NPN = str(Path(sys.executable).with_name("npn"))
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    files = [link for link in links if "://" not in link and not link.startswith("/")]  # /…: a page of the site
    broken = [link for link in files if not (page.parent / link).exists()]
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


IRREGULAR = {"cookies": "cookie", "diagnoses": "diagnosis", "news": "news"}


def head_noun(name: str) -> str:
    """Return the last word of a class name in the singular: `AllowanceErrors` is an error."""
    word = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)[-1].lower()
    if word in IRREGULAR:
        return IRREGULAR[word]
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(plural):
            return word.removesuffix(plural) + singular
    return word if word.endswith(("ss", "us", "is")) or len(word) < 4 else word.removesuffix("s")


def exported_classes() -> Iterator[tuple[Path, str]]:
    """Yield every class of the sources that others may use; an event is named by what happened, its tag."""
    for path in sorted((ROOT / "src" / "npn").rglob("*.py")):
        if "versions" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            bases = {base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)}
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not bases & {"Event", "Shape"}:
                yield path, node.name


def words_of_class_names() -> set[str]:
    """Return the words that head a class name: the glossary's terms and the field's, as the architecture lists them."""
    rows = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    terms = re.findall(r"[a-z]+", " ".join(row.split("|")[1] for row in rows if row.startswith("|")))
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    listed = page.partition("## Words that head a class name")[2].partition("\n## ")[0]
    return {head_noun(word.capitalize()) for word in (*terms, *re.findall(r"[a-z]+", listed.partition("\n\n")[2]))}


def test_a_class_is_named_by_a_word_of_the_glossary_or_of_the_field() -> None:
    words = words_of_class_names()
    strange = [f"{path.relative_to(ROOT)}: {name}" for path, name in exported_classes() if head_noun(name) not in words]
    assert not strange, "\n".join([*strange, "put the word into docs/glossary.md or the list in docs/architecture.md"])


def test_no_word_is_listed_that_heads_no_class() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    listed = page.partition("## Words that head a class name")[2].partition("\n## ")[0].partition("\n\n")[2]
    used = {head_noun(name) for _, name in exported_classes()}
    assert [word for word in re.findall(r"[a-z]+", listed.partition("\n\n")[2]) if word not in used] == []
