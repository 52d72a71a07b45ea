"""What people do in the pages is done, once, with their name in the ledger."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from npn.ledger.export import export
from npn.people.approvals import Decision
from npn.people.model import AccountDetails, AccountRole
from npn.proof.verify import verify
from npn.systems.model import Caller, Environment, Role
from npn.transport.calls import Tally
from operators import named
from web.town import Browser, Town

_KEY = re.compile(r"npn_[a-z0-9-]+_[A-Za-z0-9_-]+")
_HIDDEN = re.compile(r'name="(\w+)" value="([^"]*)"')


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return a form's hidden fields."""
    return {name: value for name, value in _HIDDEN.findall(page.text) if name != "token"}


def last_entry(town: Town, kind: str) -> dict[str, object]:
    entries = town.service.ledger.page(before=None, limit=50)
    found: dict[str, object] = msgspec.json.decode(next(each.data for each in entries if each.type == kind))
    return found


def drawn(browser: Browser, town: Town, **fields: str) -> httpx.Response:
    """Fill in the form and confirm it."""
    form = hidden(browser.get(f"/systems/{town.ours}/draw", follow_redirects=True))
    values = {**form, "count": "100", "of": "count", "do": "go", **fields}
    return browser.post(f"/systems/{town.ours}/draw", values)


def series_in(answer: httpx.Response) -> str:
    """Return the address of the series that a receipt is of."""
    return answer.headers["Location"].removesuffix("/receipt")


@pytest.mark.parametrize("role", [AccountRole.OPERATOR, AccountRole.OWNER, AccountRole.REGION])
def test_a_series_is_drawn_by_hand_and_its_start_and_end_are_a_file(own_town: Town, role: AccountRole) -> None:
    browser = own_town.browser(role)
    answer = drawn(browser, own_town)
    assert answer.status_code == 303, answer.text
    granted = last_entry(own_town, "series_granted")
    assert (granted["by"], granted["channel"]) == (own_town.accounts[role].by, "web")
    file = browser.get(f"{series_in(answer)}/file.csv")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert f"{granted['first']},{granted['last']},{own_town.ours}" in file.text


def test_the_same_form_sent_again_draws_nothing_more(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    form = hidden(browser.get(f"/systems/{own_town.ours}/draw", follow_redirects=True))
    fields = {**form, "count": "100", "of": "usable", "do": "go"}
    answers = [browser.post(f"/systems/{own_town.ours}/draw", fields) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_what_was_typed_is_kept_and_the_error_stands_beside_its_field(own_town: Town) -> None:
    answer = drawn(own_town.browser(AccountRole.OWNER), own_town, count="ten", purpose="Holiday")
    assert answer.status_code == 422
    assert 'value="ten"' in answer.text
    assert 'value="Holiday"' in answer.text
    assert 'aria-describedby="field-count-error"' in answer.text
    too_many = drawn(own_town.browser(AccountRole.OWNER), own_town, count="99999999999")
    assert too_many.status_code == 422
    assert 'id="field-count-error"' in too_many.text


def test_what_was_typed_is_kept_where_the_service_can_not_draw_now_and_the_status_says_so(own_town: Town) -> None:
    witness = Path(own_town.service.settings.witness)
    witness.rename(witness.with_name("away"))
    answer = drawn(own_town.browser(AccountRole.OWNER), own_town, count="100", purpose="Holiday")
    assert answer.status_code == 503
    assert 'value="Holiday"' in answer.text
    witness.with_name("away").rename(witness)
    assert drawn(own_town.browser(AccountRole.OWNER), own_town, count="100", purpose="Holiday").status_code == 303


def test_a_vendor_acts_for_its_systems_in_test_alone(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.VENDOR)
    assert browser.get(f"/systems/{own_town.ours}").status_code == 200
    assert browser.get(f"/systems/{own_town.ours}/draw").status_code == 403
    assert browser.post(f"/systems/{own_town.ours}/keys").status_code == 403
    assert browser.get(f"/systems/{own_town.test}/draw", follow_redirects=True).status_code == 200


def test_numbers_are_given_back_by_who_says_that_none_was_used(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    series = series_in(drawn(browser, own_town))
    assert browser.post(f"{series}/release").status_code == 422
    assert browser.post(f"{series}/release", {"sure": "yes", "do": "go"}).status_code == 303
    assert last_entry(own_town, "series_released")["by"] == own_town.accounts[AccountRole.OWNER].by
    assert browser.get(f"{series}/file.csv").status_code == 404


def test_a_key_is_made_once_for_a_form_and_shown_once(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    address = f"/systems/{own_town.ours}/keys"
    form = {**hidden(browser.get(address)), "do": "go"}  # older keys end
    shown = browser.post(address, form)
    key = _KEY.search(shown.text)
    assert key is not None
    me = httpx.get(f"{own_town.server.url}/v1/me", headers={"Authorization": f"Bearer {key[0]}"}, trust_env=False)
    assert me.json()["system"] == own_town.ours
    assert browser.post(address, form).status_code == 303  # reloading makes no other
    assert key[0] not in browser.get(address).text
    assert last_entry(own_town, "key_added")["by"] == own_town.accounts[AccountRole.OWNER].by


def test_what_is_no_certificate_is_refused_beside_its_field(own_town: Town) -> None:
    address = f"/systems/{own_town.ours}/certificates"
    answer = own_town.browser(AccountRole.OWNER).post(address, {"certificate": "-----BEGIN nothing"})
    assert answer.status_code == 422
    assert 'id="field-certificate-error"' in answer.text


def test_limits_beyond_the_usual_need_a_second_operator(own_town: Town) -> None:
    first = own_town.browser(AccountRole.OPERATOR)
    address = f"/systems/{own_town.test}/limits"
    fields = {"smallest_draw": "1", "largest_draw": "20000000", "reason": "a year at once"}
    proposal = first.post(address, fields).headers["Location"]
    assert proposal.startswith("/approvals/")
    assert first.post(address, fields).status_code == 422  # proposed already
    assert first.post(proposal, {"decision": "approved"}).status_code == 403  # never the same person
    assert own_town.service.systems.get(own_town.test).largest_draw == 10_000_000

    second, _ = own_town.service.accounts.add(
        by="admin:root", email="second@example.dk", name="Bo Operator", role=AccountRole.OPERATOR
    )
    browser = own_town.browser_of(second)
    assert browser.post(proposal, {"decision": "approved", "comment": "x" * 2001}).status_code == 422
    assert browser.post(proposal, {"decision": "approved", "comment": "Set med laboratoriet"}).status_code == 303
    assert own_town.service.systems.get(own_town.test).largest_draw == 20_000_000
    assert "Set med laboratoriet" in first.get(proposal).text
    assert (
        last_entry(own_town, "system_limits_set")["by"] == f"{own_town.accounts[AccountRole.OPERATOR].by}, {second.by}"
    )
    assert browser.post(proposal, {"decision": "rejected"}).status_code == 409  # decided once


def test_narrower_limits_are_set_at_once(own_town: Town) -> None:
    fields = {"smallest_draw": "10", "largest_draw": "5000", "quota": "9000", "quota_days": "30", "reason": "small"}
    browser = own_town.browser(AccountRole.OPERATOR)
    assert browser.post(f"/systems/{own_town.foreign}/limits", fields).headers["Location"].startswith("/systems/")
    assert own_town.service.systems.get(own_town.foreign).quota == 9000


def test_a_quota_that_lets_more_be_had_on_one_day_waits_for_a_second_operator(own_town: Town) -> None:
    browser, address = own_town.browser(AccountRole.OPERATOR), f"/systems/{own_town.test}/limits"
    same = {"smallest_draw": "1", "largest_draw": "5000", "reason": "none"}
    known = own_town.service.systems.get(own_town.test)
    assert browser.post(address, {**same, "quota": "1000", "quota_days": "1"}).status_code == 303
    for wider in ({"quota": "3660000", "quota_days": "3660"}, {"quota": "1001", "quota_days": "1"}, {}):
        answer = browser.post(address, {**same, **wider})
        assert answer.headers["Location"].startswith("/approvals/")
    assert own_town.service.systems.get(own_town.test).quota == 1000
    own_town.service.systems.set_limits(
        own_town.test,
        by="admin:t",
        smallest_draw=known.smallest_draw,
        largest_draw=known.largest_draw,
        quota=known.quota,
        quota_days=known.quota_days,
        agreed=True,
    )


def test_the_quarantine_is_changed_by_two_operators(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR, language="da")
    assert "venter i 3.650 dage" in browser.get("/approvals/quarantine").text
    refused = browser.post("/approvals/quarantine", {"days": "364", "reason": "hurtigt"})
    assert refused.status_code == 422
    assert "En karantæne er på 365 til 36.500 dage." in refused.text
    proposal = browser.post("/approvals/quarantine", {"days": "4000", "reason": "sikkert"}).headers["Location"]
    assert "4.000" in browser.get(proposal).text
    assert "Hvor længe frigivne numre venter" in browser.get("/approvals").text
    approval = proposal.partition("?")[0].rpartition("/")[2]
    own_town.service.approvals.decide(approval, Decision.APPROVED, by=named(own_town.service, "somebody"))
    assert "venter i 4.000 dage" in browser.get("/released").text


def test_a_new_account_begins_with_a_link_that_whoever_adds_it_never_sees(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    fields = {"email": "Ny@Example.dk", "name": "Ny Person", "role": "auditor", "organisation": ""}
    shown = browser.post("/accounts/new", fields)
    assert "/welcome/" not in shown.text
    assert "npn admin account link ny@example.dk" in shown.text  # no mail is set up here
    assert browser.post("/accounts/new", fields).status_code == 422  # there already
    assert "Ny Person" in browser.get("/accounts").text
    wrong = browser.post("/accounts/new", {**fields, "email": "x@example.dk", "role": "owner"})
    assert 'id="field-organisation-error"' in wrong.text


def test_the_last_operator_can_not_be_lost(own_town: Town) -> None:
    service, account = own_town.service, own_town.accounts[AccountRole.OPERATOR]
    for other in service.accounts.list():
        if other.role is AccountRole.OPERATOR and other.id != account.id:
            service.accounts.change(
                other.id,
                details=AccountDetails(name=other.name, role=AccountRole.AUDITOR, organisation=None, state=other.state),
                by="admin:root",
            )
    answer = own_town.browser(AccountRole.OPERATOR).post(
        f"/accounts/{account.id}", {"name": account.name, "role": "auditor", "state": "active"}
    )
    assert answer.status_code == 422
    assert "another operator" in answer.text


def test_the_ledger_is_proved_and_exported_from_the_page(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.AUDITOR)
    browser.post("/ledger/verify")
    until = datetime.now(UTC) + timedelta(seconds=120)
    while "under way" in (page := browser.get("/ledger").text) and datetime.now(UTC) < until:
        pass
    assert "none was held by two at once" in page
    lines = browser.client.get("/ledger/export.jsonl").content.splitlines(keepends=True)
    assert verify(lines).entries == len(lines) - 1


def test_everything_that_was_done_still_proves(own_town: Town) -> None:
    lines: list[bytes] = []
    export(own_town.service.database, lines.append)
    assert verify(lines).entries > 20


def test_a_number_is_looked_up_and_whose_it_is_said_to_whom_it_concerns(own_town: Town) -> None:
    foreign = own_town.service.registry.series(own_town.series[own_town.foreign], by=own_town.everything)
    number = foreign.text(foreign.first)
    for role, known in ((AccountRole.OPERATOR, True), (AccountRole.OWNER, False), (AccountRole.GROUP, False)):
        page = own_town.browser(role).get("/lookup", params={"number": number}).text
        assert number in page
        assert (own_town.foreign in page) is known


def test_settings_are_shown_without_secrets(own_town: Town) -> None:
    page = own_town.browser(AccountRole.OPERATOR).get("/settings").text
    assert "quarantine_days" in page.replace("<wbr>", "")


def test_released_numbers_are_granted_again_when_two_operators_agree(own_town: Town) -> None:
    """The quarantine is ten years, so the page offers nothing; asked for anyway, it says why not, in Danish."""
    series = own_town.series[own_town.ours]
    found = own_town.service.registry.series(series, by=own_town.everything)
    system = Caller(Role.SYSTEM, own_town.ours, own_town.ours, "")
    own_town.service.registry.release(series, by=system, from_text=found.text(found.last - 9))
    browser = own_town.browser(AccountRole.OPERATOR, language="da")
    page = browser.get("/released").text
    assert found.text(found.last - 9) in page
    assert "Tildel igen" in page
    wish = {"series": series, "first": found.text(found.last - 9), "last": found.text(found.last)}
    refused = browser.post("/released", {**wish, "reason": "lukket", "do": "go"})
    assert refused.status_code == 422
    assert "Numrene er stadig i karantæne." in refused.text
    assert own_town.browser(AccountRole.AUDITOR).get("/released").status_code == 200


def test_a_case_has_somebody_who_looks_after_it(own_town: Town) -> None:
    browser, mine = own_town.browser(AccountRole.OPERATOR), own_town.accounts[AccountRole.OPERATOR].by
    number = own_town.address("{case}")
    assert f"Case {number} waits" in browser.get("/tasks/cases").text
    assert browser.post(f"/cases/{number}/assign", {"to": mine}).status_code == 303
    assert last_entry(own_town, "case_changed")["what"] == "assigned"
    assert f"Case {number} is yours" in browser.get("/tasks/cases").text
    assert "Anna Operator" in browser.get("/cases").text
    assert browser.post(f"/cases/{number}/assign", {"to": "account:nobody"}).status_code == 422
    assert browser.post(f"/cases/{number}/assign", {"to": ""}).status_code == 303
    assert own_town.service.cases.get(int(number)).assigned == ""


def test_a_region_changes_its_own_unit_and_no_other(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.REGION)
    own, foreign = own_town.address("/units/{unit}"), own_town.address("/units/{unit}", foreign=True)
    assert own in browser.get("/units").text
    values = {"name": "Labdrift Syd", "email": "syd@example.dk", "telephone": "97 64 10 00", "hours": "8-16"}
    assert browser.post(own, values).status_code == 303
    assert [unit.name for unit in own_town.service.regions.units(None)] == ["Fremmed It", "Labdrift Syd"]
    assert browser.get(foreign).status_code == 404
    assert browser.post(foreign, values).status_code == 404
    assert own_town.browser(AccountRole.OPERATOR).get(foreign).status_code == 200


def test_who_calls_over_plain_http_is_named_to_those_whose_system_it_is(own_town: Town) -> None:
    at = own_town.service.ledger.clock()
    own_town.service.transport.add_calls([Tally(own_town.ours, at.date(), "rest", plain=7, plain_at=at)])
    said = "Labka Nord called over plain HTTP 7 times in 30 days."
    for role in (AccountRole.OPERATOR, AccountRole.OWNER, AccountRole.REGION):
        assert said in own_town.browser(role).get("/overview").text
    assert said not in own_town.browser(AccountRole.GROUP).get("/overview").text


def test_a_file_with_secrets_that_others_can_read_is_a_task_of_the_operators(own_town: Town) -> None:
    path, said = own_town.service.database.path, "holds secrets: chmod 600"
    assert path is not None
    operator, owner = own_town.browser(AccountRole.OPERATOR), own_town.browser(AccountRole.OWNER)
    assert said not in operator.get("/overview").text
    path.chmod(0o644)
    try:
        assert f"{path}, which {said}" in operator.get("/overview").text
        assert said not in owner.get("/overview").text
    finally:
        path.chmod(0o600)
    assert said not in operator.get("/overview").text


def test_a_system_is_found_however_its_name_is_spelt(own_town: Town) -> None:
    own_town.service.systems.add(
        by="admin:t", name="BCC Hjørring", vendor="Åse & Søn", owner="Vendsyssel", environment=Environment.TEST
    )
    browser = own_town.browser(AccountRole.OPERATOR)
    for words in ("hjorring", "HJOERRING", "aase bcc", "son hjørring"):
        page = browser.get("/systems", params={"q": words}).text
        assert "BCC Hjørring" in page, words
        assert "Labka Nord" not in page
    assert "BCC Hjørring" not in browser.get("/systems", params={"q": "hjortshøj"}).text
