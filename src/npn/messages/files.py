"""What a file holds: one `Emessage`, or one or more interchanges of EDIFACT; the first character says which."""

from msgspec import structs

from npn.errors import InvalidInputError
from npn.messages.mapping import interchanges
from npn.messages.model.finding import Place, Severity
from npn.messages.model.interchange import Interchange, Syntax
from npn.messages.oioxml.reading import read as read_xml
from npn.messages.oioxml.writing import write as write_xml
from npn.messages.rules.conversion import SEVERAL_INTERCHANGES

MARK = b"\xef\xbb\xbf"


def read_all(data: bytes, *, as_peer: bool = False) -> tuple[Interchange, ...]:
    """Read every interchange of a file. Never raises for what is in it: what is wrong is in the findings."""
    if data.removeprefix(MARK).lstrip()[:1] == b"<":
        return (read_xml(data),)
    return interchanges.read(data, as_peer=as_peer)


def read(data: bytes, *, as_peer: bool = False) -> Interchange:
    """Read a file that holds one interchange; of several return the first, with a finding that says so."""
    first, *others = read_all(data, as_peer=as_peer)
    if not others:
        return first
    extra = SEVERAL_INTERCHANGES.at(Place(), count=1 + len(others))
    return structs.replace(first, findings=(*first.findings, extra))


def write(interchange: Interchange, syntax: Syntax | str, *, as_peer: bool = False) -> bytes:
    """Write an interchange in a syntax or in the one that a text names (`xml`, `edifact`).

    Raises InvalidInputError for any other text, and for what that syntax can't say; `convert` reports all of it.
    """
    if Syntax.of(syntax) is Syntax.XML:
        return write_xml(interchange)
    segments = interchanges.write(interchange, as_peer=as_peer)
    for note in segments.notes:
        if note.severity is Severity.ERROR:
            raise InvalidInputError(note.text.en, field=note.element.name if note.element else "")
    return segments.data()
