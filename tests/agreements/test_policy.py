"""What becomes of draws by systems without an accepted agreement: nothing, until an operator sets a date."""

from contextlib import closing
from datetime import timedelta

import pytest

from agreements.conftest import V1, V2, Clock
from agreements.test_service import proved
from agreements_texts import TEXTS
from drawing import add, caller, draw
from moved_clock import Clock as EveryClock
from npn.agreements.model import Dates, Stage, Version, VersionNumber
from npn.agreements.notices import HEADER
from npn.config import Settings
from npn.errors import RefusedError
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised


def refuse_from(service: Service, days: int, number: VersionNumber = V1) -> None:
    day = service.agreements.today + timedelta(days=days)
    service.agreements.set_dates(Dates("connection", number, refuse_from=day), by="t")


def test_nothing_is_refused_before_a_date_is_set(service: Service, first: Version, clock: Clock) -> None:
    lab = add(service)
    clock.days(4000)
    draw(service, lab, 10)
    assert service.notices(lab[0]) == []


@pytest.mark.moves_clock
def test_new_series_are_refused_from_the_date_and_nothing_is_taken_away(settings: Settings) -> None:
    clock = EveryClock()
    initialised(settings)
    with closing(build(settings)) as service:
        service.agreements.publish(V1, TEXTS, by="t", effective_from=service.agreements.today)
        lab = add(service)
        refuse_from(service, 1)
        series = draw(service, lab, 1000, request_id="before")
        clock.wait(timedelta(days=1))

        with pytest.raises(RefusedError, match=r"version 1\.0, is not accepted") as refused:
            draw(service, lab, 10)
        assert refused.value.code == "agreement_missing"
        assert draw(service, lab, 1000, request_id="before") == series
        released = service.registry.release(series.id, by=caller(lab), from_text="1000000900")
        assert released.state == "partly_released"
        service.agreements.accept(lab[0].id, by="t", accepted_by="Anna", capacity="x")
        draw(service, lab, 10)
        proved(service)


def test_a_system_under_test_draws_without_an_agreement(service: Service, first: Version) -> None:
    refuse_from(service, 0)
    assert draw(service, add(service, "Trial", "test"), 10).space == "test"


def test_a_later_version_stands_for_an_earlier_and_asks_nothing_before_it_has_dates(
    service: Service, first: Version, clock: Clock
) -> None:
    old, new = add(service, "Old"), add(service, "New")
    refuse_from(service, 0)
    service.agreements.publish(V2, TEXTS, by="t", effective_from=clock.today + timedelta(days=183))
    service.agreements.accept(old[0].id, by="t", accepted_by="Anna", capacity="x", number=V1)
    service.agreements.accept(new[0].id, by="t", accepted_by="Bo", capacity="x", number=V2)
    clock.days(200)
    draw(service, old, 10)
    draw(service, new, 10)

    refuse_from(service, 0, V2)
    draw(service, new, 10)
    with pytest.raises(RefusedError, match=r"version 2\.0"):
        draw(service, old, 10)
    assert service.agreements.standing(old[0].id).wanted == V2


def test_a_respite_lets_one_system_draw_until_its_day(service: Service, first: Version, clock: Clock) -> None:
    lab, other = add(service, "Lab"), add(service, "Other")
    refuse_from(service, 0)
    until = clock.today + timedelta(days=5)
    service.agreements.grant_respite(lab[0].id, until=until, reason="the owner signs next week", by="t")
    draw(service, lab, 10)
    with pytest.raises(RefusedError):
        draw(service, other, 10)
    standing = service.agreements.standing(lab[0].id)
    assert (standing.stage, standing.refuse_from, standing.respite_until) == (Stage.WARN, until, until)
    clock.days(5)
    with pytest.raises(RefusedError, match=f"since {until}"):
        draw(service, lab, 10)
    proved(service)


def test_one_system_s_refusal_is_not_another_s_in_the_same_batch(service: Service, first: Version) -> None:
    good, bad = add(service, "Good"), add(service, "Bad")
    service.agreements.accept(good[0].id, by="t", accepted_by="Anna", capacity="x")
    refuse_from(service, 0)
    draw(service, good, 10)
    with pytest.raises(RefusedError):
        draw(service, bad, 10)


def test_a_system_is_told_before_it_is_refused(service: Service, first: Version, clock: Clock) -> None:
    lab = add(service)[0]
    day = clock.today
    dates = [day + timedelta(days=n) for n in (0, 10, 20)]
    service.agreements.set_dates(Dates("connection", V1, *dates), by="t")

    (told,) = service.notices(lab)
    assert (told.code, told.by) == ("agreement_missing", dates[2])
    assert f"from {dates[2]} on it is given no new series" in told.text
    service.warnings.look()
    assert service.warnings.of(lab.id) == {}
    clock.days(10)
    fresh = type(service.warnings)(service.agreements)
    assert not fresh.fresh
    fresh.look()
    assert fresh.fresh
    assert fresh.of(lab.id) == {HEADER: f"agreement_missing; version=1.0; refuse-from={dates[2]}"}
    clock.days(10)
    assert "since" in service.notices(lab)[0].text
    service.agreements.accept(lab.id, by="t", accepted_by="Anna", capacity="x")
    assert service.notices(lab) == []


def test_setting_dates_says_whom_they_refuse_today(service: Service, first: Version, clock: Clock) -> None:
    lab = add(service)[0]
    refused = service.agreements.set_dates(Dates("connection", V1, refuse_from=clock.today), by="t")
    assert [each.system for each in refused] == [lab.id]
    assert service.agreements.set_dates(Dates("connection", V1), by="t") == []
