"""Nobody sees or does what is not their own: every route of the table, for every role, on the running service."""

from collections.abc import Callable

import pytest

from npn.people.model import SEES_EVERY_SYSTEM, AccountRole, Person
from npn.web import pages, routes
from npn.web.answers import Answer
from npn.web.routes import TABLE, Route
from npn.web.rules import Admission, only, public, signed_in, theirs
from npn.web.visit import Visit
from web.town import FOREIGN, ROLES, Town

pages.load()
ROUTES = sorted(TABLE.values(), key=lambda route: route.name)
EVERYBODY = (None, *ROLES)
TOLD = {  # before it decides, the group is told what a change means for each vendor's systems: the agreement says so
    ("GET /agreements/proposals/{proposal}/consequences", AccountRole.GROUP),
}


def pairs(wanted: Callable[[Route, AccountRole | None], bool]) -> pytest.MarkDecorator:
    """Return every route with every role that the test is about."""
    found = [(route, role) for route in ROUTES for role in EVERYBODY if wanted(route, role)]
    ids = [f"{route.name} {role or 'nobody'}" for route, role in found]
    return pytest.mark.parametrize(("route", "role"), found, ids=ids)


def admitted(route: Route, role: AccountRole | None) -> bool:
    return route.rule.is_public or role in route.rule.roles


def narrow(role: AccountRole | None) -> bool:
    return role not in SEES_EVERY_SYSTEM


def person(town: Town, role: AccountRole) -> Person:
    session = town.service.sessions.begin(town.accounts[role], proved=True)
    visitor = town.service.sessions.visitor(session.token)
    assert visitor is not None
    return visitor.person


@pairs(lambda route, role: not admitted(route, role))
def test_whom_the_rule_does_not_admit_is_turned_away_and_changes_nothing(
    town: Town, route: Route, role: AccountRole | None
) -> None:
    before = town.entries()
    browser = town.browser(role)
    path = town.address(route.path)
    answer = browser.get(path) if route.method == "GET" else browser.post(path)
    if role is None:
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")
    else:
        assert answer.status_code == 403
    assert FOREIGN not in answer.text.lower()
    assert town.entries() == before


@pairs(lambda route, role: bool(route.rule.system) and admitted(route, role) and narrow(role))
def test_another_s_page_is_not_there(town: Town, route: Route, role: AccountRole | None) -> None:
    before = town.entries()
    browser = town.browser(role)
    path = town.address(route.path, foreign=True)
    answer = browser.get(path) if route.method == "GET" else browser.post(path)
    assert answer.status_code == 404
    assert FOREIGN not in answer.text.lower().replace(path.lower(), "").replace(path.lower().replace("/", "%2f"), "")
    assert town.entries() == before


@pairs(lambda route, role: route.method == "GET" and narrow(role) and (route.name, role) not in TOLD)
def test_no_page_shows_what_is_another_s(town: Town, route: Route, role: AccountRole | None) -> None:
    answer = town.browser(role).get(town.address(route.path))
    assert answer.status_code in ((303, 403, 404, 422) if route.path.endswith("/check") else (200, 303, 403, 404))
    assert FOREIGN not in answer.text.lower()


@pairs(lambda route, role: route.method == "POST" and admitted(route, role))
def test_an_empty_form_breaks_nothing(town: Town, route: Route, role: AccountRole | None) -> None:
    answer = town.browser(role).post(town.address(route.path))
    assert answer.status_code in (200, 303, 401, 403, 404, 409, 422, 429)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "POST"], ids=lambda route: route.name)
def test_a_form_without_its_token_does_nothing(town: Town, route: Route) -> None:
    address = town.address(route.path)
    before = town.entries()
    role = next((role for role in ROLES if role in route.rule.roles), None)
    browser = town.browser(role)
    assert browser.post(address, token="0" * 64).status_code == 403
    elsewhere = browser.client.post(address, data={"token": browser.token()}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    assert town.entries() == before


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_systems_that_are_theirs(town: Town, role: AccountRole) -> None:
    somebody = person(town, role)
    sees = {system: somebody.may_see(system) for system in (town.ours, town.test, town.foreign)}
    acts = {system: somebody.may_act_for(system) for system in (town.ours, town.test, town.foreign)}
    everything, nothing = dict.fromkeys(sees, True), dict.fromkeys(sees, False)
    own = {town.ours: True, town.test: True, town.foreign: False}
    assert (sees, acts) == {
        AccountRole.OPERATOR: (everything, everything),
        AccountRole.AUDITOR: (everything, nothing),
        AccountRole.REGION: (own, own),
        AccountRole.OWNER: (own, own),
        AccountRole.VENDOR: (own, {**nothing, town.test: True}),
        AccountRole.GROUP: (nothing, nothing),
    }[role]


async def handler(visit: Visit) -> Answer:
    return await visit.page("front.html")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/x", None),
        ("/systems/{system}/x", signed_in()),
        ("/systems/{system}/x", public()),
        ("/systems/{system}/x", only(AccountRole.OWNER)),
        ("/cases/{case}", theirs(AccountRole.OWNER)),
        ("/v1/x", public()),
        ("/soap/x", public()),
        ("/", public()),
        ("//x", public()),
    ],
)
def test_a_route_whose_rule_is_not_enough_fails_at_import(path: str, rule: object) -> None:
    with pytest.raises(TypeError):
        routes.get(path, rule)(handler)  # type: ignore[arg-type]  # that is the point


def test_a_rule_judges_by_role_then_by_system(town: Town) -> None:
    rule = theirs(AccountRole.VENDOR)
    vendor = person(town, AccountRole.VENDOR)
    assert rule.admits(None) is Admission.SIGN_IN
    assert rule.admits(person(town, AccountRole.OPERATOR)) is Admission.FORBIDDEN
    assert rule.admits_to(vendor, town.foreign, acting=False) is Admission.UNKNOWN
    assert rule.admits_to(vendor, town.ours, acting=True) is Admission.FORBIDDEN
    assert rule.admits_to(vendor, town.test, acting=True) is Admission.YES
