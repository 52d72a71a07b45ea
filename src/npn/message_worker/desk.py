"""The page of a file: what it is, findings beside the source, both views, the other syntax, its numbers."""

import hashlib
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import jinja2

from npn.message_worker.options import check_of, is_set, one_of, schemes_of
from npn.message_worker.reply import HTML, Reply
from npn.message_worker.samples import sample
from npn.message_worker.source import folds_of, rows_of
from npn.message_worker.words import FOLDER, DeskWords
from npn.messages import Conversion, Finding, Interchange, Syntax, convert, read_all, view
from npn.messages.documents import party
from npn.messages.model.number_forms import descriptions_of
from npn.messages.model.persons import PersonMask
from npn.messages.verdicts import Verdict, verdict_of
from npn.messages.views import kind_of
from npn.messages.views.words import Words
from npn.numbers.scheme import NumberScheme

MAX_FILES = 10
MAX_LETTERS = 50
MAX_FINDINGS = 200  # of one severity
MAX_VIEW = 300_000
MAX_OTHER = 48 * 1024
SEVERITIES = ("error", "warning", "info")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DeskFile:
    """A file as the page has it: its name and number, what was read, and what was found."""

    name: str
    number: int
    interchanges: tuple[Interchange, ...]
    findings: tuple[Finding, ...]
    mask: PersonMask

    @property
    def id(self) -> str:
        """Return what the addresses of its parts begin with."""
        return f"f{self.number}"

    @property
    def errors(self) -> int:
        """Return how many errors there are."""
        return sum(finding.severity.value == "error" for finding in self.findings)

    @property
    def verdict(self) -> Verdict:
        """Return what can be said of the file as a whole."""
        return verdict_of(self.findings)

    @property
    def letters(self) -> int:
        """Return how many messages there are."""
        return sum(len(interchange.letters) for interchange in self.interchanges)

    @property
    def other(self) -> Syntax:
        """Return the syntax that it does not have."""
        return Syntax.EDIFACT if self.interchanges[0].syntax is Syntax.XML else Syntax.XML


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as the page has it: its number, its words, and the row that it points at."""

    number: int
    rule: str
    text: str
    where: str
    row: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one severity: how many there are, and those that are shown."""

    severity: str
    total: int
    lines: Sequence[FindingLine]

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.total - len(self.lines)


def desk(options: Mapping[str, str], parts: Sequence[bytes]) -> Reply:
    """Make the page of each file; `names` are theirs, one a line. `sample`: of a file of ours instead."""
    lang = one_of(options, "lang", ("da", "en"))
    if options.get("sample"):
        name, data = sample(options["sample"])
        files = [(name, data)]
    else:
        names = options.get("names", "").split("\n")
        files = list(zip(names, parts, strict=False))[:MAX_FILES]
    pages, styles = [], set[str]()
    for number, (name, data) in enumerate(files, 1):
        file = _read(name, number, data, options=options)
        page, hashes = _page(file, options, data, words=DeskWords(lang))
        pages.append(page.encode("utf-8", "replace"))
        styles |= hashes
    sent = [data for _, data in files] if options.get("sample") else []
    notes = {"styles": " ".join(sorted(styles)), "names": "\n".join(name for name, _ in files), "pages": len(pages)}
    return Reply(HTML, (*pages, *sent), notes)


def _read(name: str, number: int, data: bytes, *, options: Mapping[str, str]) -> DeskFile:
    interchanges, check = read_all(data), check_of(options)
    findings = tuple(finding for interchange in interchanges for finding in check(interchange))
    mask = PersonMask(interchanges, shows_all=is_set(options, "show_persons"))
    return DeskFile(name, number, interchanges, findings, mask)


def _page(file: DeskFile, options: Mapping[str, str], data: bytes, *, words: DeskWords) -> tuple[str, set[str]]:
    views = {audience: _view(file, audience, words=words) for audience in ("clinician", "citizen")}
    rows = rows_of(_decoded(data), file.interchanges[0].syntax, file.findings)
    by_number = {number: row.id for row in rows for _, number, _ in row.marks}
    conversion = convert(file.interchanges[0], file.other)
    groups = _groups(file, by_number, words=words)
    text = _template().render(
        file=file,
        say=words.say,
        lang=words.lang,
        letters=_letters(file, Words(words.lang)),
        more_letters=max(0, file.letters - MAX_LETTERS),
        groups=groups,
        shown={line.number for group in groups for line in group.lines},
        findings=file.findings,
        folds=folds_of(rows),
        syntax=file.interchanges[0].syntax,
        views={name: page for name, (page, _) in views.items()},
        conversion=conversion,
        losses=_lines(conversion.losses, file, words=words),
        other=_other(conversion, file),
        numbers=_numbers(file, schemes_of(options), words=words),
        is_masked=not is_set(options, "show_persons"),
    )
    return text, {style for _, style in views.values() if style}


def _decoded(data: bytes) -> str:
    """Return the source as people read it; every byte has its character, so that columns stay."""
    head = data[:200].lower()
    if b"<" in data[:10] and b"utf-8" in head:
        return data.decode("utf-8", "replace")
    return data.decode("iso-8859-1")


def _letters(file: DeskFile, views: Words) -> list[Mapping[str, object]]:
    letters = [(interchange, letter) for interchange in file.interchanges for letter in interchange.letters]
    return [
        {
            "type": letter.type_code or "?",
            "code": letter.version_code or "?",
            "title": kind_of(letter, views) if letter.version else "",
            "identifier": letter.identifier,
            "sender": ", ".join(filter(None, party(letter, "Sender").values())),
            "receiver": ", ".join(filter(None, party(letter, "Receiver").values())),
        }
        for _, letter in letters[:MAX_LETTERS]
    ]


def _numbers(file: DeskFile, schemes: tuple[NumberScheme, ...], *, words: DeskWords) -> list[Mapping[str, object]]:
    letters = [(interchange.envelope, letter) for interchange in file.interchanges for letter in interchange.letters]
    return [
        {
            "letter": at,
            "number": sample.number,
            "role": sample.role,
            "is_flagged": sample.flagged,
            "looks_like": description.words.da if words.lang == "da" else description.words.en,
        }
        for at, (envelope, letter) in enumerate(letters[:MAX_LETTERS], 1)
        for sample, description in descriptions_of(letter, envelope, schemes=schemes)
    ]


def _groups(file: DeskFile, by_number: Mapping[int, str], *, words: DeskWords) -> list[FindingGroup]:
    lines: dict[str, list[FindingLine]] = defaultdict(list)
    totals: dict[str, int] = defaultdict(int)
    for number, finding in enumerate(file.findings, 1):
        severity = finding.severity.value
        totals[severity] += 1
        if totals[severity] <= MAX_FINDINGS:
            lines[severity].append(_line(number, finding, by_number.get(number, ""), file=file, words=words))
    return [FindingGroup(name, totals[name], lines[name]) for name in SEVERITIES if totals[name]]


def _lines(findings: Sequence[Finding], file: DeskFile, *, words: DeskWords) -> list[FindingLine]:
    return [_line(0, finding, "", file=file, words=words) for finding in findings[:MAX_FINDINGS]]


def _line(number: int, finding: Finding, row: str, *, file: DeskFile, words: DeskWords) -> FindingLine:
    place = finding.place
    where = [
        words.say(name, **{name: value})
        for name, value in (("line", place.line), ("column", place.column), ("segment", place.segment))
        if value is not None
    ]
    if place.path:
        where.append(place.path)
    text = finding.da if words.lang == "da" else finding.en
    return FindingLine(number, finding.rule, file.mask(text), ", ".join(where) or words.say("no_place"), row)


def _view(file: DeskFile, audience: str, *, words: DeskWords) -> tuple[str, str]:
    """Return a whole page as it is shown in a frame, and the hash of its style; empty where there is none."""
    if not file.letters:
        return "", ""
    page = view(
        file.interchanges[0],
        "citizen" if audience == "citizen" else "clinician",
        "en" if words.lang == "en" else "da",
    )
    style = _STYLE.search(page)
    if len(page) > MAX_VIEW or style is None:
        return "", ""
    digest = hashlib.sha256(style[1].encode()).digest()
    before, after = page[: style.end()], page[style.end() :]
    return before + file.mask(after), _base64(digest)


def _base64(digest: bytes) -> str:
    return f"'sha256-{b64encode(digest).decode()}'"


def _other(conversion: Conversion, file: DeskFile) -> Mapping[str, object]:
    data = conversion.data or b""
    encoding = "iso-8859-1" if file.other is Syntax.EDIFACT or b"ISO-8859-1" in data[:100] else "utf-8"
    text = file.mask(data[:MAX_OTHER].decode(encoding, "replace"))
    if file.other is Syntax.EDIFACT and "\n" not in text[:1000]:
        text = re.sub(r"(?<!\?)'(?=.)", "'\n", text)
    return {"text": text, "is_cut": len(data) > MAX_OTHER}


@cache
def _template() -> jinja2.Template:
    return environment().get_template("desk.html.j2")


@cache
def environment() -> jinja2.Environment:
    """Return the environment of the templates: every value escaped, an unknown name an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
