"""What is reported where a check did not run: it never counts as passed."""

from npn.messages.model.finding import FindingRule, Severity, Text

CITATION = "the platform's own promise: a check that did not run never counts as passed"
BROKEN = FindingRule(
    "rule-broken",
    Severity.ERROR,
    Text(
        "the rule {rule} broke ({what}): this letter is not checked by it",
        "reglen {rule} brød sammen ({what}): brevet er ikke kontrolleret af den",
    ),
    CITATION,
)
NOTHING_CHECKED = FindingRule(
    "nothing-checked",
    Severity.ERROR,
    Text(
        "no rule ran on this letter; that is not an approval",
        "brevet er ikke kontrolleret; det er ikke en godkendelse",
    ),
    CITATION,
)
NO_LETTER = FindingRule(
    "nothing-checked",
    Severity.ERROR,
    Text(
        "no rule ran on this interchange: it has no letter; that is not an approval",
        "forsendelsen er ikke kontrolleret: den har intet brev; det er ikke en godkendelse",
    ),
    CITATION,
)
UNCHECKED_RULES = (BROKEN, NOTHING_CHECKED)
