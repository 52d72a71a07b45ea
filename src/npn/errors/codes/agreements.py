"""Codes: connection agreements: their texts, versions, proposals, and what must be accepted."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

AGREEMENT_MISSING = declare(
    "agreement_missing",
    403,
    CatalogueSection.REST,
    title="The connection agreement is not accepted",
    meaning="The system's owner has not accepted the connection agreement, and the date by which it had to has passed. Numbers already drawn stay the system's own; repeats, releases and look-ups work.",
    way_out="The owner accepts the agreement on the service's pages. `GET /v1/me` tells which version, in `notices`.",
    page=PageText(
        "The connection agreement is not accepted for the system: it is given no new series.",
        "Tilslutningsaftalen er ikke accepteret for systemet: det får ingen nye nummerserier.",
    ),
)
AGREEMENT_TEXT = declare(
    "agreement_text",
    422,
    CatalogueSection.COMMAND,
    meaning="the text of an agreement is not of the form that numbered sections and marks need",
    way_out="the message names the line; docs/guide/agreements.md shows the form",
    page=PageText(
        "The text has not the form that an agreement's numbered sections need.",
        "Teksten har ikke den form, som en aftales nummererede afsnit kræver.",
    ),
)
TEXTS_DIFFER = declare(
    "texts_differ",
    422,
    CatalogueSection.COMMAND,
    meaning="the Danish and the English text differ in their sections or marks",
    way_out="give both the same headings' numbers and marks",
    page=PageText(
        "The Danish and the English text have different sections or marks.",
        "Den danske og den engelske tekst har forskellige afsnit eller mærker.",
    ),
)
MARK_DIFFERS = declare(
    "mark_differs",
    422,
    CatalogueSection.COMMAND,
    meaning="a requirement's mark has another figure than the sentence under it",
    way_out="change the mark or the sentence, in the language that the message names, so that both say the same",
    page=PageText(
        "A requirement's mark has another figure than its text.",
        "Et kravs mærke har et andet tal end teksten under det.",
    ),
)
INVALID_VERSION = declare(
    "invalid_version",
    422,
    CatalogueSection.COMMAND,
    meaning="a version is written as `1.0`",
    way_out="write it so",
    page=PageText("A version is written as 1.0.", "En version skrives som 1.0."),
)
UNKNOWN_VERSION = declare(
    "unknown_version",
    404,
    CatalogueSection.COMMAND,
    meaning="there is no such version of the agreement, or none at all",
    way_out="`npn admin agreement list`",
    page=PageText("There is no such version of the agreement.", "Der er ingen sådan version af aftalen."),
)
VERSION_EXISTS = declare(
    "version_exists",
    409,
    CatalogueSection.COMMAND,
    meaning="a version is later in number than those before",
    way_out="choose a higher number",
    page=PageText(
        "A new version is numbered higher than those before it: choose a higher number.",
        "En ny version nummereres højere end de tidligere: vælg et højere nummer.",
    ),
)
VERSION_SUPERSEDED = declare(
    "version_superseded",
    403,
    CatalogueSection.COMMAND,
    meaning="a version that another one has replaced can't be accepted any more",
    way_out="accept the one in force, or a coming one",
    page=PageText(
        "A later version is in force by now: read and accept that one.",
        "En senere version er nu i kraft: læs og accepter den.",
    ),
)
NOTICE_TOO_SHORT = declare(
    "notice_too_short",
    422,
    CatalogueSection.COMMAND,
    meaning="a change would take effect before the notice of the version in force has passed",
    way_out="the hint names the earliest day",
    page=PageText(
        "The notice is shorter than agreed. Tick the box to override the notice period.",
        "Varslet er kortere end aftalt. Sæt kryds for bevidst at fravige det.",
    ),
)
INVALID_DATES = declare(
    "invalid_dates",
    422,
    CatalogueSection.COMMAND,
    meaning="a later stage of the policy begins before an earlier one, or refuses before the version takes effect",
    way_out="inform, warn, refuse, in this order",
    page=PageText(
        "The days follow one another: inform, then warn, then refuse; nobody is refused before the version has effect.",
        "Dagene følger efter hinanden: informer, advar, afvis; ingen afvises, før versionen gælder.",
    ),
)
PROPOSAL_DECIDED = declare(
    "proposal_decided",
    409,
    CatalogueSection.COMMAND,
    meaning="the proposal is decided and stays as it is",
    way_out="make a new one",
    page=PageText("The proposal is decided, and stays as it is.", "Forslaget er afgjort og ændres ikke."),
)
COMMENTS_CLOSED = declare(
    "comments_closed",
    409,
    CatalogueSection.COMMAND,
    meaning="comments were taken until a day that has passed",
    way_out="ask the operator for a further draft with a later day",
    page=PageText("The time for comments is over.", "Fristen for kommentarer er udløbet."),
)
UNKNOWN_SECTION = declare(
    "unknown_section",
    422,
    CatalogueSection.COMMAND,
    meaning="the newest draft has no section of that number",
    way_out="name one that it has",
    page=PageText(
        "The newest draft has no section with that number.", "Det nyeste udkast har intet punkt med det nummer."
    ),
)
INVALID_DECISION = declare(
    "invalid_decision",
    422,
    CatalogueSection.COMMAND,
    meaning="a decision's outcome and dates don't fit each other",
    way_out="made since the proposal and not in the future; an adopted change alone has a date from which it applies",
    page=PageText(
        "The decision was made since the proposal, not in the future; what is adopted has a day from when it applies.",
        "Beslutningen er truffet efter forslaget og ikke i fremtiden; det, der vedtages, har en dag, hvorfra det gælder.",
    ),
)
BASE_SUPERSEDED = declare(
    "base_superseded",
    409,
    CatalogueSection.COMMAND,
    meaning="a version was published since the proposal's draft was made, and adopting it would take that back",
    way_out="put a draft forward that changes the newest version",
    page=PageText(
        "A version was published since the draft was made: put a further draft forward first.",
        "Der er offentliggjort en version, siden udkastet blev lavet: fremlæg først et nyt udkast.",
    ),
)
INVALID_SHOWN = declare(
    "invalid_shown",
    422,
    CatalogueSection.COMMAND,
    meaning="a requirement was shown on a day to come, or is to be shown again before it was shown",
    way_out="give the day it was shown, and a later one for the next time",
    page=PageText(
        "The day it was shown can't be in the future, and the next time is after it.",
        "Dagen, det er vist, kan ikke ligge i fremtiden, og næste gang er efter den.",
    ),
)
DAY_PASSED = declare(
    "day_passed",
    422,
    CatalogueSection.COMMAND,
    meaning="an exception or a respite lasts until a day to come",
    way_out="choose a later day",
    page=PageText("Choose a day that is to come.", "Vælg en dag, der kommer."),
)
