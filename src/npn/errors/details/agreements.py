"""Details: agreements and the requirements in them."""

from npn.bilingual import BilingualText

AGREEMENT_NAME = BilingualText(
    "an agreement's name has small letters, digits and -",
    "en aftales navn består af små bogstaver, tal og -",
)
NOT_A_REQUIREMENT = BilingualText(
    "not the name of a requirement",
    "det er ikke navnet på et krav",
)
