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
SHOWN_IN_FUTURE = BilingualText(
    "it can't have been shown on a day in the future",
    "det kan ikke være vist på en dag i fremtiden",
)
SHOWN_AGAIN_BEFORE = BilingualText(
    "it is to be shown again on a day after it was shown",
    "det skal vises igen på en dag, efter at det er vist",
)
STAGE_BEFORE = BilingualText(
    "the stages follow one another: inform, then warn, then refuse; this day is before that of the stage before it",
    "trinene følger efter hinanden: informer, advar, afvis; denne dag ligger før dagen for trinnet før",
)
REFUSED_BEFORE_EFFECT = BilingualText(
    "version {version} takes effect on {day}: nobody is refused for it before",
    "version {version} gælder fra {day}: ingen afvises på grund af den før",
)
DECIDED_WHEN = BilingualText(
    "the decision was made on or after the day of the proposal, and not in the future",
    "beslutningen er truffet tidligst den dag, forslaget blev fremsat, og ikke i fremtiden",
)
EFFECT_OF_ADOPTED = BilingualText(
    "a change that is adopted has a day from which it applies, and no other has",
    "en ændring, der vedtages, har en dag, den gælder fra, og det har ingen anden",
)
