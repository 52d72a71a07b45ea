"""Why a document can't be read as an `Emessage`: every rule with its texts."""

from npn.messages.model.finding import FindingRule, Severity, Text


def _rule(name: str, finds: Text, *, severity: Severity = Severity.ERROR) -> FindingRule:
    return FindingRule(name, severity, finds, "")


ROOT = _rule(
    "xml.root",
    Text(
        "the root element is {name}; a message is an Emessage",
        "rodelementet er {name}; en meddelelse er en Emessage",
    ),
)
SIZE = _rule(
    "xml.size",
    Text(
        "the document has {size} bytes; {limit} at most",
        "dokumentet fylder {size} byte; højst {limit}",
    ),
)
ENCODING = _rule(
    "xml.encoding",
    Text(
        "the encoding {encoding} is not one of UTF-8, ISO-8859-1 and windows-1252",
        "tegnsættet {encoding} er ikke et af UTF-8, ISO-8859-1 og windows-1252",
    ),
)
SYNTAX = _rule(
    "xml.syntax",
    Text(
        "this is not well-formed XML: {reason}",
        "filen er ikke gyldig XML: {reason_da}",
    ),
)
NOT_UTF8 = _rule(
    "xml.not-utf-8",
    Text(
        'the document is taken for UTF-8, but the byte {byte} is not UTF-8; if it is written in ISO-8859-1, it must begin with <?xml version="1.0" encoding="ISO-8859-1"?>',
        'filen læses som UTF-8, men byten {byte} er ikke UTF-8; hvis den er skrevet i ISO-8859-1, skal den begynde med <?xml version="1.0" encoding="ISO-8859-1"?>',
    ),
)
MISLABELLED = _rule(
    "xml.utf-8",
    Text(
        "the text is written in UTF-8, but the document says {declared}: '{read}' was written as '{meant}'; read as it says, names and other texts are altered",
        "teksten er skrevet i UTF-8, men filen angiver {declared}: '{read}' er skrevet som '{meant}'; læst som angivet bliver navne og andre tekster forvansket",
    ),
)
PADDED = _rule(
    "xml.padding",
    Text(
        "an end mark (0x1A) or zero bytes stand behind the document; they were skipped",
        "der står et slutmærke (0x1A) eller nul-bytes efter dokumentet; de er sprunget over",
    ),
    severity=Severity.WARNING,
)
LEADING = _rule(
    "xml.leading-space",
    Text(
        "something blank stands before the XML declaration, which must come first; it was skipped",
        "der står blanke tegn før XML-erklæringen, som skal stå først; de er sprunget over",
    ),
    severity=Severity.WARNING,
)
DTD = _rule(
    "xml.dtd",
    Text(
        "the document has a document type declaration; it is refused, because it could pull in other files",
        "dokumentet har en DOCTYPE-erklæring; det afvises, fordi den kan trække andre filer ind",
    ),
)
DEPTH = _rule(
    "xml.depth",
    Text(
        "elements are nested more than {limit} deep",
        "elementer er indlejret mere end {limit} niveauer",
    ),
)
ATTRIBUTES = _rule(
    "xml.attributes",
    Text(
        "an element has more than {limit} attributes",
        "et element har mere end {limit} attributter",
    ),
)
XML_RULES = (ROOT, SIZE, ENCODING, SYNTAX, NOT_UTF8, MISLABELLED, PADDED, LEADING, DTD, DEPTH, ATTRIBUTES)
