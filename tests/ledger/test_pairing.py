"""Database and witness know each other: an old copy, a second one, a moved one and a stranger are all found out."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from command import npn, one_line_error
from drawing import add, caller, draw
from etcd import etcd
from etcd import installed as etcd_is_installed
from npn.config import Settings
from npn.db.backup import back_up
from npn.db.sealing import new_key_file
from npn.errors import ConfigurationError, NpnError, RefusedError, UnavailableError
from npn.ledger import pairing
from npn.ledger.export import export
from npn.ledger.places import is_on_same_device
from npn.ledger.witness import FileWitness, Witness, WitnessState, open_witness
from npn.proof.verify import verify
from npn.registry.recovery import diagnose, rebuild_witness, recover
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import Cluster

PLACES = ("sqlite with a file", "postgresql with a file", "sqlite with postgresql", "sqlite with etcd")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a key of the secrets that does not lie beside a witness, since witnesses move here."""
    return with_a_key(settings, tmp_path)


def with_a_key(settings: Settings, folder: Path) -> Settings:
    if settings.database.startswith("sqlite"):
        return settings
    new_key_file(folder / "key.secrets")
    return msgspec.structs.replace(settings, secrets_key_file=str(folder / "key.secrets"))


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    service = build(settings)
    try:
        yield service
    finally:
        service.close()


@pytest.fixture(params=PLACES)
def placed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A new database, and a witness, on every pair of engine and backend that may be."""
    database, _, witness = request.param.partition(" with ")
    file = str(tmp_path / "outside" / "npn.witness")
    if database == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    else:
        url = f"sqlite:///{tmp_path / 'npn.db'}"
    if witness == "etcd":
        if etcd_is_installed() is None:
            pytest.skip("no etcd is installed (Debian: apt-get install etcd-server)")
        with etcd(1) as members:
            settings = Settings(database=url, witness=members.witness("npn"))
            initialise(settings)
            yield settings
        return
    place = request.getfixturevalue("postgres").new_database() if witness == "postgresql" else file
    settings = with_a_key(Settings(database=url, witness=place), tmp_path)
    initialise(settings)
    yield settings


def confirmed(service: Service) -> WitnessState:
    """Wait until the database knows that its witness knows all of it."""
    until = time.monotonic() + 20
    while True:
        with service.database.read() as connection:
            length, witnessed = connection.execute(sa.text("SELECT length, witnessed FROM ledger_head")).one()
        if length == witnessed:
            return service.ledger.witness.read()
        assert time.monotonic() < until
        time.sleep(0.02)


def refused(service: Service, of: object, code: str = "witness_wrong") -> UnavailableError:
    """Insist on a refusal, of a draw and of readiness."""
    length = service.ledger.state().length
    with pytest.raises(UnavailableError) as caught:
        draw(service, of, 7)  # type: ignore[arg-type]  # a system and its key
    assert caught.value.code == code, caught.value
    with pytest.raises(UnavailableError) as caught:
        service.ledger.check()
    assert caught.value.code == code, caught.value
    assert service.ledger.state().length == length, "and nothing was drawn"
    return caught.value


def test_both_hold_one_identity_and_no_two_pairs_the_same(placed: Settings, tmp_path: Path) -> None:
    other = Settings(database=f"sqlite:///{tmp_path / 'another' / 'npn.db'}")
    initialise(other)
    identities = []
    for settings in (placed, other):
        with running(settings) as service:
            known = service.ledger.witness.read()
            assert known.identity == service.ledger.state().identity
            identities.append(known.identity)
    assert len({*identities}) == 2
    assert all(len(each) == 32 for each in identities)


def test_an_old_copy_of_the_witness_is_found_out_at_the_first_draw(placed: Settings) -> None:
    with running(placed) as service:
        lab = add(service)
        old = service.ledger.witness.read()
        series = draw(service, lab, 13)
        confirmed(service)
        service.ledger.witness.replace(old)
        error = refused(service, lab)
        assert "--witness" in error.hint
        assert service.registry.series(series.id, by=caller(lab)).id == series.id, "reading goes on"
    with running(placed) as service:
        refused(service, lab)


def test_a_server_that_ends_tells_the_database_what_its_last_draw_made_the_witness_know(placed: Settings) -> None:
    with running(placed) as service:
        lab = add(service)
        old = service.ledger.witness.read()
        draw(service, lab, 13)
    with running(placed) as service:
        service.ledger.witness.replace(old)
        refused(service, lab)


def test_two_servers_with_a_copy_of_the_witness_each_are_found_out(settings: Settings, tmp_path: Path) -> None:
    initialise(settings)
    copy = tmp_path / "elsewhere" / "copy.witness"
    copy.parent.mkdir()
    with running(settings) as first:
        lab = add(first)
        confirmed(first)
        shutil.copy(settings.witness, copy)
        with running(msgspec.structs.replace(settings, witness=str(copy))) as second:
            draw(first, lab, 1000)
            confirmed(first)
            refused(second, lab)
            draw(first, lab, 1000)


def test_whichever_of_two_copies_is_drawn_by_in_turn_stops_within_a_moment(settings: Settings, tmp_path: Path) -> None:
    """Each draw alone looks like one that another server made and had not witnessed when it died."""
    initialise(settings)
    copy = tmp_path / "copy.witness"
    with running(settings) as first:
        lab = add(first)
        confirmed(first)
        shutil.copy(settings.witness, copy)
        with running(msgspec.structs.replace(settings, witness=str(copy))) as second:
            until = time.monotonic() + 20
            codes: list[str] = []
            while not codes:
                assert time.monotonic() < until
                for service in (first, second):
                    try:
                        draw(service, lab, 3)
                    except NpnError as error:
                        codes.append(error.code)
                time.sleep(0.01)
            assert set(codes) <= {"witness_wrong"}


def test_servers_that_share_one_witness_never_mistake_each_other(settings: Settings) -> None:
    initialise(settings)
    failures: list[Exception] = []

    def work(service: Service, of: object) -> None:
        try:
            for _ in range(30):
                draw(service, of, 3)  # type: ignore[arg-type]  # a system and its key
                service.ledger.check()
        except Exception as error:  # noqa: BLE001  # told in the end
            failures.append(error)

    with running(settings) as one, running(settings) as two, running(settings) as three:
        lab = add(one)
        threads = [threading.Thread(target=work, args=(service, lab)) for service in (one, two, three, one)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_rebuilt_witness_is_another_and_the_old_one_is_refused_from_then_on(placed: Settings) -> None:
    with running(placed) as service:
        lab = add(service)
        draw(service, lab, 11)
        old = confirmed(service)
        lose(placed, service.ledger.witness)
        rebuild_witness(service.ledger, by="test")
        assert service.ledger.witness.read().identity not in ("", old.identity)
        draw(service, lab, 11)
        service.ledger.witness.replace(old)
        refused(service, lab)
        with pytest.raises(ConfigurationError, match="old copy"):
            recover(service.ledger, by="test")
        rebuild_witness(service.ledger, by="test")  # an old copy, of which the database holds all, may be written over
        draw(service, lab, 11)
        with pytest.raises(RefusedError):
            rebuild_witness(service.ledger, by="test")


def lose(settings: Settings, witness: Witness) -> None:
    """Take away what the witness knows, wherever it is."""
    if isinstance(witness, FileWitness):
        witness.path.unlink()
    elif settings.witness.startswith("postgresql"):
        engine = sa.create_engine(sa.make_url(settings.witness).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM npn_witness"))
        engine.dispose()
    else:
        witness.replace(WitnessState(database="", length=-1, hash="", cursors={}))


def test_a_restored_backup_is_recovered_to_a_new_identity(settings: Settings, tmp_path: Path) -> None:
    if not settings.database.startswith("sqlite"):
        pytest.skip("what is restored is told apart by what it holds, on either engine")
    initialise(settings)
    path = Path(settings.database.removeprefix("sqlite:///"))
    with running(settings) as service:
        lab = add(service)
        draw(service, lab, 10)
        back_up(service.database, tmp_path / "backup.db")
        last = draw(service, lab, 20)
        before = confirmed(service)
    put_back(tmp_path / "backup.db", path)
    with running(settings) as service:
        refused(service, lab, "witness_behind")
        recover(service.ledger, by="test")
        after = service.ledger.witness.read()
        assert after.identity not in ("", before.identity)
        assert draw(service, lab, 1).first == last.last + 1
        service.ledger.witness.replace(before)
        refused(service, lab)


def put_back(backup: Path, path: Path) -> None:
    for leftover in ("-wal", "-shm"):
        Path(f"{path}{leftover}").unlink(missing_ok=True)
    copy = path.with_name("copy")
    shutil.copy(backup, copy)
    copy.rename(path)


def test_a_backup_from_before_a_move_is_recovered_with_the_new_witness_alone(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "old.witness"))
    moved = msgspec.structs.replace(settings, witness=str(tmp_path / "new.witness"))
    initialise(settings)
    with running(settings) as service:
        lab = add(service)
        draw(service, lab, 10)
        back_up(service.database, tmp_path / "backup.db")
        before = draw(service, lab, 20)
        pairing.move(service.ledger, open_witness(moved.witness, database_path=None))
    with running(moved) as service:
        last = draw(service, lab, 30)
        assert last.first == before.last + 1
    put_back(tmp_path / "backup.db", tmp_path / "npn.db")
    with running(settings) as service:
        refused(service, lab)
        with pytest.raises(ConfigurationError, match="was moved"):
            recover(service.ledger, by="test")
    with running(moved) as service:
        refused(service, lab)
        assert {gap.size for gap in recover(service.ledger, by="test").gaps} == {50}
        assert draw(service, lab, 1).first == last.last + 1
        lines: list[bytes] = []
        export(service.database, lines.append)
        assert verify(lines).totals.withheld == 50


def test_where_nothing_was_forgotten_a_recovery_gives_an_identity_and_the_ledger_nothing_to_tell(
    settings: Settings,
) -> None:
    initialise(settings)
    with running(settings) as service:
        lab = add(service)
        known = confirmed(service)
        service.ledger.witness.replace(msgspec.structs.replace(known, identity="0" * 32))
        refused(service, lab)
        length = service.ledger.state().length
        assert diagnose(service.ledger).gaps == []
        recover(service.ledger, by="test")
        assert service.ledger.state().length == length
        draw(service, lab, 3)


# --- moving it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["file", "postgresql"])
def test_a_witness_is_moved_while_nothing_is_lost(
    placed: Settings, tmp_path: Path, to: str, request: pytest.FixtureRequest
) -> None:
    if to == "postgresql" and placed.database.startswith("postgresql"):
        pytest.skip("never into the database's own PostgreSQL")
    own = to == "postgresql" and request.getfixturevalue("postgres").new_database()
    target = str(own or tmp_path / "new" / "npn.witness")
    moved = msgspec.structs.replace(placed, witness=target)
    with running(placed) as server:
        lab = add(server)
        first = draw(server, lab, 17)
        ran = npn("admin", "witness", "move", "--to", target, "--json", on=placed)
        assert ran.status == 0, ran
        assert ran.json["old_one_marked"] is True
        refused(server, lab)
        with running(moved) as service:
            assert service.ledger.witness.read().identity == ran.json["identity"]
            assert draw(service, lab, 17).first == first.last + 1
        refused(server, lab)
    again = npn("admin", "witness", "move", "--to", target, "--json", on=placed)
    assert (again.status, again.json["identity"]) == (0, ran.json["identity"]), "it is where it shall be"
    shown = npn("admin", "witness", "show", "--json", on=placed)
    assert shown.json["state"] == "witness_wrong"


@pytest.mark.parametrize("step", ["replace", "advance"])
def test_a_move_that_is_cut_short_is_completed_by_moving_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """`replace` writes the new one; then the database commits; `advance` marks the old one."""
    initialise(settings)
    target = str(tmp_path / "new.witness")
    moved = msgspec.structs.replace(settings, witness=target)
    with running(settings) as service:
        lab = add(service)
        last = draw(service, lab, 5)
        write = getattr(FileWitness, step)

        def killed(self: FileWitness, *states: WitnessState) -> bool:
            if step == "replace":
                write(self, *states)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(FileWitness, step, killed)
            with pytest.raises(KeyboardInterrupt):
                pairing.move(service.ledger, open_witness(target, database_path=None))
    with running(settings if step == "replace" else moved) as service:
        last = draw(service, lab, 5) if step == "replace" else last
    with running(settings) as service:
        assert pairing.move(service.ledger, open_witness(target, database_path=None)).old_is_marked
        assert service.ledger.witness.read().successor
        refused(service, lab)
    with running(moved) as service:
        assert draw(service, lab, 5).first == last.last + 1


def test_a_witness_is_never_moved_over_one_that_knows_what_the_database_does_not(
    settings: Settings, tmp_path: Path
) -> None:
    initialise(settings)
    other = Settings(database=f"sqlite:///{tmp_path / 'other' / 'npn.db'}")
    initialise(other)
    foreign = tmp_path / "other" / "npn.witness"
    before = foreign.read_bytes()
    ran = npn("admin", "witness", "move", "--to", foreign, on=settings)
    assert ran.status == 2
    assert "another database" in one_line_error(ran)
    assert foreign.read_bytes() == before


# --- where it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["{}", "file://{}"])
def test_a_link_to_the_witness_stays_one_and_the_witness_is_where_it_points(
    settings: Settings, tmp_path: Path, written: str
) -> None:
    real, links = tmp_path / "other" / "npn.witness", [tmp_path / name / "w" for name in ("a", "b")]
    real.parent.mkdir()
    for link in links:
        link.parent.mkdir()
        link.symlink_to(real)  # to a file that is not there yet
    first, second = (msgspec.structs.replace(settings, witness=written.format(link)) for link in links)
    initialise(first)
    assert real.is_file()
    with running(first) as one, running(second) as two:
        lab = add(one)
        a, b = draw(one, lab, 1000), draw(two, lab, 1000)
        assert b.first == a.last + 1
        assert one.ledger.witness.read() == two.ledger.witness.read() == FileWitness(real).read()
    assert all(link.is_symlink() and link.resolve() == real for link in links)
    assert sorted(path.name for path in real.parent.iterdir()) == ["npn.witness", "npn.witness.lock"]
    assert [path.name for path in links[0].parent.iterdir()] == ["w"]


def test_the_default_place_may_be_a_link_to_another_disk(tmp_path: Path) -> None:
    real = tmp_path / "other" / "witness"
    real.parent.mkdir()
    (tmp_path / "npn.witness").symlink_to(real)
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}")
    initialise(settings)
    with running(settings) as service:
        draw(service, add(service), 3)
    assert (tmp_path / "npn.witness").is_symlink()
    assert real.is_file()


def test_a_link_that_leads_nowhere_but_back_is_refused_with_a_sentence(settings: Settings, tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    ran = npn("admin", "init", on=msgspec.structs.replace(settings, witness=str(circle)))
    assert ran.status != 0
    assert str(circle) in one_line_error(ran)


def test_two_names_of_one_witness_file_that_part_are_found_out(settings: Settings, tmp_path: Path) -> None:
    initialise(settings)
    second = tmp_path / "second.witness"
    with running(settings) as one:
        lab = add(one)
        confirmed(one)
        second.hardlink_to(settings.witness)
        draw(one, lab, 5)
        confirmed(one)
        with running(msgspec.structs.replace(settings, witness=str(second))) as two:
            refused(two, lab)


def test_a_witness_in_the_databases_own_postgresql_is_refused(postgres: Cluster, tmp_path: Path) -> None:
    own, beside = postgres.new_database(), postgres.new_database()
    for place in (own, beside, beside.replace("127.0.0.1", "localhost")):
        ran = npn("admin", "init", on=Settings(database=own, witness=place))
        assert ran.status == 2, ran
        assert "own PostgreSQL" in one_line_error(ran)
    settings = Settings(database=own, witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    for arguments in (("serve", "--port", "0"), ("recover",), ("admin", "system", "list")):
        ran = npn(*arguments, on=Settings(database=own, witness=beside))
        assert ran.status == 2, ran
        assert "witness_same_cluster" in one_line_error(ran)
    ran = npn("admin", "witness", "move", "--to", beside, on=settings)
    assert ran.status == 2
    with running(settings) as service:
        draw(service, add(service), 3)


def test_it_is_refused_too_where_the_login_may_not_ask_which_cluster_it_is(postgres: Cluster) -> None:
    own, beside = postgres.new_database(), postgres.new_database()
    name = beside.rpartition("/")[2]
    postgres.run("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", name)
    postgres.run(f"CREATE ROLE {name}_plain LOGIN")
    witness = beside.replace("postgres@", f"{name}_plain@")
    ran = npn("admin", "init", on=Settings(database=own, witness=witness))
    assert ran.status == 2, ran
    assert "witness_same_cluster" in one_line_error(ran)


def test_a_witness_on_the_databases_device_is_known_as_such(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}")
    initialise(settings)
    with running(settings) as service:
        assert is_on_same_device(service.database, service.ledger.witness)
    other = Path("/dev/shm")  # noqa: S108  # another device than any other folder is on
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second device here")
    place = other / f"npn-test-{tmp_path.name}.witness"
    try:
        with running(settings) as service:
            pairing.move(service.ledger, open_witness(str(place), database_path=None))
        with running(msgspec.structs.replace(settings, witness=str(place))) as service:
            assert not is_on_same_device(service.database, service.ledger.witness)
    finally:
        place.unlink(missing_ok=True)
        Path(f"{place}.lock").unlink(missing_ok=True)


def test_a_database_file_with_a_second_name_is_refused_under_either(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}")
    initialise(settings)
    (tmp_path / "npn2.db").hardlink_to(tmp_path / "npn.db")
    for name in ("npn.db", "npn2.db"):
        there = Settings(database=f"sqlite:///{tmp_path / name}", witness=str(tmp_path / "npn.witness"))
        for arguments in (("admin", "init"), ("serve", "--port", "0")):
            ran = npn(*arguments, on=there)
            assert ran.status == 2, ran
            assert "database_linked" in one_line_error(ran)
    (tmp_path / "npn2.db").unlink()
    assert npn("admin", "init", on=settings).status == 0
