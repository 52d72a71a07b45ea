"""Whatever a form declares to the browser, the server holds it to as well: every form of the table of routes is tried.

Of each form three are sent: with all that is required left out, with every address, number and choice wrong, and with
every text too long. Each field must then have its error beside it, all in one answer, and nothing may have happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

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
        if not own.startswith("field-") or kind == "hidden":
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
    return [form for form in reader.forms if form.fields]


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


def faults(town: Town, path: str, role: AccountRole | None) -> Iterator[str]:
    browser, address = town.browser(role), town.address(path)
    page = browser.get(address)
    while page.status_code == 303:
        page = browser.get(page.headers["Location"])
    for form in forms_on(page.text) if page.status_code == 200 else []:
        for values, expected in attempts(form):
            if not expected:
                continue
            before = town.entries()
            target = form.action or str(page.url)
            answer = browser.post(target, {**form.values, **values})
            if answer.status_code != 422 or town.entries() != before:
                yield f"{form.action or path}: {answer.status_code}, {sorted(values)}"
            missing = [each.name for each in expected if f'id="{each.error}"' not in answer.text]
            if missing:
                yield f"{form.action or path}: nothing beside {missing}"


@pytest.mark.parametrize("path", GETS)
def test_the_server_checks_what_the_browser_checks(tried: Town, path: str) -> None:
    assert [fault for role in ROLES for fault in faults(tried, path, role)] == []
