"""A message as a page that a person can read and print: for clinicians, and for citizens; in Danish and English."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from npn.messages.model.finding import Finding, Severity
from npn.messages.model.interchange import Element, Interchange, Letter
from npn.messages.validation import validate
from npn.messages.views import citizen, clinician
from npn.messages.views.blocks import NoticeBlock, Sheet, ViewPage
from npn.messages.views.reading import LetterReading
from npn.messages.views.unknown import assumed_notice, split, unknown_blocks
from npn.messages.views.words import Words

__all__ = ["Audience", "Language", "view"]

Audience = Literal["clinician", "citizen"]
Language = Literal["da", "en"]
FOLDER = Path(__file__).parent
STEP = re.compile(r"(?:/Emessage)?/?(\w+(?:\[\d+\])?)")
MOST_FAULTS = 5
SIGNS = {"high": "▲", "low": "▼", "abnormal": "◆", "corrected": "✎", "preliminary": "…"}


def view(interchange: Interchange, audience: Audience = "clinician", lang: Language = "da") -> str:
    """Return a whole HTML page: nothing is fetched, no script runs, every value is escaped.

    The clinician's page shows every field of every letter, the patient's CPR number in its header included; the
    citizen's holds plain words, no internal codes and no CPR number.
    """
    words = Words(lang)
    total = len(interchange.letters)
    faults = faults_of(interchange)
    sheets = tuple(
        sheet(interchange, number, audience=audience, words=words, faults=faults.get(number, ()))
        for number in range(total)
    )
    title = kind_of(interchange.letters[0], words) if total else words.say("kind_unknown")
    page = ViewPage(
        title=title if total < 2 else f"{title} ({total})",
        lang=lang,
        audience=audience,
        sheets=sheets,
        notices=tuple(notices(interchange, audience, words=words, faults=faults.get(None, ()))),
        footer=words.say("footer"),
        skip=words.say("skip"),
    )
    return template().render(page=page, style=style(), signs=SIGNS, say=words.say)


def sheet(
    interchange: Interchange, number: int, *, audience: Audience, words: Words, faults: Sequence[Finding]
) -> Sheet:
    """Lay out one letter for its reader; what is wrong with it stands first."""
    letter, unknown = interchange.letters[number], list[Element]()
    if audience == "clinician":
        letter, unknown = split(letter)
    reading = LetterReading(letter, interchange.envelope, words=words)
    heading = words.say("letter_number", number=number + 1, total=len(interchange.letters), kind=kind_of(letter, words))
    page = clinician.sheet(reading, heading) if audience == "clinician" else citizen.sheet(reading, heading)
    if letter.version is None and audience == "clinician":
        title = words.say("unknown_version", version=letter.version_code or "?")
        return Sheet(page.heading, (NoticeBlock(title, "abnormal"), *page.blocks))
    if letter.version is None:
        return page
    above = [banner(faults, audience, words=words)] if faults else []
    notice = assumed_notice(letter, words)
    above += [notice] if notice is not None else []
    return Sheet(page.heading, (*above, *page.blocks, *unknown_blocks(unknown, words)))


def notices(
    interchange: Interchange, audience: Audience, *, words: Words, faults: Sequence[Finding]
) -> list[NoticeBlock]:
    """What holds for the whole file."""
    messages = []
    if faults:
        messages.append(banner(faults, audience, words=words))
    if not interchange.letters:
        messages.append(NoticeBlock(words.say("no_letter"), "abnormal"))
    return messages


def faults_of(interchange: Interchange) -> dict[int | None, list[Finding]]:
    """Return the errors of each letter by its place, from 0; None: of the whole file."""
    faults: dict[int | None, list[Finding]] = {}
    numbers = letter_numbers(interchange)
    for finding in validate(interchange):
        if finding.severity is Severity.ERROR:
            step = STEP.match(finding.place.element or finding.place.path)
            faults.setdefault(numbers.get(step[1]) if step else None, []).append(finding)
    return faults


def letter_numbers(interchange: Interchange) -> dict[str, int]:
    """Return the place of each letter by the name that paths give it: `LaboratoryReport[2]`, or without a number."""
    totals = Counter(letter.root.name for letter in interchange.letters)
    counts: Counter[str] = Counter()
    numbers = {}
    for number, letter in enumerate(interchange.letters):
        name = letter.root.name
        counts[name] += 1
        numbers[name if totals[name] == 1 else f"{name}[{counts[name]}]"] = number
    return numbers


def banner(faults: Sequence[Finding], audience: Audience, *, words: Words) -> NoticeBlock:
    """Return the notice that a letter is not valid; a clinician gets the first errors too."""
    if audience == "citizen":
        return NoticeBlock(words.say("not_valid_citizen"), "abnormal")
    texts = [finding.da if words.lang == "da" else finding.en for finding in faults[:MOST_FAULTS]]
    lines = [text[:1].upper() + text[1:] for text in texts]
    if len(faults) > MOST_FAULTS:
        lines.append(words.say("not_valid_more", count=len(faults) - MOST_FAULTS))
    title = words.say("not_valid_one" if len(faults) == 1 else "not_valid", count=len(faults))
    return NoticeBlock(title, "abnormal", tuple(lines))


def kind_of(letter: Letter, words: Words) -> str:
    """Name the kind of letter."""
    if letter.version is None:
        return words.say("kind_unknown")
    is_foot = letter.version.letter == "DiabeticFootStatus"
    return words.say("kind_XR0130F" if is_foot else f"kind_{letter.version.type}")


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
