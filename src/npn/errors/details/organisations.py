"""Details: organisations and the register of systems that they are taken from."""

from npn.bilingual import BilingualText

NO_SUCH_ORGANISATION = BilingualText(
    "there is no {kind} {name!r}",
    "der er ingen {kind} {name}",
)
ORGANISATION_KINDS = {
    "operator": BilingualText("operator", "operatør"),
    "owner": BilingualText("owner", "ejer"),
    "region": BilingualText("region", "region"),
    "vendor": BilingualText("vendor", "leverandør"),
}
REGISTER_EMPTY = BilingualText(
    "the list is empty",
    "listen er tom",
)
REGISTER_HEADER = BilingualText(
    "the header must be {columns}",
    "overskriften skal være {columns}",
)
REGISTER_LINE = BilingualText(
    "line {line} lacks a system, vendor or type, or has too many columns",
    "linje {line} mangler et system, en leverandør eller en type, eller den har for mange kolonner",
)
NOT_CSV = BilingualText(
    "line {line} is not CSV",
    "linje {line} er ikke CSV",
)
NO_SUCH_TYPES = BilingualText(
    "the list has no systems of the type {types}",
    "listen har ingen systemer af typen {types}",
)
NO_TYPES = BilingualText(
    "choose types",
    "vælg typer",
)
NOT_FROM_THE_LIST = BilingualText(
    "no system {system!r} was taken from the list",
    "systemet {system} er ikke taget fra listen",
)
NOT_IN_THE_LIST = BilingualText(
    "the list has no system {name!r}",
    "listen har ikke noget system {name}",
)
