"""What a connected system should be told without asking: in `GET /v1/me`, and on its page.

Rooms above this one have something to say (stock, transport, agreements); the wiring puts them in a row. A notice is
its kind and values: programs are told the kind's own sentence, in English, and pages say theirs in either language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from npn.bilingual import BilingualText, FilledText
from npn.systems.model import ConnectedSystem


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """What one notice says: `program` to the system itself, `page` to people. Several kinds may share a code."""

    code: str
    program: str
    page: BilingualText

    def of(self, *, by: date | None = None, **values: object) -> "Notice":
        """Make one. `by`: the day until which something must be done."""
        return Notice(self, values, by)


NOTICES: list[NoticeKind] = []


def declare_notice(code: str, *, program: str, en: str, da: str) -> NoticeKind:
    """Enter a kind of notice; a test holds each to have all its texts, with the same values in both languages."""
    kind = NoticeKind(code, program, BilingualText(en, da))
    NOTICES.append(kind)
    return kind


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know. `by`: the day until which something must be done, or None."""

    kind: NoticeKind
    values: Mapping[str, object] = field(default_factory=dict)
    by: date | None = None

    @property
    def code(self) -> str:
        """Return the code of its kind."""
        return self.kind.code

    @property
    def text(self) -> str:
        """Return what a program is told, in English."""
        return BilingualText(self.kind.program, "").of(**self.values).plain

    def said_in(self, language: str) -> str:
        """Return what a page says."""
        return FilledText(self.kind.page, self.values).sentence(language)


class Speaker(Protocol):
    """A room that has something to say to a system."""

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return what it has to say now, the most pressing first; nothing where all is well."""
