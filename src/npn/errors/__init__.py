"""The kinds of error the platform knows, and THE catalogue of their codes: each declared once, with all its texts.

The kinds know nothing of HTTP or SOAP. Of a code the catalogue says what each wire answers and what a page shows.
"""

from npn.errors import codes, details
from npn.errors.catalogue import CATALOGUE, CatalogueSection, Code, Meaning, PageText
from npn.errors.faults import FaultCode
from npn.errors.kinds import (
    ConfigurationError,
    ConflictError,
    InvalidFieldsError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnauthenticatedError,
    UnavailableError,
    check_all,
    errors_of,
    meaning_of,
)

__all__ = [
    "CATALOGUE",
    "CatalogueSection",
    "Code",
    "ConfigurationError",
    "ConflictError",
    "FaultCode",
    "InvalidFieldsError",
    "InvalidInputError",
    "Meaning",
    "NotFoundError",
    "NpnError",
    "PageText",
    "RefusedError",
    "UnauthenticatedError",
    "UnavailableError",
    "check_all",
    "codes",
    "details",
    "errors_of",
    "meaning_of",
]
