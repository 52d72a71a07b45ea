"""Where and when a sample is taken, as a requisition states it."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.rules.model import REQUISITIONS, Book, Hit, RuleSubject, Sample, Scope, hit

BOOK = Book()
CODE = "RequisitionInformation/SamplingLocationCode"
PLACE = "RequisitionInformation/SamplingLocation"
KIND = "RequisitionInformation/SamplingDateTimeType"
ELSEWHERE = "laboratoriet_eksternt"


@BOOK.rule(
    "sampling.place-with-code",
    Severity.INFO,
    scope=Scope(REQUISITIONS),
    demands=Text("A place of sampling in words goes with the code 'laboratoriet_eksternt' (EXT).", "Et prøvetagningssted i ord hører til koden 'laboratoriet_eksternt' (EXT)."),
    finds=Text("a place of sampling is given in words, but the code is '{code}', not 'laboratoriet_eksternt' (EXT in EDIFACT)", "prøvetagningsstedet er angivet i ord, men koden er '{code}', ikke 'laboratoriet_eksternt' (EXT i EDIFACT)"),
    citation="MedCom REQ01 0131: FTX+EXT belongs to SPC+SCI+EXT",
    sample=Sample(version="XQ0131K", passes={CODE: ELSEWHERE, KIND: "oensket"}),
)  # fmt: skip
def place_with_code(case: RuleSubject) -> Iterator[Hit]:
    """Look for a place in words where the code names another."""
    place, code = case.find(PLACE), case.value(CODE)
    if place is not None and code is not None and code != ELSEWHERE:
        yield hit(place, code=code)
