"""What taking a message over a bridge to another version can say."""

from npn.messages.model.finding import FindingRule, Severity, Text


def _rule(name: str, severity: Severity, *, finds: Text) -> FindingRule:
    return FindingRule(name, severity, finds, "the bridge's file")


NO_BRIDGE = _rule(
    "bridge.none",
    Severity.ERROR,
    finds=Text(
        "no bridge leads from {source} to {target}",
        "der er ingen bro fra {source} til {target}",
    ),
)
TARGET = _rule(
    "bridge.target",
    Severity.ERROR,
    finds=Text(
        "the message would not be valid in {target}: {reason}",
        "meddelelsen ville ikke være gyldig i {target}: {reason_da}",
    ),
)
CROSSED = {
    name: _rule(f"bridge.{name.replace('_', '-')}", Severity.WARNING, finds=text)
    for name, text in {
        "drop": Text("{name} is left out: {reason}", "{name_da} udelades: {reason_da}"),
        "fold": Text("{name} becomes text: {reason}", "{name_da} bliver til tekst: {reason_da}"),
        "refuse": Text("{name} is refused: {reason}", "{name_da} afvises: {reason_da}"),
        "constant": Text("{name} is set: {reason}", "{name_da} sættes: {reason_da}"),
        "keep": Text("{name} is kept: {reason}", "{name_da} bevares: {reason_da}"),
        "unnamed": Text("{name} is lost: {reason}", "{name_da} går tabt: {reason_da}"),
        "does_not_fit": Text("{name} can't be carried: {reason}", "{name_da} kan ikke overføres: {reason_da}"),
        "layout": Text("{name} changes its layout: {reason}", "{name_da} får en anden linjedeling: {reason_da}"),
    }.items()
}
BRIDGE_RULES = (NO_BRIDGE, TARGET, *CROSSED.values())
