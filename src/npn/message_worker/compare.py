"""The page of two messages compared field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from npn.message_worker.desk import environment
from npn.message_worker.options import is_set, one_of
from npn.message_worker.reply import HTML, Reply
from npn.message_worker.samples import sample
from npn.message_worker.words import DeskWords
from npn.messages import Interchange, comparison, read_all
from npn.messages.documents import compared
from npn.messages.model.persons import PersonMask

MAX_LETTERS = 50
MAX_DIFFERENCES = 300  # of two letters
SAMPLES = ("requisition", "answer-edifact")


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One of the two files: its letter on the page, its name, and what was read."""

    side: str
    name: str
    interchanges: Sequence[Interchange]

    @property
    def letters(self) -> int:
        """Return how many messages there are."""
        return sum(len(interchange.letters) for interchange in self.interchanges)

    @property
    def errors(self) -> int:
        """Return how many errors there were when it was read."""
        findings = (finding for interchange in self.interchanges for finding in interchange.findings)
        return sum(finding.severity.value == "error" for finding in findings)


def compare(options: Mapping[str, str], parts: Sequence[bytes]) -> Reply:
    """Make the page of two files; `names` are theirs, one a line. `sample`: of two of ours instead."""
    words = DeskWords(one_of(options, "lang", ("da", "en")))
    if is_set(options, "sample"):
        files = [sample(name) for name in SAMPLES]
    else:
        files = list(zip(options.get("names", "").split("\n"), parts, strict=False))
    sides = [ComparedFile(side, name, read_all(data)) for side, (name, data) in zip("AB", files, strict=True)]
    mask = PersonMask(
        [interchange for side in sides for interchange in side.interchanges], shows_all=is_set(options, "show_persons")
    )
    document = compared(comparison.compare(*(side.interchanges for side in sides)), mask)
    page = (
        environment()
        .get_template("compare.html.j2")
        .render(
            sides=sides,
            document=document,
            say=words.say,
            lang=words.lang,
            most=MAX_DIFFERENCES,
            most_letters=MAX_LETTERS,
        )
    )
    return Reply(HTML, (page.encode("utf-8", "replace"),))
