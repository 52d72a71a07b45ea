"""Details: the end of plain HTTP and what leads to it."""

from npn.bilingual import BilingualText

CUT_OFF_PAST = BilingualText(
    "the cut-off lies in the past",
    "ophøret ligger i fortiden",
)
CUT_OFF_TOO_SOON = BilingualText(
    "that is a notice of {days} days; six months are agreed",
    "det er et varsel på {days} dage; seks måneder er aftalt",
)
BROWN_OUT_PAST = BilingualText(
    "the brown-out lies in the past",
    "den varslede afvisning ligger i fortiden",
)
BROWN_OUT_BACKWARDS = BilingualText(
    "a brown-out ends after it starts",
    "afvisningen skal slutte, efter at den er begyndt",
)
BROWN_OUT_TOO_LONG = BilingualText(
    "a brown-out lasts two days at most",
    "afvisningen må højst vare to dage",
)
BROWN_OUT_AFTER_CUT_OFF = BilingualText(
    "the brown-out ends after the cut-off, {at}",
    "afvisningen slutter efter ophøret, {at}",
)
BROWN_OUT_TOO_SOON = BilingualText(
    "a brown-out is announced {days} days ahead",
    "en afvisning skal varsles {days} dage før",
)
EXEMPTION_PAST = BilingualText(
    "the exemption ends in the past",
    "undtagelsen slutter i fortiden",
)
EXEMPTION_TOO_LONG = BilingualText(
    "an exemption lasts three years at most",
    "en undtagelse gælder højst i tre år",
)
MONTHS_APART = BilingualText(
    "there are {least} to {most} months from one release to the next",
    "der er {least} til {most} måneder fra en udgivelse til den næste",
)
MONTHS_FROZEN = BilingualText(
    "a release is frozen {least} to {most} months before",
    "en udgivelse er låst {least} til {most} måneder før",
)
WEEKS_OF_WORK = BilingualText(
    "the change takes {least} to {most} weeks",
    "ændringen tager {least} til {most} uger",
)
RELEASE_YEAR = BilingualText(
    "a release date lies between 2000 and 2200",
    "en udgivelsesdato ligger mellem år 2000 og 2200",
)
INSTANT_FORM = BilingualText(
    "write a day, as 2027-09-01, or a time with its zone, as 2027-03-02T09:00+01:00",
    "skriv en dag, fx 2027-09-01, eller et tidspunkt med tidszone, fx 2027-03-02T09:00+01:00",
)
