"""What can be downloaded of a message: each page, the message in the other syntax, the report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from npn.errors import InvalidInputError, codes
from npn.http.answers import Answer
from npn.message_jobs.model import MessageJob
from npn.web.answers import download
from npn.web.forms import Form
from npn.web.pages.messages.desk import OPTIONS, chosen, done, refused_to_public
from npn.web.pages.messages.sealed_files import MAX_SEALED_BYTES, open_file
from npn.web.routes import post
from npn.web.rules import public
from npn.web.sending import expired
from npn.web.texts import _
from npn.web.visit import Visit

_LARGEST = 2 * MAX_SEALED_BYTES + 65_536
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class DownloadKind:
    """A kind of download: the work, its options, and what its name ends with."""

    kind: str
    options: Mapping[str, str]
    suffix: str


KINDS: Mapping[str, DownloadKind] = {
    "clinician": DownloadKind("view", {"for": "clinician"}, "-clinician.html"),
    "citizen": DownloadKind("view", {"for": "citizen"}, "-citizen.html"),
    "xml": DownloadKind("convert", {"to": "xml", "force": "true"}, ".xml"),
    "edifact": DownloadKind("convert", {"to": "edifact", "force": "true"}, ".edi"),
    "html": DownloadKind("report", {"format": "html"}, "-report.html"),
    "pdf": DownloadKind("report", {"format": "pdf"}, "-report.pdf"),
    "json": DownloadKind("report", {"format": "json"}, "-report.json"),
    "csv": DownloadKind("report", {"format": "csv"}, "-report.csv"),
    "junit": DownloadKind("report", {"format": "junit"}, "-report.junit.xml"),
}


@post("/messages/download", public(), largest=_LARGEST, again=False, page="/messages")
async def download_part(visit: Visit) -> Answer:
    """Return what was asked for of the file that the form carries."""
    refusal = refused_to_public(visit)
    if refusal is not None:
        return refusal
    kind = KINDS.get(visit.sent.get("what", ""))
    file = await visit.read(
        open_file, visit.services.database, visit.sent.get("file", ""), at=visit.services.ledger.clock()
    )
    if kind is None or file is None:
        raise expired()
    form = Form.of(OPTIONS).read(visit.sent, visit.texts)
    settled = chosen(visit, form)
    mask = "false" if settled["show_persons"] == "true" else "true"
    options = {**settled, "mask": mask, "name": file.name, **kind.options}
    result = await done(visit, MessageJob(kind.kind, options, (file.content,)))
    if kind.kind == "convert" and len(result.parts) == 1:
        raise InvalidInputError(
            _("The message can't be written in the other syntax."), code=codes.MESSAGE_NOT_CONVERTED
        )
    return download(result.parts[-1], name=_name(file.name) + kind.suffix, media_type=result.media_type)


def _name(name: str) -> str:
    """Return a file's name as a header may carry it, without its ending."""
    stem = name.rpartition(".")[0] or name
    return _UNFIT.sub("-", stem).strip("-.")[:60] or "message"
