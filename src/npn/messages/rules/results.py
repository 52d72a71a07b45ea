"""Results: type against value, operator and unit, reference interval, flag, precision, and how many there are."""

from collections.abc import Iterator
from decimal import Decimal

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.masking import masked
from npn.messages.rules.model import ANSWERS, Book, Hit, Options, RuleSubject, Sample, Scope, hit, once
from npn.messages.rules.numerals import (
    COMMA,
    NUMERAL,
    OPERATOR_FIRST,
    PLAIN,
    WITH_UNIT,
    decimals,
    numeral,
    stated,
)

BOOK = Book()
MEDCOM = "MedCom answers: Value, Operator and Unit are fields of their own; the decimal mark is a point (UNA)"
INTERVAL = "MedCom answers: ReferenceInterval and ResultValidation"
LISTS = (
    "LaboratoryResults/Result",
    "LaboratoryResults/Investigation/QuantitativeFindings/AnalysisFindings/Findings",
)
COUNTED = ("LaboratoryResults/Result", "LaboratoryResults/Investigation")
LOWER, UPPER = "ReferenceInterval/LowerLimit", "ReferenceInterval/UpperLimit"
ONE = "LaboratoryResults/Result"


@once
def results(case: RuleSubject) -> tuple[tuple[Element, Element], ...]:
    """Return every result that has a value, with that value."""
    pairs = ((result, result.child("Value")) for path in LISTS for result in case.all(path))
    return tuple((result, value) for result, value in pairs if value is not None)


@BOOK.rule(
    "result.comma",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A numeric value has a decimal point.", "En numerisk værdi har decimalpunktum."),
    finds=Text(
        "'{value}' has a decimal comma; a numeric value has a point",
        "'{value}' har decimalkomma; en numerisk værdi har punktum",
    ),
    citation=MEDCOM,
    sample=Sample(version="XR0131K", passes={f"{ONE}/Value": "3.10"}, fails={f"{ONE}/Value": "3,10"}),
)
def comma(case: RuleSubject) -> Iterator[Hit]:
    """Check values said to be numeric."""
    for result, value in results(case):
        if result.value("ResultType") == "numerisk" and COMMA.fullmatch(value.text.strip()):
            yield hit(value, value=value.text)


@BOOK.rule(
    "result.not-a-number",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A numeric value is a number.", "En numerisk værdi er et tal."),
    finds=Text(
        "'{value}' is said to be numeric but is not a number", "'{value}' angives som numerisk, men er ikke et tal"
    ),
    citation=MEDCOM,
    sample=Sample(version="XR0131K", passes={f"{ONE}/Value": "-0.5"}, fails={f"{ONE}/Value": "Hæmolyse"}),
)
def not_a_number(case: RuleSubject) -> Iterator[Hit]:
    """Check values said to be numeric."""
    for result, value in results(case):
        text = value.text.strip()
        if result.value("ResultType") == "numerisk" and not NUMERAL.fullmatch(text) and not COMMA.fullmatch(text):
            yield hit(value, value=masked(value.text))


@BOOK.rule(
    "result.number-form",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A numeric value is written plainly.", "En numerisk værdi skrives enkelt."),
    finds=Text("'{value}' is not written plainly: no plus sign, no leading zeros, digits on both sides of the point", "'{value}' er ikke skrevet enkelt: intet plustegn, ingen foranstillede nuller, cifre på begge sider af punktummet"),
    citation=MEDCOM,
    sample=Sample(version="XR0131K", passes={f"{ONE}/Value": "0.5"}, fails={f"{ONE}/Value": ".5"}),
)  # fmt: skip
def number_form(case: RuleSubject) -> Iterator[Hit]:
    """Check values said to be numeric."""
    for result, value in results(case):
        text = value.text
        if result.value("ResultType") == "numerisk" and NUMERAL.fullmatch(text.strip()) and not PLAIN.fullmatch(text):
            yield hit(value, value=text)


@BOOK.rule(
    "result.text-is-number",
    Severity.INFO,
    scope=Scope(ANSWERS),
    demands=Text("A value that is a number is said to be numeric.", "En værdi, der er et tal, angives som numerisk."),
    finds=Text("'{value}' is a number, but is said to be text: it can't be followed over time", "'{value}' er et tal, men angives som tekst: den kan ikke følges over tid"),
    citation=MEDCOM,
    sample=Sample(
        version="XR0131K",
        passes={f"{ONE}/ResultType": "alfanumerisk", f"{ONE}/Value": "Positiv"},
        fails={f"{ONE}/ResultType": "alfanumerisk"},
    ),
)  # fmt: skip
def text_is_number(case: RuleSubject) -> Iterator[Hit]:
    """Check values said to be text."""
    for result, value in results(case):
        if result.value("ResultType") == "alfanumerisk" and NUMERAL.fullmatch(value.text.strip()):
            yield hit(value, value=value.text)


@BOOK.rule(
    "result.operator-in-value",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("Less than and greater than stand in Operator.", "Mindre end og større end står i Operator."),
    finds=Text(
        "'{value}' starts with a sign that belongs in Operator",
        "'{value}' begynder med et tegn, der hører til i feltet Operator",
    ),
    citation=MEDCOM,
    sample=Sample(
        version="XR0131K",
        passes={f"{ONE}/Operator": "mindre_end", f"{ONE}/ResultValidation": None},
        fails={f"{ONE}/Value": "<5"},
    ),
)
def operator_in_value(case: RuleSubject) -> Iterator[Hit]:
    """Check how values start."""
    for _, value in results(case):
        if OPERATOR_FIRST.match(value.text):
            yield hit(value, value=value.text)


@BOOK.rule(
    "result.operator-with-text",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("An operator stands before a number only.", "En operator står kun foran et tal."),
    finds=Text(
        "an operator stands before '{value}', which is not a number",
        "en operator står foran '{value}', som ikke er et tal",
    ),
    citation=MEDCOM,
    sample=Sample(
        version="XR0131K",
        passes={f"{ONE}/Operator": "mindre_end"},
        fails={
            f"{ONE}/Operator": "mindre_end",
            f"{ONE}/ResultType": "alfanumerisk",
            f"{ONE}/Value": "Positiv",
        },
    ),
)
def operator_with_text(case: RuleSubject) -> Iterator[Hit]:
    """Check values with an operator."""
    for result, value in results(case):
        if result.value("Operator") in ("mindre_end", "stoerre_end") and numeral(value.text) is None:
            yield hit(value, value=masked(value.text))


@BOOK.rule(
    "result.unit-in-value",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A unit stands in Unit.", "En enhed står i Unit."),
    finds=Text(
        "'{value}' holds a unit, which belongs in Unit",
        "'{value}' indeholder en enhed, som hører til i feltet Enhed (Unit)",
    ),
    citation=MEDCOM,
    sample=Sample(version="XR0131K", passes={f"{ONE}/Unit": "mmol/L"}, fails={f"{ONE}/Value": "5.4 mmol/L"}),
)
def unit_in_value(case: RuleSubject) -> Iterator[Hit]:
    """Look for a number with letters behind it."""
    for _, value in results(case):
        if WITH_UNIT.fullmatch(value.text):
            yield hit(value, value=value.text)


@BOOK.rule(
    "result.unit-missing",
    Severity.INFO,
    scope=Scope(ANSWERS),
    demands=Text("A numeric value has a unit.", "En numerisk værdi har en enhed."),
    finds=Text(
        "the value {value} has no unit; right for pure numbers only (pH, INR)",
        "værdien {value} har ingen enhed; kun rigtigt for rene tal (pH, INR)",
    ),
    citation=MEDCOM,
    sample=Sample(version="XR0131K", fails={f"{ONE}/Unit": None}),
)
def unit_missing(case: RuleSubject) -> Iterator[Hit]:
    """Check values that are numbers."""
    for result, value in results(case):
        if result.value("ResultType") != "alfanumerisk" and NUMERAL.fullmatch(value.text.strip()):
            unit = result.value("Unit")
            if unit is None or not unit.strip():
                yield hit(value, value=value.text)


@BOOK.rule(
    "interval.order",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A reference interval's lower limit is not above the upper one.", "Et referenceintervals nedre grænse ligger ikke over den øvre."),
    finds=Text("the lower limit {low} is above the upper limit {high}", "den nedre grænse {low} ligger over den øvre grænse {high}"),
    citation=INTERVAL,
    sample=Sample(version="XR0131K", passes={f"{ONE}/{UPPER}": "5.8"}, fails={f"{ONE}/{UPPER}": "3.0"}),
)  # fmt: skip
def interval_order(case: RuleSubject) -> Iterator[Hit]:
    """Compare the two limits of every interval."""
    for result, _ in results(case):
        low, high = result.find(LOWER), result.find(UPPER)
        if low is not None and high is not None:
            a, b = numeral(low.text), numeral(high.text)
            if a is not None and b is not None and a > b:
                yield hit(low, low=low.text, high=high.text)


@BOOK.rule(
    "interval.not-a-number",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A limit is a number with a decimal point.", "En grænse er et tal med decimalpunktum."),
    finds=Text(
        "the limit '{value}' is not a number; words belong in IntervalText",
        "grænsen '{value}' er ikke et tal; ord hører til i feltet Referenceinterval i ord (IntervalText)",
    ),
    citation=INTERVAL,
    sample=Sample(version="XR0131K", passes={f"{ONE}/{LOWER}": "3.9"}, fails={f"{ONE}/{LOWER}": "3,9"}),
)
def interval_not_a_number(case: RuleSubject) -> Iterator[Hit]:
    """Check every limit."""
    for result, _ in results(case):
        for path in (LOWER, UPPER):
            limit = result.find(path)
            if limit is not None and limit.text.strip() and numeral(limit.text) is None:
                yield hit(limit, value=limit.text)


def measured(result: Element, value: Element) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
    """Return what the value says at least and at most, and the two limits."""
    number = numeral(value.text)
    if number is None:
        return None, None, None, None
    says = stated(number, result.value("Operator"))
    return says.low, says.high, numeral(result.value(LOWER)), numeral(result.value(UPPER))


@BOOK.rule(
    "interval.flag-contradicts",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A flag agrees with the reference interval.", "En markering passer med referenceintervallet."),
    finds=Text("the value {value} is flagged {flag}, but lies within the interval or on its other side", "værdien {value} er markeret {flag}, men ligger inden for intervallet eller på den anden side af det"),
    citation=INTERVAL,
    sample=Sample(
        version="XR0131K",
        passes={f"{ONE}/Value": "9.9", f"{ONE}/ResultValidation": "for_hoej"},
        fails={f"{ONE}/Value": "4.0", f"{ONE}/Operator": None},
    ),
)  # fmt: skip
def flag_contradicts(case: RuleSubject) -> Iterator[Hit]:
    """Compare flagged values with their interval."""
    for result, value in results(case):
        flag = result.value("ResultValidation")
        least, most, low, high = measured(result, value)
        too_high = flag == "for_hoej" and most is not None and high is not None and most <= high
        too_low = flag == "for_lav" and least is not None and low is not None and least >= low
        if too_high or too_low:
            yield hit(value, value=value.text, flag=flag)


@BOOK.rule(
    "interval.flag-missing",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A value outside the reference interval is flagged.", "En værdi uden for referenceintervallet er markeret."),
    finds=Text("the value {value} lies outside {low} to {high}, but is not flagged", "værdien {value} ligger uden for {low} til {high}, men er ikke markeret"),
    citation=INTERVAL,
    sample=Sample(
        version="XR0131K",
        passes={f"{ONE}/Value": "9.9", f"{ONE}/ResultValidation": "for_hoej"},
        fails={f"{ONE}/Value": "9.9", f"{ONE}/ResultValidation": None},
    ),
)  # fmt: skip
def flag_missing(case: RuleSubject) -> Iterator[Hit]:
    """Compare values without a flag with their interval."""
    for result, value in results(case):
        if result.child("ResultValidation") is None:
            least, most, low, high = measured(result, value)
            above = least is not None and high is not None and least > high
            below = most is not None and low is not None and most < low
            if above or below:
                limits = result.value(LOWER) or "…", result.value(UPPER) or "…"
                yield hit(value, value=value.text, low=limits[0], high=limits[1])


@BOOK.rule(
    "result.precision",
    Severity.INFO,
    scope=Scope(ANSWERS),
    demands=Text("A value is given with at least its interval's decimals.", "En værdi angives med mindst lige så mange decimaler som sit interval."),
    finds=Text("the value {value} has fewer decimals than its limit {limit}: a zero may have been lost", "værdien {value} har færre decimaler end sin grænse {limit}: et nul kan være gået tabt"),
    citation="digits carry meaning: 3.10 is not 3.1",
    sample=Sample(version="XR0131K", passes={f"{ONE}/Value": "4.0"}, fails={f"{ONE}/Value": "4"}),
)  # fmt: skip
def precision(case: RuleSubject) -> Iterator[Hit]:
    """Compare the decimals of value and limits."""
    for result, value in results(case):
        limit = result.value(LOWER) or result.value(UPPER) or ""
        if numeral(value.text) is not None and numeral(limit) is not None and decimals(value.text) < decimals(limit):
            yield hit(value, value=value.text, limit=limit)


@BOOK.rule(
    "result.too-many",
    Severity.ERROR,
    scope=Scope(ANSWERS, needs="limit"),
    demands=Text("No more results than the receiver takes.", "Ikke flere resultater end modtageren kan tage."),
    finds=Text("{count} results; the receiver takes {limit}", "{count} resultater; modtageren kan tage {limit}"),
    citation="the receiver's own statement (20 is known; the format's limit is 99)",
    sample=Sample(version="XR0131K", options=Options(limit=3), fails={"+LaboratoryResults/Result": None}),
)
def too_many(case: RuleSubject) -> Iterator[Hit]:
    """Count the results or investigations."""
    limit = case.options.limit
    for path in COUNTED:
        elements = case.all(path)
        if limit is not None and len(elements) > limit:
            yield hit(elements[limit], count=len(elements), limit=limit)


@BOOK.rule(
    "result.twice",
    Severity.WARNING,
    scope=Scope(ANSWERS, types=frozenset(("XRPT01",))),
    demands=Text("One analysis has one result in a letter.", "En analyse har ét resultat i et brev."),
    finds=Text(
        "analysis {code} has several results in this letter", "analyse {code} har flere resultater i dette brev"
    ),
    citation="plausibility: a receiver may keep only one of them",
    sample=Sample(version="XR0131K", fails={"LaboratoryResults/Result[2]/Analysis/AnalysisCode": "NPU03230"}),
)
def twice(case: RuleSubject) -> Iterator[Hit]:
    """Look for the same code again."""
    keys: set[tuple[str | None, str]] = set()
    for analysis in case.all("LaboratoryResults/Result/Analysis"):
        code = analysis.child("AnalysisCode")
        if code is None:
            continue
        key = (analysis.value("AnalysisCodeResponsible"), code.text)
        if key in keys:
            yield hit(code, code=code.text)
        keys.add(key)
