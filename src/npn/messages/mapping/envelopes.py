"""The envelope: what UNB says as element `Envelope`, and what of UNB the XML form has no place for."""

from collections.abc import Iterator

from npn.messages.edifact import syntax
from npn.messages.mapping.codes import code_lists
from npn.messages.mapping.dates import plain_date
from npn.messages.mapping.losses import segment_losses
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.masking import masked
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import DATE, QUALIFIER, SEGMENT_LOST, TEST, UNKNOWN_CODE

FIRST_YEAR = 90  # of two digits: the first messages were sent in the nineties
PEER_LAST_YEAR = 20
SHORT_DAY, LONG_DAY, TIME = 6, 8, 4
EAN = "14"
TEST_INDICATOR = 11
PARTIES = {2: Text("sender", "afsenderens"), 3: Text("receiver", "modtagerens")}
UNCARRIED = {
    6: Text("password", "adgangskode"),
    7: Text("application reference", "applikationsreference"),
    8: Text("priority", "prioritet"),
    10: Text("agreement", "aftaleidentifikation"),
    TEST_INDICATOR: Text("test indicator", "testindikator"),
}


def read_envelope(source: syntax.EdifactInterchange, *, as_peer: bool) -> tuple[Element, list[Note]]:
    """Make the envelope of UNB."""
    header, notes = source.header, list[Note]()
    origin = header.index
    code = source.acknowledgement
    acknowledgement = code_lists()["acknowledgement"].value(code, ()) if code else "minuspositivkvitt"
    if acknowledgement is None:
        text = Text(
            f"the request for a receipt is '{code}'; it must be 1 or 0",
            f"ønsket om kvittering er '{code}'; det skal være 1 eller 0",
        )
        notes.append(note(UNKNOWN_CODE, text, about=header, at=(8, 0)))
    children = (
        Element("Sent", "", sent(header, notes, as_peer=as_peer), "", origin),
        Element("Identifier", source.reference, (), "", origin),
        Element("AcknowledgementCode", acknowledgement or "", (), "", origin),
    )
    notes += remarks(header)
    return Element("Envelope", "", children, "", origin), notes


def sent(header: Segment, notes: list[Note], *, as_peer: bool) -> tuple[Element, ...]:
    """Read day and time of UNB; a day of eight digits is read, and reported like any other wrong one."""
    day, time = header.value(4, 1), header.value(4, 2)
    if day and not plain_date(day, SHORT_DAY):
        text = Text(
            f"the day in UNB is '{day}'; it must have six digits (YYMMDD)",
            f"dagen i UNB er '{day}'; den skal have seks cifre (ÅÅMMDD)",
        )
        notes.append(note(DATE, text, about=header, at=(3, 0)))
    if time and not plain_date(time, TIME):
        text = Text(
            f"the time in UNB is '{time}'; it must have four digits (HHMM)",
            f"klokkeslættet i UNB er '{time}'; det skal have fire cifre (TTMM)",
        )
        notes.append(note(DATE, text, about=header, at=(3, 1)))
    if not plain_date(time, TIME) or not (plain_date(day, SHORT_DAY) or plain_date(day, LONG_DAY)):
        return ()
    if len(day) == SHORT_DAY:
        day = f"{century_of(int(day[:2]), as_peer=as_peer)}{day}"
    return (
        Element("Date", f"{day[:4]}-{day[4:6]}-{day[6:]}", (), "", header.index),
        Element("Time", f"{time[:2]}:{time[2:]}", (), "", header.index),
    )


def century_of(year: int, *, as_peer: bool) -> int:
    """Return the century of a year of two digits (P1)."""
    return 19 if year > PEER_LAST_YEAR and (as_peer or year >= FIRST_YEAR) else 20


def remarks(header: Segment) -> Iterator[Note]:
    """Yield what a reader must know of UNB that no element of the envelope holds."""
    value = header.value(TEST_INDICATOR)
    if value and value != "0":
        finds = Text(*(text.format(value=masked(value)) for text in TEST.finds))
        yield note(TEST, finds, about=header, at=(TEST_INDICATOR - 1, 0))
    for element, who in PARTIES.items():
        qualifier = header.value(element, 2)
        if header.value(element) and qualifier != EAN:
            facts = {"who_en": who.en, "who_da": who.da, "value": f"'{qualifier}'"}
            finds = Text(*(text.format(**facts) for text in QUALIFIER.finds))
            yield note(QUALIFIER, finds, about=header, at=(element - 1, 1))


def header_losses(header: Segment, again: Segment) -> Iterator[Note]:
    """Name the fields of UNB that the XML form has no place for; compare the rest with what is written again."""
    rest = list(header.elements)
    for element, name in UNCARRIED.items():
        value = ":".join(header.elements[element - 1]) if len(header.elements) >= element else ""
        if not value.strip(":"):
            continue
        rest[element - 1] = ("",)
        means = Text("", "")
        if element == TEST_INDICATOR:
            means = Text("; what is written reads as a real message", "; det skrevne læses som en rigtig besked")
        text = Text(
            f"the {name.en} '{masked(value)}' of the envelope (UNB {element}) is lost{means.en}",
            f"kuvertens {name.da} '{masked(value)}' (UNB {element}) går tabt{means.da}",
        )
        yield note(SEGMENT_LOST, text, about=header)
    while rest and not any(rest[-1]):
        rest.pop()
    carried = Segment(header.tag, tuple(rest), header.index, header.offset, header.source)
    yield from segment_losses([carried], [again])
