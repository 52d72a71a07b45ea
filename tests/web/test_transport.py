"""The pages of transport: the operator announces and follows, whoever runs a system adds and ends its certificates."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from authority import Authority
from npn.people.model import AccountRole
from npn.systems.reading import grouped
from npn.transport.calls import Tally
from npn.transport.planner import Rhythm
from web.town import Browser, Town


@pytest.fixture
def operator(town: Town) -> Iterator[Browser]:
    browser = town.browser(AccountRole.OPERATOR)
    yield browser
    browser.client.close()


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def counted(town: Town) -> None:
    """Let both worlds have called, in several ways and weeks."""
    today = datetime.now(UTC).date()
    town.service.transport.add_calls(
        [
            Tally(town.ours, today - timedelta(days=ago), "rest", plain=30, secure=5, plain_from="10.1.2.3",
                  plain_at=datetime.now(UTC) - timedelta(days=ago))
            for ago in range(0, 80, 3)
        ]
        + [Tally(town.foreign, today, "soap", secure=7, certified=7)]
    )  # fmt: skip


def test_the_operator_sees_who_calls_how_and_the_mix_as_a_chart_with_its_figures(town: Town, operator: Browser) -> None:
    counted(town)
    page = operator.get("/transport").text
    assert 'role="img"' in page
    assert "per cent of the calls in thirteen weeks came over plain HTTP." in page
    row = re.search(r"<tr><th scope=\"row\"><a href=\"/systems/labka-nord/transport\">.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert "plain HTTP</span>" in row[0]
    assert "10.1.2.3" in row[0]
    assert "TLS only" in page
    assert len(page.encode()) < 150_000


def test_the_end_a_brown_out_and_an_exception_are_announced_in_forms(town: Town, operator: Browser) -> None:
    wrong = operator.post("/transport/sunset/announce", {"cut_off": day(30), "reason": "quick", "do": "go"})
    assert wrong.status_code == 422
    assert "six months are agreed" in wrong.text
    sent = operator.post(
        "/transport/sunset/announce", {"cut_off": day(300), "reason": "decided by the group", "do": "go"}
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/transport/sunset")
    window = {"day": day(20), "starts_at": "09:00", "ends_at": "11:00", "reason": "a first try", "do": "go"}
    assert operator.post("/transport/brown-outs/new", window).status_code == 303
    assert operator.post("/transport/brown-outs/new", {**window, "ends_at": "08:00"}).status_code == 422
    plan = town.service.transport.plan()
    assert plan.sunset is not None
    assert plan.sunset.announced_by == town.accounts[AccountRole.OPERATOR].by
    (brown_out,) = plan.brown_outs
    assert brown_out.ends_at - brown_out.starts_at == timedelta(hours=2)
    page = operator.get("/transport/sunset").text
    assert "a first try" in page
    exception = f"/systems/{town.ours}/transport/exception"
    assert operator.post(exception, {"until": day(400), "reason": "released late"}).status_code == 303
    assert "released late" in town.browser(AccountRole.OWNER).get(f"/systems/{town.ours}/transport").text
    assert operator.post(f"{exception}/end").status_code == 303
    assert operator.post(f"/transport/brown-outs/{brown_out.id}/cancel").status_code == 303
    assert operator.post("/transport/sunset/withdraw", {"reason": "postponed", "do": "go"}).status_code == 303
    town.service.transport.plan()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/transport/sunset/announce", {"cut_off": "2027-02-30", "reason": "x"}),
        ("/transport/sunset/announce", {"cut_off": "", "reason": ""}),
        ("/transport/brown-outs/new", {"day": "x", "starts_at": "25:00", "ends_at": "11:00", "reason": "x"}),
        ("/transport/planner", {"vendor": "nobody", "release": "2026-10-01", "every_months": "6"}),
        ("/transport/planner", {"vendor": "CSC Sundhed", "release": "2026-10-01", "every_months": "99",
                                "freeze_months": "3", "work_weeks": "0"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_shown_again_beside_its_field(
    operator: Browser, path: str, values: dict[str, str]
) -> None:
    answer = operator.post(path, values)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_the_planner_says_who_can_not_make_a_day_and_when_all_can(town: Town, operator: Browser) -> None:
    town.service.release_notices.state("Fremmed Software", Rhythm(datetime.now(UTC).date(), 1, 0), by="admin:t")
    stated = {"vendor": "CSC Sundhed", "release": "2026-10-01", "every_months": "6", "freeze_months": "3",
              "work_weeks": "0", "note": "told in October"}  # fmt: skip
    assert operator.post("/transport/planner", stated).status_code == 303
    page = operator.get("/transport/planner", params={"proposed": "2027-03-01", "notice": "2026-11-24"}).text
    assert "t be ready by 1 Mar 2027." in page
    assert "1 Apr 2027" in page
    assert "told in October" in page
    group = town.browser(AccountRole.GROUP).get("/transport/planner", params={"proposed": "2027-03-01"})
    assert group.status_code == 200
    assert "Labka Nord" not in group.text  # systems are not the group's to see


def test_whoever_runs_a_system_sees_its_calls_and_certificates(town: Town) -> None:
    counted(town)
    owner, authority = town.browser(AccountRole.OWNER), Authority()
    old, new = authority.client("labka", days=(-1, 20)), authority.client("labka", days=(-1, 400))
    for issued in (old, new):
        town.service.certificates.bind(town.ours, issued.pem, by="admin:t")
    page = owner.get(f"/systems/{town.ours}/transport").text
    assert grouped(old.fingerprint) in page
    assert "has a successor" in page
    assert "came over plain HTTP" in page
    assert 'role="img"' in page
    assert owner.get(f"/systems/{town.foreign}/transport").status_code == 404
    for issued in (old, new):
        town.service.certificates.unbind(town.ours, issued.fingerprint, by="admin:t")


def test_an_auditor_sees_and_changes_nothing(town: Town) -> None:
    auditor = town.browser(AccountRole.AUDITOR)
    for path in ("/transport", "/transport/sunset", "/transport/certificates", f"/systems/{town.ours}/transport"):
        page = auditor.get(path)
        assert page.status_code == 200
        assert "/transport/sunset/announce" not in page.text
    before = town.entries()
    assert auditor.post("/transport/sunset/withdraw", {"reason": "x"}).status_code == 403
    assert auditor.post(f"/systems/{town.ours}/transport/exception/end").status_code == 403
    assert town.entries() == before
