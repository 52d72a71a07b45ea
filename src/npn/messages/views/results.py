"""Values as people read them: operator, unit, interval, and how a result stands out."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.rules.numerals import numeral, stated
from npn.messages.views.blocks import Cell, Content, NoticeBlock
from npn.messages.views.reading import LetterReading

MARKS = {"for_hoej": "high", "for_lav": "low", "unormal": "abnormal", "malign": "abnormal", "premalign": "abnormal"}
MICROBIOLOGY = frozenset(("XRPT02", "XRPT05", "XRPT06"))
ELSEWHERE = "MIKRO"  # the value of a heading of microbiology: what was found stands in the text
DASH = Markup(" \N{EN DASH} ")
GENERAL = "LaboratoryResults/GeneralResultInformation"
RESULTS = (
    "LaboratoryResults/Result",
    "LaboratoryResults/Investigation/QuantitativeFindings/AnalysisFindings/Findings",
    "LaboratoryResults/TableFormat",
)


def result_mark(result: Element) -> str:
    """How a result stands out by what the laboratory says of it; empty: it does not."""
    return MARKS.get(result.value("ResultValidation") or "", "")


def unflagged(result: Element) -> str:
    """On which side of its interval a value lies that the laboratory did not flag: high, low; empty: neither."""
    value = numeral(result.value("Value"))
    if value is None or (result.value("ResultValidation") or "").strip():
        return ""
    says = stated(value, result.value("Operator"))
    low, high = (numeral(result.value(f"ReferenceInterval/{name}")) for name in ("LowerLimit", "UpperLimit"))
    if says.low is not None and high is not None and says.low > high:
        return "high"
    return "low" if says.high is not None and low is not None and says.high < low else ""


def standing(result: Element) -> str:
    """How a result stands out, by the laboratory's flag or, where there is none, by its interval."""
    return result_mark(result) or unflagged(result)


def assessment(reading: LetterReading, result: Element | None) -> Cell:
    """What the laboratory says of a value; where it says nothing of one outside its interval, that."""
    side = unflagged(result) if result is not None else ""
    if side:
        return Cell(reading.words.say(f"outside_{side}"), side, side)
    mark = result_mark(result) if result is not None else ""
    return Cell(reading.value(result, "ResultValidation"), mark, mark)


def is_assessed(result: Element) -> bool:
    """Whether the laboratory sent anything to judge a result by: a flag, or a reference interval."""
    return bool((result.value("ResultValidation") or "").strip()) or result.child("ReferenceInterval") is not None


def is_microbiology(reading: LetterReading) -> bool:
    """Whether it is an answer of microbiology: its findings bear no flag, so none does not mean a normal result."""
    return reading.letter.version is not None and reading.letter.version.type in MICROBIOLOGY


def with_code(name: Content, code: Content) -> Content:
    """A name with its code in small print below."""
    return Markup('{} <span class="code under">{}</span>').format(name, code) if code else name


def measured(reading: LetterReading, result: Element | None) -> Content:
    """A value with its operator before it, exactly the digits of the letter."""
    value = reading.value(result, "Value")
    if value == ELSEWHERE:
        value = reading.words.say("elsewhere", value=value)
    return Markup(" ").join(part for part in (reading.value(result, "Operator"), value) if part)


def interval(reading: LetterReading, result: Element | None) -> Content:
    """A reference interval: limits, kind, words."""
    words = reading.words
    low = reading.value(result, "ReferenceInterval/LowerLimit")
    high = reading.value(result, "ReferenceInterval/UpperLimit")
    kind = reading.value(result, "ReferenceInterval/TypeOfInterval")
    text = reading.value(result, "ReferenceInterval/IntervalText")
    if low and high:
        limits = DASH.join((low, high))
    elif low or high:
        limits = words.markup("above", limit=low) if low else words.markup("below", limit=high)
    else:
        limits = Markup("")
    named = Markup(" ").join(part for part in (limits, f"({kind})" if kind else "") if part)
    return Markup("; ").join(part for part in (named, text) if part)


def overview(reading: LetterReading) -> list[NoticeBlock]:
    """What must not be missed: how many results are abnormal, corrected, preliminary."""
    results = [result for path in RESULTS for result in reading.root.all(path)]
    if not results:
        return []
    return [*value_notices(reading, results), *status_notices(reading, results)]


def value_notices(reading: LetterReading, results: Sequence[Element]) -> Iterator[NoticeBlock]:
    """Count what stands out; where nothing does, say so, or that the laboratory judged nothing."""
    words = reading.words
    abnormal = sum(bool(result_mark(result)) for result in results)
    outside = sum(bool(unflagged(result)) for result in results)
    if abnormal:
        key = "abnormal_one" if abnormal == 1 else "abnormal_count"
        yield NoticeBlock(words.say(key, count=abnormal, total=len(results)), "abnormal")
    elif not outside and not is_microbiology(reading) and any(result.child("Value") is not None for result in results):
        yield NoticeBlock(words.say("no_abnormal" if any(map(is_assessed, results)) else "no_assessment"))
    if outside:
        yield NoticeBlock(words.say("outside_one" if outside == 1 else "outside_count", count=outside), "abnormal")


def status_notices(reading: LetterReading, results: Sequence[Element]) -> Iterator[NoticeBlock]:
    """Count what is corrected or preliminary, or say that all of it is."""
    words = reading.words
    whole = reading.root.value("LaboratoryResults/GeneralResultInformation/ResultStatusCode")
    statuses = [result.value("ResultStatusCode") for result in results]
    for code, name in (("svar_rettet", "corrected"), ("svar_midlertidigt", "preliminary")):
        count = statuses.count(code)
        if whole == code:
            yield NoticeBlock(words.say(f"{name}_all"), name)
        elif count:
            yield NoticeBlock(words.say(f"{name}_one" if count == 1 else f"{name}_count", count=count), name)
