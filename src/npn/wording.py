"""Names, lines and longer texts that people write: one rule, whatever way they come.

What can't be seen is refused: control characters, invisible marks (among them those that turn the direction of
writing, so that a name reads as another), halves of a character, and separators of lines other than a line's end. So
is a private key that somebody pasted: what is written here is stored and shown.

`folded` is the one way in which what somebody looks for is compared with what is written.
"""

import re
import unicodedata
from functools import lru_cache

from npn.errors import Code, InvalidInputError, codes
from npn.private_keys import holds_private_key

LONGEST_NAME = 200
LONGEST_REASON = 1000
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that show nothing
_LINES = frozenset("\n\t")
_PLAIN = str.maketrans({"æ": "a", "ø": "o", "œ": "o", "ð": "d", "đ": "d", "þ": "th", "ł": "l"})
_WRITTEN_OUT = re.compile(r"a[ae]|oe")  # å, æ and ø on a keyboard without them
_TELEPHONE = re.compile(
    r"(?P<number>[+(]?[0-9][0-9 ()./-]*[0-9)])(?P<extension>,? ?(?:lok\.?|lokal|ext\.?|x) ?[0-9]{1,6})?",
    re.ASCII | re.IGNORECASE,
)


def hidden_in(text: str, *, lines: bool = False) -> str | None:
    """Return the first character of a text that can't be seen, None where all can.

    `lines`: line ends and tabs are allowed. Whether a character is visible says its category in Unicode.
    """
    if text.isascii() and text.isprintable():
        return None
    allowed = _LINES if lines else frozenset()
    return next((c for c in text if _is_hidden(c) and c not in allowed), None)


def visible(text: str) -> str:
    """Return a text without what can't be seen, its lines kept: for what is there already and must be written."""
    return "".join(c for c in text if c in _LINES or not _is_hidden(c))


def _is_hidden(c: str) -> bool:
    """Whether a character can't be seen; one that is newer than our Unicode tables is taken for visible."""
    if c.isascii():
        return not c.isprintable()
    none = ord(c) & 0xFFFE == 0xFFFE or "\ufdd0" <= c <= "\ufdef"  # code points that never are characters
    return none or c in _BLANK or unicodedata.category(c) in _HIDDEN


@lru_cache(maxsize=32_768)  # lists are searched again and again
def folded(text: str) -> str:
    """Return a text as it is compared: without case, accents and the difference between æ, ø, å and how they are typed.

    Hjørring, HJORRING and Hjoerring are one; so are Ålborg and Aalborg, Næstved and Naestved.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return _WRITTEN_OUT.sub(lambda match: match[0][0], bare.translate(_PLAIN))


def has_words(words: str, *texts: str) -> bool:
    """Whether each word that somebody looks for stands in one of the texts, however it is spelt (`folded`)."""
    text = "\n".join(texts).casefold()
    plain = folded(text)
    return all(word in text or folded(word) in plain for word in words.casefold().split())


def checked_name(text: str, field: str) -> str:
    """Return a name of 1 to 200 visible characters, its blanks single. Raises InvalidInputError `invalid_name`."""
    return _line(text, field, least=1, most=LONGEST_NAME, code=codes.INVALID_NAME, called="a name")


def checked_line(text: str, field: str, *, most: int, least: int = 1) -> str:
    """Return a line of `least` to `most` visible characters, its blanks single. Raises InvalidInputError."""
    return _line(text, field, least=least, most=most, code=codes.INVALID_WORDS, called=field)


def checked_telephone(text: str, field: str) -> str:
    """Return a telephone number, or nothing where there is none. Raises InvalidInputError `not_a_telephone`.

    One of Denmark has 8 digits, or 3 to 6 where it is a short one; any other begins with + or 00 and its country code.
    An extension may follow: `33 12 34 56 lok. 1234`.
    """
    line = checked_line(text, field, least=0, most=60)
    match = _TELEPHONE.fullmatch(line)
    digits = "" if match is None else "".join(c for c in match["number"] if c.isdigit())
    foreign = line.startswith(("+", "00"))
    sound = 8 <= len(digits.lstrip("0")) <= 15 if foreign else len(digits) == 8 or 3 <= len(digits) <= 6
    if line and not sound:
        raise InvalidInputError(
            "not a telephone number",
            code=codes.NOT_A_TELEPHONE,
            field=field,
            hint="write 8 digits, or the country code first, as +45 33 12 34 56",
        )
    return line


def checked_text(text: str, field: str, *, most: int, least: int = 1) -> str:
    """Return a text of `least` to `most` visible characters; its lines are kept. Raises InvalidInputError."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip(" \n\t\u00a0")
    return _within(lines, field, least=least, most=most, code=codes.INVALID_WORDS, called=field)


def _line(text: str, field: str, *, least: int, most: int, code: Code, called: str) -> str:
    folded = " ".join(part for part in text.replace("\r", "\n").translate(_BLANKS).split(" ") if part)
    return _within(folded, field, least=least, most=most, code=code, called=called)


_BLANKS = {ord(c): " " for c in "\n\t\u00a0\u202f"}


def _within(text: str, field: str, *, least: int, most: int, code: Code, called: str) -> str:
    hidden = hidden_in(text, lines=True)
    if hidden is not None:
        raise InvalidInputError(
            f"{called} holds the character U+{ord(hidden):04X}, which can't be seen",
            code=code,
            field=field,
            hint="type it again; copying brings such characters along",
        )
    if holds_private_key(text):
        raise private_key_sent(field)
    if not least <= len(text) <= most:
        raise InvalidInputError(f"{called} has {least} to {most} characters", code=code, field=field)
    return text


def private_key_sent(field: str) -> InvalidInputError:
    """Return the refusal of a text that holds a private key; it says nothing of the text."""
    return InvalidInputError(
        "this holds a private key: nothing of it was stored, but it must be taken as compromised",
        code=codes.PRIVATE_KEY_SENT,
        field=field,
        hint="make a new key pair, have a new certificate issued, and send the certificate alone",
    )
