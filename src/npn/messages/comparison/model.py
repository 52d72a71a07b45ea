"""What a comparison of two messages gives."""

from dataclasses import dataclass
from enum import StrEnum

from npn.messages.model.finding import Place, Text
from npn.messages.model.interchange import Letter


class Relation(StrEnum):
    """How a field of one message stands to the same field of the other."""

    CHANGED = "changed"
    LAYOUT = "layout"  # the same words with other breaks, blanks or emphasis
    ORDER = "order"
    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"


MIRRORED = {Relation.ONLY_FIRST: Relation.ONLY_SECOND, Relation.ONLY_SECOND: Relation.ONLY_FIRST}


class Basis(StrEnum):
    """What two letters are compared by."""

    FIELDS = "fields"  # every field
    REQUISITION = "requisition"  # a requisition and its answer: what both of them state
    NOTHING = "nothing"  # one of them could not be read, so nothing is known of it


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that is not alike in both.

    path                         below the letter, by the names of the XML form
    what                         the field in words, with the result or sample that it belongs to
    first, second                its text in each; empty where it is not there
    first_place, second_place    where it stands; None where it is not there
    """

    relation: Relation
    path: str
    what: Text
    first: str
    second: str
    first_place: Place | None
    second_place: Place | None


@dataclass(frozen=True, slots=True)
class LetterComparison:
    """Two letters that belong together, or one that has no partner.

    alike  how many fields are alike
    """

    first: Letter | None
    second: Letter | None
    basis: Basis
    alike: int
    differences: tuple[FieldDifference, ...]

    @property
    def differs(self) -> bool:
        """Whether anything is not alike, or not known to be."""
        return self.first is None or self.second is None or self.basis is Basis.NOTHING or bool(self.differences)


@dataclass(frozen=True, slots=True)
class MessageComparison:
    """Two files compared.

    envelope  differences of the envelopes, each of which its sender writes: they do not count
    """

    letters: tuple[LetterComparison, ...]
    envelope: tuple[FieldDifference, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the messages differ in anything but their envelopes; two files without a letter are not alike."""
        return not self.letters or any(letter.differs for letter in self.letters)

    @property
    def alike(self) -> int:
        """Return how many fields are alike."""
        return sum(letter.alike for letter in self.letters)
