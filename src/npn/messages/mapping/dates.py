"""Days and times: elements in XML, a row of digits in EDIFACT."""

import re

from npn.messages.mapping.slots import Slot, component
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.tree import Node
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.notes import note
from npn.messages.model.segment import At, Segment
from npn.messages.rules.conversion import DATE

MINUTE_LENGTH = 12
DAY_LENGTH = 8
DATE_LENGTH = 10
ZONED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})")


class MinuteSlot(Slot):
    """A day and a time: elements Date and Time, `CCYYMMDDhhmm` in EDIFACT."""

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the digits; an invalid date is written as it is, since structure reports it."""
        moment = self.find(state, element)
        if moment is None:
            return ()
        day, time = moment.value("Date") or "", moment.value("Time") or ""
        return (compact_day(day) + time.replace(":", ""),)

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Make Date and Time; anything but format 203 and twelve digits is an error."""
        value = component(segment, at)
        if not value:
            return
        if not plain_date(value, MINUTE_LENGTH) or component(segment, (at[0], at[1] + 1)) != "203":
            state.notes.append(note(DATE, bad_date(value, "203", form="CCYYMMDDhhmm"), about=segment, at=at))
            return
        origin = segment.index
        children = (
            Element("Date", f"{value[:4]}-{value[4:6]}-{value[6:8]}", (), "", origin),
            Element("Time", f"{value[8:10]}:{value[10:12]}", (), "", origin),
        )
        target = state.root if self.absolute else node
        target.put(self.path, Element(self.path[-1].partition("#")[0], "", children, "", origin), origin=origin)


class DaySlot(Slot):
    """A day, `CCYYMMDD` in EDIFACT."""

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the digits."""
        moment = self.find(state, element)
        return (compact_day(moment.text),) if moment is not None else ()

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Make the day; anything but format 102 and eight digits is an error."""
        value = component(segment, at)
        if not value:
            return
        if not plain_date(value, DAY_LENGTH) or component(segment, (at[0], at[1] + 1)) != "102":
            state.notes.append(note(DATE, bad_date(value, "102", form="CCYYMMDD"), about=segment, at=at))
            return
        self.put(state, node, value=f"{value[:4]}-{value[4:6]}-{value[6:8]}", segment=segment)


def compact_day(day: str) -> str:
    """Return a day's digits; the time zone that XML Schema lets stand behind a date has no place in EDIFACT.

    >>> compact_day("2014-09-04"), compact_day("2014-09-04+02:00")
    ('20140904', '20140904')
    """
    return (day[:DATE_LENGTH] if ZONED.fullmatch(day) else day).replace("-", "")


def plain_date(value: str, length: int) -> bool:
    """Whether the value is that many digits."""
    return len(value) == length and value.isascii() and value.isdecimal()


def bad_date(value: str, code: str, *, form: str) -> Text:
    """Return what is said of a date in another form than announced."""
    return Text(
        f"the date '{value}' must be {form} with format code {code}",
        f"datoen '{value}' skal være {form} med formatkode {code}",
    )


class NoDateSlot(DaySlot):
    """A day that may be unknown: 0001-01-01 in XML means yes, without a date; then nothing is written."""

    UNKNOWN = "0001-01-01"

    def find(self, state: WriteState, element: Element) -> Element | None:
        """Return the day where one is known."""
        target = super().find(state, element)
        return None if target is not None and target.text == self.UNKNOWN else target
