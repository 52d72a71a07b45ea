"""A message as a page that a person can read and print: for clinicians, and for citizens; in Danish and English."""

from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from npn.messages.model.finding import Severity
from npn.messages.model.interchange import Interchange, Letter
from npn.messages.views import citizen, clinician
from npn.messages.views.blocks import NoticeBlock, Sheet, ViewPage
from npn.messages.views.reading import LetterReading
from npn.messages.views.words import Words

__all__ = ["Audience", "Language", "view"]

Audience = Literal["clinician", "citizen"]
Language = Literal["da", "en"]
FOLDER = Path(__file__).parent
SIGNS = {"high": "▲", "low": "▼", "abnormal": "◆", "corrected": "✎", "preliminary": "…"}


def view(interchange: Interchange, audience: Audience = "clinician", lang: Language = "da") -> str:
    """Return a whole HTML page: nothing is fetched, no script runs, every value is escaped.

    The clinician's page shows every field of every letter, the patient's CPR number in its header included; the
    citizen's holds plain words, no internal codes and no CPR number.
    """
    words = Words(lang)
    total = len(interchange.letters)
    sheets = tuple(sheet(interchange, number, audience=audience, words=words) for number in range(total))
    title = kind_of(interchange.letters[0], words) if total else words.say("kind_unknown")
    page = ViewPage(
        title=title if total < 2 else f"{title} ({total})",
        lang=lang,
        audience=audience,
        sheets=sheets,
        notices=tuple(notices(interchange, audience, words=words)),
        footer=words.say("footer"),
        skip=words.say("skip"),
    )
    return template().render(page=page, style=style(), signs=SIGNS, say=words.say)


def sheet(interchange: Interchange, number: int, *, audience: Audience, words: Words) -> Sheet:
    """Lay out one letter for its reader."""
    letter = interchange.letters[number]
    reading = LetterReading(letter, interchange.envelope, words=words)
    heading = words.say("letter_number", number=number + 1, total=len(interchange.letters), kind=kind_of(letter, words))
    page = clinician.sheet(reading, heading) if audience == "clinician" else citizen.sheet(reading, heading)
    if letter.version is None and audience == "clinician":
        title = words.say("unknown_version", version=letter.version_code or "?")
        return Sheet(page.heading, (NoticeBlock(title, "abnormal"), *page.blocks))
    return page


def notices(interchange: Interchange, audience: Audience, *, words: Words) -> list[NoticeBlock]:
    """What holds for the whole file."""
    errors = sum(finding.severity is Severity.ERROR for finding in interchange.findings)
    messages = []
    if errors and audience == "clinician":
        messages.append(NoticeBlock(words.say("has_findings", count=errors), "abnormal"))
    if not interchange.letters:
        messages.append(NoticeBlock(words.say("no_letter"), "abnormal"))
    return messages


def kind_of(letter: Letter, words: Words) -> str:
    """Name the kind of letter."""
    if letter.version is None:
        return words.say("kind_unknown")
    code = letter.version.code
    return words.say("kind_XR0130F" if code == "XR0130F" else f"kind_{letter.version.type}")


@cache
def template() -> Template:
    """Read the page's template once."""
    loader = FileSystemLoader(FOLDER)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.get_template("page.html.j2")


@cache
def style() -> Markup:
    """Read the page's style once; it is ours, and holds no value of a message."""
    return Markup((FOLDER / "page.css").read_text("utf-8"))  # noqa: S704  # the platform's own file
