"""The laboratory messages: read, check, convert, show."""

from npn.messages.conversion import Conversion, convert
from npn.messages.files import read, read_all, read_parts, write
from npn.messages.model.finding import Finding, Place, Severity
from npn.messages.model.interchange import Element, Interchange, InterchangePart, Kind, Letter, Syntax
from npn.messages.validation import PartValidator, validate
from npn.messages.views import view

__all__ = [
    "Conversion",
    "Element",
    "Finding",
    "Interchange",
    "InterchangePart",
    "Kind",
    "Letter",
    "PartValidator",
    "Place",
    "Severity",
    "Syntax",
    "convert",
    "read",
    "read_all",
    "read_parts",
    "validate",
    "view",
    "write",
]
