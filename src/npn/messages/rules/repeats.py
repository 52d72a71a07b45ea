"""The same identifier twice: letters, samples, and one sample number on two patients."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Syntax
from npn.messages.model.masking import mask
from npn.messages.rules.model import (
    ANY,
    LETTERS,
    REQUESTER,
    Book,
    Hit,
    RuleSubject,
    Sample,
    Scope,
    hit,
    patient,
)

BOOK = Book()
ONE_PATIENT = "a sample number names one sample of one patient"
OF_SAMPLE = frozenset(("RequesterSampleIdentifier", "LaboratoryInternalSampleIdentifier"))
SECOND = "2:RequisitionInformation/Sample/RequesterSampleIdentifier"


@BOOK.rule(
    "repeat.letter",
    Severity.ERROR,
    scope=Scope(ANY),
    demands=Text("Letters of an interchange have different identifiers.", "Breve i en forsendelse har forskellige identifikationer."),
    finds=Text("letter {number} has the identifier of an earlier one: {identifier}", "brev {number} har samme identifikation som et tidligere: {identifier}"),
    citation="UNH 0062 and UNT 0062: unique within the interchange",
    sample=Sample(
        version="XR0131K",
        letters=2,
        passes={"2:Letter/Identifier": "L2", SECOND: "1000000023"},
        fails={SECOND: "1000000023"},
    ),
)  # fmt: skip
def repeated_letter(case: RuleSubject) -> Iterator[Hit]:
    """Look among the letters before; in EDIFACT the syntax has said it."""
    if case.interchange.syntax is Syntax.EDIFACT:
        return
    identifier = case.find("Letter/Identifier")
    if identifier is not None and case.index.identifiers.get(identifier.text, case.number) < case.number:
        yield hit(identifier, number=case.number + 1, identifier=identifier.text)


@BOOK.rule(
    "repeat.sample-in-letter",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("Samples of a letter have different numbers.", "Prøver i et brev har forskellige numre."),
    finds=Text("two samples of this letter have the number {number}", "to prøver i dette brev har nummeret {number}"),
    citation=ONE_PATIENT,
    sample=Sample(
        version="XQ0331P",
        fails={"RequisitionInformation/Sample[2]/RequesterSampleIdentifier": "1000000015"},
    ),
)
def repeated_sample(case: RuleSubject) -> Iterator[Hit]:
    """Compare the samples, each kind of number by itself."""
    pairs: set[tuple[str, str]] = set()
    for sample in (
        *case.all("RequisitionInformation/Sample"),
        *case.all("LaboratoryResults/CodedFormat/Sample"),
    ):
        for child in sample.children:
            if child.name in OF_SAMPLE:
                if (child.name, child.text) in pairs:
                    yield hit(child, number=child.text)
                pairs.add((child.name, child.text))


@BOOK.rule(
    "repeat.sample-of-two-patients",
    Severity.ERROR,
    scope=Scope(LETTERS),
    demands=Text("One sample number belongs to one patient.", "Ét prøvenummer hører til én patient."),
    finds=Text(
        "{number} stands on a letter about another patient ({first}) too",
        "{number} står også på et brev om en anden patient ({first})",
    ),
    citation=ONE_PATIENT,
    sample=Sample(
        version="XR0131K",
        letters=2,
        passes={"2:Letter/Identifier": "L2"},
        fails={"2:Letter/Identifier": "L2", "2:Patient/CivilRegistrationNumber": "0107701234"},
    ),
)
def sample_of_two_patients(case: RuleSubject) -> Iterator[Hit]:
    """Look among the letters before, for the numbers that requesters gave."""
    own = patient(case.root)
    for sample in case.letter.sample_numbers:
        if sample.role == REQUESTER:
            letter, first = case.index.patients.get(sample.number, (case.number, own))
            if letter < case.number and first != own:
                yield hit(sample.element, number=sample.number, first=mask(first))
