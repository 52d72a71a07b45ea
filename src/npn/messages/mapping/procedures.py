"""Parts of a mapping that tables of segments can't describe: each has its own class, named in the data."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from npn.messages.edifact.groups import SegmentGroup
from npn.messages.mapping.diagnoses import Diagnoses
from npn.messages.mapping.microbiology import Microbiology
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.model.interchange import Element


class Procedure(Protocol):
    """A part of a letter, groups of one trigger."""

    def write(self, state: WriteState, root: Element) -> None:
        """Append the groups."""

    def claims(self, occurrence: SegmentGroup, occurrences: Sequence[SegmentGroup]) -> bool:
        """Whether this program reads the group."""

    def read(self, state: ReadState, claimed: Sequence[SegmentGroup], *, occurrences: Sequence[SegmentGroup]) -> None:
        """Read all its groups at once."""


PROCEDURES: Mapping[str, type[Diagnoses] | type[Microbiology]] = {
    "diagnoses": Diagnoses,
    "microbiology": Microbiology,
}
