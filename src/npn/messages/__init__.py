"""The laboratory messages: read, check, convert, show."""

from npn.messages.finding import Finding, Place, Severity
from npn.messages.model import Element, Interchange, Kind, Letter, Syntax
from npn.messages.oioxml.reading import read
from npn.messages.validation import validate

__all__ = ["Element", "Finding", "Interchange", "Kind", "Letter", "Place", "Severity", "Syntax", "read", "validate"]
