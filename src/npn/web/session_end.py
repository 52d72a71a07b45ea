"""Until when a visitor is signed in, and after how many minutes the page begins to warn of the end.

The style sheet shows the warning, by a delay that the classes say digit by digit: there is no script
(docs/adr/0085-the-end-of-a-session.md).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from npn.people.sessions import Visitor

WARNING_TIME = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_PLACES = ("ones", "tens", "hundreds", "thousands")  # of the delay in minutes, as npn.css has them


class SessionExpiry(NamedTuple):
    """The end of a session if its holder does nothing, and the latest there is; `delay`: the warning's classes."""

    at: datetime
    latest: datetime
    delay: str

    @property
    def is_last(self) -> bool:
        """Whether nothing puts the end off any more."""
        return self.at >= self.latest


def session_end(visitor: Visitor, now: datetime) -> SessionExpiry:
    """Return when a visitor's session ends."""
    left = max(timedelta(), visitor.ends_at - now)
    warning = min(WARNING_TIME, left / 2)
    minutes = min((left - warning) // _MINUTE, 9999)
    digits = zip(_PLACES, reversed(f"{minutes:04d}"), strict=True)
    return SessionExpiry(visitor.ends_at, visitor.latest_end, " ".join(f"{place}-{digit}" for place, digit in digits))
