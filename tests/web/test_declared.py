"""Whatever a form declares to the browser, the server holds it to as well: every form of the table of routes is tried.

Of each form three are sent: with all that is required left out, with every address, number and choice wrong, and with
every text too long. Each field must then have its error beside it, all in one answer, and nothing may have happened.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from npn.onboarding.model import State, StepName
from npn.people.model import AccountRole
from npn.web import pages
from npn.web.routes import TABLE
from web.conftest import town_in
from web.town import Town

pages.load()
GETS = sorted(
    path for method, path in TABLE if method == "GET" and not path.startswith(("/language", "/ledger/export"))
)
ROLES = (AccountRole.OPERATOR, AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR, AccountRole.GROUP, None)
WRONG = {"email": "fejl", "tel": "12", "select": "no such choice", "number": "mange"}


NATIVE = re.compile(r'type="(?:date|time|month|week|number|datetime-local)"')
UNDECLARED = {"/apply": {"website"}}  # the field that only programs fill in
# What handlers take besides the fields that their forms declare. Nothing of it is typed by a person.
UNSEEN = {
    "cases.set_state": "which button was pressed",
    "desk.read_messages": "the messages: what is wrong with one is what the page is about",
    "comparing.compare_messages": "the messages, and which button was pressed",
    "downloads.download_part": "the sealed file, and which button was pressed",
    "connecting.ask": "the field that only programs fill in",
    "identity.set_identity": "what was shown, which the form carries unseen",
    "lists.assign": "the task, which the form carries unseen",
    "lists.snooze": "the task, which the form carries unseen",
    "lists.unsnooze": "the task, which the form carries unseen",
    "openid._answered": "the answer of the provider",
    "openid.confirm": "the answer of the provider",
    "proposal_drafts.looked_at": "which button was pressed",
    "register_import._differences": "answers to what the list itself asks, each held to what was asked",
    "register_import.import_list": "answers to what the list itself asks, each held to what was asked",
    "register_import.show_differences": "answers to what the list itself asks, each held to what was asked",
    "saved_filters.remove_search": "which search, which the form carries unseen",
    "signing_in.form_with_next": "where to go on, which the form carries unseen",
    "signing_in.prove": "where to go on, which the form carries unseen",
    "signing_in.sign_in": "which of two forms was sent",
}


@dataclass
class Declared:
    """A field as the browser knows it; `error` is the id of what is said beside it."""

    name: str
    kind: str
    error: str
    required: bool
    longest: int | None


@dataclass
class DeclaredForm:
    """A form with its fields and what they hold."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    fields: list[Declared] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[DeclaredForm] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("method") == "post"
            if self.inside:
                self.forms.append(DeclaredForm(given.get("action", "")))
        if self.inside and tag in ("input", "select", "textarea") and "name" in given:
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"

    def _take(self, tag: str, given: Mapping[str, str]) -> None:
        form, name, own = self.forms[-1], given["name"], given.get("id", "")
        kind = tag if tag != "input" else given.get("type", "text")
        form.values.setdefault(name, given.get("value", "") if kind != "checkbox" else "")
        if kind == "hidden":
            return
        if not own.startswith("field-"):
            form.undeclared.append(name)
            return
        part = next((part for part in ("day", "month", "year") if name.endswith(f"_{part}")), "")
        is_part = part != "" and own.endswith(f"-{part}")
        shown = own.removesuffix(f"-{part}") if is_part else own
        numeric = given.get("inputmode") == "numeric" and "code" not in name
        kind = "part" if is_part else "number" if numeric else kind
        longest = (
            int(given["maxlength"]) if "maxlength" in given and kind in ("text", "textarea", "tel", "email") else None
        )
        form.fields.append(Declared(name, kind, f"{shown}-error", "required" in given, longest))


def forms_on(page: str) -> list[DeclaredForm]:
    reader = _Reader()
    reader.feed(page)
    return [form for form in reader.forms if form.fields or form.undeclared]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("declared")) as made:
        yield made


def attempts(form: DeclaredForm) -> Iterator[tuple[dict[str, str], list[Declared]]]:
    """Return what is sent, and the fields that must have an error."""
    required = [each for each in form.fields if each.required]
    yield {each.name: "" for each in required}, required
    wrong = [each for each in form.fields if each.kind in WRONG]
    yield {each.name: WRONG[each.kind] for each in wrong}, wrong
    long = [each for each in form.fields if each.longest is not None and each.longest < 20_000]
    yield {each.name: "x" * ((each.longest or 0) + 1) for each in long}, long


def said_beside(field: Declared, page: str) -> bool:
    """Whether a page says what is wrong beside a field; a form may be shown again on a page of its own."""
    return f'id="{field.error}"' in page or f'id="field-{field.name}-error"' in page


def faults(town: Town, path: str, role: AccountRole | None) -> Iterator[str]:
    browser, address = town.browser(role), town.address(path)
    page = browser.get(address)
    while page.status_code == 303:
        page = browser.get(page.headers["Location"])
    native = NATIVE.findall(page.text)
    if native:
        yield f"{path}: {native} follow the browser's language and not the page's"
    for form in forms_on(page.text) if page.status_code == 200 else []:
        if set(form.undeclared) - UNDECLARED.get(path, set()):
            yield f"{form.action or path}: not declared {form.undeclared}"
        for values, expected in attempts(form):
            if not expected:
                continue
            before = town.entries()
            target = form.action or str(page.url)
            answer = browser.post(target, {**form.values, **values})
            if answer.status_code != 422 or town.entries() != before:
                yield f"{form.action or path}: {answer.status_code}, {sorted(values)}"
            missing = [each.name for each in expected if not said_beside(each, answer.text)]
            if missing:
                yield f"{form.action or path}: nothing beside {missing}"


@pytest.mark.parametrize("path", GETS)
def test_the_server_checks_what_the_browser_checks(tried: Town, path: str) -> None:
    assert [fault for role in ROLES for fault in faults(tried, path, role)] == []


def test_the_forms_about_a_request_are_declared(tried: Town) -> None:
    service, operator = tried.service, tried.browser(AccountRole.OPERATOR)
    request = next(r for r in service.onboarding.requests() if r.state is State.UNDER_WAY)
    service.onboarding.give_test(request.id, by="admin:t")
    seen = {form.action.rpartition("/")[2] for form in forms_on(operator.get(f"/cases/{request.case}").text)}
    assert {"reply", "system", "assign", "send-link", "waive", "give-production", "refuse"} <= seen
    assert list(faults(tried, f"/cases/{request.case}", AccountRole.OPERATOR)) == []
    waived = f"/requests/{request.id}/waive"
    unknown = operator.post(waived, {"step": "no such step", "reason": "r"})
    assert unknown.status_code == 422
    answer = operator.post(waived, {"step": StepName.AGREEMENT.value, "reason": "r" * 201})
    assert answer.status_code == 422
    assert "r" * 201 in answer.text  # what was typed is still there
    assert operator.post(f"/requests/{request.id}/give-production", {"despite": ""}).status_code == 422


def test_a_handler_takes_what_its_form_declares() -> None:
    sources = sorted(Path(pages.__file__).parent.rglob("*.py"))
    parsed = {source.stem: ast.walk(ast.parse(source.read_text("utf-8"))) for source in sources}
    functions = (
        (module, node)
        for module, nodes in parsed.items()
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    taken = {f"{module}.{function.name}" for module, function in functions if "visit.sent" in ast.unparse(function)}
    assert taken == set(UNSEEN)
