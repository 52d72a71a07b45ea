"""Codes: the command line, its settings and files."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

CONFIGURATION = declare(
    "configuration",
    500,
    CatalogueSection.COMMAND,
    meaning="a setting, a file or a command's usage is wrong; nothing was started or changed",
    way_out="the hint says which",
    page=PageText(
        "A setting, a file or a command's usage is wrong; nothing was started or changed.",
        "En indstilling, en fil eller en kommando er forkert. Intet er ændret.",
    ),
    is_general=True,
)
SERVICE_UNREACHABLE = declare(
    "service_unreachable",
    503,
    CatalogueSection.COMMAND,
    meaning="nobody answers at the address, or not the number service",
    way_out="check the address; repeat a draw with its request id",
    page=PageText(
        "Nobody answers at the address, or not the number service.",
        "Ingen svarer på adressen, eller det er ikke nummertjenesten.",
    ),
)
NOT_TEXT = declare(
    "not_text",
    422,
    CatalogueSection.COMMAND,
    meaning="a file is neither UTF-8 nor UTF-16",
    way_out="save it as UTF-8",
    page=PageText("A file is neither UTF-8 nor UTF-16.", "Filen er hverken UTF-8 eller UTF-16."),
)
NOT_INSTALLED = declare(
    "not_installed",
    500,
    CatalogueSection.COMMAND,
    meaning="a package that the command needs is not installed",
    way_out="the hint names the extra that brings it",
    page=PageText(
        "A package that the command needs is not installed.", "En pakke, som kommandoen bruger, er ikke installeret."
    ),
)
INVALID_WORDS = declare(
    "invalid_words",
    422,
    CatalogueSection.COMMAND,
    meaning="a text is empty, too long, or holds control characters",
    way_out="write it again",
    page=PageText(
        "This is too long, or holds characters that can't be seen.",
        "Det er for langt, eller det indeholder tegn, der ikke kan ses.",
    ),
)
INVALID_NAME = declare(
    "invalid_name",
    422,
    CatalogueSection.COMMAND,
    meaning="a name is empty, longer than 200 characters, or holds characters that can't be seen",
    way_out="write it again",
    page=PageText(
        "This is too long, or holds characters that can't be seen.",
        "Det er for langt, eller det indeholder tegn, der ikke kan ses.",
    ),
)
LABEL_DESIGN_UNKNOWN = declare(
    "label_design_unknown",
    422,
    CatalogueSection.COMMAND,
    meaning="no design of labels has that name",
    way_out="`npn label designs` lists them; a design of your own is a path that ends in .toml",
    page=PageText("There is no such design of labels.", "Der er ingen etiket med det navn."),
)
LABEL_DESIGN_INVALID = declare(
    "label_design_invalid",
    422,
    CatalogueSection.COMMAND,
    meaning="a design of labels contradicts itself, leaves its page, or prints in a quiet zone; the field says where",
    way_out="correct the design's file",
    page=PageText("The design of the label is not valid.", "Etikettens opsætning er forkert."),
)
LABEL_NOT_FIT = declare(
    "label_not_fit",
    422,
    CatalogueSection.COMMAND,
    meaning="a symbol, number or text has less room on the label than it needs; the message has the figures",
    way_out="another design, a finer resolution (`--dpi`) or a shorter text",
    page=PageText("It does not fit on the label.", "Der er ikke plads på etiketten."),
)
LABEL_UNREADABLE = declare(
    "label_unreadable",
    500,
    CatalogueSection.COMMAND,
    meaning="a symbol was printed and did not read as its number; nothing was written",
    way_out="another resolution or design; report it",
    page=PageText("A label does not read as its number.", "En etiket kan ikke læses som sit nummer."),
)
