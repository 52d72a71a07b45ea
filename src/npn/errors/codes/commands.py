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
