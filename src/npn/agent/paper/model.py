"""The printing journal's values."""

from datetime import datetime
from typing import Literal

import msgspec

SheetState = Literal["reserved", "printed", "used", "spoiled"]
STATES: tuple[SheetState, ...] = ("reserved", "printed", "used", "spoiled")
UNUSED: tuple[SheetState, ...] = ("reserved", "printed")


class PaperOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a job prints, as it is asked for. `place`: where the paper lies; `by`: who prints it."""

    design: str
    dpi: int
    language: Literal["da", "en"]
    file: str
    by: str
    place: str = ""


class PaperJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job: its order, when it was made, and how many of its numbers are in each state.

    first, last  the lowest and the highest number, as text
    printed_at  when its file was complete; None where the job may have ended before that
    """

    id: int
    order: PaperOrder
    made_at: datetime
    printed_at: datetime | None
    first: str
    last: str
    counts: dict[SheetState, int]
    copies: int

    @property
    def is_in_doubt(self) -> bool:
        """Whether nobody knows if the file was made: its numbers count as printed."""
        return self.printed_at is None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One number on paper. reserved: it may be on paper, and counts as if it were."""

    number: str
    job: int
    state: SheetState
    place: str
    changed_at: datetime
    changed_by: str
    note: str
