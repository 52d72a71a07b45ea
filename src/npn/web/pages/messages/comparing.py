"""Two messages beside each other, field by field."""

from collections.abc import Mapping

from markupsafe import Markup

from npn.http.answers import Answer
from npn.message_jobs.model import MAX_MESSAGE_BYTES, MessageJob
from npn.web.forms import Field, Form
from npn.web.pages.messages.desk import done, file_name, message_bytes, refused_to_public
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit

SIDES = {"first": _("Message A"), "second": _("Message B")}
FIELDS = (
    Field("first", _("Paste message A"), kind="textarea", required=False, largest=MAX_MESSAGE_BYTES),
    Field("second", _("Paste message B"), kind="textarea", required=False, largest=MAX_MESSAGE_BYTES),
    Field("show_persons", _("Show CPR numbers"), kind="checkbox", required=False),
    Field("sample", _("Sample"), required=False, largest=10),
)


@get("/messages/compare", public())
async def show_comparing(visit: Visit) -> Answer:
    """Ask for two messages."""
    refusal = refused_to_public(visit)
    return refusal or await _page(visit, Form.of(FIELDS))


@post("/messages/compare", public(), largest=MAX_MESSAGE_BYTES + 65_536, files=True, again=False)
async def compare_messages(visit: Visit) -> Answer:
    """Show where two messages differ."""
    refusal = refused_to_public(visit)
    if refusal is not None:
        return refusal
    form = Form.of(FIELDS).read(visit.sent, visit.texts)
    options = {"lang": visit.language, "show_persons": "true" if form["show_persons"] == "yes" else "false"}
    if form["sample"] == "yes":
        return await _shown(visit, form, MessageJob("compare", {**options, "sample": "true"}))
    sides = _sides(visit, form)
    for name, (_name, content) in sides.items():
        if not content and name not in form.errors:
            form.errors[name] = _("Paste a message, or choose a file.")
    if form.errors:
        return await _page(visit, form)
    names = "\n".join(name for name, _content in sides.values())
    contents = [content for _name, content in sides.values()]
    return await _shown(visit, form, MessageJob("compare", {**options, "names": names}, contents))


def _sides(visit: Visit, form: Form) -> Mapping[str, tuple[str, bytes]]:
    """Return the name and content of both messages: the file that was chosen, or what was pasted."""
    uploads = {
        upload.field.removesuffix("_file"): (file_name(upload.name), upload.content)
        for upload in visit.uploads
        if upload.content
    }
    pasted = {name: (visit.text(label), message_bytes(form[name])) for name, label in SIDES.items()}
    return {name: uploads.get(name, pasted[name]) for name in SIDES}


async def _shown(visit: Visit, form: Form, job: MessageJob) -> Answer:
    result = await done(visit, job)
    return await _page(visit, form, Markup(result.body.decode()))  # noqa: S704  # escaped by the worker's templates


async def _page(visit: Visit, form: Form, page: Markup | None = None) -> Answer:
    megabytes = MAX_MESSAGE_BYTES >> 20
    return await visit.page("messages/compare.html", form=form, page=page, sides=SIDES, megabytes=megabytes)
