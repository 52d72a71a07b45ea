"""Nobody reaches what is another's: every route of the table, as every role, with each object of somebody else.

A path's parameters say which objects there are (`town.EXAMPLES`; a new parameter without an example fails). A path with
two of them is tried with one's own system and another's object in it, too.
"""

import itertools
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from npn.people.model import AccountRole
from npn.web import pages
from npn.web.routes import TABLE, Route
from snapshot import OF_EVERY_VISIT, Rows, naming, rows
from web.formfields import forms_of
from web.town import EXAMPLES, FOREIGN, ROLES, Town

pages.load()
SHARED = {
    "language",
    "proposal",
    "requirement",
    "decision",
    "document",
    "file",
    "message_rule",
    "sample",
    "standard",
}  # everybody's, by what the pages are for
ROUTES = sorted(
    (route for route in TABLE.values() if route.parameters - SHARED), key=lambda route: (route.path, route.method)
)
NARROW = (AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR, AccountRole.GROUP)
HTML = {"Accept": "text/html"}
FILLED = {
    **dict.fromkeys(("name", "subject", "text", "reason", "note", "hours", "place", "accepted_by"), "Et navn"),
    "email": "a@example.dk",
    "telephone": "33123456",
    "capacity": "chef",
    "state": "active",
    "count": "1",
    "password": "x",
    "decision": "approved",
    "answer": "yes",
    "sure": "yes",
    "confirm": "yes",
    "role": "operator",
}


def kept(database: sa.Engine) -> Rows:
    """Return every row but the visitor's own unsent forms."""
    return rows(database, without=OF_EVERY_VISIT | {"kept_form"})


@pytest.fixture(scope="module")
def database(own_town: Town) -> Iterator[sa.Engine]:
    engine = sa.create_engine(own_town.service.settings.database)
    yield engine
    engine.dispose()


def strangers_paths(town: Town, route: Route, *, mixed_only: bool) -> list[str]:
    """Return a route's addresses with at least one object of another; `mixed_only`: and one of one's own."""
    names = sorted(route.parameters)
    found = []
    for foreign in itertools.product((False, True), repeat=len(names)):
        others = {name for name, theirs in zip(names, foreign, strict=True) if theirs and name not in SHARED}
        mixed = bool(others) and len(others) < len(set(names) - SHARED)
        if not others or (mixed_only and not mixed):
            continue
        path = route.path
        for name, theirs in zip(names, foreign, strict=True):
            path = path.replace(f"{{{name}}}", EXAMPLES[name](town)[theirs])
        found.append(path)
    return found


@pytest.mark.parametrize("role", [None, *ROLES])
def test_no_route_shows_or_changes_what_is_another_s(
    own_town: Town, database: sa.Engine, role: AccountRole | None
) -> None:
    sees_all = role in (AccountRole.OPERATOR, AccountRole.AUDITOR)
    asked = [(route, path) for route in ROUTES for path in strangers_paths(own_town, route, mixed_only=sees_all)]
    browser = own_town.browser(role)
    token = browser.token()
    before, wrong = kept(database), []
    for route, path in asked:
        sent = [None] if route.method == "GET" else [{}, FILLED]
        for values in sent:
            answer = browser.get(path) if values is None else browser.post(path, values, token=token)
            shown = answer.text.lower().replace(path.lower(), "").replace(path.lower().replace("/", "%2f"), "")
            signed_out = role is None and not route.rule.is_public
            expected = (303,) if signed_out else (403, 404)
            if answer.status_code not in expected or (FOREIGN in shown and not sees_all):
                wrong.append(f"{route.name} {path}: {answer.status_code}")
            if values is None and browser.client.head(path, headers=HTML).status_code != answer.status_code:
                wrong.append(f"HEAD {path}: not as {answer.status_code}")
            if signed_out and not answer.headers["location"].startswith("/sign-in"):
                wrong.append(f"{route.name} {path}: {answer.headers['location']}")
    assert asked
    assert wrong == []
    assert kept(database) == before


def test_the_objects_of_every_route_have_an_example() -> None:
    assert {name for route in TABLE.values() for name in route.parameters} <= EXAMPLES.keys()


@pytest.mark.parametrize("role", NARROW)
def test_no_form_takes_what_is_another_s(own_town: Town, database: sa.Engine, role: AccountRole) -> None:
    """Every form of one's own pages is sent with each object of another in the place of what may be chosen."""
    with database.connect() as connection:
        ids = connection.execute(sa.text("SELECT id FROM organisation WHERE id LIKE '%fremmed%'")).scalars().all()
        units = connection.execute(sa.text("SELECT id FROM regional_unit WHERE id LIKE '%fremmed%'")).scalars().all()
    theirs = [*ids, *units, own_town.foreign, own_town.series[own_town.foreign], EXAMPLES["place"](own_town)[1]]
    assert len(theirs) >= 7
    browser = own_town.browser(role)
    before, tried = naming(kept(database), theirs), 0
    for route in sorted(TABLE.values(), key=lambda route: route.path):
        if route.method != "GET" or route.path.startswith(("/language", "/ledger")):
            continue
        page = browser.get(own_town.address(route.path))
        if page.status_code != 200 or not page.headers["content-type"].startswith("text/html"):
            continue
        for form in forms_of(page.text):
            for name, value in itertools.product(set(form.chosen) - {"token"}, theirs):
                typed = {each: FILLED.get(each, "Et navn") for each in form.typed}
                path = form.action or own_town.address(route.path)
                answer = browser.client.post(path, data={**form.values, **typed, name: value})
                assert answer.status_code < 500, (path, name, value)
                tried += 1
    assert tried or role is AccountRole.GROUP
    after = kept(database)
    searches = [row for row in after["saved_filter"] if row[1] == own_town.accounts[role].id]
    after["saved_filter"] = sorted(set(after["saved_filter"]) - set(searches))  # one's own hold what was typed
    assert {row[2] for row in searches} <= {path.removesuffix(".csv") for _method, path in TABLE}
    assert naming(after, theirs) == before
