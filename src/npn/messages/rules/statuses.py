"""Statuses that go together, and microbiology patterns whose rows and columns exist."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import in_danish
from npn.messages.rules.model import ANSWERS, REQUISITIONS, Book, Hit, RuleSubject, Sample, Scope, hit

BOOK = Book()
STATUS = "MedCom answers: ReportStatusCode (or ResultStatus) of the whole, ResultStatusCode of each result"
GENERAL = "LaboratoryResults/GeneralResultInformation"
COMPLETE = frozenset(("komplet_svar", "komplet"))
RECEIVED = "modtaget"
PRELIMINARY = frozenset(("svar_midlertidigt", "proeve_modtaget"))
FINAL = frozenset(("svar_endeligt", "svar_rettet"))
WHOLE_DA = {"komplet_svar": "komplet", "komplet": "komplet", RECEIVED: "modtaget"}
SINGLE_DA = {
    "proeve_modtaget": "én prøve er kun meldt modtaget",
    "svar_midlertidigt": "ét resultat er midlertidigt",
    "svar_endeligt": "ét resultat er endeligt",
    "svar_rettet": "ét resultat er rettet",
}
PATTERNS = (
    ("LaboratoryResults/CultureWithFindings", "Microorganism"),
    ("LaboratoryResults/Investigation/CultureFindings", "Microorganism"),
)
ENTRY = "LaboratoryResults/CultureWithFindings/Pattern/PatternEntry"


def report_status(case: RuleSubject) -> Element | None:
    """Return the status of the whole answer."""
    return case.find(f"{GENERAL}/ReportStatusCode") or case.find(f"{GENERAL}/ResultStatus")


def result_statuses(case: RuleSubject) -> Iterator[Element]:
    """Yield the status of each result, or of all."""
    yield from case.all(f"{GENERAL}/ResultStatusCode")
    yield from case.all("LaboratoryResults/Result/ResultStatusCode")


def combined(case: RuleSubject, whole: frozenset[str], *, single: frozenset[str]) -> Iterator[Hit]:
    """Point at results whose status does not fit that of the whole."""
    status = report_status(case)
    if status is not None and status.text in whole:
        for result in result_statuses(case):
            if result.text in single:
                yield hit(
                    result,
                    whole=status.text,
                    single=result.text,
                    whole_da=WHOLE_DA[status.text],
                    single_da=SINGLE_DA[result.text],
                )


@BOOK.rule(
    "status.complete-but-preliminary",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A complete answer has no preliminary result.", "Et komplet svar har intet midlertidigt resultat."),
    finds=Text("the answer is {whole}, but a result is {single}", "svaret er meldt {whole_da}, men mindst {single_da}"),
    citation=STATUS,
    sample=Sample(version="XR0131K", fails={"LaboratoryResults/Result/ResultStatusCode": "svar_midlertidigt"}),
)
def complete_but_preliminary(case: RuleSubject) -> Iterator[Hit]:
    """Compare the whole with its parts."""
    return combined(case, COMPLETE, single=PRELIMINARY)


@BOOK.rule(
    "status.received-but-final",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A letter that only says 'received' has no final result.", "Et brev, der kun melder 'modtaget', har intet endeligt resultat."),
    finds=Text("the answer is {whole}, but a result is {single}", "svaret er meldt {whole_da}, men mindst {single_da}"),
    citation=STATUS,
    sample=Sample(version="XR0131K", fails={f"{GENERAL}/ReportStatusCode": RECEIVED}),
)  # fmt: skip
def received_but_final(case: RuleSubject) -> Iterator[Hit]:
    """Compare the whole with its parts."""
    return combined(case, frozenset((RECEIVED,)), single=FINAL)


@BOOK.rule(
    "status.actual-sampling-later",
    Severity.INFO,
    scope=Scope(REQUISITIONS),
    demands=Text("A sampling that has been done has a time.", "En prøvetagning, der er sket, har et tidspunkt."),
    finds=Text("the sampling is said to be done (faktisk), but no time is given", "prøvetagningen angives som sket (faktisk), men der er intet tidspunkt"),
    citation="MedCom requisitions: SamplingDateTimeType and SamplingDateTime",
    sample=Sample(
        version="XQ0131K",
        fails={"RequisitionInformation/SamplingDateTime": None},
    ),
)  # fmt: skip
def actual_sampling_later(case: RuleSubject) -> Iterator[Hit]:
    """Look for the time."""
    kind = case.find("RequisitionInformation/SamplingDateTimeType")
    is_actual = kind is not None and kind.text == "faktisk"
    if kind is not None and is_actual and case.find("RequisitionInformation/SamplingDateTime") is None:
        yield hit(kind)


def pattern_groups(case: RuleSubject) -> Iterator[Element]:
    """Yield what holds microorganisms and their resistance pattern."""
    for path, _ in PATTERNS:
        yield from case.all(path)


def declared(group: Element, name: str, *, key: str) -> set[str]:
    """Return the numbers that a pattern may refer to: the elements' own, or their place from 1."""
    elements = group.all(name)
    own = [element.value(key) for element in elements]
    if elements and all(own):
        return {str(number).strip() for number in own}
    return {str(place) for place in range(1, len(elements) + 1)}


@BOOK.rule(
    "pattern.refers-to-nothing",
    Severity.ERROR,
    scope=Scope(ANSWERS, types=frozenset(("XRPT02", "XRPT05", "XRPT06"))),
    demands=Text("An entry of a resistance pattern refers to a microorganism and an antibiotic of the letter.", "Et felt i et resistensmønster henviser til en mikroorganisme og et antibiotikum i brevet."),
    finds=Text("{name} {number} is not in the letter", "{name_da} {number} findes ikke i brevet"),
    citation="MedCom XRPT02, XRPT05, XRPT06: PatternEntry",
    sample=Sample(version="XR0231M", fails={f"{ENTRY}/RefAntibiotic": "77"}),
)  # fmt: skip
def refers_to_nothing(case: RuleSubject) -> Iterator[Hit]:
    """Follow both references of every entry."""
    for group in pattern_groups(case):
        references = {
            "RefMicroorganism": declared(group, "Microorganism", key="SortOrder"),
            "RefAntibiotic": declared(group, "Pattern/Antibiotic", key="AntibioticNumber"),
        }
        for entry in group.all("Pattern/PatternEntry"):
            for name, numbers in references.items():
                reference = entry.child(name)
                if reference is not None and plain(reference.text) not in numbers:
                    yield hit(reference, name=name, name_da=in_danish(name), number=reference.text)


def plain(number: str) -> str:
    """Write a reference without leading zeros."""
    return number.strip().lstrip("0") or "0"


@BOOK.rule(
    "pattern.twice",
    Severity.ERROR,
    scope=Scope(ANSWERS, types=frozenset(("XRPT02", "XRPT05", "XRPT06"))),
    demands=Text("A microorganism and an antibiotic have one entry.", "Resistensmønstret har én værdi for samme bakterie og antibiotikum."),
    finds=Text("microorganism {organism} and antibiotic {antibiotic} have a second entry", "resistensmønstret har to værdier for samme bakterie ({organism}) og antibiotikum ({antibiotic})"),
    citation="MedCom XRPT02, XRPT05, XRPT06: PatternEntry",
    sample=Sample(version="XR0231M", fails={f"{ENTRY}[2]/RefMicroorganism": "1", f"{ENTRY}[2]/RefAntibiotic": "1"}),
)  # fmt: skip
def pattern_twice(case: RuleSubject) -> Iterator[Hit]:
    """Look for the same pair again."""
    for group in pattern_groups(case):
        pairs: set[tuple[str, str]] = set()
        for entry in group.all("Pattern/PatternEntry"):
            pair = plain(entry.value("RefMicroorganism") or ""), plain(entry.value("RefAntibiotic") or "")
            if pair in pairs:
                yield hit(entry, organism=pair[0], antibiotic=pair[1])
            pairs.add(pair)
