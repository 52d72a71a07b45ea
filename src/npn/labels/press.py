"""Printing: pages are set, made into a file's content and read again; nothing is given that was not read.

Long jobs are printed in parts, each in a process apart: a part's memory ends with its process.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Literal

from npn.labels.layout import Layout, PlacedPage
from npn.labels.model import Dpi, Label, LabelDesign, Language
from npn.labels.pictures import joined_pdf, page_picture, pdf_pictures
from npn.labels.readback import check_page
from npn.labels.typesetting import set_pdf, set_png, set_svg
from npn.labels.zpl import check_width, zpl_of

Form = Literal["pdf", "svg", "png", "zpl"]
FORMS: tuple[Form, ...] = ("pdf", "svg", "png", "zpl")
PART = 200  # pages: some 40 MB of a process for a tube's label
_PARTS_OF_PROCESS = 4
_MOST_PROCESSES = 4


@dataclass(frozen=True, slots=True)
class PrintJob:
    """What to print, on what: `dpi` is the printer's."""

    design: LabelDesign
    labels: tuple[Label, ...]
    form: Form = "pdf"
    dpi: Dpi = 300
    language: Language = "da"

    def parts(self) -> Iterator["PrintJob"]:
        """Yield the job in parts that one process may print."""
        for start in range(0, len(self.labels), PART):
            labels = self.labels[start : start + PART]
            yield PrintJob(self.design, labels, self.form, dpi=self.dpi, language=self.language)

    def pages(self) -> list[PlacedPage]:
        """Return the pages. Raises InvalidInputError `label_not_fit`."""
        layouts: dict[int, Layout] = {}
        pages = []
        for label in self.labels:
            digits = len(label.number)
            if digits not in layouts:
                layouts[digits] = Layout(self.design, self.dpi, digits, language=self.language)
            pages.append(layouts[digits].page(label))
        return pages


def print_labels(job: PrintJob) -> list[bytes]:
    """Return the contents of the files: one PDF, one ZPL, or an SVG or PNG a page, each read back.

    Raises InvalidInputError `label_not_fit` where something does not fit, RefusedError `label_unreadable`.
    """
    if job.form == "zpl":
        check_width(job.design.width)
    parts = list(_printed(list(job.parts())))
    if job.form == "pdf":
        return [joined_pdf([part[0] for part in parts])]
    contents = [content for part in parts for content in part]
    return [b"".join(contents)] if job.form == "zpl" else contents


def _printed(parts: Sequence[PrintJob]) -> Iterable[list[bytes]]:
    if len(parts) == 1:
        return [print_part(parts[0])]
    return _in_processes(parts)


def _in_processes(parts: Sequence[PrintJob]) -> Iterator[list[bytes]]:
    processes = min(len(parts), os.cpu_count() or 1, _MOST_PROCESSES)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), max_tasks_per_child=_PARTS_OF_PROCESS) as pool:
        yield from pool.map(print_part, parts)


def print_part(job: PrintJob) -> list[bytes]:
    """Return one part's content, read back: one PDF, else one content a page."""
    pages = job.pages()
    if job.form == "pdf":
        pdf = set_pdf(job.design, pages)
        for picture, page in zip(pdf_pictures(pdf, job.dpi), pages, strict=True):
            check_page(picture, page)
        return [pdf]
    contents = set_svg(job.design, pages) if job.form == "svg" else set_png(job.design, pages)
    if job.form == "zpl":
        contents = [zpl_of(png) for png in contents]
    for content, page in zip(contents, pages, strict=True):
        check_page(page_picture(content, job.form, page), page)
    return contents
