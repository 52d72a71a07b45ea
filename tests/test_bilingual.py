"""Whatever a person can be told is there in both languages: details of errors, notices, codes, and every raise."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from npn.agreements import notices as _agreements  # noqa: F401  # declares its notices
from npn.bilingual import BilingualText, FilledText
from npn.errors import CATALOGUE, InvalidInputError, Meaning, codes, details
from npn.registry import space_choice as _registry  # noqa: F401  # declares its notices
from npn.stock import notices as _stock  # noqa: F401  # declares its notices
from npn.systems.notices import NOTICES, NoticeKind
from npn.transport import expiry as _expiry  # noqa: F401  # declares its notices
from npn.transport import service as _transport  # noqa: F401  # declares its notices
from npn.web.refusals import explained
from npn.web.texts import texts

SOURCE = Path(__file__).parent.parent / "src" / "npn"
DETAILS = {name: text for name, text in vars(details).items() if isinstance(text, BilingualText)}
UNFILLED = re.compile(r"[{}]|%\(|%s")
PYTHON_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
ENGLISH = re.compile(
    r"\b(?:the|there|is|are|of|not|must|draws?|was|has|have|its|expires?|ends|between)\b", re.IGNORECASE
)
SAMPLES = {"since": date(2027, 9, 1), "day": date(2027, 9, 1), "ends": date(2027, 9, 1), "at": date(2027, 9, 1),
           "starts": datetime(2027, 2, 28, 23, 30, tzinfo=UTC)}  # fmt: skip
NOT_ON_PAGES = (  # rooms whose refusals of a general code no page shows: commands, start, the laboratory's programs
    *("agent", "cli", "messages", "server", "db", "http", "ledger", "proof", "soap", "numbers", "wiring", "labels"),
    *("config.py", "outgoing.py", "text.py", "errors", "connections"),
    *("registry/importing.py", "registry/recovery.py", "wire/requests.py"),
)
KINDS = {"InvalidInputError": codes.INVALID_INPUT, "ConflictError": codes.CONFLICT, "RefusedError": codes.REFUSED}


def names_in(template: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def filled(text: BilingualText, name: str) -> FilledText:
    return text.of(**{name: SAMPLES.get(name, 4500) for name in names_in(text.en) | names_in(text.da)})


def hold_to_its_language(danish: str, english: str, of: str) -> None:
    assert danish != english, of
    for said in (danish, english):
        assert not UNFILLED.search(said), said
        assert not PYTHON_NAME.search(said), said
        assert said.endswith((".", "?", "!")), said
    assert len(ENGLISH.findall(danish)) < 2, f"{of}: {danish}"


@pytest.mark.parametrize("name", sorted(DETAILS))
def test_a_detail_says_the_same_in_both_languages(name: str) -> None:
    text = DETAILS[name]
    assert names_in(text.en) == names_in(text.da)
    error = InvalidInputError(filled(text, name))
    hold_to_its_language(explained(texts("da"), error), explained(texts("en"), error), name)
    assert error.message == error.detail.plain
    if "at" in names_in(text.en):
        assert "1. sep. 2027" in explained(texts("da"), error)


@pytest.mark.parametrize("kind", NOTICES, ids=lambda kind: kind.code)
def test_a_notice_says_the_same_in_both_languages_with_its_values(kind: NoticeKind) -> None:
    names = names_in(kind.program)
    assert names_in(kind.page.en) == names_in(kind.page.da) <= names
    notice = kind.of(**{name: SAMPLES.get(name, 4500) for name in names})
    danish, english = notice.said_in("da"), notice.said_in("en")
    hold_to_its_language(danish, english, kind.code)
    for name in names_in(kind.page.da):
        if name not in SAMPLES:
            assert ("4.500" in danish, "4,500" in english) == (True, True), name
    assert "4500" not in danish + english
    if names & set(SAMPLES):
        assert "2027" in notice.text
        assert "2027-0" in notice.text  # programs are told ISO's days


def test_every_notice_of_the_code_is_declared() -> None:
    assert {kind.code for kind in NOTICES} == {
        "agreement_missing",
        "brown_out",
        "certificate_expired",
        "certificate_expires",
        "plain_http_ends",
        "space_set",
        "stock_low",
    }


@pytest.mark.parametrize("meaning", CATALOGUE.values(), ids=lambda meaning: str(meaning.code))
def test_a_code_s_page_text_is_danish_in_danish(meaning: Meaning) -> None:
    hold_to_its_language(meaning.page.da, meaning.page.en, meaning.code)


def raises_without_words(tree: ast.Module) -> Iterator[str]:
    """Return the errors of a general code that are raised with English alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            named = next((ast.unparse(k.value) for k in node.keywords if k.arg == "code"), "")
            code = getattr(codes, named.removeprefix("codes."), None) if named else KINDS[node.func.id]
            says = isinstance(node.args[0], ast.Constant | ast.JoinedStr)
            if says and code in CATALOGUE and CATALOGUE[code].is_general:
                yield f"{node.lineno}: {ast.unparse(node.args[0])}"


def test_what_a_page_could_show_of_a_general_code_is_said_in_both_languages() -> None:
    places = {str(path.relative_to(SOURCE)): path for path in sorted(SOURCE.rglob("*.py"))}
    lacking = [
        f"{place}:{found}"
        for place, path in places.items()
        if not place.startswith(NOT_ON_PAGES)
        for found in raises_without_words(ast.parse(path.read_text("utf-8")))
    ]
    assert not lacking, "\n".join([*lacking, "say it by a text of npn.errors.details, or give it a code of its own"])


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('raise InvalidInputError("too small", field="a")', 1),
        ('raise ConflictError(f"{name} is there", code=codes.INVALID_FIELD)', 1),
        ('raise InvalidInputError(f"{name} is 1 to 60", code=codes.INVALID_FIELD, field=name)', 1),
        ('raise InvalidInputError("no day", code=codes.NOT_A_DAY)', 0),
        ("raise InvalidInputError(details.LARGEST_BELOW_SMALLEST)", 0),
        ('raise InvalidInputError(_("Tick this."))', 0),
    ],
)
def test_a_raise_without_words_is_seen(source: str, count: int) -> None:
    assert len(list(raises_without_words(ast.parse(source)))) == count
