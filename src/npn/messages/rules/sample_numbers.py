"""Sample numbers: which are national (NPN), whether they can be, whether they were ever granted."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import NUMBERED, Element, SampleNumber
from npn.messages.model.number_forms import (
    NumberDescription,
    NumberForm,
    accepting,
    descriptions_of,
    has_length,
    scheme_name,
)
from npn.messages.rules.model import LETTERS, REQUISITIONS, Book, Hit, Options, RuleSubject, Sample, Scope, hit, once

BOOK = Book()
SCHEME = "the number schemes that were named, or the service's; else those known, which are assumed: no official one is public"
SERVICE = "the number service: GET /v1/numbers/{number}"
FLAG = "MedCom XREQ01 0131, XREQ03 0331: SampleIdentifierType nationaltproevenummer"
NEVER = frozenset(("never_issued",))
GONE = frozenset(("released", "withheld"))
NAMED = frozenset(
    (
        "RequesterSampleIdentifier",
        "OriginalRequesterSampleIdentifier",
        "RequestersRequisitionIdentifier",
        "TestTubeIdentifier",
    )
)
FLAGGED = frozenset(("XREQ01", "XREQ03"))
NUMBER = "RequisitionInformation/Sample/RequesterSampleIdentifier"
TYPE = "RequisitionInformation/Sample/SampleIdentifierType"


def granted(_number: str) -> str:
    """Answer for the samples: everything has been granted."""
    return "granted"


def never_issued(_number: str) -> str:
    """Answer for the samples: nothing has been."""
    return "never_issued"


def released(_number: str) -> str:
    """Answer for the samples: everything was given back."""
    return "released"


def judged(case: RuleSubject) -> Severity:
    """Return how much a flagged number of no scheme weighs: an error only where somebody stated the schemes."""
    return Severity.ERROR if case.options.stated else Severity.WARNING


def named(case: RuleSubject) -> Text:
    """Name the schemes, with their lengths; where nobody stated them, say that they are assumed."""
    schemes = case.options.schemes
    en = ", ".join(f"{scheme_name(scheme)} with {scheme.length} digits" for scheme in schemes)
    da = ", ".join(f"{scheme_name(scheme)} med {scheme.length} cifre" for scheme in schemes)
    return Text(en, da) if case.options.stated else Text(f"assumed: {en}", f"antaget: {da}")


@once
def descriptions(case: RuleSubject) -> list[tuple[SampleNumber, NumberDescription]]:
    """Return every number of the letter with what it looks like."""
    return descriptions_of(case.letter, case.interchange.envelope, schemes=case.options.schemes)


@once
def sample_numbers(case: RuleSubject) -> tuple[SampleNumber, ...]:
    """Return every number of the letter."""
    return case.letter.sample_numbers


def flagged(case: RuleSubject) -> Iterator[SampleNumber]:
    """Yield the numbers that the letter marks as national."""
    return (number for number in sample_numbers(case) if number.flagged)


@BOOK.rule(
    "npn.flag-form",
    Severity.WARNING,
    scope=Scope(REQUISITIONS, types=FLAGGED),
    demands=Text("A number flagged as NPN has the length of one.", "Et nummer, der er markeret som NPN, har et NPN's længde."),
    finds=Text("'{number}' is flagged as NPN, but does not have the length of one ({schemes_en})", "'{number}' er markeret som NPN, men har ikke et NPN's længde ({schemes_da})"),
    citation=SCHEME,
    sample=Sample(version="XQ0131K", fails={NUMBER: "24-123456"}),
)  # fmt: skip
def flag_form(case: RuleSubject) -> Iterator[Hit]:
    """Check every flagged number's form."""
    for number in flagged(case):
        if not has_length(number.number.strip(), case.options.schemes):
            en, da = named(case)
            yield hit(number.element, severity=judged(case), number=number.number, schemes_en=en, schemes_da=da)


@BOOK.rule(
    "npn.flag-modulus",
    Severity.WARNING,
    scope=Scope(REQUISITIONS, types=FLAGGED),
    demands=Text("A number flagged as NPN passes the check.", "Et nummer, der er markeret som NPN, består kontrollen."),
    finds=Text("{number} is flagged as NPN, but does not pass the check ({schemes_en}): it is mistyped, or not an NPN", "{number} er markeret som NPN, men består ikke kontrollen ({schemes_da}): det er tastet forkert, eller det er ikke et NPN"),
    citation=SCHEME,
    sample=Sample(version="XQ0131K", fails={NUMBER: "1000000016"}),
)  # fmt: skip
def flag_modulus(case: RuleSubject) -> Iterator[Hit]:
    """Check every flagged number that has the form."""
    schemes = case.options.schemes
    for number in flagged(case):
        text = number.number.strip()
        if has_length(text, schemes) and accepting(text, schemes) is None:
            en, da = named(case)
            yield hit(number.element, severity=judged(case), number=number.number, schemes_en=en, schemes_da=da)


@BOOK.rule(
    "npn.flag-without-number",
    Severity.ERROR,
    scope=Scope(REQUISITIONS, types=FLAGGED),
    demands=Text("An NPN flag follows a number.", "En NPN-markering følger efter et nummer."),
    finds=Text("the NPN flag belongs to no number", "NPN-markeringen hører ikke til noget nummer"),
    citation=FLAG,
    sample=Sample(version="XQ0331P", fails={NUMBER: None}),
)
def flag_without_number(case: RuleSubject) -> Iterator[Hit]:
    """Look for a flag that does not stand right behind a number."""
    for parent in case.root.walk():
        before = None
        for child in parent.children:
            if child.name == "SampleIdentifierType" and (before is None or before.name not in NUMBERED):
                yield hit(child)
            before = child


@BOOK.rule(
    "npn.not-flagged",
    Severity.INFO,
    scope=Scope(REQUISITIONS, types=FLAGGED),
    demands=Text(
        "An NPN is flagged where the version has a flag.", "Et NPN er markeret, hvor versionen har en markering."
    ),
    finds=Text(
        "{number} reads as an NPN, but is not flagged as one", "{number} ligner et NPN, men er ikke markeret som et"
    ),
    citation=FLAG + "; one local number of eleven reads so by chance",
    sample=Sample(version="XQ0131K", fails={TYPE: None}),
)
def not_flagged(case: RuleSubject) -> Iterator[Hit]:
    """Check every unflagged number, in the versions that know the flag."""
    if case.letter.version_code not in ("XQ0131K", "XQ0331P"):
        return
    for sample, description in descriptions(case):
        if sample.role in NAMED and not sample.flagged and description.form is NumberForm.NPN:
            yield hit(sample.element, number=sample.number)


@BOOK.rule(
    "npn.local-year",
    Severity.INFO,
    scope=Scope(LETTERS),
    demands=Text("Says so where a number is a local one with the year first.", "Siger til, hvis et nummer er lokalt med årstal forrest."),
    finds=Text("'{number}' looks like a local number that starts with the year {year}: other laboratories may have the same", "'{number}' ligner et lokalt nummer, der begynder med årstallet {year}: andre laboratorier kan have det samme"),
    citation="usage: blood banks and pathology number from 1 every year",
    sample=Sample(version="XR0131K", fails={"RequisitionInformation/Sample/LaboratoryInternalSampleIdentifier": "2024-001234"}),
)  # fmt: skip
def local_year(case: RuleSubject) -> Iterator[Hit]:
    """Compare how each number starts with the year of the letter."""
    for sample, description in descriptions(case):
        if description.form is NumberForm.LOCAL_YEAR:
            yield hit(sample.element, number=sample.number, year=description.year)


def national(case: RuleSubject) -> dict[str, Element]:
    """Return each number once that can be an NPN, with the first place where it stands."""
    places: dict[str, Element] = {}
    for sample in sample_numbers(case):
        text = sample.number.strip()
        if text not in places and accepting(text, case.options.schemes) is not None:
            places[text] = sample.element
    return places


def in_state(case: RuleSubject, states: frozenset[str], *, flagged_ones: bool) -> Iterator[Hit]:
    """Ask the service for each number that can be an NPN, and point at those in one of the states."""
    lookup = case.options.lookup
    if lookup is None:
        return
    numbers = {sample.number.strip() for sample in flagged(case)}
    for number, element in national(case).items():
        if (number in numbers) is flagged_ones:
            state = lookup(number)
            if state in states:
                yield hit(element, number=number, state=state)


@BOOK.rule(
    "npn.never-issued",
    Severity.ERROR,
    scope=Scope(REQUISITIONS, types=FLAGGED, needs="lookup"),
    demands=Text("A number flagged as NPN was granted by the service.", "Et nummer, der er markeret som NPN, er udleveret af tjenesten."),
    finds=Text("{number} is flagged as NPN, but was never issued", "{number} er markeret som NPN, men er aldrig udleveret"),
    citation=SERVICE,
    sample=Sample(version="XQ0131K", options=Options(lookup=granted), fails_with=Options(lookup=never_issued)),
)  # fmt: skip
def npn_never_issued(case: RuleSubject) -> Iterator[Hit]:
    """Ask the number service."""
    return in_state(case, NEVER, flagged_ones=True)


@BOOK.rule(
    "npn.reads-as-one",
    Severity.INFO,
    scope=Scope(LETTERS, needs="lookup"),
    demands=Text("Says so where a number without a flag passes the check, but was never issued.", "Siger til, hvis et nummer uden markering består kontrollen, men aldrig er udleveret."),
    finds=Text("{number} passes the check, but was never issued: a local number, or mistyped", "{number} består kontrollen, men er aldrig udleveret: et lokalt nummer, eller tastet forkert"),
    citation=SERVICE + "; answers have no flag",
    sample=Sample(version="XR0131K", options=Options(lookup=granted), fails_with=Options(lookup=never_issued)),
)  # fmt: skip
def npn_reads_as_one(case: RuleSubject) -> Iterator[Hit]:
    """Ask the number service."""
    return in_state(case, NEVER, flagged_ones=False)


@BOOK.rule(
    "npn.released",
    Severity.WARNING,
    scope=Scope(LETTERS, needs="lookup"),
    demands=Text("An NPN in use was not given back.", "Et NPN i brug er ikke leveret tilbage."),
    finds=Text(
        "{number} was issued, but is now {state}: nobody may use it",
        "{number} er udleveret, men er nu {state}: ingen må bruge det",
    ),
    citation=SERVICE,
    sample=Sample(version="XQ0131K", options=Options(lookup=granted), fails_with=Options(lookup=released)),
)
def npn_released(case: RuleSubject) -> Iterator[Hit]:
    """Ask the number service."""
    yield from in_state(case, GONE, flagged_ones=True)
    yield from in_state(case, GONE, flagged_ones=False)
