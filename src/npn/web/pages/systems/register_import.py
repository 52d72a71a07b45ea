"""MedCom's list of systems, imported: the list, then its types, then the differences, and only then the import.

The list itself goes along with the forms, so that what was shown is what is imported; `shown` is the digest of the
plan that was shown, and another plan is not carried out.
"""

import re
from dataclasses import dataclass

from npn.errors import ConflictError, InvalidInputError, NpnError, codes
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.systems.matching import ImportPlan, ListedSystem, ResolvedMatches
from npn.systems.model import Environment
from npn.systems.register import COLUMNS, import_register, read_register, types_of
from npn.systems.service import Systems
from npn.text import decode_text
from npn.web.forms import Field, Form
from npn.web.pages.systems.systems import ENVIRONMENTS
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.uploads import MAX_TEXT_BYTES, packed, unpacked
from npn.web.visit import Onward, Visit

_OPERATOR = AccountRole.OPERATOR
_LARGEST = MAX_TEXT_BYTES + 65_536
_LIST = (
    Field(
        "text",
        _("Or paste the list here"),
        kind="textarea",
        required=False,
        largest=MAX_TEXT_BYTES,
        hint=_("As CSV, with the line of headings."),
    ),
)
_ENVIRONMENT = Field("environment", _("Environment of new systems"), kind="select", choices=ENVIRONMENTS)
_LINE = re.compile(r"\bline ([0-9]+)")
_SAME, _VENDOR, _TYPE = "same-", "vendor-", "type-"


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What a form of the import says: the list, the types to take, and the operator's word where it was unclear."""

    text: str
    listed: list[ListedSystem]
    types: list[str]
    environment: Environment
    resolved: ResolvedMatches


@get("/import-systems", only(_OPERATOR))
async def show_import(visit: Visit) -> Answer:
    """Ask for the list."""
    return await visit.page("systems/import.html", form=visit.form(_LIST))


@post("/import-systems", only(_OPERATOR), largest=_LARGEST, files=True)
async def take_list(visit: Visit) -> Answer:
    """Read the list, and ask which types of systems are to be taken."""
    form = visit.form(_LIST)
    return await visit.submit(
        form,
        lambda: visit.read(_read_list, visit.file("file"), form["text"]),
        then=lambda text: _types_page(visit, text, Form.of((_ENVIRONMENT,), {"environment": "test"})),
        again=lambda: visit.page("systems/import.html", form=form),
        blame=lambda blamed, error: _blame(visit, blamed, error),
    )


def _read_list(file: bytes | None, text: str) -> str:
    """Return the list as text. Raises InvalidInputError."""
    if file is None and not text.strip():
        raise InvalidInputError(_("Choose a file, or paste the list."), field="text")
    content = text + "\n" if file is None else decode_text(file, name="the file", field="text")
    if len(content.encode()) > MAX_TEXT_BYTES:
        raise InvalidInputError(_("The list is too long."), field="text")
    read_register(content)
    return content


def _blame(visit: Visit, form: Form, error: NpnError) -> None:
    """Put what is wrong with a list into the form, with its line where one is named."""
    line = _LINE.search(error.message)
    if isinstance(error.message, Msgid):
        form.errors["text"] = error.message
    elif error.code == codes.NOT_TEXT:
        form.errors["text"] = visit.text(_("The file is not text in UTF-8 or UTF-16."))
    elif line is not None:
        form.errors["text"] = visit.text(_("Line %(line)s of the list can't be read."), line=line[1])
    else:
        form.errors["text"] = visit.text(
            _("This is not MedCom's list. Its first line is: %(columns)s"), columns=",".join(COLUMNS)
        )


async def _types_page(visit: Visit, text: str, form: Form, *, chosen_types: tuple[str, ...] = ()) -> Answer:
    counts = await visit.read(lambda: types_of(read_register(text)))
    return await visit.page(
        "systems/import_types.html",
        form=form,
        counts=list(enumerate(counts.items())),
        chosen_types=chosen_types,
        list_field=packed(text),
    )


@post("/import-systems/differences", only(_OPERATOR), largest=_LARGEST)
async def show_differences(visit: Visit) -> Answer:
    """Show what the import would do."""
    wish = await visit.read(_wish, dict(visit.sent))
    if not wish.types:
        form = Form.of((_ENVIRONMENT,), {"environment": wish.environment.value})
        form.errors[""] = _("Choose at least one type.")
        return await _types_page(visit, wish.text, form)
    return await _differences(visit, wish)


async def _differences(visit: Visit, wish: ImportWish, *, has_changed: bool = False) -> Answer:
    plan = await visit.read(_plan, visit.services.systems, wish)
    return await visit.page(
        "systems/import_differences.html",
        status=409 if has_changed else 200,
        plan=plan,
        wish=wish,
        has_changed=has_changed,
        list_field=packed(wish.text),
        type_numbers=[f"{_TYPE}{number}" for number, name in enumerate(types_of(wish.listed)) if name in wish.types],
        answers=visit.sent,
    )


def _plan(systems: Systems, wish: ImportWish) -> ImportPlan:
    return import_register(
        systems,
        wish.listed,
        types=wish.types,
        environment=wish.environment,
        by="",
        resolved=wish.resolved,
        dry_run=True,
    )


@post("/import-systems/import", only(_OPERATOR), largest=_LARGEST)
async def import_list(visit: Visit) -> Answer:
    """Import what was shown; where that is no longer what would be done, show it again."""
    wish = await visit.read(_wish, dict(visit.sent))
    try:
        plan = await visit.write(
            import_register,
            visit.services.systems,
            wish.listed,
            types=wish.types,
            environment=wish.environment,
            by=visit.person.by,
            resolved=wish.resolved,
        )
    except ConflictError as error:
        if error.code != codes.LIST_CHANGED:
            raise
        return await _differences(visit, wish, has_changed=True)
    onward = Onward("/systems", visit.text(_("The list is imported: %(count)s changes."), count=plan.changes))
    return visit.see_other(onward.path, onward.said)


def _wish(sent: dict[str, str]) -> ImportWish:
    """Read a form of the import. Raises InvalidInputError where it was not sent by a page of ours."""
    text = unpacked(sent.get("list", ""))
    environment = sent.get("environment", "")
    if text is None or environment not in {choice.value for choice in ENVIRONMENTS}:
        raise InvalidInputError(_("Begin again with the list."), field="list")
    listed = read_register(text)
    names = list(types_of(listed))
    return ImportWish(
        text=text,
        listed=listed,
        types=[name for number, name in enumerate(names) if f"{_TYPE}{number}" in sent],
        environment=Environment(environment),
        resolved=_resolved(_answers(sent, _SAME), _answers(sent, _VENDOR), sent.get("shown", "")),
    )


def _answers(sent: dict[str, str], prefix: str) -> dict[str, str]:
    """Return what was answered to the questions of one kind, by what each is about."""
    return {name.removeprefix(prefix): value for name, value in sent.items() if name.startswith(prefix) and value}


def _resolved(same: dict[str, str], vendors: dict[str, str], shown: str) -> ResolvedMatches:
    """Read the answers: `=` and the name that is meant, `+` and the name of a new system, or another vendor."""
    return ResolvedMatches(
        same={system: value[1:] for system, value in same.items() if value.startswith("=")},
        new=sorted({value[1:] for value in same.values() if value.startswith("+")}),
        vendors={vendor: value[1:] for vendor, value in vendors.items() if value.startswith("=")},
        new_vendors=[vendor for vendor, value in vendors.items() if value == "other"],
        shown=shown,
    )
