"""What a sample number looks like: a national number (NPN), or one of the local numbers in use beside it.

What is not an NPN by a scheme is local; of a local number the form is named where it has one that is known:

local_year   the year first, then a running number of the laboratory: `24-123456`, `2024001234`, `E14-1316217`
extension    a requisition number and the number of a tube: `100202896789-2`; the number before it has its own form
provider     six digits of a provider in the letter, seven running digits and a check digit: `12501200000174`
other        any other
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from npn.errors import InvalidInputError
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element, Letter, SampleNumber
from npn.numbers.notation import INLINE, KNOWN, write_scheme
from npn.numbers.scheme import NPN14, NumberScheme

KNOWN_SCHEMES = tuple(KNOWN.values())
PARTIES = ("Sender", "OriginalRequester", "Receiver", "CCReceiver")
YEAR_FIRST = tuple(
    re.compile(rf"[A-ZÆØÅ]{{0,3}}-?(\d{{{digits}}})[ -]?\d{{4,10}}", re.ASCII | re.IGNORECASE) for digits in (4, 2)
)
EXTENDED = re.compile(r"([0-9A-ZÆØÅ]{6,})[-/](\d{1,2})", re.ASCII | re.IGNORECASE)
PROVIDER_DIGITS = 6
DATES = ("Letter/Authorisation/Date", "RequisitionInformation/RequisitionDateTime/Date")


class NumberForm(StrEnum):
    """Which form a number has."""

    NPN = "npn"
    LOCAL_YEAR = "local_year"
    EXTENSION = "extension"
    PROVIDER = "provider"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NumberDescription:
    """The form of a number, and its parts.

    scheme     the name of the scheme that accepts it; empty: none does
    year       of a local number: as it is written, two or four digits
    base       of an extended number: what stands before the extension, with `of_base` saying what that looks like
    extension  the tube's number
    provider   the six digits of the provider; `running` the running number behind it
    """

    form: NumberForm
    scheme: str = ""
    year: str = ""
    base: str = ""
    extension: str = ""
    provider: str = ""
    running: str = ""
    of_base: "NumberDescription | None" = None

    @property
    def is_npn(self) -> bool:
        """Whether it is a national number, perhaps with an extension."""
        return self.form is NumberForm.NPN or (self.of_base is not None and self.of_base.is_npn)

    @property
    def is_usable(self) -> bool:
        """Whether a scheme accepts the number exactly as it is written, whatever else it looks like."""
        return bool(self.scheme) and self.of_base is None

    @property
    def parts(self) -> dict[str, str]:
        """Return the parts that it has by their names."""
        names = ("year", "base", "extension", "provider", "running")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def words(self) -> Text:
        """Return what it looks like, in words."""
        if self.of_base is not None:
            inner = self.of_base.words if self.of_base.form is not NumberForm.OTHER else None
            en, da = (f" ({inner.en})", f" ({inner.da})") if inner else ("", "")
            return Text(
                f"requisition number {self.base}{en} with extension {self.extension}",
                f"rekvisitionsnummer {self.base}{da} med tilføjelsen {self.extension}",
            )
        if self.form is NumberForm.PROVIDER:
            return Text(
                f"provider {self.provider}, running number {self.running} and a check digit",
                f"ydernummer {self.provider}, løbenummer {self.running} og et kontrolciffer",
            )
        if self.form is NumberForm.LOCAL_YEAR:
            return Text(
                f"local number with the year {self.year} first", f"lokalt nummer med årstallet {self.year} forrest"
            )
        if self.form is NumberForm.NPN:
            return Text(f"NPN ({self.scheme})", f"NPN ({self.scheme})")
        return Text("local number of no known form", "lokalt nummer uden kendt form")


@dataclass(frozen=True, slots=True)
class NumberContext:
    """What the form of a number is judged by.

    schemes    which numbers count as NPN
    years      in which a number of the letter may have been made: the letter's and the one before; empty: not known
    providers  the six-digit provider numbers of the letter's parties
    """

    schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES
    years: tuple[int, ...] = ()
    providers: frozenset[str] = frozenset()


def accepting(number: str, schemes: Sequence[NumberScheme]) -> NumberScheme | None:
    """Return the first of the schemes by which a number, exactly as written, is usable."""
    return next((scheme for scheme in schemes if _digits(number, scheme) and scheme.is_usable(int(number))), None)


def has_length(number: str, schemes: Sequence[NumberScheme]) -> bool:
    """Whether a number is as many digits as one of the schemes says."""
    return any(_digits(number, scheme) for scheme in schemes)


def _digits(number: str, scheme: NumberScheme) -> bool:
    try:
        scheme.parse(number)
    except InvalidInputError:
        return False
    return True


def describe(number: str, context: NumberContext, *, flagged: bool = False) -> NumberDescription:
    """Return what a number looks like; a flag says that it is national, whatever else it may look like.

    >>> describe("1000000015", NumberContext()).scheme, describe("24-123456", NumberContext(years=(2024, 2023))).year
    ('npn10', '24')
    """
    number = number.strip()
    scheme = accepting(number, context.schemes)
    if not flagged and number[:PROVIDER_DIGITS] in context.providers and accepting(number, (NPN14,)):
        running = number[PROVIDER_DIGITS:-1].lstrip("0") or "0"
        name = scheme_name(scheme) if scheme else ""
        return NumberDescription(NumberForm.PROVIDER, name, provider=number[:PROVIDER_DIGITS], running=running)
    if scheme is not None:
        return NumberDescription(NumberForm.NPN, scheme_name(scheme))
    year = year_of(number, context.years)
    if year and not flagged:
        return NumberDescription(NumberForm.LOCAL_YEAR, year=year)
    extended = EXTENDED.fullmatch(number)
    if extended:
        base = describe(extended[1], context, flagged=flagged)
        return NumberDescription(
            NumberForm.EXTENSION, base.scheme, base=extended[1], extension=extended[2], of_base=base
        )
    return NumberDescription(NumberForm.OTHER)


def scheme_name(scheme: NumberScheme) -> str:
    """Return what a scheme is called; one that was written out is called by what was written."""
    return write_scheme(scheme) if scheme.name == INLINE else scheme.name


def year_of(number: str, years: Sequence[int]) -> str:
    """Return the year that a number starts with, as written; empty where it starts with none of the years."""
    prefixes = {form for year in years for form in (str(year), f"{year % 100:02}")}
    matches = filter(None, (pattern.fullmatch(number) for pattern in YEAR_FIRST))
    return next((match[1] for match in matches if match[1] in prefixes), "")


def is_provider(text: str) -> bool:
    """Whether a text is a provider number: six digits."""
    return len(text) == PROVIDER_DIGITS and text.isascii() and text.isdecimal()


def context_of(
    letter: Letter, envelope: Element | None = None, *, schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES
) -> NumberContext:
    """Return what the numbers of a letter are judged by."""
    providers = {
        party.value("Identifier") or ""
        for name in PARTIES
        for party in letter.root.all(name)
        if party.value("IdentifierCode") == "ydernummer"
    }
    day = day_of(letter, envelope)
    year = int(day[:4]) if day else 0
    return NumberContext(schemes, (year, year - 1) if year else (), frozenset(filter(is_provider, providers)))


def day_of(letter: Letter, envelope: Element | None = None) -> str:
    """Return the day of a letter, `2024-03-04`: of its approval or request, else of its sending; empty: none."""
    texts = [letter.root.value(path) or "" for path in DATES]
    texts += [envelope.value("Sent/Date") or ""] if envelope is not None else []
    return next((text.strip() for text in texts if re.fullmatch(r"\s*\d{4}-\d\d-\d\d\s*", text, re.ASCII)), "")


def descriptions_of(
    letter: Letter, envelope: Element | None = None, *, schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES
) -> list[tuple[SampleNumber, NumberDescription]]:
    """Return every number of a letter that is not empty, with what it looks like."""
    context = context_of(letter, envelope, schemes=schemes)
    return [
        (sample, describe(sample.number, context, flagged=sample.flagged))
        for sample in letter.sample_numbers
        if sample.number.strip()
    ]
