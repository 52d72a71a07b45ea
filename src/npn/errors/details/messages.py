"""Details of errors: options of work on messages."""

from npn.bilingual import BilingualText

MESSAGE_OPTION = BilingualText(
    "the option {name} is one of: {choices}",
    "valget {name} er et af: {choices}",
)
MESSAGE_LIMIT = BilingualText(
    "the receiver's limit is a whole number from 1 to {most}",
    "modtagerens grænse er et helt tal fra 1 til {most}",
)
