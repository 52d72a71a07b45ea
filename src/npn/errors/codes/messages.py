"""Codes: messages that are read for somebody, in the browser or over REST."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

MESSAGE_TOO_LARGE = declare(
    "message_too_large",
    413,
    CatalogueSection.REST,
    title="The message is too large",
    meaning="A message, or all files of a form together, may be 5 MiB at most.",
    way_out="Split the file, or use the command line (`npn message`), which reads files of any size.",
    page=PageText(
        "The files are larger than 5 MiB together. Use the command line for larger ones.",
        "Filerne fylder mere end 5 MiB tilsammen. Brug kommandolinjen til større filer.",
    ),
)
MESSAGE_TOOK_TOO_LONG = declare(
    "message_took_too_long",
    422,
    CatalogueSection.REST,
    title="The message took too long",
    meaning="Reading the message took more than 20 seconds; the process that read it was ended.",
    way_out="Split the file, or use the command line (`npn message`), which has no time limit.",
    page=PageText(
        "The message was not read within 20 seconds, so reading was stopped. Split the file, or use the command line.",
        "Beskeden blev ikke læst færdig inden for 20 sekunder, så læsningen blev stoppet. Del filen, eller brug kommandolinjen.",
    ),
)
MESSAGE_USED_TOO_MUCH_MEMORY = declare(
    "message_used_too_much_memory",
    422,
    CatalogueSection.REST,
    title="The message used too much memory",
    meaning="Reading the message takes more than 512 MB, or the answer would have more than 16 MiB; the process that read it was ended.",
    way_out="Split the file, or use the command line (`npn message`), which reads long files in pieces.",
    page=PageText(
        "Reading the message takes too much memory, so it was stopped. Split the file, or use the command line.",
        "Det kræver for meget hukommelse at læse beskeden, så læsningen blev stoppet. Del filen, eller brug kommandolinjen.",
    ),
)
MESSAGE_NOT_FIT = declare(
    "message_not_fit",
    422,
    CatalogueSection.REST,
    title="The file does not fit what is asked for",
    meaning="A conversion or a page is made of one interchange, and the file holds several, or none that can be read.",
    way_out="Send one interchange at a time. `POST /v1/messages/inspect` tells what a file holds.",
    page=PageText(
        "The file holds several interchanges, or none that can be read.",
        "Filen indeholder flere forsendelser eller ingen, der kan læses.",
    ),
)
MESSAGE_NOT_CONVERTED = declare(
    "message_not_converted",
    422,
    CatalogueSection.REST,
    title="The message was not converted",
    meaning="The message has errors, so nothing was written; or no letter of it has a form in the other syntax.",
    way_out="`POST /v1/messages/convert/report` lists the errors; `force=true` writes it in spite of them where that is possible.",
    page=PageText("The message has errors and was not converted.", "Beskeden har fejl og blev ikke konverteret."),
)
MESSAGES_BUSY = declare(
    "messages_busy",
    503,
    CatalogueSection.REST,
    title="Too many messages are waiting",
    meaning="Other messages are being read, and there is no room for another.",
    way_out="Send it again after the seconds in Retry-After.",
    page=PageText(
        "Other messages are being read at the moment. Try again in half a minute.",
        "Andre beskeder er ved at blive læst. Prøv igen om et halvt minut.",
    ),
)
