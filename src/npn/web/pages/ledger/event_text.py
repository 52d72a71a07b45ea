"""The form of what an event is called, and what it says."""

from typing import NamedTuple

from npn.web.texts import Msgid


class EventText(NamedTuple):
    """A kind of event: its name, and a sentence into which the event's members are put."""

    label: Msgid
    sentence: Msgid
