"""Who pays for a requisition: the kind of payer, and the payer's number."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.rules.model import REQUISITIONS, Book, Hit, RuleSubject, Sample, Scope, hit

BOOK = Book()
KIND = "Payer/PayersTypeCode"
NUMBER = "Payer/Identifier"
NUMBER_KIND = "Payer/IdentifierCode"


@BOOK.rule(
    "payer.other-with-number",
    Severity.WARNING,
    scope=Scope(REQUISITIONS),
    demands=Text("A payer of the kind 'anden' (NSP) has no number.", "En betaler af typen 'anden' (NSP) har intet nummer."),
    finds=Text("the payer is of the kind 'anden' (NSP in EDIFACT), but has the number '{number}'", "betaleren er af typen 'anden' (NSP i EDIFACT), men har nummeret '{number}'"),
    citation="MedCom requisitions: BETID can't be given where BETKOD is NSP",
    sample=Sample(version="XQ0131K", fails={KIND: "anden"}),
)  # fmt: skip
def other_with_number(case: RuleSubject) -> Iterator[Hit]:
    """Look for a number where there can be none."""
    number = case.find(NUMBER)
    if number is not None and number.text.strip() and case.value(KIND) == "anden":
        yield hit(number, number=number.text)


@BOOK.rule(
    "payer.number-without-kind",
    Severity.WARNING,
    scope=Scope(REQUISITIONS),
    demands=Text("A payer's number has a kind.", "En betalers nummer har en type."),
    finds=Text("the payer's number '{number}' has no kind (IdentifierCode)", "betalerens nummer '{number}' har ingen type (IdentifierCode)"),
    citation="MedCom requisitions: Payer/Identifier and Payer/IdentifierCode belong together",
    sample=Sample(version="XQ0130K", fails={NUMBER_KIND: None}),
)  # fmt: skip
def number_without_kind(case: RuleSubject) -> Iterator[Hit]:
    """Look for the kind of the number."""
    number = case.find(NUMBER)
    if number is not None and number.text.strip() and not (case.value(NUMBER_KIND) or "").strip():
        yield hit(number, number=number.text)
