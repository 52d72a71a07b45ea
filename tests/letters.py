"""The outbox as tests read it, and the private links in its letters."""

import re
from dataclasses import dataclass

from npn.mail import store
from npn.wiring.service import Service

_LINK = re.compile(r"/(?:case|key|step|contacts|apply/confirm|setup/mail)/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


@dataclass(frozen=True)
class Written:
    """A letter that waits in the outbox."""

    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """The secret of its private link."""
        found = _LINK.search(self.text)
        assert found, self.text
        return found[1]


def letters(service: Service, to: str = "") -> list[Written]:
    """Return what is in the outbox, oldest first; to one address where it is given."""
    with service.database.read() as connection:
        found = store.newest(connection, state=None, limit=1000)
    made = [Written(x.to, f"[{x.thread}] {x.subject}" if x.thread else x.subject, x.text) for x in reversed(found)]
    return [letter for letter in made if not to or letter.to == to]


def the_last(service: Service, word: str) -> Written:
    """Return the newest letter that has the word in its subject or its text."""
    found = [each for each in letters(service) if word in each.subject or word in each.text]
    assert found, (word, [each.subject for each in letters(service)])
    return found[-1]
