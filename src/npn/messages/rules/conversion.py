"""What reading EDIFACT by its mapping, writing it, and converting can say.

A finding says it with names and values; several places may report the same rule in words of their own.
"""

from npn.messages.model.finding import FindingRule, Severity, Text

CITATION = "MedCom: mapping between EDIFACT and OIOXML"
LOSS = "loss."


def _error(name: str, finds: Text) -> FindingRule:
    return FindingRule(name, Severity.ERROR, finds, CITATION)


def _warning(name: str, finds: Text) -> FindingRule:
    return FindingRule(name, Severity.WARNING, finds, CITATION)


def _info(name: str, finds: Text) -> FindingRule:
    return FindingRule(name, Severity.INFO, finds, CITATION)


NO_FORM = _error(
    "mapping.no-form",
    Text(
        "the version is XML only, or not known to this tool: it can't be written as EDIFACT",
        "versionen findes kun i XML eller kendes ikke af dette værktøj: den kan ikke skrives som EDIFACT",
    ),
)
NO_CODE = _error(
    "mapping.no-code",
    Text(
        "a value has no code in EDIFACT",
        "en værdi har ingen kode i EDIFACT",
    ),
)
UNKNOWN_CODE = _error(
    "mapping.unknown-code",
    Text(
        "a code of EDIFACT means nothing in this version",
        "en kode i EDIFACT betyder ikke noget i denne version",
    ),
)
DATE = _error(
    "mapping.date",
    Text(
        "a date is not in the form that its qualifier announces",
        "en dato har ikke den form, som kvalifikatoren angiver",
    ),
)
TYPE = _error(
    "mapping.type",
    Text(
        "the type in UNH is not the version's",
        "typen i UNH er ikke versionens",
    ),
)
TOO_LONG = _error(
    "mapping.too-long",
    Text(
        "a text, address or list needs more segments than allowed",
        "en tekst, adresse eller liste kræver flere segmenter end tilladt",
    ),
)
MIXED_NAMESPACES = _error(
    "mapping.mixed-namespaces",
    Text(
        "messages of different namespaces can't share one XML document",
        "meddelelser i forskellige navnerum kan ikke dele ét XML-dokument",
    ),
)
NO_LETTER = _error(
    "mapping.no-letter",
    Text(
        "no message is left to write; the file can't be converted, not even with --force",
        "der er ingen meddelelse at skrive; filen kan ikke konverteres, heller ikke med --force",
    ),
)
UNKNOWN_GROUP = _warning(
    "mapping.unknown-group",
    Text(
        "a segment group is not known in this version; it is not read",
        "en segmentgruppe kendes ikke i denne version; den læses ikke",
    ),
)
UNKNOWN_SEGMENT = _warning(
    "mapping.unknown-segment",
    Text(
        "a segment is not known in its group; it is not read",
        "et segment kendes ikke i sin gruppe; det læses ikke",
    ),
)
MISSING_GROUP = _warning(
    "mapping.missing-group",
    Text(
        "a group that is always written in this version is missing",
        "en gruppe, der altid skrives i denne version, mangler",
    ),
)
MISSING_SEGMENT = _warning(
    "mapping.missing-segment",
    Text(
        "a segment that is always written in this group is missing",
        "et segment, der altid skrives i denne gruppe, mangler",
    ),
)
SURPLUS = _warning(
    "mapping.surplus",
    Text(
        "a value stands where the segment has no place for one",
        "en værdi står, hvor segmentet ikke har plads til den",
    ),
)
CONTRADICTION = _warning(
    "mapping.contradiction",
    Text(
        "a value is repeated with another content",
        "en værdi gentages med et andet indhold",
    ),
)
PARTY_KIND = _warning(
    "mapping.party-kind",
    Text(
        "a number stands without its kind",
        "et nummer står uden sin type",
    ),
)
AMBIGUOUS_LINE = _warning(
    "mapping.ambiguous-line",
    Text(
        "a line of text reads as a code of EDIFACT",
        "en tekstlinje har sin egen betydning i EDIFACT",
    ),
)
ASSUMED = _info(
    "mapping.assumed",
    Text(
        "no public document states the place of a value in EDIFACT",
        "intet offentligt dokument angiver en værdis plads i EDIFACT",
    ),
)
LETTER_LOST = _warning(
    "loss.letter",
    Text(
        "a whole message is lost: its version has no form in the other syntax",
        "en hel meddelelse går tabt: versionen findes ikke i det andet format",
    ),
)
DROPPED = _warning(
    "loss.dropped",
    Text(
        "a value has no place in the other syntax and is lost",
        "en værdi findes ikke i det andet format og går tabt",
    ),
)
CHANGED = _warning(
    "loss.changed",
    Text(
        "a value or text changes",
        "en værdi eller tekst ændres",
    ),
)
SEGMENT_LOST = _warning(
    "loss.segment",
    Text(
        "a segment is not carried, or not exactly so",
        "et segment kommer ikke med (eller kun delvis) i den konverterede besked",
    ),
)
ADDED = _info(
    "loss.added",
    Text(
        "a placeholder or default appears when it is read again",
        "en pladsholder eller standardværdi tilføjes ved konverteringen; den stod ikke i den oprindelige besked",
    ),
)
ORDER = _info(
    "loss.order",
    Text(
        "the order of elements changes",
        "rækkefølgen af elementer ændres",
    ),
)
LAYOUT = _info(
    "loss.layout",
    Text(
        "a text keeps its words but not its exact layout",
        "linjedelingen i en tekst ændres; ordene er de samme",
    ),
)
EMPTY = _info(
    "loss.empty",
    Text(
        "an empty element is left out",
        "et tomt element udelades",
    ),
)
TEST = _warning(
    "envelope.test",
    Text(
        "the envelope's test indicator (UNB 11) is {value}: the messages are a test, not for treating anybody",
        "kuvertens testindikator (UNB 11) er {value}: brevene er en test og må ikke bruges til behandling",
    ),
)
QUALIFIER = _warning(
    "envelope.qualifier",
    Text(
        "the number of the {who_en} stands with the qualifier {value}; MedCom uses 14 (EAN)",
        "{who_da} nummer har kvalifikatoren {value}; MedCom bruger 14 (EAN)",
    ),
)
REPEATED = FindingRule(
    "file.repeated-interchange",
    Severity.WARNING,
    Text(
        "the same interchange stands earlier in the file, as number {number}: a receiver may take it twice",
        "den samme kuvert står tidligere i filen, som nummer {number}: en modtager kan indlæse den to gange",
    ),
    "",
)
SEVERAL_INTERCHANGES = FindingRule(
    "file.several-interchanges",
    Severity.WARNING,
    Text(
        "the file holds {count} interchanges; only the first is looked at here",
        "filen indeholder {count} kuverter; kun den første er med her",
    ),
    "",
)
CONVERSION_RULES = (
    *(NO_FORM, NO_CODE, UNKNOWN_CODE, DATE, TYPE, TOO_LONG, MIXED_NAMESPACES, NO_LETTER),
    *(UNKNOWN_GROUP, UNKNOWN_SEGMENT, MISSING_GROUP, MISSING_SEGMENT, SURPLUS, CONTRADICTION, PARTY_KIND),
    *(AMBIGUOUS_LINE, ASSUMED),
    *(LETTER_LOST, DROPPED, CHANGED, SEGMENT_LOST, ADDED, ORDER, LAYOUT, EMPTY),
    *(TEST, QUALIFIER, REPEATED, SEVERAL_INTERCHANGES),
)
