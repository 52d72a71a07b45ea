"""What people write is taken as they see it: nothing invisible, whatever way it comes."""

import pytest

from npn.errors import InvalidInputError
from npn.wording import checked_line, checked_name, checked_text, folded, has_words, hidden_in

HIDDEN = [
    *("\x00", "\x07", "\x1b", "\x1c", "\x7f", "\x85", "\u00ad", "\u061c", "\u180e", "\u200b", "\u200d", "\u200e"),
    *("\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff", "\ufff9", "\ue000"),
    *("\udc80", "\uffff", "\ufdd0", "\U0001fffe", "\U000e0041", "\u3164", "\u2800", "\u034f"),
]


@pytest.mark.parametrize("character", HIDDEN, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize("check", [checked_name, checked_line, checked_text])
def test_what_can_not_be_seen_is_refused_and_named_wherever_it_stands(check: object, character: str) -> None:
    more = {} if check is checked_name else {"most": 100}
    for text in (f"Labka{character}52", f"{character}Labka", f"Labka{character}"):
        with pytest.raises(InvalidInputError, match=rf"U\+{ord(character):04X}") as refused:
            check(text, "name", **more)  # type: ignore[operator]  # one of three functions
        assert refused.value.field == "name"
        assert character not in refused.value.message


@pytest.mark.parametrize(
    "text", ["Ærø Sygehus", "Åse O'Brien & Søn (50 %)", "検査室", "العربية", "क्लिनिक", "<b>{{x}}</b>", "🧪"]
)
def test_what_can_be_seen_is_taken_as_it_is(text: str) -> None:
    assert checked_name(text, "name") == text
    assert checked_line(text, "line", most=100) == text
    assert checked_text(f"{text}\n\tand {text}", "text", most=100) == f"{text}\n\tand {text}"


def test_blanks_of_a_line_are_single_and_a_text_keeps_its_lines() -> None:
    assert checked_name("  Labka \t II\u00a0Aarhus\r\n", "name") == "Labka II Aarhus"
    assert checked_text(" one\r\ntwo\rthree \n", "text", most=100) == "one\ntwo\nthree"
    assert hidden_in("one\ntwo") == "\n"


@pytest.mark.parametrize(("text", "most"), [("", 10), ("   ", 10), ("x" * 11, 10), ("\n\n", 10)])
def test_length_is_held_to_its_bounds(text: str, most: int) -> None:
    for check in (checked_line, checked_text):
        with pytest.raises(InvalidInputError) as refused:
            check(text, "reason", most=most)
        assert (refused.value.code, refused.value.field) == ("invalid_words", "reason")
    with pytest.raises(InvalidInputError):
        checked_name("x" * 201, "name")
    assert checked_line("", "note", most=10, least=0) == ""


@pytest.mark.parametrize(
    "spellings",
    [
        ("Hjørring", "hjorring", "HJOERRING", "Hjörring", "Hjo\u0308rring"),
        ("Ålborg", "aalborg", "Alborg", "A\u030alborg", "AALBORG"),
        ("Næstved", "naestved", "Nastved", "Nästved"),
        ("Straße", "STRASSE", "strasse"),
        ("Crème Brûlée", "creme brulee"),
    ],
)
def test_a_word_is_compared_however_it_is_spelt(spellings: tuple[str, ...]) -> None:
    assert len({folded(spelling) for spelling in spellings}) == 1
    assert all(has_words(spelling, f"Labka II {spellings[0]}", "CGI") for spelling in spellings)


def test_every_word_looked_for_must_stand_somewhere() -> None:
    texts = ("bcc-hjoerring", "BCC Hjørring", "CGI Danmark A/S")
    assert has_words("hjor cgi", *texts)
    assert has_words("oerring", *texts)
    assert has_words(" ", *texts)
    assert not has_words("hjorring labka", *texts)
    assert not has_words("danmarkbcc", *texts)
