"""What the catalogue holds of an error code, and how a code is declared.

A raise names its code by a constant of `npn.errors.codes`; a string in its place does not pass the type checker.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NewType

from npn.bilingual import BilingualText
from npn.errors.faults import FaultCode

Code = NewType("Code", str)
"""A declared code. `Code(text)` is for codes that another service or an older program has sent."""

REPEAT = "Repeat it with the same Idempotency-Key after the seconds in Retry-After."


class CatalogueSection(Enum):
    """Where docs/reference/errors.md explains a code: by the heading."""

    REST = "REST"
    COMMAND = "Command line and files"
    PAGES = "Pages and accounts"
    AGENT = "The agent at the laboratory"
    SOAP = "Legacy web service"


class PageText(BilingualText):
    """What a page says, in both its languages."""

    __slots__ = ()


BUSY = PageText("The service is busy. Try again in a moment.", "Tjenesten har travlt. Prøv igen om et øjeblik.")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and how each wire answers with it.

    `status` is that of REST and of the pages; a code of status 500 is a fault of the service's own to them, and
    hidden. `meaning` and `way_out` are the documentation's. `is_general`: the code says less than the error's own
    words, which a page shows beside its text.
    """

    code: Code
    status: int
    section: CatalogueSection
    title: str
    meaning: str
    way_out: str
    page: PageText
    fault: FaultCode
    is_general: bool = False

    @property
    def anchor(self) -> str:
        """Return the address on the service that explains the code."""
        return f"/docs/problems#{self.code}"


CATALOGUE: dict[Code, Meaning] = {}

_TITLES = {
    400: "Bad request",
    401: "Unknown caller",
    403: "Refused",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    421: "Another host",
    422: "Wrong input",
    429: "Too many attempts",
    431: "Too large",
    500: "The service failed",
    503: "Not now",
}
_FAULTS = {
    401: FaultCode.INVALID_USERNAME_PASSWORD,
    403: FaultCode.NOT_AUTHORIZED,
    422: FaultCode.SYNTAX_ERROR,
}


def declare(  # budget: a row of a table: every column has its name
    code: str,
    status: int,
    section: CatalogueSection,
    *,
    meaning: str,
    way_out: str,
    page: PageText,
    title: str = "",
    fault: FaultCode | None = None,
    is_general: bool = False,
) -> Code:
    """Enter a code in the catalogue. Title and SOAP fault are those of the status where none is named.

    Raises ValueError if the code is declared already.
    """
    name = Code(code)
    if name in CATALOGUE:
        raise ValueError(f"the error code {code} is declared twice")
    CATALOGUE[name] = Meaning(
        code=name,
        status=status,
        section=section,
        title=title or _TITLES[status],
        meaning=meaning,
        way_out=way_out,
        page=page,
        fault=fault or _FAULTS.get(status, FaultCode.PROCESSING_PROBLEM),
        is_general=is_general,
    )
    return name
