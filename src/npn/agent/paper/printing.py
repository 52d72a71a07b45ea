"""Printing from the pool: the journal first, then the file, then the journal again."""

from pathlib import Path

from npn.agent.paper.journal import Journal
from npn.agent.paper.model import PaperOrder
from npn.errors import InvalidInputError, codes
from npn.labels.content import label_of
from npn.labels.files import write_files
from npn.labels.layout import Layout
from npn.labels.model import Dpi, Label, LabelDesign, Language
from npn.labels.press import Form, PrintJob, print_labels
from npn.labels.zpl import check_width


class Printer:
    """One design on one printer: prints new numbers, and copies of printed ones."""

    def __init__(self, journal: Journal, design: LabelDesign, *, dpi: Dpi, language: Language, form: Form) -> None:
        """Take what to print on. Raises InvalidInputError where the design can't say of a copy that it is one."""
        if not design.can_be_copied:
            raise InvalidInputError(
                f"{design.name} has no zone for the mark of a copy, so it can't be printed ahead",
                code=codes.LABEL_DESIGN_INVALID,
                field="design",
                hint="add [[face.copies]] to it, or use a design of `npn label designs`",
            )
        if form == "zpl":
            check_width(design.width)
        self._journal = journal
        self._design = design
        self._dpi: Dpi = dpi
        self._language: Language = language
        self._form: Form = form

    def check_fits(self, digits: int) -> None:
        """Refuse before anything is taken what could not be printed after. Raises InvalidInputError `label_not_fit`."""
        Layout(self._design, self._dpi, digits, language=self._language)

    def print_new(self, numbers: list[str], output: Path, *, by: str, place: str) -> tuple[int, list[Path]]:
        """Print numbers that have left the pool; return the job and its files.

        Whatever stops after the first step leaves them reserved in the journal, where they count as printed.
        """
        order = PaperOrder(
            design=self._design.name,
            dpi=self._dpi,
            language=self._language,
            file=str(output),
            by=by,
            place=place,
        )
        job = self._journal.reserve(order, numbers)
        paths = self._write([label_of(number) for number in numbers], output)
        self._journal.finish(job, by)
        return job, paths

    def print_copies(self, numbers: list[str], output: Path) -> list[Path]:
        """Print numbers again, each label with the mark of a copy; return the files."""
        return self._write([Label(number=number, is_copy=True) for number in numbers], output)

    def _write(self, labels: list[Label], output: Path) -> list[Path]:
        job = PrintJob(self._design, tuple(labels), self._form, dpi=self._dpi, language=self._language)
        return write_files(output, print_labels(job))
