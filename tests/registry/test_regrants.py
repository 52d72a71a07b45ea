"""Released numbers granted again: after the quarantine, when two people agree, to others, and once."""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drawing import add, caller, draw
from moved_clock import Clock
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnavailableError
from npn.ledger.export import export
from npn.ledger.keys import public_keys, verified
from npn.people.approvals import Approval, Decision
from npn.proof.verify import verify
from npn.registry.lookup import look_up
from npn.registry.model import Series
from npn.registry.receipts import receipt
from npn.registry.recovery import rebuild_witness
from npn.registry.tables import regrant, release
from npn.systems.model import ApiKey, ConnectedSystem
from npn.wiring.assembly import build
from npn.wiring.service import Service
from operators import named
from prepared import initialised

pytestmark = pytest.mark.moves_clock

QUARANTINE = timedelta(days=365, seconds=2)  # a year and the rest of the second in which it began
Connected = tuple[ConnectedSystem, ApiKey]


@pytest.fixture
def timed(service: Service, clock: Clock) -> Service:
    """A service whose policy is the shortest quarantine that two people may agree on."""
    a_year(service)
    return service


def a_year(service: Service) -> None:
    by, reason = named(service, "anna"), "as short as can be"
    asked = service.approvals.propose("quarantine", {"days": 365}, by=by, reason=reason)
    assert service.approvals.decide(asked.id, Decision.APPROVED, by=named(service, "bo")).outcome.startswith("done: ")


def proposed(service: Service, series: Series, first: int, last: int) -> Approval:
    wish = {"series": series.id, "first": series.text(first), "last": series.text(last)}
    return service.approvals.propose("regrant", wish, by=named(service, "anna"), reason="the laboratory closed")


def given_free(service: Service, series: Series, first: int, last: int) -> Approval:
    asked = proposed(service, series, first, last)
    return service.approvals.decide(asked.id, Decision.APPROVED, by=named(service, "bo"))


def released(service: Service, of: Connected, series: Series, start: int) -> Series:
    return service.registry.release(series.id, by=caller(of), from_text=series.text(start))


def proved(service: Service) -> None:
    """Export the ledger and hold it to every rule."""
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)


def by_hand(service: Service, series: Series, wrong: dict[str, object]) -> None:
    """Insert a regrant as no program would."""
    columns = [
        "id",
        "series_id",
        "space",
        "scheme_length",
        "generation",
        "holders",
        "ledger_seq",
        *sorted({"cursor", *wrong}),
    ]
    fixed = {
        "id": "r1",
        "series_id": series.id,
        "space": series.space,
        "scheme_length": 10,
        "generation": 1,
        "holders": "",
    }
    row = {**fixed, "ledger_seq": 1, "cursor": wrong["first"], **wrong}
    with service.database.write() as connection:
        connection.execute(sa.insert(regrant).values({name: row[name] for name in columns}))


def write(service: Service, statement: sa.Insert) -> None:
    with service.database.write() as connection:
        connection.execute(statement)


def test_a_release_that_the_ledger_does_not_tell_of_gives_nothing_free(timed: Service, clock: Clock) -> None:
    lab, other = add(timed), add(timed, "Other")
    series, told = draw(timed, lab, 100), draw(timed, lab, 100)
    released(timed, lab, told, told.first + 50)
    until = clock.at + timedelta(days=366)
    row = {"series_id": series.id, "first": series.first, "last": series.last, "at": clock.at}
    columns = {**row, "quarantine_until": until, "ledger_seq": timed.ledger.state().length}
    made_up = sa.insert(release).values(columns)
    later = timedelta(days=400)
    if timed.database.dialect == "postgresql":
        with pytest.raises(sa_exc.DatabaseError):
            write(timed, made_up)
    else:  # SQLite asks nothing when a transaction ends, so it refuses what would come of it
        write(timed, made_up)
    clock.move(later)
    if timed.database.dialect == "sqlite":
        with pytest.raises(sa_exc.DatabaseError, match="tells of no such release"):
            given_free(timed, series, series.first, series.last)
    assert given_free(timed, told, told.first + 50, told.last).outcome.startswith("done: ")
    assert draw(timed, other, 100).first > told.last


def ready(service: Service, clock: Clock) -> tuple[Connected, Connected, Series]:
    """Two systems; the first has released the upper half of a hundred numbers, and the quarantine is over."""
    one, other = add(service, "One"), add(service, "Other")
    series = draw(service, one, 100)
    released(service, one, series, series.first + 50)
    clock.wait(QUARANTINE)
    return one, other, series


def test_released_numbers_are_drawn_again_once_and_the_history_says_so(timed: Service, clock: Clock) -> None:
    one, other, series = ready(timed, clock)
    assert given_free(timed, series, series.first + 50, series.last).outcome.startswith("done: ")

    again = draw(timed, other, 30, request_id="again")
    assert (again.first, again.last) == (series.first + 50, series.first + 79)
    assert draw(timed, other, 30, request_id="again") == again
    rest = draw(timed, other, 20)
    assert (rest.first, rest.last) == (series.first + 80, series.last)
    assert draw(timed, other, 1).first == series.last + 1  # none are left: from the cursor on, as ever
    assert draw(timed, one, 1).first == series.last + 2

    found = look_up(timed.database, series.text(series.first + 60))
    assert [event.event for event in found.history] == ["granted", "released", "given_free", "granted"]
    assert (found.state, found.system, found.series) == ("granted", other[0].id, again.id)
    assert look_up(timed.database, series.text(series.first)).system == one[0].id
    kept = timed.registry.series(series.id, by=caller(one))
    assert (kept.first, kept.last, kept.size) == (series.first, series.last, 100)
    with timed.database.read() as connection:
        signed = verified(receipt(timed.database, again), public_keys(connection))
    assert (signed["first"], signed["last"]) == (again.text(again.first), again.text(again.last))
    proved(timed)


def test_who_had_them_before_is_never_given_them(timed: Service, clock: Clock) -> None:
    one, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.last)
    assert draw(timed, one, 10).first > series.last  # an agent would refuse what it has had before
    again = draw(timed, other, 50)
    released(timed, other, again, again.first)
    clock.wait(QUARANTINE)
    given_free(timed, again, again.first, again.last)
    assert draw(timed, one, 10).first > series.last
    assert draw(timed, other, 10).first > series.last
    third = add(timed, "Third")
    assert draw(timed, third, 10).first == again.first
    assert len(look_up(timed.database, series.text(again.first)).history) == 7
    proved(timed)


def test_a_draw_that_does_not_fit_is_not_cut_into_pieces(timed: Service, clock: Clock) -> None:
    _, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.last)
    assert draw(timed, other, 51).first == series.last + 1
    usable = draw(timed, other, usable=3)
    assert series.first + 50 <= usable.first <= usable.last <= series.last
    proved(timed)


def test_what_is_held_in_quarantine_or_unknown_is_refused(timed: Service, clock: Clock) -> None:
    one, _, series = ready(timed, clock)
    with pytest.raises(RefusedError) as held:
        proposed(timed, series, series.first + 40, series.last)
    assert held.value.code == "not_released"
    released(timed, one, series, series.first + 40)
    with pytest.raises(RefusedError) as waiting:
        proposed(timed, series, series.first + 40, series.last)
    assert waiting.value.code == "in_quarantine"
    proposed(timed, series, series.first + 50, series.last)
    with pytest.raises(NotFoundError):
        timed.approvals.propose("regrant", {"series": "s1"}, by=named(timed, "anna"), reason="none")
    with pytest.raises(InvalidInputError):
        timed.approvals.propose("regrant", {"series": series.id, "first": "x"}, by=named(timed, "anna"), reason="none")


def test_it_takes_two_people_and_happens_once(timed: Service, clock: Clock) -> None:
    _, other, series = ready(timed, clock)
    asked = proposed(timed, series, series.first + 50, series.last)
    with pytest.raises(RefusedError) as alone:
        timed.approvals.decide(asked.id, Decision.APPROVED, by=named(timed, "anna"))
    assert alone.value.code == "same_person"
    twin = proposed(timed, series, series.first + 60, series.last)
    done = timed.approvals.decide(asked.id, Decision.APPROVED, by=named(timed, "bo"))
    with pytest.raises(ConflictError):
        timed.approvals.decide(asked.id, Decision.APPROVED, by=named(timed, "carl"))
    draw(timed, other, 50)
    given = timed.regrants.given()
    again = timed.regrants.give_free(asked.wish, approval=asked.id, by=done.by)  # a crash before the outcome was kept
    assert (again.id, timed.regrants.given()) == (given[0].id, given)
    assert "given free before" in timed.approvals.decide(twin.id, Decision.APPROVED, by=named(timed, "bo")).outcome
    assert timed.regrants.given() == given
    with pytest.raises(ConflictError):
        proposed(timed, series, series.first + 60, series.last)
    proved(timed)


def test_the_database_itself_keeps_numbers_from_being_granted_again(timed: Service, clock: Clock) -> None:
    one, other, series = ready(timed, clock)
    undecided = proposed(timed, series, series.first + 51, series.last).id
    twin = proposed(timed, series, series.first + 52, series.last)
    given_free(timed, series, series.first + 50, series.last)
    approved = timed.approvals.decide(
        twin.id, Decision.APPROVED, by=named(timed, "bo")
    ).id  # refused: given free before
    draw(timed, other, 50)
    released(timed, one, series, series.first + 40)
    clock.wait(QUARANTINE)
    for wrong in (
        {"first": series.first + 40, "last": series.last},  # given before
        {"first": series.first + 30, "last": series.first + 49},  # held
        {"first": series.first + 40, "last": series.first + 49, "cursor": series.first + 41},
        {"first": series.first + 40, "last": series.first + 49, "approval": "nobody"},
        {"first": series.first + 40, "last": series.first + 49, "approval": undecided},
    ):
        with pytest.raises(sa_exc.IntegrityError):
            by_hand(timed, series, {"approval": approved, "at": clock.at} | wrong)
    for change in (
        "UPDATE regrant SET cursor = cursor - 1",
        "DELETE FROM regrant",
        "UPDATE regrant SET last = last + 1",
    ):
        with pytest.raises((sa_exc.IntegrityError, UnavailableError)), timed.database.write() as connection:
            connection.execute(sa.text(change))
    copied = (
        "INSERT INTO live_range SELECT 'w1', 'withheld', space, scheme_length, first, last, usable, NULL, NULL, "
        "NULL, NULL, NULL, drawn_at, ledger_seq, generation + 1 FROM live_range WHERE id = :id"
    )
    with pytest.raises(sa_exc.IntegrityError), timed.database.write() as connection:
        connection.execute(sa.text(copied), {"id": series.id})  # nobody gave all of it free


def test_what_is_released_is_the_tail_of_what_is_held(timed: Service, clock: Clock) -> None:
    _, other, series = ready(timed, clock)
    again = "INSERT INTO release SELECT series_id, {}, at, quarantine_until, 99 FROM release"
    for part in ("first - 5, first - 5", "first - 5, last", "first + 1, last"):
        with pytest.raises(sa_exc.IntegrityError), timed.database.write() as connection:
            connection.execute(sa.text(again.format(part)))
    assert draw(timed, other, 1).first == series.last + 1


def test_the_database_asks_its_own_clock_too(service: Service, clock: Clock) -> None:
    """Two people have agreed although the quarantine is not over, and a row is inserted as no program would."""
    one = add(service, "One")
    series = draw(service, one, 100)
    released(service, one, series, series.first)
    unchecked = replace(service.approvals, checks={}, executors={"regrant": lambda _: "nothing"})
    wish = {"series": series.id, "first": series.text(series.first), "last": series.text(series.last)}
    asked = unchecked.propose("regrant", wish, by=named(service, "anna"), reason="closed")
    unchecked.decide(asked.id, Decision.APPROVED, by=named(service, "bo"))
    row = {"first": series.first, "last": series.last, "approval": asked.id}
    for at in (clock.at, clock.at + timedelta(days=9999)):
        with pytest.raises(sa_exc.IntegrityError, match="quarantine"):
            by_hand(service, series, {**row, "at": at})
    clock.wait(timedelta(days=3651))
    if service.database.dialect == "postgresql":  # the quarantine is over; the ledger knows nothing of the row
        with pytest.raises(sa_exc.IntegrityError, match="ledger"):
            by_hand(service, series, {**row, "at": clock.at})
    else:
        by_hand(service, series, {**row, "at": clock.at})


COPY = (
    "INSERT INTO live_range (id, kind, space, scheme_length, generation, first, last, usable, drawn_at, ledger_seq) "
    "SELECT 'copy', 'withheld', space, scheme_length, {generation}, {first}, {last}, 0, drawn_at, ledger_seq "
    "FROM live_range WHERE id = :id"
)


@pytest.mark.parametrize("generation", ["0", "1", "2", "-1"])
@pytest.mark.parametrize(
    ("first", "last"), [("first", "last"), ("first + 3", "first + 3"), ("last", "last + 5"), ("first - 5", "first")]
)
def test_no_statement_doubles_a_range_within_a_generation(
    timed: Service,
    clock: Clock,
    *,
    generation: str,
    first: str,
    last: str,
) -> None:
    _, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 40 + 10, series.last)
    draw(timed, other, 10)
    again = draw(timed, other, 10)
    assert again.first == series.first + 60, "inside what was given free, with room on both sides"
    statement = sa.text(COPY.format(generation=generation, first=first, last=last))
    with pytest.raises((sa_exc.DBAPIError, UnavailableError)) as error, timed.database.write() as connection:
        connection.execute(statement, {"id": again.id})
    if generation == "1":
        words = ("overlap", "uq_live_range", "never replaced")
        assert any(word in str(error.value) for word in words), "and not for another reason"


def test_the_same_numbers_fit_in_the_generation_in_which_they_were_given_free(
    timed: Service,
    clock: Clock,
) -> None:
    """The statement of the test above is refused for its overlap alone."""
    _, _, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.last)
    with timed.database.write() as connection:
        connection.execute(sa.text(COPY.format(generation=1, first="first + 60", last="last")), {"id": series.id})


def test_length_and_generation_are_whole_numbers(timed: Service, clock: Clock) -> None:
    _, _, series = ready(timed, clock)
    copied = (
        "INSERT INTO live_range SELECT 'w1', 'withheld', space, {}, first, last, usable, NULL, NULL, NULL, NULL, NULL, "
        "drawn_at, ledger_seq, {} FROM live_range WHERE id = :id"
    )
    wrong = [(length, "0") for length in ("10.5", "'10abc'", "-90", "110", "NULL")]
    wrong += [("10", generation) for generation in ("0.4", "0.6", "'0abc'", "-1", "1", "NULL")]
    for length, generation in wrong:
        with pytest.raises((sa_exc.DBAPIError, UnavailableError)), timed.database.write() as connection:
            connection.execute(sa.text(copied.format(length, generation)), {"id": series.id})


@pytest.mark.parametrize("guard", ["guard_live_range_insert", "live_range_space"])
def test_on_sqlite_a_generation_that_is_none_doubles_nothing_even_where_one_guard_is_gone(
    timed: Service, clock: Clock, guard: str
) -> None:
    if timed.database.path is None:
        pytest.skip("PostgreSQL's column takes no other type")
    _, _, series = ready(timed, clock)
    doubled = (
        "INSERT OR REPLACE INTO live_range (id, kind, space, scheme_length, generation, first, last, usable, drawn_at,"
        " ledger_seq) SELECT 'w1', 'withheld', space, scheme_length, {}, first, last, usable, drawn_at, ledger_seq"
        " FROM live_range WHERE id = ?"
    )
    with closing(sqlite3.connect(timed.database.path)) as hand:
        hand.execute(f"DROP TRIGGER {guard}")
        for generation in ("NULL", "-1", "0", "'0'", "0.0", "1"):
            with pytest.raises(sqlite3.DatabaseError):
                hand.execute(doubled.format(generation), (series.id,))


def test_what_was_granted_again_is_counted_as_its_new_holders_alone(timed: Service, clock: Clock) -> None:
    one, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.last)
    draw(timed, other, 30)
    counted = [sum(sum(each.parts.values()) for each in timed.registry.line(of[0].id)) for of in (one, other)]
    assert counted == [70, 30]


def test_the_rest_of_a_release_can_still_be_given_free(timed: Service, clock: Clock) -> None:
    _, _, series = ready(timed, clock)
    for first, last in ((60, 69), (90, 99)):
        given_free(timed, series, series.first + first, series.first + last)
    left = [(int(each.first) - series.first, int(each.last) - series.first) for each in timed.regrants.returned()]
    assert left == [(50, 59), (70, 89)]
    given_free(timed, series, series.first + 50, series.first + 59)
    given_free(timed, series, series.first + 70, series.first + 89)
    assert timed.regrants.returned() == []


def test_a_new_witness_leaves_nothing_to_be_granted_again(timed: Service, settings: Settings, clock: Clock) -> None:
    _, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.last)
    draw(timed, other, 10)
    Path(settings.witness).unlink()
    rebuild_witness(timed.ledger, by="test")
    assert draw(timed, other, 10).first == series.last + 1
    assert [each.cursor for each in timed.regrants.given()] == [series.last + 1]
    proved(timed)


def test_a_new_witness_counts_as_a_recovery_nothing_older_is_given_free(
    timed: Service, settings: Settings, clock: Clock
) -> None:
    one, other, series = ready(timed, clock)
    given_free(timed, series, series.first + 50, series.first + 59)
    draw(timed, other, 10)
    Path(settings.witness).unlink()
    rebuild_witness(timed.ledger, by="test")
    with pytest.raises(RefusedError) as caught:
        given_free(timed, series, series.first + 60, series.last)
    assert caught.value.code == "before_recovery"
    later = draw(timed, one, 100)
    released(timed, one, later, later.first)
    clock.wait(QUARANTINE)
    given_free(timed, later, later.first, later.last)
    assert draw(timed, other, 100).first == later.first, "what came after it may be"
    proved(timed)


def test_a_running_server_notices_that_database_and_witness_were_set_back_together(
    clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "then").mkdir()
    files = [tmp_path / name for name in ("npn.db", "npn.db-wal", "npn.db-shm", "witness")]
    settings = Settings(database=f"sqlite:///{files[0]}", witness=str(files[-1]))
    initialised(settings)
    service = build(settings)
    a_year(service)
    _, other, series = ready(service, clock)
    given_free(service, series, series.first + 50, series.last)
    service.close()
    for file in files:
        if file.exists():
            shutil.copy(file, tmp_path / "then")
    service = build(settings)
    draw(service, other, 10)
    for file in files:
        file.unlink(missing_ok=True)
        if (tmp_path / "then" / file.name).exists():
            shutil.copy(tmp_path / "then" / file.name, file)
    with pytest.raises(UnavailableError) as caught:
        draw(service, other, 20, request_id="later")
    assert caught.value.code == "witness_behind"
    assert "of the regrant" in caught.value.message
    service.close()


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_no_number_has_two_holders_whatever_is_drawn_released_and_given_free(
    timed: Service, clock: Clock, data: st.DataObject
) -> None:
    systems = [add(timed, f"System {number}") for number in range(3)]
    known = {system.id: (system, key) for system, key in systems}
    drawn: list[Series] = []
    for _ in range(data.draw(st.integers(6, 12))):
        step = data.draw(st.sampled_from(["draw", "draw", "release", "give", "wait"]))
        if step == "draw":
            drawn.append(draw(timed, data.draw(st.sampled_from(systems)), data.draw(st.integers(1, 20))))
        elif step == "wait":
            clock.wait(data.draw(st.sampled_from([QUARANTINE / 2, QUARANTINE])))
        elif drawn:
            series = data.draw(st.sampled_from(drawn))
            start = series.first + min(data.draw(st.integers(0, 19)), series.size - 1)
            if step == "release":
                released(timed, known[series.system], series, start)
            else:
                last = min(start + data.draw(st.integers(0, 19)), series.last)
                with suppress(RefusedError, ConflictError):
                    given_free(timed, series, start, last)
    holders: dict[int, str] = {}
    for each in drawn:
        now = timed.registry.series(each.id, by=caller(known[each.system]))
        for number in range(now.first, now.held_to + 1):
            assert holders.setdefault(number, now.id) == now.id
    proved(timed)
