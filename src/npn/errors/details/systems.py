"""Details: systems: their limits, contacts and certificates."""

from npn.bilingual import BilingualText

SMALLEST_BELOW_ONE = BilingualText(
    "the smallest draw is 1 or more",
    "det mindste træk skal være på mindst 1",
)
LARGEST_BELOW_SMALLEST = BilingualText(
    "the largest draw is below the smallest",
    "det største træk er mindre end det mindste",
)
LARGEST_TOO_LARGE = BilingualText(
    "no space has that many numbers",
    "så mange numre er der ikke i noget nummerrum",
)
QUOTA_HALF = BilingualText(
    "a quota needs both a number count and a period in days",
    "en kvote kræver både et antal numre og et antal dage",
)
QUOTA_OUT_OF_BOUNDS = BilingualText(
    "a quota is 1 or more numbers in 1 to {most} days",
    "en kvote er på mindst 1 nummer i løbet af 1 til {most} dage",
)
NO_SECURITY_LEVEL = BilingualText(
    "security levels are 1, 2, 3 and 4; give one or more",
    "vælg mindst ét af sikkerhedsniveauerne 1, 2, 3 og 4",
)
NAME_WITHOUT_LETTERS = BilingualText(
    "no id can be made of the name {name!r}: it needs some letters or digits",
    "navnet {name} giver ikke noget id: det skal indeholde nogle bogstaver eller tal",
)
NAME_TAKEN = BilingualText(
    "a thousand systems are called {name!r}",
    "tusind systemer hedder {name}",
)
NO_SUCH_SYSTEM = BilingualText(
    "there is no system {system!r}",
    "der er intet system {system}",
)
NO_SUCH_CONTACT_KIND = BilingualText(
    "no such kind of contact",
    "den slags kontakt findes ikke",
)
UNIT_OF_ANOTHER_REGION = BilingualText(
    "the unit is of another region than the owner",
    "enheden hører til en anden region end ejeren",
)
NO_SUBJECT = BilingualText(
    "a case has a subject",
    "en sag skal have et emne",
)
NO_PLACEHOLDER = BilingualText(
    "{found!r} is no placeholder; use {names}, and no other braces",
    "{found!r} er ikke en pladsholder; brug {names} og ingen andre tuborgklammer",
)
ANSWER_NAME_TAKEN = BilingualText(
    "another standard answer in use has this name",
    "et andet standardsvar i brug har dette navn",
)
ANSWER_RETIRED = BilingualText(
    "the standard answer is retired: take it into use again first",
    "standardsvaret er taget ud af brug: tag det i brug igen først",
)
ANSWER_IN_USE = BilingualText(
    "the standard answer is in use",
    "standardsvaret er i brug",
)
