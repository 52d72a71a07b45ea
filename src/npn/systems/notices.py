"""What a connected system should be told without asking: in `GET /v1/me`, and on its page.

Rooms above this one have something to say (stock, transport, agreements); the wiring puts them in a row.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from npn.systems.model import ConnectedSystem


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know, in the words of the service. `by`: the day until which something must be done, or None."""

    code: str
    text: str
    by: date | None = None


class Speaker(Protocol):
    """A room that has something to say to a system."""

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return what it has to say now, the most pressing first; nothing where all is well."""
