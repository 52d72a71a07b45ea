"""The quarantine: a policy in the ledger, changed by two people, with a floor and a clock of the database's own."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from drawing import add, caller, draw
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, RefusedError, UnavailableError
from npn.ledger import clock as clocks
from npn.ledger.export import export
from npn.people.approvals import Decision
from npn.proof.verify import verify
from npn.registry.model import Series
from npn.registry.quarantine import adopt_rules
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from operators import named

DAY = timedelta(days=1)


def entries(service: Service, kind: str) -> list[dict[str, object]]:
    found = service.ledger.page(before=None, limit=500)
    return [msgspec.json.decode(entry.data) for entry in reversed(found) if entry.type == kind]


def two_people_set(service: Service, days: int) -> str:
    asked = service.approvals.propose("quarantine", {"days": days}, by=named(service, "anna"), reason="decided")
    return service.approvals.decide(asked.id, Decision.APPROVED, by=named(service, "bo")).id


def until(service: Service, series: Series) -> datetime:
    return next(each.quarantine_until for each in service.regrants.returned() if each.series == series.id)


def elsewhere(service: Service, off: timedelta) -> Service:
    """A second server on the same database whose clock is wrong."""
    return build(service.settings, clock=lambda: datetime.now(UTC) + off)


def proved(service: Service) -> None:
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)


def test_a_new_database_has_ten_years_and_the_rules_in_its_ledger_once(service: Service, settings: Settings) -> None:
    initialise(settings)
    assert entries(service, "rules_adopted") == [{"rules": 2, "by": "init"}]
    assert entries(service, "quarantine_policy_set") == [{"days": 3650, "by": "init"}]
    assert not adopt_rules(service.ledger, by="init")
    assert service.quarantine.days() == 3650
    proved(service)


@pytest.mark.parametrize("days", [0, -5000, 1, 99_999_999, 40])
def test_the_settings_file_no_longer_counts(settings: Settings, days: int) -> None:
    initialise(settings)
    service = build(msgspec.structs.replace(settings, quarantine_days=days))
    try:
        of = add(service)
        series = draw(service, of, 10)
        service.registry.release(series.id, by=caller(of), from_text=None)
        assert until(service, series) - datetime.now(UTC) > timedelta(days=3649)
    finally:
        service.close()


def test_two_people_change_it_and_what_was_released_stays_as_it_was(service: Service) -> None:
    of = add(service)
    early, late = draw(service, of, 10), draw(service, of, 10)
    service.registry.release(early.id, by=caller(of), from_text=None)
    approval = two_people_set(service, 400)
    service.registry.release(late.id, by=caller(of), from_text=None)
    assert service.quarantine.days() == 400
    assert entries(service, "quarantine_policy_set")[-1] == {
        "days": 400,
        "by": f"{named(service, 'anna')}, {named(service, 'bo')}",
        "approval": approval,
    }
    assert until(service, early) - until(service, late) > timedelta(days=3249)
    assert service.approvals.carry_out(approval).outcome.startswith("done: ")
    assert len(entries(service, "quarantine_policy_set")) == 2
    proved(service)


@pytest.mark.parametrize("days", [364, 0, -1, 36_501, "400", True, None, 400.0])
def test_less_than_a_year_or_no_number_is_refused_naming_the_floor(service: Service, days: object) -> None:
    with pytest.raises(InvalidInputError) as refused:
        service.approvals.propose("quarantine", {"days": days}, by=named(service, "anna"), reason="short")  # type: ignore[dict-item]  # wrong on purpose
    assert (refused.value.code, refused.value.field) == ("quarantine_days", "days")
    assert "365" in refused.value.message
    assert service.quarantine.days() == 3650


def test_what_holds_already_is_not_proposed(service: Service) -> None:
    with pytest.raises(ConflictError) as refused:
        service.approvals.propose("quarantine", {"days": 3650}, by=named(service, "anna"), reason="again")
    assert refused.value.code == "policy_unchanged"


def test_the_database_refuses_a_shorter_quarantine_and_a_changed_policy(service: Service) -> None:
    of = add(service)
    series = draw(service, of, 10)
    service.registry.release(series.id, by=caller(of), from_text=series.text(series.last))
    now = datetime.now(UTC)
    statements = (
        "INSERT INTO quarantine_policy (ledger_seq, days, at) VALUES (999, 364, :at)",
        "INSERT INTO quarantine_policy (ledger_seq, days, at) VALUES (999, 0, :at)",
        "UPDATE quarantine_policy SET days = 400",
        "DELETE FROM quarantine_policy",
        "INSERT INTO release SELECT series_id, first - 1, first - 1, at, :early, 99 FROM release",
        "INSERT INTO release SELECT series_id, first - 1, first - 1, :past, :early, 99 FROM release",
    )
    times = {"at": now, "early": now + 364 * DAY, "past": now - 4000 * DAY}
    for statement in statements:
        names = [name for name in times if f":{name}" in statement]
        wanted = sa.text(statement).bindparams(*(sa.bindparam(name, times[name], type_=release_at()) for name in names))
        with pytest.raises((sa_exc.DBAPIError, UnavailableError)), service.database.write() as connection:
            connection.execute(wanted)


def release_at() -> sa.types.TypeEngine[datetime]:
    from npn.registry.tables import release  # noqa: PLC0415  # its type alone

    return release.c.at.type


@pytest.mark.parametrize("off", [timedelta(days=-6000), timedelta(minutes=-2), timedelta(days=300)])
def test_a_wrong_clock_stops_releases_and_never_draws(service: Service, off: timedelta) -> None:
    of = add(service)
    wrong = elsewhere(service, off)
    try:
        series = draw(wrong, of, 10)
        if service.database.dialect == "sqlite" and off > timedelta(0):
            return  # a clock ahead is seen by the next server: SQLite has none of its own
        with pytest.raises(UnavailableError) as refused:
            wrong.registry.release(series.id, by=caller(of), from_text=None)
        assert refused.value.code == "clock_wrong"
        assert not clocks.current_clocks(wrong.ledger).agree
        assert abs(clocks.current_clocks(wrong.ledger).difference + off) < timedelta(seconds=30)
        assert draw(wrong, of, 10).first == series.last + 1
        with pytest.raises(UnavailableError):
            wrong.registry.release(series.id, by=caller(of), from_text=None)
    finally:
        wrong.close()
    service.registry.release(series.id, by=caller(of), from_text=None)
    proved(service)


def test_a_clock_a_little_off_is_taken_and_the_quarantine_counts_from_the_later(service: Service) -> None:
    of = add(service)
    series = draw(service, of, 10)
    slow = elsewhere(service, timedelta(seconds=-50))
    try:
        began = datetime.now(UTC)
        slow.registry.release(series.id, by=caller(of), from_text=None)
    finally:
        slow.close()
    assert until(service, series) >= began + 3650 * DAY - timedelta(seconds=5)


def test_an_idle_database_is_no_wrong_clock(settings: Settings) -> None:
    initialise(settings)
    if settings.database.startswith("postgresql"):
        pytest.skip("PostgreSQL has a clock of its own")
    service = build(settings, clock=lambda: datetime.now(UTC) + 500 * DAY)
    try:
        assert clocks.current_clocks(service.ledger).agree
        of = add(service)
        series = draw(service, of, 10)
        service.registry.release(series.id, by=caller(of), from_text=None)
    finally:
        service.close()


def test_a_time_that_the_ledger_holds_ahead_stops_releases_until_it_is_accepted(service: Service) -> None:
    of = add(service)
    ahead = elsewhere(service, 400 * DAY)
    try:
        series = draw(ahead, of, 10)
    finally:
        ahead.close()
    draw(service, of, 10)  # a right entry after it changes nothing
    if service.database.dialect == "postgresql":  # its own clock and ours agree: all that is ahead is the ledger
        service.registry.release(series.id, by=caller(of), from_text=series.text(series.last))
        assert until(service, series) - datetime.now(UTC) > 4049 * DAY
        clocks.accept(service.ledger, by="admin:anna", reason="a server's battery was empty")
        service.registry.release(series.id, by=caller(of), from_text=None)
        assert until(service, series) - datetime.now(UTC) < 3651 * DAY
        return
    with pytest.raises(UnavailableError) as refused:
        service.registry.release(series.id, by=caller(of), from_text=None)
    assert refused.value.code == "clock_wrong"
    with pytest.raises(UnavailableError):
        service.approvals.propose("regrant", {"series": series.id}, by=named(service, "anna"), reason="closed")
    before = clocks.accept(service.ledger, by="admin:anna", reason="a server's battery was empty")
    assert before.newest is not None
    assert before.newest - before.here > 399 * DAY
    (entry,) = entries(service, "clock_accepted")
    assert (entry["by"], entry["reason"]) == ("admin:anna", "a server's battery was empty")
    assert str(entry["newest"]).startswith(f"{before.newest:%Y-%m-%dT%H:%M}")
    service.registry.release(series.id, by=caller(of), from_text=None)
    with pytest.raises(ConflictError) as nothing:
        clocks.accept(service.ledger, by="admin:anna", reason="again")
    assert nothing.value.code == "clock_not_ahead"
    proved(service)


def test_a_regrant_hangs_on_the_clock_too(service: Service) -> None:
    of = add(service)
    series = draw(service, of, 10)
    service.registry.release(series.id, by=caller(of), from_text=None)
    wrong = elsewhere(service, 20_000 * DAY)
    try:
        wish = {"series": series.id, "first": series.text(series.first), "last": series.text(series.last)}
        if service.database.dialect == "postgresql":
            with pytest.raises(UnavailableError) as refused:
                wrong.approvals.propose("regrant", wish, by=named(service, "anna"), reason="closed")
            assert refused.value.code == "clock_wrong"
            return
        asked = wrong.approvals.propose("regrant", wish, by=named(service, "anna"), reason="closed")
        # SQLite's own clock, the process's, is asked by the guard whatever a program says of the time.
        with pytest.raises(sa_exc.IntegrityError):
            wrong.approvals.decide(asked.id, Decision.APPROVED, by=named(service, "bo"))
    finally:
        wrong.close()


def test_what_was_released_before_the_policy_waits_a_year_at_least(service: Service) -> None:
    """A release of an older program, by hand: quarantine of no time at all, dated sixteen years before its draw."""
    of = add(service)
    series = draw(service, of, 10)
    service.registry.release(series.id, by=caller(of), from_text=None)
    forge(service)
    found = until(service, series)
    assert found - datetime.now(UTC) > 364 * DAY
    wish = {"series": series.id, "first": series.text(series.first), "last": series.text(series.last)}
    with pytest.raises(RefusedError) as refused:
        service.approvals.propose("regrant", wish, by=named(service, "anna"), reason="closed")
    assert refused.value.code == "in_quarantine"


def forge(service: Service) -> None:
    """Let the release be one of 2010 that was over in 2011: past the guards, as the database's owner can."""
    set_back = "UPDATE release SET at = '2010-01-01T00:00:00.000000Z', quarantine_until = '2011-01-01T00:00:00.000000Z'"
    with service.database.write() as connection:
        if service.database.dialect == "sqlite":
            names = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'release'")
            ).all()
            for name, _ in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(set_back)
            for _, made in names:
                connection.exec_driver_sql(made)
        else:
            connection.exec_driver_sql("RESET ROLE")
            connection.exec_driver_sql("ALTER TABLE release DISABLE TRIGGER ALL")
            connection.exec_driver_sql(set_back)
            connection.exec_driver_sql("ALTER TABLE release ENABLE TRIGGER ALL")


@pytest.mark.parametrize("time", ["", "2000-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.000000Z", "now", "zzz"])
def test_the_newest_time_is_that_of_an_entry_whoever_writes_it(service: Service, time: str) -> None:
    of = add(service)
    statement = sa.text("UPDATE ledger_head SET newest = :time").bindparams(time=time)
    with pytest.raises(sa_exc.DatabaseError), service.database.write() as connection:
        connection.execute(statement)
    series = draw(service, of, 10)
    service.registry.release(series.id, by=caller(of), from_text=None)
    proved(service)
