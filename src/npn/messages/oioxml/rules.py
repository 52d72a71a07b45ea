"""Why a document can't be read as an `Emessage`: every rule with its texts."""

from npn.messages.model.finding import FindingRule, Severity, Text


def _rule(name: str, finds: Text) -> FindingRule:
    return FindingRule(name, Severity.ERROR, finds, "")


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
XML_RULES = (ROOT, SIZE, ENCODING, SYNTAX, DTD, DEPTH)
