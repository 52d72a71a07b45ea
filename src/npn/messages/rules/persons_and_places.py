"""Identifiers of persons and places: CPR, location numbers, SOR, provider numbers, SKS, municipalities."""

from collections.abc import Callable, Iterable, Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.masking import mask
from npn.messages.rules import kinds
from npn.messages.rules.kinds import CprVerdict, cpr
from npn.messages.rules.model import ANY, LETTERS, Book, Hit, RuleSubject, Sample, Scope, hit, once

BOOK = Book()
CPR_LAW = "CPR office: structure of the number; numbers without modulus 11 are issued since October 2007"
E_CPR = "replacement numbers: day of birth plus 60 (CPR office), or two letters (e-CPR)"
GS1 = "GS1 General Specifications: GLN, thirteen digits with a check digit"
SOR = "SOR codes are SNOMED CT identifiers with Verhoeff's check digit (assumed; two public codes pass)"
PARTIES = (
    "Sender", "Receiver", "CCReceiver", "OriginalRequester", "Collector", "Payer",
)  # fmt: skip
CIVIL = "Patient/CivilRegistrationNumber"


def patient_number(case: RuleSubject, kind: CprVerdict) -> Iterator[Hit]:
    """Point at the patient's CPR number where it is of that kind."""
    number = case.find(CIVIL)
    if number is not None and cpr(number.text) is kind:
        yield hit(number, number=mask(number.text))


@BOOK.rule(
    "cpr.modulus",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A CPR number passes modulus 11.", "Et CPR-nummer består modulus 11."),
    finds=Text("CPR {number} does not pass modulus 11: it was issued so (since 2007), or it is mistyped", "CPR {number} består ikke modulus 11: det er udstedt sådan (siden 2007), eller det er tastet forkert"),
    citation=CPR_LAW,
    sample=Sample(version="XR0131K", fails={CIVIL: "2512484917"}),
)  # fmt: skip
def cpr_modulus(case: RuleSubject) -> Iterator[Hit]:
    """Check the patient's number."""
    return patient_number(case, CprVerdict.WITHOUT_MODULUS)


@BOOK.rule(
    "cpr.modulus-usual",
    Severity.INFO,
    scope=Scope(LETTERS),
    demands=Text("A CPR number passes modulus 11, also where those that don't are common.", "Et CPR-nummer består modulus 11, også hvor mange ikke gør det."),
    finds=Text("CPR {number} does not pass modulus 11, as is common for people born on 1 January of 1960 to 1994", "CPR {number} består ikke modulus 11, som det er almindeligt for personer født 1. januar i 1960 til 1994"),
    citation=CPR_LAW,
    sample=Sample(version="XR0131K", fails={CIVIL: "0101701234"}),
)  # fmt: skip
def cpr_modulus_usual(case: RuleSubject) -> Iterator[Hit]:
    """Check the patient's number."""
    return patient_number(case, CprVerdict.USUALLY_WITHOUT)


@BOOK.rule(
    "cpr.date",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A CPR number starts with a day of the calendar.", "Et CPR-nummer begynder med en dag i kalenderen."),
    finds=Text("CPR {number} starts with no day of the calendar", "CPR {number} begynder ikke med en dag i kalenderen"),
    citation=CPR_LAW,
    sample=Sample(version="XR0131K", passes={CIVIL: "2902004000"}, fails={CIVIL: "2902014000"}),
)
def cpr_date(case: RuleSubject) -> Iterator[Hit]:
    """Check the patient's day of birth; the schema takes any ten digits."""
    return patient_number(case, CprVerdict.NO_DATE)


@BOOK.rule(
    "cpr.unknown-person",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("The patient is known.", "Patienten er kendt."),
    finds=Text(
        "the CPR number is ten zeros: the patient can't be identified from the letter",
        "CPR-nummeret er ti nuller: patienten kan ikke identificeres ud fra brevet",
    ),
    citation="MedCom XML schema: 0000000000 is allowed in answers",
    sample=Sample(version="XR0131K", fails={CIVIL: "0000000000"}),
)
def cpr_unknown_person(case: RuleSubject) -> Iterator[Hit]:
    """Check for the number that stands for nobody."""
    return patient_number(case, CprVerdict.UNKNOWN)


@BOOK.rule(
    "cpr.replacement",
    Severity.INFO,
    scope=Scope(LETTERS),
    demands=Text("Says so where a patient has a replacement number.", "Siger til, hvis en patient har et erstatnings-CPR-nummer."),
    finds=Text("{number} is a replacement number: it may change to a CPR number", "{number} er et erstatnings-CPR-nummer: det kan blive afløst af et CPR-nummer"),
    citation=E_CPR,
    sample=Sample(
        version="XR0131K",
        fails={CIVIL: None, "Patient/AlternativeIdentifier": "1206550VK9"},
    ),
)  # fmt: skip
def cpr_replacement(case: RuleSubject) -> Iterator[Hit]:
    """Look in both places a patient's number may stand."""
    yield from patient_number(case, CprVerdict.REPLACEMENT)
    number = case.find("Patient/AlternativeIdentifier")
    if number is not None and cpr(number.text) is CprVerdict.REPLACEMENT:
        yield hit(number, number=mask(number.text))


@BOOK.rule(
    "cpr.in-alternative",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A CPR number stands in CivilRegistrationNumber.", "Et CPR-nummer står i CivilRegistrationNumber."),
    finds=Text("{number} is a CPR number, but stands in AlternativeIdentifier: receivers won't find the patient", "{number} er et CPR-nummer, men står i feltet Alternativt personnummer (AlternativeIdentifier): modtagere finder ikke patienten"),
    citation="MedCom XML schema: Patient is a choice of the two",
    sample=Sample(
        version="XR0131K",
        passes={CIVIL: None, "Patient/AlternativeIdentifier": "1206550VK9"},
        fails={CIVIL: None, "Patient/AlternativeIdentifier": "2512484916"},
    ),
)  # fmt: skip
def cpr_in_alternative(case: RuleSubject) -> Iterator[Hit]:
    """Look at the alternative number."""
    number = case.find("Patient/AlternativeIdentifier")
    if number is not None and cpr(number.text) is CprVerdict.ORDINARY:
        yield hit(number, number=mask(number.text))


@BOOK.rule(
    "cpr.relative",
    Severity.WARNING,
    scope=Scope(LETTERS, types=frozenset(("XREQ03", "XRPT03", "XRPT04", "XRPT07"))),
    demands=Text("A relative's number is a CPR number.", "En pårørendes nummer er et CPR-nummer."),
    finds=Text(
        "the relative's number {number} is not a CPR number", "den pårørendes nummer {number} er ikke et CPR-nummer"
    ),
    citation=CPR_LAW,
    sample=Sample(version="XR0432P", fails={"Relative/PersonIdentifier": "2727121212"}),
)
def cpr_relative(case: RuleSubject) -> Iterator[Hit]:
    """Check a relative's number."""
    number = case.find("Relative/PersonIdentifier")
    if number is not None and cpr(number.text) in (CprVerdict.NO_DATE, CprVerdict.NOT_ONE, CprVerdict.UNKNOWN):
        yield hit(number, number=mask(number.text))


@once
def location_numbers(case: RuleSubject) -> tuple[Element, ...]:
    """Return every location number, whatever party it belongs to."""
    original = case.root.child("OriginalEmessage")
    parents = case.root.children + (original.children if original is not None else ())
    numbers = (party.child("EANIdentifier") for party in parents)
    return (*(number for number in numbers if number is not None), *coded(case, "lokationsnummer"))


@once
def identified(case: RuleSubject) -> tuple[tuple[str | None, Element], ...]:
    """Return the identifiers of parties, each with the kind that it is said to be of."""
    parties = (party for party in case.root.children if party.name in PARTIES)
    identifiers = ((party.value("IdentifierCode"), party.child("Identifier")) for party in parties)
    return tuple((kind, number) for kind, number in identifiers if number is not None)


def coded(case: RuleSubject, code: str) -> Iterator[Element]:
    """Yield the identifiers of parties that are said to be of that kind."""
    return (number for kind, number in identified(case) if kind == code)


@BOOK.rule(
    "gln.form",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("A location number has thirteen digits.", "Et lokationsnummer har tretten cifre."),
    finds=Text(
        "'{number}' is not a location number: it needs thirteen digits",
        "'{number}' er ikke et lokationsnummer: det skal have tretten cifre",
    ),
    citation=GS1,
    sample=Sample(version="XR0131K", fails={"Receiver/EANIdentifier": "???"}),
)
def gln_form(case: RuleSubject) -> Iterator[Hit]:
    """Check the form of every location number."""
    return wrong(location_numbers(case), kinds.has_gln_form)


@BOOK.rule(
    "gln.check-digit",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("A location number's check digit is right.", "Et lokationsnummers kontrolciffer er rigtigt."),
    finds=Text(
        "location number {number} has a wrong check digit", "lokationsnummer {number} har forkert kontrolciffer"
    ),
    citation=GS1,
    sample=Sample(version="XC0330Q", fails={"Sender/EANIdentifier": "5790009999011"}),
)
def gln_check_digit(case: RuleSubject) -> Iterator[Hit]:
    """Check every location number that has the form."""
    return wrong((element for element in location_numbers(case) if kinds.has_gln_form(element.text)), kinds.is_gln)


@BOOK.rule(
    "sor.form",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A SOR code has 11 to 18 digits.", "En SOR-kode har 11 til 18 cifre."),
    finds=Text(
        "'{number}' is not a SOR code: it needs 11 to 18 digits",
        "'{number}' er ikke en SOR-kode: den skal have 11 til 18 cifre",
    ),
    citation=SOR,
    sample=Sample(
        version="XR0131K",
        passes={"Sender/IdentifierCode": "sorkode", "Sender/Identifier": "325421000016001"},
        fails={"Sender/IdentifierCode": "sorkode", "Sender/Identifier": "4201050"},
    ),
)
def sor_form(case: RuleSubject) -> Iterator[Hit]:
    """Check the form of every SOR code."""
    return wrong(coded(case, "sorkode"), kinds.has_sor_form)


@BOOK.rule(
    "sor.check-digit",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A SOR code's check digit is right.", "En SOR-kodes kontrolciffer er rigtigt."),
    finds=Text("SOR code {number} has a wrong check digit", "SOR-kode {number} har forkert kontrolciffer"),
    citation=SOR,
    sample=Sample(
        version="XR0131K",
        passes={"Sender/IdentifierCode": "sorkode", "Sender/Identifier": "325421000016001"},
        fails={"Sender/IdentifierCode": "sorkode", "Sender/Identifier": "325421000016002"},
    ),
)
def sor_check_digit(case: RuleSubject) -> Iterator[Hit]:
    """Check every SOR code that has the form."""
    return wrong((e for e in coded(case, "sorkode") if kinds.has_sor_form(e.text)), kinds.is_sor)


@BOOK.rule(
    "yder.form",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A provider number has six digits.", "Et ydernummer har seks cifre."),
    finds=Text("'{number}' is not a provider number: it needs six digits, leading zeros included", "'{number}' er ikke et ydernummer: det skal have seks cifre, også foranstillede nuller"),
    citation="the register of providers: six digits, no check digit",
    sample=Sample(version="XR0131K", fails={"Receiver/Identifier": "19763"}),
)  # fmt: skip
def yder_form(case: RuleSubject) -> Iterator[Hit]:
    """Check every provider number."""
    return wrong(coded(case, "ydernummer"), kinds.is_provider_number)


@BOOK.rule(
    "sks.form",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A hospital department number is four digits and up to three characters.", "Et sygehusafdelingsnummer er fire cifre og op til tre tegn."),
    finds=Text("'{number}' is not a hospital department number: four digits and none, two or three characters more", "'{number}' er ikke et sygehusafdelingsnummer: fire cifre og ingen, to eller tre tegn mere"),
    citation="SKS: hospital classification",
    sample=Sample(version="XR0131K", fails={"Sender/Identifier": "ASSV.KM"}),
)  # fmt: skip
def sks_form(case: RuleSubject) -> Iterator[Hit]:
    """Check every hospital department number."""
    return wrong(coded(case, "sygehusafdelingsnummer"), kinds.is_sks_department)


@BOOK.rule(
    "municipality.form",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A municipality number has three digits.", "Et kommunenummer har tre cifre."),
    finds=Text(
        "'{number}' is not a municipality number: it needs three digits",
        "'{number}' er ikke et kommunenummer: det skal have tre cifre",
    ),
    citation="CPR office: municipality numbers",
    sample=Sample(
        version="XR0131K",
        passes={"Receiver/IdentifierCode": "kommunenummer", "Receiver/Identifier": "219"},
        fails={"Receiver/IdentifierCode": "kommunenummer", "Receiver/Identifier": "21"},
    ),
)
def municipality_form(case: RuleSubject) -> Iterator[Hit]:
    """Check every municipality number."""
    return wrong(coded(case, "kommunenummer"), kinds.is_municipality)


@BOOK.rule(
    "party.sender-is-receiver",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("Sender and receiver differ.", "Afsender og modtager er forskellige."),
    finds=Text(
        "sender and receiver have the same location number {number}",
        "afsender og modtager har samme lokationsnummer {number}",
    ),
    citation="plausibility: an interchange goes from one mailbox to another",
    sample=Sample(version="XR0131K", fails={"Receiver/EANIdentifier": "5790009999010"}),
)
def sender_is_receiver(case: RuleSubject) -> Iterator[Hit]:
    """Compare the two mailboxes."""
    receiver = case.find("Receiver/EANIdentifier")
    if receiver is not None and receiver.text == case.value("Sender/EANIdentifier"):
        yield hit(receiver, number=receiver.text)


def wrong(numbers: Iterable[Element], is_right: Callable[[str], bool]) -> Iterator[Hit]:
    """Point at the numbers that a check refuses."""
    for number in numbers:
        if not is_right(number.text):
            yield hit(number, number=number.text)
