"""What the structure of a message can break. A finding says it with names and values: `explain` has the words."""

from npn.messages.model.finding import FindingRule, Severity, Text

CITATION = "MedCom XML schema {namespace}"


def _rule(name: str, finds: Text) -> FindingRule:
    return FindingRule(name, Severity.ERROR, finds, CITATION)


TEXT = _rule(
    "structure.text",
    Text(
        "text stands where only elements may",
        "der står tekst, hvor der kun må stå elementer",
    ),
)
ATTRIBUTE = _rule(
    "structure.attribute",
    Text(
        "an element has an attribute; the format has none",
        "et element har en attribut; formatet har ingen",
    ),
)
UNEXPECTED = _rule(
    "structure.unexpected",
    Text(
        "an element may not stand where it stands",
        "et element må ikke stå, hvor det står",
    ),
)
MISSING = _rule(
    "structure.missing",
    Text(
        "an element that must be there is missing",
        "et element, der skal være der, mangler",
    ),
)
ORDER = _rule(
    "structure.order",
    Text(
        "an element stands in the wrong place among its neighbours",
        "et element står det forkerte sted blandt sine naboer",
    ),
)
TOO_MANY = _rule(
    "structure.too-many",
    Text(
        "an element stands there more often than it may",
        "et element forekommer for mange gange",
    ),
)
LENGTH = _rule(
    "structure.length",
    Text(
        "a text is longer or shorter than allowed",
        "en tekst er længere eller kortere end tilladt",
    ),
)
PATTERN = _rule(
    "structure.pattern",
    Text(
        "a text does not have the form that is asked for",
        "en tekst har ikke den krævede form",
    ),
)
CODE = _rule(
    "structure.code",
    Text(
        "a text is not one of the allowed codes",
        "en tekst er ikke en af de tilladte koder",
    ),
)
DATE = _rule(
    "structure.date",
    Text(
        "a text is not a day of the calendar",
        "en tekst er ikke en dag i kalenderen",
    ),
)
BOOLEAN = _rule(
    "structure.boolean",
    Text(
        "a text is neither true nor false",
        "en tekst er hverken true eller false",
    ),
)
INTEGER = _rule(
    "structure.integer",
    Text(
        "a text is not a whole number within its bounds",
        "en tekst er ikke et helt tal inden for grænserne",
    ),
)
DECIMAL = _rule(
    "structure.decimal",
    Text(
        "a text is not a number, or has too many digits",
        "en tekst er ikke et tal eller har for mange cifre",
    ),
)
KEY = _rule(
    "structure.key",
    Text(
        "a number that others refer to is used twice",
        "et nummer, som andre henviser til, er brugt to gange",
    ),
)
REFERENCE = _rule(
    "structure.reference",
    Text(
        "a reference leads nowhere",
        "en henvisning fører ingen steder hen",
    ),
)
NAMESPACE = _rule(
    "version.namespace",
    Text(
        "the namespace is not known to this tool; the document is not checked",
        "navnerummet kendes ikke af dette værktøj; dokumentet er ikke kontrolleret",
    ),
)
VERSION = _rule(
    "version.unknown",
    Text(
        "the version is not known to this tool; the message is read as far as possible and not checked",
        "versionen kendes ikke af dette værktøj; meddelelsen læses så vidt muligt og er ikke kontrolleret",
    ),
)
BINARY = FindingRule(
    "version.binary",
    Severity.WARNING,
    Text(
        "a binary letter (BIN01): its content is not checked",
        "et binært brev (BIN01): indholdet er ikke kontrolleret",
    ),
    "",
)
ASSUMED = FindingRule(
    "version.assumed",
    Severity.WARNING,
    Text(
        "the version has no public description: it is read as the nearest one that has, and not judged",
        "versionen har ingen offentlig beskrivelse: den læses som den nærmeste, der har, og bedømmes ikke",
    ),
    "",
)
NOT_KNOWN = FindingRule(
    "version.not-known",
    Severity.WARNING,
    Text(
        "an element or a segment of an assumed version is not known to this tool; it is kept and not judged",
        "et felt eller segment i en antaget version kendes ikke af dette værktøj; det bevares og bedømmes ikke",
    ),
    "",
)
DIFFERS = FindingRule(
    "version.differs",
    Severity.INFO,
    Text(
        "a letter of an assumed version differs from the version that it is read as",
        "et brev i en antaget version afviger fra den version, det læses som",
    ),
    "",
)
STRUCTURE_RULES = (
    *(TEXT, ATTRIBUTE, UNEXPECTED, MISSING, ORDER, TOO_MANY),
    *(LENGTH, PATTERN, CODE, DATE, BOOLEAN, INTEGER, DECIMAL),
    *(KEY, REFERENCE, NAMESPACE, VERSION, BINARY, ASSUMED, NOT_KNOWN, DIFFERS),
)
