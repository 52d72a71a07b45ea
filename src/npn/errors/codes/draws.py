"""Codes: numbers, series, number spaces: what is drawn, released, imported and granted again."""

from npn.errors.catalogue import CatalogueSection, PageText, declare
from npn.errors.faults import FaultCode

NOT_OWNER = declare(
    "not_owner",
    403,
    CatalogueSection.REST,
    title="Another system's series",
    meaning="The series belongs to another system.",
    way_out="Use the key of the system that drew it.",
    page=PageText("The series belongs to another system.", "Serien tilhører et andet system."),
)
WRONG_SPACE = declare(
    "wrong_space",
    403,
    CatalogueSection.REST,
    title="Not your number space",
    meaning="A test system can't draw from the production space, nor the reverse.",
    way_out="Leave `space` out to draw from your own.",
    page=PageText(
        "A test system draws from the test space alone, and a production system from that of production.",
        "Et testsystem trækker kun i testrummet og et produktionssystem kun i produktionsrummet.",
    ),
)
IDEMPOTENCY_CONFLICT = declare(
    "idempotency_conflict",
    409,
    CatalogueSection.REST,
    title="The request id is taken",
    meaning="The Idempotency-Key was used for a draw with another body.",
    way_out="Repeat a draw with its own body; use a new key for a new draw.",
    page=PageText(
        "This form was used for another draw before. Begin again with a new one.",
        "Formularen er allerede brugt til et andet træk. Begynd forfra med en ny.",
    ),
)
AGENT_CLONED = declare(
    "agent_cloned",
    409,
    CatalogueSection.REST,
    title="The pool was copied or restored",
    meaning="The agent's chain of tokens has forked: the pool file was copied or restored, and another copy is in use.",
    way_out="The agent withholds what the copies share and goes on under a new pool id; nobody draws under the old one.",
    page=PageText(
        "The pool was copied or restored, and another copy of it is in use.",
        "Puljen er kopieret eller gendannet, og en anden kopi af den er i brug.",
    ),
)
SPACE_CLOSED = declare(
    "space_closed",
    409,
    CatalogueSection.REST,
    title="The number space is closed",
    meaning="The operator has closed the number space: nothing more is drawn from it; all else works.",
    way_out="Name an open space (`GET /v1/spaces`), or ask the operator to move the system to one.",
    page=PageText(
        "The number space is closed: nothing more is drawn from it.",
        "Nummerrummet er lukket: der trækkes ikke flere numre fra det.",
    ),
)
NOTHING_HELD = declare(
    "nothing_held",
    409,
    CatalogueSection.REST,
    title="Nothing is left of the series",
    meaning="The whole series was released, so there is nothing to load into a system.",
    way_out="Draw a new series.",
    page=PageText(
        "The whole series was released, so there is nothing to load into a system.",
        "Hele serien er frigivet, så der er intet at indlæse i et system.",
    ),
)
COUNT_OR_USABLE = declare(
    "count_or_usable",
    422,
    CatalogueSection.REST,
    title="Exactly one of count and usable",
    meaning="A draw says how many numbers (`count`) or how many usable numbers (`usable`): exactly one of the two.",
    way_out="Send one of them.",
    page=PageText(
        "Say either how many numbers or how many usable numbers, not both.",
        "Angiv enten hvor mange numre eller hvor mange brugbare numre, ikke begge dele.",
    ),
)
COUNT_TOO_SMALL = declare(
    "count_too_small",
    422,
    CatalogueSection.REST,
    title="The draw is too small",
    meaning="The draw is smaller than the system's smallest draw.",
    way_out="`GET /v1/me` tells the bounds, in `quota`.",
    page=PageText(
        "That is less than the system's smallest draw. Ask for more.",
        "Det er mindre end systemets mindste træk. Bed om flere.",
    ),
    fault=FaultCode.PROCESSING_PROBLEM,
)
COUNT_TOO_LARGE = declare(
    "count_too_large",
    422,
    CatalogueSection.REST,
    title="The draw is too large",
    meaning="The draw is larger than the system's largest draw.",
    way_out="`GET /v1/me` tells the bounds, in `quota`; draw several series, or ask the operator to raise it.",
    page=PageText(
        "That is more than the system may draw at once. Ask for fewer, or ask the operator to raise its largest draw.",
        "Det er mere, end systemet må trække på én gang. Bed om færre, eller bed driften hæve grænsen.",
    ),
    fault=FaultCode.PROCESSING_PROBLEM,
)
UNKNOWN_SPACE = declare(
    "unknown_space",
    422,
    CatalogueSection.REST,
    title="No such number space",
    meaning="There is no number space of that name.",
    way_out="`GET /v1/me` lists yours; leave `space` out to draw from your own.",
    page=PageText("There is no such number space.", "Der er intet nummerrum af det navn."),
)
NOT_A_NUMBER = declare(
    "not_a_number",
    422,
    CatalogueSection.REST,
    title="Not a sample number",
    meaning="A sample number has digits only, as many as one of the number spaces says.",
    way_out="Check what was typed or scanned.",
    page=PageText("That is not a sample number.", "Det er ikke et prøvenummer."),
)
OUTSIDE_SERIES = declare(
    "outside_series",
    422,
    CatalogueSection.REST,
    title="The number is not in the series",
    meaning="`from` must lie within the series whose tail is released.",
    way_out="Compare it with the series' `first` and `last`.",
    page=PageText("That number lies outside the series.", "Nummeret ligger uden for serien."),
)
QUOTA_EXCEEDED = declare(
    "quota_exceeded",
    429,
    CatalogueSection.REST,
    title="The quota is used up",
    meaning="The system has drawn as many numbers as it may within the quota's days.",
    way_out="Wait for the seconds in Retry-After, draw fewer, or ask the operator to raise the quota.",
    page=PageText(
        "The system's quota is used up for now. Wait, ask for fewer, or ask the operator to raise it.",
        "Systemets kvote er brugt for nu. Vent, bed om færre, eller bed driften hæve den.",
    ),
)
NOT_WITNESSED = declare(
    "not_witnessed",
    503,
    CatalogueSection.REST,
    title="The series is being recorded",
    meaning="The series is not yet known to the witness.",
    way_out="Ask again in a second.",
    page=PageText(
        "The series is being made safe. Try again in a moment.",
        "Serien er ved at blive sikret. Prøv igen om et øjeblik.",
    ),
)
SPACE_EXHAUSTED = declare(
    "space_exhausted",
    507,
    CatalogueSection.REST,
    title="The number space is used up",
    meaning="The number space has too few numbers left for this draw.",
    way_out="Draw fewer; the operator must open a further space.",
    page=PageText(
        "The number space has too few numbers left for this draw.",
        "Nummerrummet har for få numre tilbage til dette træk.",
    ),
)
SPACE_EXISTS = declare(
    "space_exists",
    409,
    CatalogueSection.COMMAND,
    meaning="there is a number space of that name",
    way_out="choose another name",
    page=PageText("There is a number space of that name already.", "Der er allerede et nummerrum af det navn."),
)
SPACE_OVERLAPS = declare(
    "space_overlaps",
    409,
    CatalogueSection.COMMAND,
    meaning="the range overlaps another space of the same length",
    way_out="`npn admin space list` shows them",
    page=PageText(
        "The range overlaps another number space of that length.",
        "Området overlapper et andet nummerrum af samme længde.",
    ),
)
UNKNOWN_SCHEME = declare(
    "unknown_scheme",
    422,
    CatalogueSection.COMMAND,
    meaning="there is no number scheme of that name",
    way_out="the hint lists them",
    page=PageText("There is no number scheme of that name.", "Der er intet nummerskema med det navn."),
)
NOT_USABLE = declare(
    "not_usable",
    422,
    CatalogueSection.COMMAND,
    meaning="a number of the right length fails the scheme's check",
    way_out="check what was typed or scanned; another scheme may fit",
    page=PageText("A number of the right length fails the scheme's check.", "Nummeret består ikke kontrollen."),
)
NOT_A_RANGE = declare(
    "not_a_range",
    422,
    CatalogueSection.COMMAND,
    meaning="a range ends before it begins",
    way_out="give its first number, then its last",
    page=PageText("A range ends before it begins.", "Området slutter, før det begynder."),
)
IMPORT_CONFLICT = declare(
    "import_conflict",
    409,
    CatalogueSection.COMMAND,
    meaning="ranges to be imported stand in each other's way or in that of others; nothing was imported",
    way_out="mend the lines named, import the whole file again",
    page=PageText(
        "Ranges to be imported stand in each other's way or in that of others; nothing was imported.",
        "Områderne står i vejen for hinanden eller for andre. Intet er importeret.",
    ),
)
BAD_SIGNATURE = declare(
    "bad_signature",
    422,
    CatalogueSection.COMMAND,
    meaning="not a receipt or checkpoint, or its signature is wrong",
    way_out="check the file; nothing in it can be trusted",
    page=PageText(
        "Not a receipt or checkpoint, or its signature is wrong.",
        "Det er ikke en kvittering eller et kontrolpunkt, eller signaturen er forkert.",
    ),
)
UNKNOWN_KEY = declare(
    "unknown_key",
    422,
    CatalogueSection.COMMAND,
    meaning="signed with a key that is not known",
    way_out="give the service's keys with `--jwks`",
    page=PageText("Signed with a key that is not known.", "Det er signeret med en nøgle, der ikke kendes."),
)
NOT_A_RECEIPT = declare(
    "not_a_receipt",
    422,
    CatalogueSection.COMMAND,
    meaning="the signed content is not a series' receipt of this service",
    way_out="check the file",
    page=PageText(
        "The signed content is not a series' receipt of this service.",
        "Det signerede er ikke en kvittering for en serie fra denne tjeneste.",
    ),
)
NOT_RELEASED = declare(
    "not_released",
    403,
    CatalogueSection.COMMAND,
    meaning="numbers are to be granted again that their series still holds",
    way_out="release them first; `npn admin approval released` lists what was",
    page=PageText(
        "Only numbers that were released can be granted again.", "Kun numre, der er frigivet, kan tildeles igen."
    ),
)
SCHEME_FIXED = declare(
    "scheme_fixed",
    500,
    CatalogueSection.COMMAND,
    meaning="`npn admin init` asks for another scheme or range than the database has",
    way_out="leave it out; further numbers take a further space: `npn admin space add`",
    page=PageText(
        "`npn admin init` asks for another scheme or range than the database has.",
        "Databasen har allerede et nummerskema og et område.",
    ),
)
QUARANTINE_DAYS = declare(
    "quarantine_days",
    422,
    CatalogueSection.COMMAND,
    meaning="a quarantine has 365 to 36,500 days",
    way_out="choose a longer one",
    page=PageText("A quarantine has 365 to 36,500 days.", "En karantæne er på 365 til 36.500 dage."),
)
POLICY_UNCHANGED = declare(
    "policy_unchanged",
    409,
    CatalogueSection.COMMAND,
    meaning="what is proposed holds already",
    way_out="nothing",
    page=PageText("That is how it is already.", "Sådan er det allerede."),
)
IN_QUARANTINE = declare(
    "in_quarantine",
    403,
    CatalogueSection.COMMAND,
    meaning="numbers are to be granted again whose quarantine is not over",
    way_out="wait until the day the message names",
    page=PageText("The numbers are still in quarantine.", "Numrene er stadig i karantæne."),
)
REGRANTED_ALREADY = declare(
    "regranted_already",
    409,
    CatalogueSection.COMMAND,
    meaning="some of these numbers were cleared for reuse before",
    way_out="nothing: it happens once",
    page=PageText(
        "Some of these numbers were already cleared for reuse.",
        "Nogle af numrene er allerede givet fri til at blive tildelt igen.",
    ),
)
BEFORE_RECOVERY = declare(
    "before_recovery",
    403,
    CatalogueSection.COMMAND,
    meaning="numbers are to be granted again whose series is older than a recovery",
    way_out="nothing: they stay unused, since in the time that was lost they may have been granted again",
    page=PageText(
        "The series is older than a recovery: whether its numbers were granted again in the time that was lost, nobody can say. They stay unused.",
        "Serien er ældre end en gendannelse: ingen kan sige, om dens numre blev tildelt igen i den tid, der gik tabt. De forbliver ubrugte.",
    ),
)
NOT_WITHHELD = declare(
    "not_withheld",
    409,
    CatalogueSection.COMMAND,
    meaning="the receipt's series does not lie within what a recovery withheld, or is of a ledger entry that was not lost then",
    way_out="the series is known already, or not this service's",
    page=PageText(
        "The receipt's series does not lie within what a recovery withheld, or is of a ledger entry that was not lost then.",
        "Seriens numre er ikke blandt dem, en gendannelse har holdt tilbage.",
    ),
)
NOT_RE_REGISTERED = declare(
    "not_re_registered",
    409,
    CatalogueSection.COMMAND,
    meaning="a receipt's series could not be taken back in",
    way_out="the message says what stands in the way",
    page=PageText("A receipt's series could not be taken back in.", "Kvitteringens serie kunne ikke tages ind igen."),
)
NOT_A_JWKS = declare(
    "not_a_jwks",
    500,
    CatalogueSection.COMMAND,
    meaning="the file holds no set of public keys",
    way_out="fetch it again from `/.well-known/jwks.json`",
    page=PageText("The file holds no set of public keys.", "Filen indeholder ikke offentlige nøgler."),
)
NOT_A_TAIL = declare(
    "not_a_tail",
    422,
    CatalogueSection.SOAP,
    meaning="the numbers to release are neither a whole series nor its tail",
    way_out="end with the series' last number",
    page=PageText(
        "A series is released whole, or from a number to its end.",
        "En serie frigives i sin helhed eller fra et nummer til dens slutning.",
    ),
)
