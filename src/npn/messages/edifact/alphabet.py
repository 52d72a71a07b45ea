"""The service characters of an interchange: the six that UNA names, or the defaults."""

from dataclasses import dataclass
from typing import Self

NO_RELEASE = " "
UNA_LENGTH = 9
CONTROL_CODES = (*range(0x20), *range(0x7F, 0xA0))


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The service characters in the order of UNA; a blank as `release`: no character is released."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    reserved: str = " "
    terminator: str = "'"

    @classmethod
    def of_una(cls, una: str) -> Self | None:
        """Read the nine characters `UNA:+.? '`; None when they can't serve (repeated, or part of a word)."""
        if len(una) != UNA_LENGTH or not una.startswith("UNA"):
            return None
        alphabet = cls(*una[3:])
        working = [alphabet.component, alphabet.element, alphabet.terminator]
        if alphabet.release != NO_RELEASE:
            working.append(alphabet.release)
        usable = len(set(working)) == len(working) and not any(c.isalnum() or c in " \t\x00" for c in working)
        return alphabet if usable else None

    @property
    def una(self) -> str:
        """The nine characters of the UNA."""
        return f"UNA{self.component}{self.element}{self.decimal}{self.release}{self.reserved}{self.terminator}"

    @property
    def needing_release(self) -> str:
        """The characters that need releasing in data; the release character itself comes first."""
        release = "" if self.release == NO_RELEASE else self.release
        return release + self.component + self.element + self.terminator

    @property
    def control_characters(self) -> str:
        """The control characters that have no service to do, each escaped for a character class."""
        service = {self.component, self.element, self.decimal, self.release, self.terminator}
        return "".join(f"\\x{code:02x}" for code in CONTROL_CODES if chr(code) not in service)


DEFAULT = Alphabet()
