"""The identifiers in laboratory messages: persons, places and organisations, each read to a value or a reason.

Every reader takes the text as it stands in the message and never raises: it gives the identifier, or a `Flaw`
that says why it can't be one. A flaw is a warning: real and sample messages have numbers whose check digit is
wrong, and receivers take them.

Sources: for CPR the CPR office (numbers without modulus 11 since 1 October 2007), MedCom (X-eCPR, D-eCPR) and
the office's recommendation for replacement numbers (day + 60); for GLN, GS1; SOR codes are SNOMED CT
identifiers of the namespace 1000016, with Verhoeff's check digit. For ydernumre and SKS codes no check digit
is public: only their form is checked.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from npn.messages.model.finding import Severity, Text
from npn.messages.model.masking import mask, masked

__all__ = ["Cpr", "CprKind", "Flaw", "Gln", "Sks", "Sor", "Yder", "cpr", "gln", "masked", "sks", "sor", "ydernummer"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text is not the identifier it stands for; the text itself is not repeated, it may be a CPR number.

    code  `form`, `length`, `date`, `future`, `check_digit` or `modulus`
    """

    code: str
    text: Text
    severity: Severity = Severity.WARNING


class CprKind(StrEnum):
    """What sort of personal number it is."""

    ORDINARY = "ordinary"
    NATIONAL_REPLACEMENT = "X-eCPR"
    REGIONAL_REPLACEMENT = "D-eCPR"
    RAISED_DAY = "day+60"


@dataclass(frozen=True, slots=True)
class Cpr:
    """A personal number: `DDMMYY` and four characters.

    passes_modulus   the check that numbers had to pass until October 2007; False says nothing against it
    """

    text: str
    kind: CprKind
    born: date
    passes_modulus: bool

    @property
    def is_female(self) -> bool:
        """Whether the last digit, even for women, says so."""
        return int(self.text[-1]) % 2 == 0

    @property
    def masked(self) -> str:
        """What may be shown: the date."""
        return mask(self.text)

    @property
    def note(self) -> Flaw | None:
        """What to remark about a valid number: an ordinary one that fails modulus 11.

        For people born on 1 January of 1960 to 1994 such numbers are so common that it is mere information.
        """
        if self.passes_modulus or self.kind is not CprKind.ORDINARY:
            return None
        usual = (self.born.day, self.born.month) == (1, 1) and 1960 <= self.born.year <= 1994
        return Flaw(
            "modulus",
            Text(
                "The CPR number fails modulus 11. Numbers given since October 2007 may; otherwise it is mistyped.",
                "CPR-nummeret opfylder ikke modulus 11. Det gælder også gyldige numre givet efter oktober 2007; "
                "ellers er det tastet forkert.",
            ),
            Severity.INFO if usual else Severity.WARNING,
        )


_CPR_FORM = re.compile(r"[0-9]{6}-?[0-9](?:[0-9]{3}|[A-Za-z]{2}[0-9])")
_CPR_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_RAISED = 60
_NATIONAL = {"1": 1900, "7": 2000}
_REGIONAL = {"0": 1900, "5": 1800, "6": 2000}


def cpr(text: str, *, today: date | None = None) -> Cpr | Flaw:
    """Read a CPR number or a replacement for one; with `today` a birth date after it is a flaw.

    >>> number = cpr("010190-1237")
    >>> isinstance(number, Cpr) and (number.born.isoformat(), number.is_female)
    ('1990-01-01', False)
    """
    if not _CPR_FORM.fullmatch(text):
        return Flaw(
            "form",
            Text(
                "A CPR number has ten digits; a replacement number has letters in place eight and nine.",
                "Et CPR-nummer har ti cifre; et erstatnings-CPR-nummer har bogstaver på plads otte og ni.",
            ),
        )
    number = text.replace("-", "").upper()
    kind = _cpr_kind(number)
    born = _born(number, kind) if kind else None
    if kind is None or born is None:
        return Flaw(
            "date",
            Text(
                "The CPR number's first seven characters give no date of birth.",
                "CPR-nummerets første syv tegn giver ingen fødselsdato.",
            ),
        )
    if today and born > today:
        return Flaw(
            "future",
            Text(
                f"The CPR number's date of birth, {born}, is in the future.",
                f"CPR-nummerets fødselsdato, {born}, ligger i fremtiden.",
            ),
        )
    modulus = number.isdecimal() and sum(int(d) * w for d, w in zip(number, _CPR_WEIGHTS, strict=True)) % 11 == 0
    return Cpr(number, kind, born, modulus)


def _cpr_kind(number: str) -> CprKind | None:
    """Return the kind, by letters and day; None when character seven fits no kind."""
    if not number.isdecimal():
        if number[6] in _NATIONAL:
            return CprKind.NATIONAL_REPLACEMENT
        return CprKind.REGIONAL_REPLACEMENT if number[6] in _REGIONAL else None
    return CprKind.RAISED_DAY if int(number[:2]) > _RAISED else CprKind.ORDINARY


def _born(number: str, kind: CprKind) -> date | None:
    """Read the date of birth; None where the calendar has no such date."""
    day = int(number[:2]) - (_RAISED if kind is CprKind.RAISED_DAY else 0)
    try:
        return date(_century(number, kind) + int(number[4:6]), int(number[2:4]), day)
    except ValueError:
        return None


def _century(number: str, kind: CprKind) -> int:
    """The century that character seven and the year give."""
    seventh, year = number[6], int(number[4:6])
    if kind is CprKind.NATIONAL_REPLACEMENT:
        return _NATIONAL[seventh]
    if kind is CprKind.REGIONAL_REPLACEMENT:
        return _REGIONAL[seventh]
    if seventh in "0123":
        return 1900
    if seventh in "49":
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


@dataclass(frozen=True, slots=True)
class Gln:
    """A GLN ("EAN-lokationsnummer"): thirteen digits; Danish ones begin with 57."""

    text: str

    @property
    def is_danish(self) -> bool:
        """Whether GS1 Denmark gave it."""
        return self.text.startswith("57")


def gln(text: str) -> Gln | Flaw:
    """Read an EAN/GLN.

    >>> gln("5790000120284")
    Gln(text='5790000120284')
    """
    if not (text.isascii() and text.isdecimal()):
        return Flaw("form", Text("A GLN (EAN) holds digits only.", "Et lokationsnummer (EAN/GLN) består kun af cifre."))
    if len(text) != 13:
        return Flaw(
            "length",
            Text(
                f"A GLN (EAN) has 13 digits, not {len(text)}.",
                f"Et lokationsnummer (EAN/GLN) har 13 cifre, ikke {len(text)}.",
            ),
        )
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text)) % 10:
        return Flaw(
            "check_digit",
            Text(
                "The GLN's (EAN's) check digit is wrong: a digit is mistyped or misplaced.",
                "Lokationsnummerets (EAN/GLN) kontrolciffer er forkert: et ciffer er tastet forkert eller ombyttet.",
            ),
        )
    return Gln(text)


@dataclass(frozen=True, slots=True)
class Sor:
    """A code of the health service's register of organisations (SOR)."""

    text: str


_SOR_NAMESPACE = "1000016"
# Verhoeff's tables: the product of the dihedral group of ten, and the permutation applied by place.
_PRODUCT = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_PERMUTED = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def sor(text: str) -> Sor | Flaw:
    """Read a SOR code. The check digit is checked where the code has the register's namespace.

    >>> sor("265161000016000")
    Sor(text='265161000016000')
    """
    if not (text.isascii() and text.isdecimal()):
        return Flaw("form", Text("A SOR code holds digits only.", "En SOR-kode består kun af cifre."))
    if not 11 <= len(text) <= 18:
        return Flaw(
            "length",
            Text(
                f"A SOR code has 11 to 18 digits, not {len(text)}.",
                f"En SOR-kode har 11 til 18 cifre, ikke {len(text)}.",
            ),
        )
    check = 0
    for place, digit in enumerate(reversed(text)):
        check = int(_PRODUCT[check][int(_PERMUTED[place % 8][int(digit)])])
    if check and text[-10:-3] == _SOR_NAMESPACE:
        return Flaw(
            "check_digit",
            Text(
                "The SOR code's check digit is wrong: a digit is mistyped or misplaced.",
                "SOR-kodens kontrolciffer er forkert: et ciffer er tastet forkert eller ombyttet.",
            ),
        )
    return Sor(text)


@dataclass(frozen=True, slots=True)
class Yder:
    """A provider number ("ydernummer"): a practice that is paid by the public health insurance."""

    text: str


def ydernummer(text: str) -> Yder | Flaw:
    """Read a ydernummer: six digits, zeros in front included.

    >>> ydernummer("069248")
    Yder(text='069248')
    """
    if not (text.isascii() and text.isdecimal()):
        return Flaw("form", Text("A ydernummer holds digits only.", "Et ydernummer består kun af cifre."))
    if len(text) != 6:
        return Flaw(
            "length",
            Text(f"A ydernummer has 6 digits, not {len(text)}.", f"Et ydernummer har 6 cifre, ikke {len(text)}."),
        )
    return Yder(text)


@dataclass(frozen=True, slots=True)
class Sks:
    """A hospital or hospital department in the health service's classification (SKS, "sygehusafdelingsnummer")."""

    text: str

    @property
    def hospital(self) -> str:
        """The hospital's four digits."""
        return self.text[:4]

    @property
    def department(self) -> str:
        """The department's two or three characters; empty for a whole hospital."""
        return self.text[4:]


_SKS_FORM = re.compile(r"[0-9]{4}(?:[0-9A-ZÆØÅ]{2,3})?")


def sks(text: str) -> Sks | Flaw:
    """Read a hospital department's number: four digits for the hospital, and two or three characters after it.

    >>> sks("4201050").department
    '050'
    """
    if _SKS_FORM.fullmatch(text):
        return Sks(text)
    return Flaw(
        "form",
        Text(
            "A hospital department's number (SKS) has four digits and then none, two or three digits or "
            "capital letters.",
            "Et sygehusafdelingsnummer (SKS) har fire cifre og derefter ingen, to eller tre cifre eller "
            "store bogstaver.",
        ),
    )
