"""Details: people and what two of them agree on."""

from npn.bilingual import BilingualText

NOT_AN_EMAIL = BilingualText(
    "not an e-mail address",
    "det er ikke en e-mailadresse",
)
NO_ORGANISATION_FOR_ROLE = BilingualText(
    "this role belongs to no organisation",
    "rollen hører ikke til nogen organisation",
)
ORGANISATION_NEEDED = BilingualText(
    "the role needs an organisation: a known {kind}",
    "rollen skal høre til en organisation: en kendt {kind}",
)
NOT_A_DECISION = BilingualText(
    "there is no such decision",
    "den afgørelse findes ikke",
)
OWN_PASSWORD = BilingualText(
    "one's own password is changed on one's own page",
    "ens egen adgangskode ændres på ens egen side",
)
NOTHING_FOR_TWO = BilingualText(
    "nothing of the kind {kind} needs two people",
    "intet af slagsen {kind} kræver to personer",
)
TOO_MANY_FILTERS = BilingualText(
    "at most {most} searches are kept for a list",
    "der gemmes højst {most} søgninger for en liste",
)
