"""Details of errors: options of work on messages."""

from npn.bilingual import BilingualText

MESSAGE_OPTION = BilingualText(
    "the option {name} must be one of: {choices}",
    "{name} skal være en af følgende: {choices}",
)
MESSAGE_LIMIT = BilingualText(
    "the receiver's limit is a whole number from 1 to {most}",
    "modtagerens grænse er et helt tal fra 1 til {most}",
)
REPORT_TOO_LONG = BilingualText(
    "a PDF holds {most} findings at most: choose another format",
    "en PDF kan højst rumme {most} fund: vælg et andet format",
)
