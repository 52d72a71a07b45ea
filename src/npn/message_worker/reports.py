"""Reports to keep: the findings of a file as JSON, JUnit's XML, CSV, a page, or a PDF."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import typst

from npn.errors import InvalidInputError, codes, details
from npn.message_worker.desk import environment
from npn.message_worker.options import check_of, is_set, one_of
from npn.message_worker.reply import HTML, JSON, XML, Reply
from npn.message_worker.words import FOLDER, DeskWords
from npn.messages import Finding, read_all
from npn.messages.documents import plain
from npn.messages.junit import junit_report
from npn.messages.model.persons import PersonMask
from npn.messages.verdicts import Verdict, verdict_of

BOM = b"\xef\xbb\xbf"  # by which a spreadsheet knows UTF-8
MAX_PDF_FINDINGS = 2_000
COLUMNS = ("severity", "rule", "line", "column", "segment", "path", "text")


@dataclass(frozen=True, slots=True)
class ReportedFile:
    """A file as a report has it: its name, its findings with nobody's number in them, and the words of the report."""

    name: str
    findings: Sequence[Finding]
    words: DeskWords
    mask: PersonMask

    @property
    def errors(self) -> int:
        """Return how many errors there are."""
        return sum(finding.severity.value == "error" for finding in self.findings)

    @property
    def verdict(self) -> Verdict:
        """Return what can be said of the file as a whole."""
        return verdict_of(self.findings)

    @property
    def verdict_text(self) -> str:
        """Return the verdict in words."""
        return (
            self.words.say("verdict_errors", count=self.errors)
            if self.errors
            else self.words.say(f"verdict_{self.verdict}")
        )

    def rows(self) -> list[list[str]]:
        """Return a row for each finding, in the order of the columns."""
        return [
            [
                self.words.say(f"one_{finding.severity.value}"),
                finding.rule,
                *("" if value is None else str(value) for value in _numbers(finding)),
                finding.place.path,
                self.mask(finding.da if self.words.lang == "da" else finding.en),
            ]
            for finding in self.findings
        ]


def report(options: Mapping[str, str], parts: Sequence[bytes]) -> Reply:
    """Make the report of a file, in the form that `format` names."""
    form = one_of(options, "format", tuple(FORMS))
    interchanges, check = read_all(parts[0]), check_of(options)
    findings = [finding for interchange in interchanges for finding in check(interchange)]
    words = DeskWords(one_of(options, "lang", ("da", "en")))
    mask = PersonMask(interchanges, shows_all=is_set(options, "show_persons"))
    return FORMS[form](ReportedFile(options.get("name", "") or "-", findings, words, mask))


def _numbers(finding: Finding) -> tuple[int | None, ...]:
    return finding.place.line, finding.place.column, finding.place.segment


def _document(file: ReportedFile) -> dict[str, object]:
    verdict = file.verdict
    return {
        "valid": verdict is Verdict.VALID,
        "verdict": verdict.value,
        "findings": [plain(finding) for finding in file.findings],
    }


def _json(file: ReportedFile) -> Reply:
    text = json.dumps({"file": file.name, **_document(file)}, ensure_ascii=False, indent=2)
    return Reply(JSON, (file.mask(text).encode(),))


def _junit(file: ReportedFile) -> Reply:
    return Reply(XML, (junit_report({file.name: _document(file)}, file.words.lang),))


def _csv(file: ReportedFile) -> Reply:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(file.words.say(f"column_{name}") for name in COLUMNS)
    writer.writerows([_no_formula(cell) for cell in row] for row in file.rows())
    return Reply("text/csv; charset=utf-8", (BOM + text.getvalue().encode("utf-8", "replace"),))


def _no_formula(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _html(file: ReportedFile) -> Reply:
    page = (
        environment()
        .get_template("report.html.j2")
        .render(file=file, say=file.words.say, lang=file.words.lang, columns=COLUMNS)
    )
    return Reply(HTML, (page.encode("utf-8", "replace"),))


def _pdf(file: ReportedFile) -> Reply:
    if len(file.findings) > MAX_PDF_FINDINGS:
        raise InvalidInputError(details.REPORT_TOO_LONG.of(most=MAX_PDF_FINDINGS), code=codes.MESSAGE_NOT_FIT)
    say = file.words.say
    content = {
        "lang": file.words.lang,
        "title": say("report_title", name=file.name),
        "verdict": file.verdict_text,
        "footer": say("report_made"),
        "head": [say(f"column_{name}") for name in COLUMNS],
        "rows": [[_printable(cell) for cell in row] for row in file.rows()],
    }
    document = typst.compile(
        (FOLDER / "report.typ").read_bytes(),
        format="pdf",
        sys_inputs={"report": json.dumps(content, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    if not isinstance(document, bytes):
        raise TypeError("the PDF came in pieces")
    return Reply("application/pdf", (document,))


def _printable(text: str) -> str:
    """Leave out what has no glyph, and let long words break."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


FORMS: Mapping[str, Callable[[ReportedFile], Reply]] = {
    "html": _html,
    "pdf": _pdf,
    "json": _json,
    "csv": _csv,
    "junit": _junit,
}
