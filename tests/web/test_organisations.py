"""Organisations are chosen and not typed, and what is done to them is shown before it is done."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from letters import the_last
from npn.ledger.export import export
from npn.onboarding.model import ConnectionWishes
from npn.people.model import AccountRole
from npn.proof.verify import verify
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.systems.model import ConnectedSystem, Environment, OrganisationKind
from web.conftest import town_in
from web.formfields import forms_of
from web.town import Browser, Town

OPERATOR = AccountRole.OPERATOR
OWNER, VENDOR, REGION = "owner-nordsygehuset", "vendor-csc-sundhed", "region-region-nord"
NEW_SYSTEM = {"name": "Labka Syd", "environment": "test", "system_type": "LIS"}


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    """A town of one test's own, whose organisations it may change."""
    with town_in(tmp_path) as made:
        yield made


def added(town: Town, name: str, vendor: str, owner: str) -> ConnectedSystem:
    return town.service.systems.add(
        by="admin:t", name=name, vendor=vendor, owner=owner, environment=Environment.PRODUCTION, new_organisations=True
    )[0]


def organisations(town: Town, kind: OrganisationKind) -> set[str]:
    return {each.name for each in town.service.organisations.list() if each.kind is kind}


def proved(town: Town) -> None:
    lines: list[bytes] = []
    export(town.service.database, lines.append)
    verify(lines)


def test_vendor_and_owner_are_chosen_from_the_list(own_town: Town) -> None:
    browser = own_town.browser(OPERATOR)
    page = browser.get("/add-system").text
    assert f'<option value="{OWNER}">Nordsygehuset</option>' in page
    answer = browser.post("/add-system", {**NEW_SYSTEM, "vendor": VENDOR, "owner": OWNER})
    assert answer.status_code == 200, answer.text
    system = own_town.service.systems.get("labka-syd")
    assert (system.vendor, system.owner) == ("CSC Sundhed", "Nordsygehuset")
    assert browser.post("/add-system", {**NEW_SYSTEM, "vendor": OWNER, "owner": OWNER}).status_code == 422


@pytest.mark.parametrize("typed", ["csc sundhed", "CSC-Sundhed A/S", "CSC Sundehd", "CSC"])
def test_a_new_name_that_is_near_is_asked_about_and_made_only_where_it_is_meant(own_town: Town, typed: str) -> None:
    browser, fields = own_town.browser(OPERATOR), {**NEW_SYSTEM, "vendor": "new", "vendor_new": typed, "owner": OWNER}
    asked = browser.post("/add-system", fields)
    assert asked.status_code == 422
    assert 'value="=CSC Sundhed"' in asked.text
    assert f'value="{typed}"' in asked.text
    assert "labka-syd" not in {system.id for system in own_town.service.systems.list()}

    assert browser.post("/add-system", {**fields, "vendor_meant": "=Fremmed Software"}).status_code == 422
    assert browser.post("/add-system", {**fields, "vendor_meant": "=CSC Sundhed"}).status_code == 200
    assert own_town.service.systems.get("labka-syd").vendor == "CSC Sundhed"
    assert browser.post("/add-system", {**fields, "vendor_meant": "other"}).status_code == 200
    assert own_town.service.systems.get("labka-syd-2").vendor == typed
    proved(own_town)


def test_a_name_that_is_far_from_all_is_new_without_a_question(own_town: Town) -> None:
    fields = {**NEW_SYSTEM, "vendor": "", "vendor_new": "Systematic", "owner": "new", "owner_new": "Ærø Sygehus"}
    assert own_town.browser(OPERATOR).post("/add-system", fields).status_code == 200
    system = own_town.service.systems.get("labka-syd")
    assert (system.vendor, system.owner) == ("Systematic", "Ærø Sygehus")
    nothing = own_town.browser(OPERATOR).post("/add-system", {**fields, "vendor": "new", "vendor_new": ""})
    assert nothing.status_code == 422
    assert 'id="field-vendor_new-error"' in nothing.text


def test_an_account_s_new_organisation_is_asked_about_too(own_town: Town) -> None:
    browser = own_town.browser(OPERATOR)
    fields = {"email": "ny@x.dk", "name": "Ny", "role": "owner", "organisation": "new", "reason": ""}
    fields["organisation_new"] = "nord sygehuset"
    asked = browser.post("/accounts/new", fields)
    assert asked.status_code == 422
    assert 'value="=Nordsygehuset"' in asked.text
    assert browser.post("/accounts/new", {**fields, "organisation_meant": "=Nordsygehuset"}).status_code == 200
    assert own_town.service.accounts.with_email("ny@x.dk").organisation == OWNER
    assert "nord sygehuset" not in organisations(own_town, OrganisationKind.OWNER)


def request_of(town: Town, *, vendor: str, owner: str) -> str:
    asked = ConnectionWishes(
        system="Prøvelab",
        vendor=vendor,
        owner=owner,
        expected_per_day=50,
        transport="https_key",
        contacts=(Contact("technical", "T", "t@example.dk"), Contact("administrative", "A", "a@example.dk")),
    )
    town.service.onboarding.asking.ask(asked, requester=Requester("Ole", "ole@example.dk"), remote="y")
    request, _token = town.service.onboarding.asking.confirm(the_last(town.service, "apply/confirm").token)
    return request.id


def test_the_names_of_a_request_are_settled_before_access_is_given(own_town: Town) -> None:
    browser, request = own_town.browser(OPERATOR), request_of(own_town, vendor="csc sundhed", owner="Ærø Sygehus")
    case = own_town.service.onboarding.get(request).case
    page = browser.get(f"/cases/{case}").text
    assert f"/requests/{request}/organisations" in page
    assert f"/requests/{request}/give-test" not in page
    assert browser.post(f"/requests/{request}/give-test").status_code == 409
    form = browser.get(f"/requests/{request}/organisations").text
    assert 'value="csc sundhed"' in form
    fields = {"vendor": "new", "vendor_new": "csc sundhed", "owner": "new", "owner_new": "Ærø Sygehus"}
    assert browser.post(f"/requests/{request}/organisations", fields).status_code == 422
    settled = browser.post(f"/requests/{request}/organisations", {**fields, "vendor_meant": "=CSC Sundhed"})
    assert settled.headers["Location"] == f"/cases/{case}"
    assert f"/requests/{request}/give-test" in browser.get(f"/cases/{case}").text
    assert browser.post(f"/requests/{request}/give-test").status_code == 303
    system = own_town.service.systems.get("proevelab-test")
    assert (system.vendor, system.owner) == ("CSC Sundhed", "Ærø Sygehus")
    assert organisations(own_town, OrganisationKind.VENDOR) == {"CSC Sundhed", "Fremmed Software"}
    proved(own_town)


def confirmed(browser: Browser, path: str, fields: dict[str, str]) -> dict[str, str]:
    """Send a form, and return the hidden fields of the page that asks to check what changes."""
    page = browser.post(path, fields)
    assert page.status_code == 200, page.text
    return {name: value for name, value in forms_of(page.text)[-1].values.items() if name != "token"}


def test_a_system_s_name_vendor_and_owner_change_after_a_look_at_what_follows(own_town: Town) -> None:
    added(own_town, "Anden", "Systematic", "Sydsygehuset")
    agreements = own_town.service.agreements
    agreements.accept(own_town.ours, by="admin:t", accepted_by="Anna", capacity="chef")
    browser, path = own_town.browser(OPERATOR), f"/systems/{own_town.ours}/identity"
    owner = own_town.browser(AccountRole.OWNER)
    assert owner.get(f"/systems/{own_town.ours}").status_code == 200
    fields = {"name": "Labka Øst", "vendor": VENDOR, "owner": "owner-sydsygehuset"}
    sent = confirmed(browser, path, fields)
    assert own_town.service.systems.get(own_town.ours).owner == "Nordsygehuset"
    shown = browser.post(path, fields).text
    assert "What Nordsygehuset accepted (version 1.0 of the agreement) ends." in shown
    assert "Sydsygehuset must accept the agreement" in shown

    assert browser.post(path, {**sent, "name": "Another"}).status_code == 200  # not what was shown: shown again
    assert own_town.service.systems.get(own_town.ours).name == "Labka Nord"
    assert browser.post(path, sent).headers["Location"] == f"/systems/{own_town.ours}"
    system = own_town.service.systems.get(own_town.ours)
    assert (system.name, system.vendor, system.owner) == ("Labka Øst", "CSC Sundhed", "Sydsygehuset")
    assert agreements.acceptances(own_town.ours) == []
    assert owner.get(f"/systems/{own_town.ours}").status_code == 404
    assert "Labka Øst" in browser.get("/systems", params={"q": "labka ost"}).text
    proved(own_town)


def test_an_organisation_is_renamed_and_its_region_chosen(own_town: Town) -> None:
    browser = own_town.browser(OPERATOR)
    assert browser.post(f"/organisations/{OWNER}/name", {"name": "Hjørring Sygehus"}).status_code == 303
    page = browser.get(f"/organisations/{OWNER}").text
    assert "<h1>Hjørring Sygehus</h1>" in page
    assert "Nordsygehuset" in page
    assert "Hjørring Sygehus" in browser.get("/organisations", params={"q": "hjorring"}).text
    assert "Hjørring Sygehus" not in browser.get("/organisations", params={"q": "hjorring", "kind": "vendor"}).text
    taken = browser.post(f"/organisations/{OWNER}/name", {"name": "Fremmedsygehuset"})
    assert taken.status_code == 422
    assert 'id="field-name-error"' in taken.text
    asked = browser.post(f"/organisations/{OWNER}/region", {"region": "new", "region_new": "Region Nordjylland"})
    assert asked.status_code == 422
    assert 'value="=Region Nord"' in asked.text
    assert browser.post(f"/organisations/{OWNER}/region", {"region": "region-fremmed"}).status_code == 303
    assert own_town.browser(AccountRole.REGION).get(f"/systems/{own_town.ours}").status_code == 404
    proved(own_town)


def test_a_merge_shows_what_moves_and_then_moves_it(own_town: Town) -> None:
    system, browser = added(own_town, "Anden", "csc sundhed", "Nordsygehuset"), own_town.browser(OPERATOR)
    slip = own_town.service.organisations.find("csc sundhed").id
    vendor = own_town.browser(AccountRole.VENDOR)
    assert vendor.get(f"/systems/{system.id}").status_code == 404
    preview = browser.get(f"/organisations/{slip}/merge", params={"into": VENDOR}).text
    assert "csc sundhed becomes part of CSC Sundhed" in preview
    assert f'href="/systems/{system.id}"' in preview
    assert browser.post(f"/organisations/{slip}/merge", {"into": OWNER}).status_code == 422
    assert browser.post(f"/organisations/{slip}/merge", {}).status_code == 422
    merged = browser.post(f"/organisations/{slip}/merge", {"into": VENDOR})
    assert merged.headers["Location"] == f"/organisations/{VENDOR}"
    assert vendor.get(f"/systems/{system.id}").status_code == 200
    assert browser.get(f"/organisations/{slip}").headers["Location"] == f"/organisations/{VENDOR}"
    assert organisations(own_town, OrganisationKind.VENDOR) == {"CSC Sundhed", "Fremmed Software"}
    proved(own_town)


def test_a_closed_system_shows_what_it_holds_and_an_organisation_closes_when_it_is_empty(own_town: Town) -> None:
    system, browser = added(own_town, "Anden", "Systematic", "Sydsygehuset"), own_town.browser(OPERATOR)
    vendor = own_town.service.organisations.find("Systematic").id
    assert browser.post(f"/organisations/{vendor}/state").status_code == 422
    assert "Anden" in browser.get(f"/organisations/{vendor}/state").text

    path = f"/systems/{own_town.ours}/close"
    series = own_town.series[own_town.ours]
    assert f"/series/{series}/release" in browser.get(path).text
    assert browser.post(path, {"reason": ""}).status_code == 422
    for system_id in (own_town.ours, system.id):
        assert browser.post(f"/systems/{system_id}/close", {"reason": "replaced"}).status_code == 303
    assert "closed for good" in browser.get(path).text
    assert own_town.ours not in re.findall(r'href="/systems/([a-z0-9-]+)"', browser.get("/systems").text)
    assert f'href="/systems/{own_town.ours}"' in browser.get("/systems", params={"state": "closed"}).text
    assert browser.get(f"/systems/{own_town.ours}").status_code == 200
    assert browser.post(f"/systems/{own_town.ours}/keys").status_code == 403
    assert browser.post(f"/series/{series}/release", {"start": "", "sure": "yes"}).status_code in (303, 422)

    assert browser.post(f"/organisations/{vendor}/state").status_code == 303
    assert f'<option value="{vendor}">' not in browser.get("/add-system").text
    assert browser.post(f"/organisations/{vendor}/state").status_code == 303
    assert f'<option value="{vendor}">' in browser.get("/add-system").text
    proved(own_town)
