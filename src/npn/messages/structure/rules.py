"""What the structure of a message can break. A finding says it with names and values: `explain` has the words."""

from npn.messages.model.finding import FindingRule, Severity, Text

CITATION = "MedCom XML schema {namespace}"


def _rule(name: str, en: str, da: str) -> FindingRule:
    return FindingRule(name, Severity.ERROR, Text(en, da), CITATION)


TEXT = _rule(
    "structure.text",
    "text stands where only elements may",
    "der står tekst, hvor der kun må stå elementer",
)
ATTRIBUTE = _rule(
    "structure.attribute",
    "an element has an attribute; the format has none",
    "et element har en attribut; formatet har ingen",
)
UNEXPECTED = _rule(
    "structure.unexpected",
    "an element may not stand where it stands",
    "et element må ikke stå, hvor det står",
)
MISSING = _rule(
    "structure.missing",
    "an element that must be there is missing",
    "et element, der skal være der, mangler",
)
ORDER = _rule(
    "structure.order",
    "an element stands in the wrong place among its neighbours",
    "et element står det forkerte sted blandt sine naboer",
)
TOO_MANY = _rule(
    "structure.too-many",
    "an element stands there more often than it may",
    "et element forekommer for mange gange",
)
LENGTH = _rule(
    "structure.length",
    "a text is longer or shorter than allowed",
    "en tekst er længere eller kortere end tilladt",
)
PATTERN = _rule(
    "structure.pattern",
    "a text does not have the form that is asked for",
    "en tekst har ikke den krævede form",
)
CODE = _rule(
    "structure.code",
    "a text is not one of the allowed codes",
    "en tekst er ikke en af de tilladte koder",
)
DATE = _rule(
    "structure.date",
    "a text is not a day of the calendar",
    "en tekst er ikke en dag i kalenderen",
)
BOOLEAN = _rule(
    "structure.boolean",
    "a text is neither true nor false",
    "en tekst er hverken true eller false",
)
INTEGER = _rule(
    "structure.integer",
    "a text is not a whole number within its bounds",
    "en tekst er ikke et helt tal inden for grænserne",
)
DECIMAL = _rule(
    "structure.decimal",
    "a text is not a number, or has too many digits",
    "en tekst er ikke et tal eller har for mange cifre",
)
KEY = _rule(
    "structure.key",
    "a number that others refer to is used twice",
    "et nummer, som andre henviser til, er brugt to gange",
)
REFERENCE = _rule(
    "structure.reference",
    "a reference leads nowhere",
    "en henvisning fører ingen steder hen",
)
NAMESPACE = _rule(
    "version.namespace",
    "the namespace is not one of MedCom's laboratory messages; the document is not checked",
    "navnerummet hører ikke til MedComs laboratoriemeddelelser; dokumentet er ikke kontrolleret",
)
VERSION = _rule(
    "version.unknown",
    "the version is not known; the message is read as far as possible and not checked",
    "versionen kendes ikke; meddelelsen læses så vidt muligt og er ikke kontrolleret",
)
STRUCTURE_RULES = (
    *(TEXT, ATTRIBUTE, UNEXPECTED, MISSING, ORDER, TOO_MANY),
    *(LENGTH, PATTERN, CODE, DATE, BOOLEAN, INTEGER, DECIMAL),
    *(KEY, REFERENCE, NAMESPACE, VERSION),
)
