"""What opening a VANSEnvelope can say."""

from npn.messages.model.finding import FindingRule, Severity, Text

CITATION = "MedCom VANSEnvelope 1.0.4"


def _rule(name: str, severity: Severity, *, finds: Text) -> FindingRule:
    return FindingRule(name, severity, finds, CITATION)


DATA = _rule(
    "vans.data",
    Severity.ERROR,
    finds=Text("the envelope holds no message in base64", "kuverten indeholder ingen meddelelse i base64"),
)
NESTED = _rule(
    "vans.nested",
    Severity.ERROR,
    finds=Text("an envelope within an envelope is not opened", "en kuvert i en kuvert åbnes ikke"),
)
RECEIPT = _rule(
    "vans.receipt",
    Severity.WARNING,
    finds=Text(
        "the envelope holds a receipt ({kind}) and no message",
        "kuverten indeholder en kvittering ({kind}) og ingen meddelelse",
    ),
)
NAMESPACE = _rule(
    "vans.namespace",
    Severity.WARNING,
    finds=Text(
        "the envelope's namespace '{namespace}' is not that of version 1.0.4",
        "kuvertens navnerum '{namespace}' er ikke det, som version 1.0.4 har",
    ),
)
IDENTIFIER = _rule(
    "vans.identifier",
    Severity.WARNING,
    finds=Text(
        "the envelope's identifier '{identifier}' is not a UUID", "kuvertens nummer '{identifier}' er ikke et UUID"
    ),
)
SIZE = _rule(
    "vans.size",
    Severity.ERROR,
    finds=Text(
        "the envelope says {stated} bytes, but the message in it has {actual}",
        "kuverten angiver {stated} byte, men meddelelsen i den fylder {actual}",
    ),
)
FORMAT = _rule(
    "vans.format",
    Severity.ERROR,
    finds=Text(
        "the envelope says the format {stated}, but the message in it is {actual}",
        "kuverten angiver formatet {stated}, men meddelelsen i den er {actual}",
    ),
)
NAME = _rule(
    "vans.name",
    Severity.ERROR,
    finds=Text(
        "the envelope names {stated}, but the message in it is {actual}",
        "kuverten angiver {stated}, men meddelelsen i den er {actual}",
    ),
)
VERSION = _rule(
    "vans.version",
    Severity.ERROR,
    finds=Text(
        "the envelope says version {stated}, but the message in it has {actual}",
        "kuverten angiver version {stated}, men meddelelsen i den har {actual}",
    ),
)
VANS_RULES = (DATA, NESTED, RECEIPT, NAMESPACE, IDENTIFIER, SIZE, FORMAT, NAME, VERSION)
