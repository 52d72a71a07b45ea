"""Codes: organisations, and systems and lists as they name them."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

ORGANISATION_NEAR = declare(
    "organisation_near",
    409,
    CatalogueSection.COMMAND,
    meaning="no organisation has that name, and one or more have nearly the same",
    way_out="give the name that is meant, or `--new-organisation` where it is another organisation",
    page=PageText(
        "No organisation has that name, but one has nearly the same. Choose it, or say that this is another.",
        "Ingen organisation har det navn, men en har næsten det samme. Vælg den, eller angiv, at det er en anden.",
    ),
)
ORGANISATION_CLOSED = declare(
    "organisation_closed",
    409,
    CatalogueSection.COMMAND,
    meaning="the organisation is closed and gets no systems",
    way_out="choose another, or `npn admin organisation reopen`",
    page=PageText(
        "The organisation is closed. Choose another, or reopen it first.",
        "Organisationen er lukket. Vælg en anden, eller genåbn den først.",
    ),
)
ORGANISATION_EXISTS = declare(
    "organisation_exists",
    409,
    CatalogueSection.COMMAND,
    meaning="another organisation of the kind has, or had, that name",
    way_out="merge the two, or choose another name",
    page=PageText(
        "Another organisation has, or had, that name. Merge the two, or choose another name.",
        "En anden organisation har eller havde det navn. Læg de to sammen, eller vælg et andet navn.",
    ),
)
ORGANISATION_IN_USE = declare(
    "organisation_in_use",
    409,
    CatalogueSection.COMMAND,
    meaning="the organisation has open systems, or owners with open systems",
    way_out="close them or give them to another organisation first",
    page=PageText(
        "The organisation has open systems. Close them, or give them to another organisation, first.",
        "Organisationen har systemer, der ikke er lukket. Luk dem, eller flyt dem til en anden organisation, først.",
    ),
)
NOT_MERGED = declare(
    "not_merged",
    409,
    CatalogueSection.COMMAND,
    meaning="two organisations can't be merged: they are the same, of different kinds, or the one to keep is closed",
    way_out="choose two open organisations of one kind",
    page=PageText(
        "These two can't be merged. Choose two organisations of the same kind; the one to keep must be open.",
        "De to kan ikke lægges sammen. Vælg to organisationer af samme slags; den, der beholdes, skal være åben.",
    ),
)
LIST_CHANGED = declare(
    "list_changed",
    409,
    CatalogueSection.COMMAND,
    meaning="what an import would do is no longer what was shown",
    way_out="look at it again, and import then",
    page=PageText(
        "Something changed since this was shown, so nothing was imported. Look at the differences again.",
        "Noget er ændret, siden dette blev vist, så intet er importeret. Se forskellene igen.",
    ),
)
