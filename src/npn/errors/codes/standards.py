"""Codes: standards, products and what they can take."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

LIST_IS_OLDER = declare(
    "list_is_older",
    409,
    CatalogueSection.COMMAND,
    meaning="a list of a later day was imported before",
    way_out="import lists in the order of their days; the same day may be imported again",
    page=PageText(
        "A list of a later day was imported before. Import lists in the order of their days.",
        "Der er allerede importeret en liste fra en senere dag. Importér listerne i rækkefølge efter dato.",
    ),
)
UNKNOWN_STANDARD = declare(
    "unknown_standard",
    404,
    CatalogueSection.REST,
    title="No such standard",
    meaning="There is no standard, or no version of a standard, of that code.",
    way_out="`GET /v1/standards` lists them; `npn standard list` does too.",
    page=PageText(
        "There is no standard, or no version of a standard, of that code.",
        "Der er ingen standard eller version af en standard med den kode.",
    ),
)
