"""A suspended system in the pages: every form of the table, for everybody who may send it."""

from collections.abc import Iterator

import pytest

from npn.people.model import AccountRole
from npn.systems.model import SystemState
from npn.systems.permissions import PERMITTED, Act
from npn.web import pages
from npn.web.routes import TABLE, Route
from web.town import Town

pages.load()
FORMS = [
    (route, role)
    for route in sorted(TABLE.values(), key=lambda each: each.name)
    if route.method == "POST" and route.rule.system
    for role in sorted(route.rule.roles)
]


@pytest.fixture(scope="module")
def suspended(own_town: Town) -> Iterator[Town]:
    town = own_town
    paths = {route.path: town.address(route.path) for route, _ in FORMS}
    town.service.systems.set_state(town.ours, SystemState.SUSPENDED, by="admin:t")
    assert paths
    yield town
    town.service.systems.set_state(town.ours, SystemState.ACTIVE, by="admin:t")


@pytest.mark.parametrize(("route", "role"), FORMS, ids=[f"{route.name} {role}" for route, role in FORMS])
def test_a_form_that_changes_something_for_a_suspended_system_is_refused(
    suspended: Town, route: Route, role: AccountRole
) -> None:
    browser = suspended.browser(role)
    path = suspended.address(route.path)
    before = suspended.entries()
    answer = browser.post(path)
    act = route.rule.act or (Act.ADMINISTER if role is AccountRole.OPERATOR else Act.CHANGE)
    if act is Act.DRAW or act in PERMITTED[SystemState.SUSPENDED]:
        assert "The system is suspended" not in answer.text  # a draw is refused once it is complete
        return
    assert answer.status_code == 403
    assert "The system is suspended" in answer.text or role is AccountRole.VENDOR  # who acts for test systems alone
    assert suspended.entries() == before


def test_a_draw_by_hand_is_refused_and_its_repeat_is_answered(suspended: Town) -> None:
    browser = suspended.browser(AccountRole.OPERATOR)
    service, wish = (
        suspended.service,
        {"count": "10", "of": "count", "purpose": "", "request_id": "by-hand", "do": "go"},
    )
    service.systems.set_state(suspended.ours, SystemState.ACTIVE, by="admin:t")
    drawn = browser.post(f"/systems/{suspended.ours}/draw", wish)
    service.systems.set_state(suspended.ours, SystemState.SUSPENDED, by="admin:t")
    again = browser.post(f"/systems/{suspended.ours}/draw", wish)
    assert (again.status_code, again.headers["Location"]) == (303, drawn.headers["Location"])
    refused = browser.post(f"/systems/{suspended.ours}/draw", {**wish, "request_id": "another"})
    assert refused.status_code == 422
    assert "The system is suspended" in refused.text
