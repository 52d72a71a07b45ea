"""Details: onboarding: what is asked for, and its steps."""

from npn.bilingual import BilingualText

TOO_MANY_SAMPLES = BilingualText(
    "that many samples a day can't be",
    "så mange prøver pr. dag kan det ikke være",
)
TOO_MANY_ADDRESSES = BilingualText(
    "at most {most} addresses",
    "højst {most} adresser",
)
NO_SUCH_TRANSPORT = BilingualText(
    "no such transport",
    "den måde at kalde på findes ikke",
)
STEP_NEEDED = BilingualText(
    "nobody can go on without this step",
    "trinnet kan ikke springes over",
)
NO_SUCH_STEP = BilingualText(
    "there is no such step",
    "trinnet findes ikke",
)
