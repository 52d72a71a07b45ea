"""Code lists and the form of codes, beyond what the structure demands."""

import re
from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.rules.model import ANSWERS, ANY, LETTERS, XML_ONLY, Book, Hit, RuleSubject, Sample, Scope, hit

BOOK = Book()
NPU = re.compile(r"(?:NPU|DNK)\d{5}", re.ASCII)
ANALYSES = (
    "LaboratoryResults/Result/Analysis",
    "LaboratoryResults/Investigation/Examination",
    "Requests/RequestedAnalysis/Analysis",
)
CODE = "LaboratoryResults/Result/Analysis/AnalysisCode"
KIND = "LaboratoryResults/Result/Analysis/AnalysisCodeType"
TOPOGRAPHY = "LaboratoryResults/CodedFormat/Sample/CodedResults/Topography/Code"


@BOOK.rule(
    "code.npu",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("An IUPAC code is an NPU code: NPU or DNK and five digits.", "En IUPAC-kode er en NPU-kode: NPU eller DNK og fem cifre."),
    finds=Text("'{code}' is said to be an IUPAC code, but has not the form NPU12345 or DNK12345", "'{code}' angives som IUPAC-kode, men har ikke formen NPU12345 eller DNK12345"),
    citation="NPU terminology",
    sample=Sample(version="XR0131K", fails={CODE: "NPU323"}),
)  # fmt: skip
def npu(case: RuleSubject) -> Iterator[Hit]:
    """Check every analysis code that is said to be of IUPAC."""
    for path in ANALYSES:
        for analysis in case.all(path):
            code = analysis.child("AnalysisCode") or analysis.child("MICAnalysisCode")
            if code is not None and analysis.value("AnalysisCodeType") == "iupac" and not NPU.fullmatch(code.text):
                yield hit(code, code=code.text)


@BOOK.rule(
    "code.npu-as-other",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("An NPU code is said to be an IUPAC code.", "En NPU-kode angives som IUPAC-kode."),
    finds=Text(
        "{code} has the form of an NPU code, but is said to be '{kind}'",
        "{code} har form som en NPU-kode, men angives som '{kind}'",
    ),
    citation="NPU terminology",
    sample=Sample(version="XR0131K", fails={KIND: "lokal"}),
)
def npu_as_other(case: RuleSubject) -> Iterator[Hit]:
    """Check every other analysis code."""
    for path in ANALYSES:
        for analysis in case.all(path):
            code = analysis.child("AnalysisCode") or analysis.child("MICAnalysisCode")
            kind = analysis.value("AnalysisCodeType")
            if code is not None and kind in ("lokal", "mds") and NPU.fullmatch(code.text):
                yield hit(code, code=code.text, kind=kind)


@BOOK.rule(
    "code.no-counterpart",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("Codes have a counterpart in EDIFACT.", "Koder har en modpart i EDIFACT."),
    finds=Text(
        "'{code}' has no code in EDIFACT: the letter can't be converted",
        "'{code}' har ingen kode i EDIFACT: brevet kan ikke konverteres",
    ),
    citation="mapping: AnalysisCodeType mds and IdentifierCode amt have no public EDIFACT code",
    sample=Sample(version="XR0131K", fails={KIND: "mds", CODE: "12345"}),
)
def no_counterpart(case: RuleSubject) -> Iterator[Hit]:
    """Look for the two codes, in the types that have an EDIFACT form."""
    if case.letter.version is None or case.letter.version.type in XML_ONLY:
        return
    for path in ANALYSES:
        for analysis in case.all(path):
            kind = analysis.child("AnalysisCodeType")
            if kind is not None and kind.text == "mds":
                yield hit(kind, code=kind.text)
    for party in case.root.children:
        code = party.child("IdentifierCode")
        if code is not None and code.text == "amt" and party.name != "Payer":
            yield hit(code, code=code.text)


@BOOK.rule(
    "code.topography",
    Severity.WARNING,
    scope=Scope(ANSWERS, types=frozenset(("XRPT03", "XRPT04"))),
    demands=Text("A topography code starts with T.", "En topografikode begynder med T."),
    finds=Text(
        "'{code}' is not a topography code: those start with T", "'{code}' er ikke en topografikode: de begynder med T"
    ),
    citation="Danish SNOMED (Patobank): T is topography",
    sample=Sample(version="XR0432P", fails={TOPOGRAPHY: "M88100"}),
)
def topography(case: RuleSubject) -> Iterator[Hit]:
    """Check every topography code."""
    for code in case.all(TOPOGRAPHY):
        if not code.text.strip().upper().startswith("T"):
            yield hit(code, code=code.text)


@BOOK.rule(
    "code.statistical",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("The statistical code is the type of the letter.", "Statistikkoden er brevets type."),
    finds=Text("the statistical code '{code}' is not the letter's type {type}; EDIFACT has no place for it", "statistikkoden '{code}' er ikke brevets type {type}; EDIFACT har ingen plads til den"),
    citation="mapping: read from EDIFACT, the statistical code is the type",
    sample=Sample(version="XR0131K", fails={"Letter/StatisticalCode": "XRPT02"}),
)  # fmt: skip
def statistical(case: RuleSubject) -> Iterator[Hit]:
    """Compare the two codes."""
    code = case.find("Letter/StatisticalCode")
    if code is not None and case.letter.version is not None and code.text != case.letter.version.type:
        yield hit(code, code=code.text, type=case.letter.version.type)
