"""The witness, in a file and in a PostgreSQL: forward only, durable, and silent rather than wrong."""

import multiprocessing
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from drawing import add, draw
from npn.config import Settings
from npn.errors import ConfigurationError, NpnError, UnavailableError
from npn.ledger.service import behind
from npn.ledger.witness import FileWitness, Witness, WitnessState, bounds, open_witness, told
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, installed

START = WitnessState(database="d", length=1, hash="0" * 64, cursors={"production": "1"})


def at(length: int) -> WitnessState:
    return WitnessState(database="d", length=length, hash=f"{length:064x}", cursors={"production": str(length)})


@pytest.fixture(params=["file", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a witness is to be kept, on each backend."""
    if request.param == "file":
        return str(tmp_path / "outside" / "npn.witness")
    return str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def witness(address: str) -> Iterator[Witness]:
    made = open_witness(address, database_path=None)
    yield made
    made.close()


def test_a_witness_that_was_never_made_is_missing(witness: Witness) -> None:
    assert not witness.exists()
    with pytest.raises(UnavailableError) as caught:
        witness.read()
    assert caught.value.code == "witness_missing"
    with pytest.raises(UnavailableError):
        witness.advance(START, at(2))


@given(st.lists(st.integers(0, 400), unique=True, max_size=40).map(sorted), st.integers(1, 9))
def test_many_ranges_are_told_as_few_that_hold_them_all(edges: list[int], most: int) -> None:
    ranges = list(zip(edges[::2], edges[1::2], strict=False))
    found = [bounds(text) for text in told(ranges, most=most)]
    assert len(found) <= max(most, 0)
    assert all(any(a <= first and last <= b for a, b in found) for first, last in ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found)), "in order, and apart"
    if len(ranges) <= most:
        numbers = {n for first, last in ranges for n in range(first, last + 1)}
        assert {n for first, last in found for n in range(first, last + 1)} == numbers


def test_a_witness_that_can_not_be_asked_is_not_taken_for_absent() -> None:
    """Else `admin init` could write a new database's over one that only did not answer for a moment."""
    away = open_witness("postgresql://nobody@127.0.0.1:1/npn", database_path=None)
    with pytest.raises(UnavailableError) as caught:
        away.exists()
    assert caught.value.code == "witness_missing"
    away.close()


def test_what_a_recovery_elsewhere_set_back_is_no_longer_taken_for_witnessed(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    service = build(settings)
    try:
        lab = add(service)
        early = draw(service, lab, 10)
        before = service.ledger.state()
        late = draw(service, lab, 10)
        assert service.ledger.is_witnessed(late.seq)
        service.ledger.witness.replace(before)
        service.ledger.check()
        assert service.ledger.is_witnessed(early.seq)
        assert not service.ledger.is_witnessed(late.seq)
        service.ledger.settle()
        assert service.ledger.is_witnessed(late.seq)
        assert "stop the service" not in behind("it is older").hint
    finally:
        service.close()


def test_it_moves_only_from_what_is_expected(witness: Witness) -> None:
    witness.replace(START)

    assert witness.advance(START, at(2))
    assert not witness.advance(START, at(3))
    assert witness.read() == at(2)
    assert witness.exists()


def spoil(address: str, text: str) -> None:
    if "://" not in address:
        Path(address).write_bytes(text.encode())
        return
    engine = sa.create_engine(sa.make_url(address).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE npn_witness SET state = :text"), {"text": text})
    engine.dispose()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        '{"database":"d","length":1,"hash":"00","cursors":{}}',
        f'{{"database":"d","length":-1,"hash":"{"0" * 64}","cursors":{{}}}}',
        f'{{"database":"d","length":1,"hash":"{"0" * 64}","cursors":{{"a":"x"}}}}',
        f'{{"database":"d","length":1,"hash":"{"0" * 64}","cursors":{{}},"more":1}}',
        "half a li",
    ],
)
def test_a_corrupt_witness_stops_instead_of_guessing(address: str, witness: Witness, text: str) -> None:
    witness.replace(START)
    spoil(address, text)

    with pytest.raises(UnavailableError) as caught:
        witness.read()
    assert caught.value.code == "witness_missing"
    assert witness.exists()


def test_a_witness_of_another_database_stops_draws(address: str, tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "own.witness"))
    initialise(settings)
    other = Settings(database=f"sqlite:///{tmp_path / 'other.db'}", witness=address)
    initialise(other)
    mixed = Settings(database=settings.database, witness=address)

    service = build(mixed)
    try:
        with pytest.raises(NpnError) as caught:
            add(service)
        assert caught.value.code == "witness_wrong"
    finally:
        service.close()


def test_init_refuses_beside_the_witness_of_another_database(settings: Settings, tmp_path: Path) -> None:
    initialise(settings)
    beside = Settings(database=f"sqlite:///{tmp_path / 'new.db'}", witness=settings.witness)

    with pytest.raises(ConfigurationError, match="another database"):
        initialise(beside)
    assert not (tmp_path / "new.db").exists() or (tmp_path / "new.db").stat().st_size == 0


def test_draws_go_on_with_a_witness_in_a_postgresql(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=postgres.new_database())
    initialise(settings)
    service = build(settings)
    try:
        series = draw(service, add(service), 10)
        assert service.ledger.witness.read().cursors["production"] == str(series.last + 1)
    finally:
        service.close()


def test_a_frozen_postgresql_is_no_witness_and_counts_again_when_it_thaws() -> None:
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as own:
        witness = open_witness(own.new_database(), database_path=None)
        witness.replace(START)
        own.send(signal.SIGSTOP)
        try:
            with pytest.raises(UnavailableError) as caught:
                witness.advance(START, at(2))
            assert caught.value.code == "out_of_time"
            with pytest.raises(UnavailableError):
                witness.read()
        finally:
            own.send(signal.SIGCONT)
        assert witness.read() in (START, at(2))
        assert witness.advance(witness.read(), at(2))
        witness.close()


def test_a_postgresql_that_freezes_while_it_is_asked_is_not_waited_for() -> None:
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as own, ThreadPoolExecutor(1) as other:
        address = own.new_database()
        witness = open_witness(address, database_path=None)
        witness.replace(START)
        with psycopg.connect(address) as holder:
            holder.execute("SELECT 1 FROM npn_witness FOR UPDATE")
            asked = other.submit(witness.advance, START, at(2))
            _until_somebody_waits(own)
            own.send(signal.SIGSTOP)
            try:
                with pytest.raises(UnavailableError) as caught:
                    asked.result(60)
            finally:
                own.send(signal.SIGCONT)
        assert caught.value.code == "out_of_time"
        witness.close()


def _until_somebody_waits(own: Cluster) -> None:
    with psycopg.connect(own.url("postgres"), autocommit=True) as connection:
        until = time.monotonic() + 9  # the server itself ends the wait after ten
        while not connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone():
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_file_that_can_not_be_written_stops_draws_and_their_repeat_finds_them(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "outside" / "npn.witness"))
    initialise(settings)
    service = build(settings)
    lab = add(service)
    draw(service, lab, 10)
    path = tmp_path / "outside" / "npn.witness"
    Path(f"{path}.new").mkdir()  # root may write a read-only file, but nobody writes over a folder

    with pytest.raises(UnavailableError) as caught:
        draw(service, lab, 10, request_id="again")
    assert caught.value.code == "witness_missing"
    Path(f"{path}.new").rmdir()

    series = draw(service, lab, 10, request_id="again")
    assert draw(service, lab, 1).first == series.last + 1
    service.close()


def climb(address: str, steps: int) -> None:
    """Move the witness up by one, `steps` times, against everybody else."""
    witness = open_witness(address, database_path=None)
    done = 0
    while done < steps:
        known = witness.read()
        done += witness.advance(known, at(known.length + 1))
    witness.close()


def test_processes_that_race_lose_no_step(address: str, witness: Witness) -> None:
    witness.replace(at(0))
    spawn = multiprocessing.get_context("spawn")
    racers = [spawn.Process(target=climb, args=(address, 25)) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)

    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    assert witness.read() == at(75)


def test_a_file_is_whole_at_every_instant(tmp_path: Path) -> None:
    """It is written beside and renamed: what was there stays until all of the new is on the disk."""
    witness = FileWitness(tmp_path / "w")
    witness.replace(START)
    before = (tmp_path / "w").stat().st_ino
    witness.advance(START, at(2))

    assert (tmp_path / "w").stat().st_ino != before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["w", "w.lock"]
    assert oct((tmp_path / "w").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize(
    ("where", "words"), [("", "needs a witness outside it"), ("https://example.org/w", "not a witness")]
)
def test_a_witness_nowhere_is_refused(where: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_witness(where, database_path=None)


def test_the_default_lies_beside_an_sqlite_database(tmp_path: Path) -> None:
    made = open_witness("", database_path=tmp_path / "var" / "npn.db")
    assert isinstance(made, FileWitness)
    assert made.path == tmp_path / "var" / "npn.witness"
