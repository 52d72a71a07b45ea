"""After a restore: draws stop, a recovery skips ahead, nobody gets a number twice, receipts bring series back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from drawing import add, caller, draw
from moved_clock import Clock
from npn.config import Settings
from npn.db.backup import back_up
from npn.errors import ConfigurationError, ConflictError, InvalidInputError, NpnError, RefusedError, UnavailableError
from npn.ledger import store as ledger_store
from npn.ledger.export import export
from npn.ledger.keys import make_key, public_keys, verified
from npn.ledger.witness import FileWitness
from npn.numbers.scheme import NPN10
from npn.people.approvals import Decision
from npn.proof.verify import Summary, verify
from npn.registry.importing import ImportLine, import_ranges
from npn.registry.lookup import look_up
from npn.registry.model import Series
from npn.registry.receipts import receipt
from npn.registry.recovery import diagnose, re_register, rebuild_witness, recover
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from operators import named
from postgres import Cluster
from prepared import initialised


@dataclass
class Restorable:
    """A database that can be backed up and put back, on either engine, under the same address."""

    settings: Settings
    folder: Path
    cluster: Cluster | None

    @property
    def name(self) -> str:
        return self.settings.database.rpartition("/")[2]

    def back_up(self, service: Service) -> None:
        if self.cluster is None:
            back_up(service.database, self.folder / "backup.db")
            return
        service.database.close()
        self.cluster.run(f"CREATE DATABASE {self.name}_backup TEMPLATE {self.name}")

    def restore(self) -> None:
        """Put the backup in place as an operator does, a service running or not."""
        if self.cluster is None:
            path = self.folder / "npn.db"
            copy = self.folder / "copy.db"
            shutil.copy(self.folder / "backup.db", copy)
            for leftover in ("-wal", "-shm"):
                Path(f"{path}{leftover}").unlink(missing_ok=True)
            copy.rename(path)
            return
        self.cluster.run(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.cluster.run(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_backup")


@pytest.fixture
def restorable(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Restorable:
    initialised(settings)
    on_sqlite = settings.database.startswith("sqlite")
    return Restorable(settings, tmp_path, None if on_sqlite else request.getfixturevalue("postgres"))


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    service = build(settings)
    try:
        yield service
    finally:
        service.close()


def proved(service: Service) -> Summary:
    lines: list[bytes] = []
    export(service.database, lines.append)
    with service.database.read() as connection:
        return verify(lines, keys=public_keys(connection))


def behind(service: Service, of: object, code: str = "witness_behind") -> None:
    with pytest.raises(UnavailableError) as caught:
        draw(service, of, 1)  # type: ignore[arg-type]  # a system and its key
    assert caught.value.code == code


def test_a_restored_database_grants_nothing_until_it_is_recovered_and_nothing_twice(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        kept = draw(service, lab, 100)
        restorable.back_up(service)
        lost = [draw(service, lab, 100) for _ in range(5)]
        receipts = [receipt(service.database, series) for series in lost]
    restorable.restore()

    with running(restorable.settings) as service:
        behind(service, lab)
        found = recover(service.ledger, by="test")
        assert [(gap.first, gap.size) for gap in found.gaps] == [(lost[0].text(lost[0].first), 500)]
        fresh = draw(service, lab, 100)
        assert fresh.first == lost[-1].last + 1
        assert look_up(service.database, lost[2].text(lost[2].first)).state == "withheld"

        back = [re_register(service.ledger, held, by="test") for held in (receipts[2], receipts[0])]
        assert [(s.id, s.first, s.last, s.request_id) for s in back] == [
            (s.id, s.first, s.last, s.request_id) for s in (lost[2], lost[0])
        ]
        again = draw(service, lab, 100, request_id=lost[2].request_id)
        assert again.id == lost[2].id
        assert look_up(service.database, lost[1].text(lost[1].first)).state == "withheld"
        assert look_up(service.database, kept.text(kept.first)).state == "granted"
        totals = proved(service).totals
        assert (totals.series, totals.withheld, totals.recoveries) == (4, 300, 1)


def test_a_backup_taken_a_moment_before_is_found_out_too(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        last = draw(service, lab, 1)
    restorable.restore()

    with running(restorable.settings) as service:
        behind(service, lab)
        recover(service.ledger, by="test")
        assert draw(service, lab, 1).first == last.last + 1
        proved(service)


def test_a_database_replaced_under_a_running_service_is_noticed(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        last = draw(service, lab, 50)
        restorable.restore()

        for _ in range(3):  # the connections of the old database die first on PostgreSQL
            with pytest.raises(UnavailableError) as caught:
                draw(service, lab, 1)
            if caught.value.code == "witness_behind":
                break
        assert caught.value.code == "witness_behind"
        recover(service.ledger, by="test")
        assert draw(service, lab, 1).first == last.last + 1
        proved(service)


def test_a_second_recovery_finds_nothing_to_do(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        draw(service, lab, 50)
    restorable.restore()

    with running(restorable.settings) as service:
        recover(service.ledger, by="test")
        entries = service.ledger.state().length
        assert recover(service.ledger, by="test").reason == ""
        assert service.ledger.state().length == entries
        draw(service, lab, 1)


def test_a_crash_between_the_recovery_and_its_witness_is_recovered_again(
    restorable: Restorable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        last = draw(service, lab, 50)
    restorable.restore()

    with running(restorable.settings) as service, monkeypatch.context() as patched:

        def killed(*_: object) -> bool:
            raise KeyboardInterrupt

        patched.setattr(FileWitness, "advance", killed)
        patched.setattr(FileWitness, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            recover(service.ledger, by="test")

    with running(restorable.settings) as service:
        behind(
            service, lab, "witness_wrong"
        )  # the recovery gave them a new identity, of which the witness knows nothing
        recover(service.ledger, by="test")
        assert draw(service, lab, 1).first == last.last + 1
        totals = proved(service).totals
        assert (totals.recoveries, totals.withheld) == (2, 50)


def test_an_import_inside_the_forgotten_numbers_stays_an_import(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        values = {"space": "production", "system": "labka-ii", "first": "1000000020", "last": "1000000029"}
        import_ranges(service.ledger, [ImportLine(2, {**values, "drawn_at": "2020-01-01"})], by="test")
        restorable.back_up(service)
        last = [draw(service, lab, 20), draw(service, lab, 20)][-1]
    restorable.restore()

    with running(restorable.settings) as service:
        recover(service.ledger, by="test")
        assert look_up(service.database, "1000000025").state == "imported"
        assert look_up(service.database, "1000000019").state == "withheld"
        assert look_up(service.database, "1000000030").state == "withheld"
        assert draw(service, lab, 1).first == last.last + 1
        assert proved(service).totals.withheld == 40


def an_import(first: int, last: int) -> ImportLine:
    values = {"space": "production", "system": "labka-ii", "drawn_at": "2020-01-01"}
    return ImportLine(2, {**values, "first": str(first), "last": str(last)})


def test_an_import_that_the_backup_has_forgotten_is_withheld_and_never_granted(restorable: Restorable) -> None:
    """It lay ahead of the cursor, in use elsewhere: the cursor would have come to it one day."""
    with running(restorable.settings) as service:
        lab = add(service)
        draw(service, lab, 10)
        import_ranges(service.ledger, [an_import(1000000100, 1000000199)], by="test")
        restorable.back_up(service)
        import_ranges(service.ledger, [an_import(1000000050, 1000000059), an_import(1000000300, 1000000399)], by="test")
        draw(service, lab, 10)
        import_ranges(service.ledger, [an_import(1000000500, 1000000500)], by="test")
    restorable.restore()

    with running(restorable.settings) as service:
        behind(service, lab)
        found = recover(service.ledger, by="test")
        assert [(gap.first, gap.last) for gap in found.gaps] == [("1000000010", "1000000019")]
        assert [(gap.first, gap.last) for gap in found.ahead] == [
            ("1000000050", "1000000059"),
            ("1000000300", "1000000399"),
            ("1000000500", "1000000500"),
        ]
        assert look_up(service.database, "1000000399").state == "withheld"
        assert look_up(service.database, "1000000199").state == "imported"
        drawn = [draw(service, lab, 25) for _ in range(12)]
        assert not {n for s in drawn for n in range(s.first, s.last + 1)} & {
            *range(1000000050, 1000000060), *range(1000000100, 1000000200), *range(1000000300, 1000000400), 1000000500
        }  # fmt: skip
        assert (proved(service).totals.withheld, proved(service).totals.imported) == (121, 100)
        known = service.ledger.witness.read()
        assert known.forks, "and the recovery itself"
        now = msgspec.structs.replace(service.ledger.state(), forks=known.forks)
        assert known == now, "draws carry on what the witness knows"


def test_a_witness_of_an_older_version_learns_what_is_in_use_with_the_next_draw(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        import_ranges(service.ledger, [an_import(1000000100, 1000000199)], by="test")
        known = service.ledger.witness.read()
        assert known.ahead == {"production": ["1000000100-1000000199"]}
        service.ledger.witness.replace(msgspec.structs.replace(known, ahead=None))
        assert service.ledger.witness.read().ahead is None
        draw(service, lab, 1)
        assert service.ledger.witness.read().ahead == known.ahead
        draw(service, lab, 150)
        assert service.ledger.witness.read().ahead == {}, "the cursor has passed it"


def test_a_space_that_the_backup_lacks_is_put_back_first(restorable: Restorable) -> None:
    def add_space(service: Service, *, recovering: bool) -> None:
        service.registry.add_space(
            by="test",
            name="third",
            environment=Environment.PRODUCTION,
            scheme=NPN10,
            first=0,
            last=999_999,
            recovering=recovering,
        )

    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        add_space(service, recovering=False)
        draw(service, lab, 5)
    restorable.restore()

    with running(restorable.settings) as service:
        with pytest.raises(ConfigurationError, match="third"):
            recover(service.ledger, by="test")
        with pytest.raises(UnavailableError):
            add_space(service, recovering=False)
        add_space(service, recovering=True)
        behind(service, lab)
        recover(service.ledger, by="test")
        draw(service, lab, 5)
        proved(service)


def test_the_witness_of_another_database_is_not_recovered_to(restorable: Restorable, tmp_path: Path) -> None:
    other = Settings(database=f"sqlite:///{tmp_path / 'other.db'}")
    initialise(other)  # a copy of a service has the identity of what it was copied from
    own = restorable.settings
    key = "" if own.database.startswith("sqlite") else str(Path(own.witness).with_suffix(".secrets"))
    mixed = Settings(database=own.database, witness=str(tmp_path / "other.witness"), secrets_key_file=key)

    with running(mixed) as service, pytest.raises(ConfigurationError, match="another database"):
        recover(service.ledger, by="test")


def test_a_lost_witness_is_rebuilt_and_a_sound_one_is_not(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        draw(service, lab, 5)
        with pytest.raises(RefusedError) as refused:
            rebuild_witness(service.ledger, by="test")
        assert refused.value.code == "witness_readable"

        Path(restorable.settings.witness).write_text("{")
        assert diagnose(service.ledger).code == "witness_missing"
        with pytest.raises(UnavailableError):
            recover(service.ledger, by="test")
        rebuild_witness(service.ledger, by="test")
        draw(service, lab, 5)
        assert proved(service).totals.series == 2


def test_only_a_true_receipt_of_withheld_numbers_takes_a_series_back(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        granted = receipt(service.database, draw(service, lab, 10))
        restorable.back_up(service)
        lost = draw(service, lab, 10)
        held = receipt(service.database, lost)
        with service.ledger.transaction() as tx:
            make_key(tx, by="test")
        rotated = receipt(service.database, draw(service, lab, 10))
        with service.database.read() as connection:
            keys = public_keys(connection)
    restorable.restore()

    with running(restorable.settings) as service:
        with pytest.raises(UnavailableError):
            re_register(service.ledger, held, by="test")
        recover(service.ledger, by="test")
        entries = service.ledger.state().length
        changed = held[:-9] + ("B" if held[-9] == "A" else "A") + held[-8:]  # in the midst of the signature
        for wrong in ("", "a.b.c", changed, f"{held}.x", held.replace(".", ",")):
            with pytest.raises(InvalidInputError):
                re_register(service.ledger, wrong, by="test")
        with pytest.raises(InvalidInputError) as caught:
            re_register(service.ledger, rotated, by="test")
        assert caught.value.code == "unknown_key"
        assert service.ledger.state().length == entries

        assert re_register(service.ledger, granted, by="test").first == 1000000000
        assert service.ledger.state().length == entries
        re_register(service.ledger, rotated, by="test", keys=keys)
        re_register(service.ledger, held, by="test")
        re_register(service.ledger, held, by="test")
        assert service.ledger.state().length == entries + 2
        proved(service)


def test_a_request_id_used_again_since_the_restore_keeps_its_new_series(restorable: Restorable) -> None:
    with running(restorable.settings) as service:
        lab = add(service)
        restorable.back_up(service)
        held = receipt(service.database, draw(service, lab, 10, request_id="same"))
    restorable.restore()

    with running(restorable.settings) as service:
        recover(service.ledger, by="test")
        draw(service, lab, 10, request_id="same")
        with pytest.raises(ConflictError, match="used again"):
            re_register(service.ledger, held, by="test")
        proved(service)


def test_a_receipt_is_the_same_every_time_and_outlives_its_key(service: Service) -> None:
    lab = add(service)
    series = draw(service, lab, 10)
    first = receipt(service.database, series)

    assert receipt(service.database, series) == first
    with service.ledger.transaction() as tx:
        make_key(tx, by="test")
    later = receipt(service.database, series)
    assert later != first
    with service.database.read() as connection:
        keys = public_keys(connection)
        private = [row["private_jwk"] for row in ledger_store.signing_keys(connection)]
    assert verified(first, keys) == verified(later, keys)
    assert verified(later, keys)["ledger_hash"]
    assert sum(one is not None for one in private) == 1
    with pytest.raises(NpnError):
        verified(first, keys[:1])


def given_free(service: Service, series: Series, first: int) -> str:
    """Have two people agree that a series' numbers from `first` on may be granted again."""
    wish = {"series": series.id, "first": series.text(first), "last": series.text(series.last)}
    asked = service.approvals.propose("regrant", wish, by=named(service, "anna"), reason="closed")
    return service.approvals.decide(asked.id, Decision.APPROVED, by=named(service, "bo")).id


@pytest.mark.moves_clock
def test_numbers_given_free_before_a_restore_are_never_drawn_after_it(restorable: Restorable, clock: Clock) -> None:
    settings = restorable.settings
    with running(settings) as service:
        lab, other = add(service, "One"), add(service, "Other")
        free, later = draw(service, lab, 100), draw(service, lab, 100)
        for each in (free, later):
            service.registry.release(each.id, by=caller(lab), from_text=None)
        clock.wait(timedelta(days=3651))
        given_free(service, free, free.first)
        waiting = service.approvals.propose(
            "regrant",
            {"series": later.id, "first": later.text(later.first), "last": later.text(later.last)},
            by=named(service, "anna"),
            reason="closed",
        )
        restorable.back_up(service)
        lost = draw(service, other, 60)
        assert lost.first == free.first
        held = receipt(service.database, lost)
        service.approvals.decide(waiting.id, Decision.APPROVED, by=named(service, "bo"))
        assert draw(service, other, 60).first == later.first
    restorable.restore()

    with running(settings) as service:
        behind(service, other)
        recover(service.ledger, by="test")
        assert draw(service, other, 40).first > later.last
        replayed = service.approvals.decide(waiting.id, Decision.APPROVED, by=named(service, "bo"))
        assert "older than a recovery" in replayed.outcome
        assert service.approvals.carry_out(waiting.id).outcome == replayed.outcome
        assert len(service.regrants.given()) == 1
        assert draw(service, other, 40).first > later.last
        assert look_up(service.database, free.text(free.first)).state == "withheld"
        back = re_register(service.ledger, held, by="test")
        assert (back.first, back.last, back.system) == (lost.first, lost.last, other[0].id)
        assert look_up(service.database, free.text(free.first)).system == other[0].id
        assert look_up(service.database, free.text(free.last)).state == "withheld"
        service.registry.release(back.id, by=caller(other), from_text=None)
        clock.wait(timedelta(days=3651))
        with pytest.raises(RefusedError) as caught:
            given_free(service, back, back.first)
        assert caught.value.code == "before_recovery"
        proved(service)
