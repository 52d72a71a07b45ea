"""Details: number spaces and draws."""

from npn.bilingual import BilingualText

SPACE_NAME = BilingualText(
    "a space's name has 1 to 64 small letters, digits, - or _",
    "et nummerrums navn har 1 til 64 små bogstaver, tal, - eller _",
)
BOUND_DIGITS = BilingualText(
    "the bound has {length} digits",
    "grænsen har {length} cifre",
)
LAST_BELOW_FIRST = BilingualText(
    "the last number has {length} digits and is not below the first",
    "det sidste nummer har {length} cifre og er ikke mindre end det første",
)
RANGE_FORM = BilingualText(
    "a range is FIRST-LAST, two numbers of {length} digits",
    "et interval skrives FØRSTE-SIDSTE, to numre med {length} cifre",
)
RANGE_BACKWARDS = BilingualText(
    "the first number is above the last",
    "det første nummer er større end det sidste",
)
RANGES_OVERLAP = BilingualText(
    "the ranges of production and test overlap",
    "intervallerne til produktion og test overlapper",
)
PURPOSE_TOO_LONG = BilingualText(
    "a purpose has at most {most} characters, all of which can be seen",
    "formålet har højst {most} tegn, som alle kan ses",
)
