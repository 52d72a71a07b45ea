"""Codes: how systems are connected and supported: requests, links, regions, mail."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

LINK_ENDED = declare(
    "link_ended",
    404,
    CatalogueSection.COMMAND,
    meaning="a private link was used, has run out, or never was",
    way_out="ask for a new one",
    page=PageText(
        "The link has expired, was already used, or is incomplete. Ask for a new one.",
        "Linket er udløbet, allerede brugt eller ufuldstændigt. Bed om et nyt.",
    ),
)
CONFIRMED = declare(
    "confirmed",
    409,
    CatalogueSection.COMMAND,
    meaning="the request is confirmed already",
    way_out="look at its steps",
    page=PageText("The request is confirmed already.", "Anmodningen er allerede bekræftet."),
)
ACCESS_GIVEN = declare(
    "access_given",
    409,
    CatalogueSection.COMMAND,
    meaning="there is such a system already",
    way_out="look at the request's steps",
    page=PageText("There is such a system already.", "Der er allerede sådan et system."),
)
NOT_UNDER_WAY = declare(
    "not_under_way",
    409,
    CatalogueSection.COMMAND,
    meaning="the request is no longer in progress",
    way_out="look at its steps",
    page=PageText("The request is no longer in progress.", "Anmodningen er ikke længere i gang."),
)
STEP_NOT_DUE = declare(
    "step_not_due",
    409,
    CatalogueSection.COMMAND,
    meaning="the step is done, or waits for another step, or for the operator",
    way_out="look at the request's steps",
    page=PageText(
        "Nobody can take this step now: it is done, or waits for another.",
        "Trinnet venter ikke på nogen: Det er udført, eller det afventer et andet trin.",
    ),
)
STEPS_MISSING = declare(
    "steps_missing",
    403,
    CatalogueSection.COMMAND,
    meaning="steps before production access are not done",
    way_out="wait for them, or say with `--despite` why it is given anyway",
    page=PageText(
        "Steps before this one are not done. Wait for them, or say why it is given anyway.",
        "De foregående trin er ikke udført. Vent på dem, eller skriv, hvorfor adgangen gives alligevel.",
    ),
)
TOO_MANY_REQUESTS_TO_CONNECT = declare(
    "too_many_requests_to_connect",
    403,
    CatalogueSection.COMMAND,
    meaning="the public form was used too often from one place or for one address",
    way_out="wait until tomorrow",
    page=PageText(
        "Too many requests came from here. Wait a day, or write to the operator.",
        "Der er kommet for mange anmodninger herfra. Vent et døgn, eller skriv til driften.",
    ),
)
NOT_A_NETWORK = declare(
    "not_a_network",
    422,
    CatalogueSection.COMMAND,
    meaning="an address to call from can't be read",
    way_out="write each as 192.0.2.7 or 192.0.2.0/24, one on each line",
    page=PageText(
        "That is not an address that a system calls from. Write one on each line.",
        "Det er ikke en adresse, et system kalder fra. Skriv én på hver linje.",
    ),
)
REASON_MISSING = declare(
    "reason_missing",
    422,
    CatalogueSection.COMMAND,
    meaning="the reason is missing",
    way_out="write why: it is kept",
    page=PageText("Say why: the reason is kept.", "Skriv hvorfor: begrundelsen gemmes."),
)
UNIT_EXISTS = declare(
    "unit_exists",
    409,
    CatalogueSection.COMMAND,
    meaning="the region has a unit of that name",
    way_out="choose another name, or change that one",
    page=PageText("The region has a unit of that name.", "Regionen har allerede en enhed med det navn."),
)
TOO_MUCH_MAIL = declare(
    "too_much_mail",
    403,
    CatalogueSection.COMMAND,
    meaning="more mail from one address, or in all, than anybody reads",
    way_out="wait an hour",
    page=PageText(
        "More mail from one address, or in all, than anybody reads.", "Der er kommet for mange e-mails. Vent en time."
    ),
)
MAIL_SENT = declare(
    "mail_sent",
    409,
    CatalogueSection.COMMAND,
    meaning="the e-mail was sent already",
    way_out="there is nothing to send again",
    page=PageText("The e-mail was sent.", "E-mailen er sendt."),
)
MAIL_TOO_LARGE = declare(
    "mail_too_large",
    422,
    CatalogueSection.COMMAND,
    meaning="an incoming mail is too large",
    way_out="nothing was kept of it",
    page=PageText("The mail is too large.", "E-mailen er for stor."),
)
NOT_A_MAIL = declare(
    "not_a_mail",
    422,
    CatalogueSection.COMMAND,
    meaning="what came in is not a mail",
    way_out="nothing was kept of it",
    page=PageText("That is not a mail.", "Det er ikke en e-mail."),
)
MAIL_REFUSED = declare(
    "mail_refused",
    500,
    CatalogueSection.COMMAND,
    meaning="the mail server refuses the mail; its words stand in the outbox",
    way_out="`npn admin mail list` shows them; `retry` sends the mail again",
    page=PageText("The mail server refuses the mail.", "Mailserveren afviser e-mailen."),
)
MAIL_POSTPONED = declare(
    "mail_postponed",
    500,
    CatalogueSection.COMMAND,
    meaning="the mail server can't take the mail now; its words stand in the outbox",
    way_out="the mail is sent again later; `npn admin mail list` shows it",
    page=PageText(
        "The mail server can't take the mail now. It is sent again later.",
        "Mailserveren kan ikke tage imod e-mailen nu. Den sendes igen senere.",
    ),
)
