"""Messages in the browser: pasted, dropped or chosen, read in a process apart, shown, and forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from npn.errors import InvalidInputError, NotFoundError
from npn.http.answers import Answer
from npn.http.message_access import requester_of, require_secure
from npn.message_jobs.model import MAX_MESSAGE_BYTES, JobResult, MessageJob
from npn.web.addresses import here, with_next
from npn.web.answers import POLICY
from npn.web.forms import Choice, Field, Form
from npn.web.pages.messages.sealed_files import MAX_SEALED_BYTES, seal_file
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit

MAX_FILES = 10
FILES = "files"
OPTIONS = (
    Field(
        "rules",
        _("Rules"),
        required=False,
        largest=400,
        hint=_("Rule ids, prefixes or patterns, separated by commas. Leave it empty for all."),
    ),
    Field(
        "limit",
        _("The receiver's limit"),
        kind="number",
        required=False,
        hint=_("Maximum number of results per message that the receiver accepts."),
    ),
    Field(
        "scheme",
        _("Number scheme"),
        kind="select",
        required=False,
        choices=(Choice("npn10", _("National, 10 digits")), Choice("npn14", _("National, 14 digits"))),
    ),
    Field("show_persons", _("Show CPR numbers"), kind="checkbox", required=False),
)
FIELDS = (
    Field("text", _("Paste a message"), kind="textarea", required=False, largest=MAX_MESSAGE_BYTES),
    *OPTIONS,
)
SAMPLES = (
    ("answer-edifact", _("An answer in EDIFACT")),
    ("answer-xml", _("An answer in XML")),
    ("requisition", _("A requisition")),
    ("microbiology", _("A microbiology answer")),
    ("faulty", _("An answer with errors")),
    ("wrong-encoding", _("An answer in the wrong encoding")),
)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A file of the page: its name, what the worker made of it, and itself, sealed; empty where it is too large."""

    number: int
    name: str
    page: Markup
    sealed: str


@get("/messages", public())
async def show_desk(visit: Visit) -> Answer:
    """Ask for messages."""
    refusal = refused_to_public(visit)
    return refusal or await _page(visit, Form.of(FIELDS), ())


@post("/messages", public(), largest=MAX_MESSAGE_BYTES + 65_536, files=True, again=False)
async def read_messages(visit: Visit) -> Answer:
    """Show what the messages are, and what is wrong with them."""
    refusal = refused_to_public(visit)
    if refusal is not None:
        return refusal
    form = Form.of(FIELDS).read(visit.sent, visit.texts)
    files = _files(visit, form)
    if not files and not form.errors:
        form.errors["text"] = _("Paste a message, or choose a file.")
    if form.errors:
        return await _page(visit, form, ())
    names = "\n".join(name for name, _ in files)
    job = MessageJob("desk", {**chosen(visit, form), "names": names}, [data for _, data in files])
    return await _shown(visit, form, job)


@get("/messages/samples/{sample}", public())
async def show_sample(visit: Visit) -> Answer:
    """Show a message of ours."""
    form = Form.of(FIELDS)
    refusal = refused_to_public(visit)
    return refusal or await _shown(
        visit, form, MessageJob("desk", {**chosen(visit, form), "sample": visit.arguments["sample"]})
    )


def refused_to_public(visit: Visit) -> Answer | None:
    """Lead to the sign-in where only those with an account may come. Raises RefusedError over plain HTTP."""
    require_secure(visit.request.scope)
    if visit.services.settings.messages_public or visit.person_or_none is not None:
        return None
    return visit.see_other(with_next("/sign-in", here(visit.request.scope)))


async def done(visit: Visit, job: MessageJob) -> JobResult:
    """Have a job done at the visitor's rate."""
    person = visit.person_or_none
    jobs = visit.services.message_jobs
    with jobs.admission.admitted(requester_of(visit.request.scope, None if person is None else person.called)):
        return await jobs.run(job)


def chosen(visit: Visit, form: Form) -> Mapping[str, str]:
    """Return the options of a form as a worker takes them: only those that were given."""
    options = {
        "lang": visit.language,
        "rules": form["rules"],
        "limit": form["limit"],
        "scheme": form["scheme"],
        "show_persons": "true" if form["show_persons"] == "yes" else "false",
    }
    return {name: value for name, value in options.items() if value}


def with_style(answer: Answer, styles: str = "") -> Answer:
    """Allow the script of these pages, and the styles of the views that are shown in frames."""
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' {styles}".rstrip())
    headers = (*answer.headers, ("Content-Security-Policy", f"{policy}; script-src 'self'"))
    return Answer(answer.body, answer.status, answer.media_type, headers)


def _files(visit: Visit, form: Form) -> Sequence[tuple[str, bytes]]:
    """Return names and contents: the files that were chosen, then what was pasted."""
    files = [(file_name(file.name), file.content) for file in visit.uploads if file.field == FILES]
    text = form["text"]
    if text.strip():
        files.append((visit.text(_("Pasted message")), message_bytes(text)))
    return files[:MAX_FILES]


def file_name(name: str) -> str:
    """Return a file's name on one line, without folders, and not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:120] or "-"


def message_bytes(text: str) -> bytes:
    """Return a pasted text as the bytes of a message; nothing where nothing was pasted."""
    return text.replace("\r\n", "\n").encode("iso-8859-1" if _is_latin(text) else "utf-8") if text.strip() else b""


def _is_latin(text: str) -> bool:
    """Whether a pasted text is to be read as most messages are written: without a declaration of another encoding."""
    declares_utf8 = "utf-8" in text[:200].lower()
    return not declares_utf8 and all(ord(character) < 256 for character in text)


async def _shown(visit: Visit, form: Form, job: MessageJob) -> Answer:
    try:
        result = await done(visit, job)
    except InvalidInputError as error:
        if error.field == "sample":
            raise NotFoundError("there is no such sample") from error
        if error.field not in form.fields:
            raise
        visit.blame(form, error)
        return await _page(visit, form, ())
    count = int(result.notes["pages"])
    contents = job.parts or result.parts[count:]
    names = result.notes["names"].split("\n")
    pages = [
        DeskPage(number, name, Markup(page.decode()), await visit.read(_sealed, visit, name, bytes(content)))  # noqa: S704  # escaped by the worker's templates
        for number, (name, page, content) in enumerate(zip(names, result.parts, contents, strict=False), 1)
    ]
    return await _page(visit, form, pages, styles=result.notes["styles"])


def _sealed(visit: Visit, name: str, content: bytes) -> str:
    if len(content) > MAX_SEALED_BYTES:
        return ""
    return seal_file(visit.services.database, name, content, at=visit.services.ledger.clock())


async def _page(visit: Visit, form: Form, pages: Sequence[DeskPage], *, styles: str = "") -> Answer:
    answer = await visit.page(
        "messages/desk.html",
        form=form,
        pages=pages,
        samples=SAMPLES,
        megabytes=MAX_MESSAGE_BYTES >> 20,
        kilobytes=MAX_SEALED_BYTES >> 10,
    )
    return with_style(answer, styles)
