"""The machine: what is done to a world, what it must still do, and what must hold afterwards.

The model is a few facts about acknowledged numbers and one about the world's state; it foretells no series. What the
service may refuse depends on what is broken; what it grants must be nobody's.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from registry_world import World

from npn.errors import ConfigurationError, NpnError
from npn.ledger.clock import accept
from npn.ledger.pairing import move
from npn.ledger.tables import ledger_head
from npn.ledger.witness import FileWitness
from npn.people.approvals import Decision
from npn.proof.verify import verify
from npn.registry import store
from npn.registry.draws import GrantedSeries
from npn.registry.importing import import_ranges, read_lines
from npn.registry.lookup import look_up
from npn.registry.model import Draw, Series
from npn.registry.receipts import receipt
from npn.registry.recovery import re_register, rebuild_witness, recover
from npn.systems.model import Caller, Role, SystemState
from npn.wiring.service import Service

VERIFIER = Path(__file__).parent.parent.parent / "docs" / "verify" / "verify.mjs"
YEARS = timedelta(days=3651)
REFUSED_REGRANTS = {"not_released", "regranted_already", "before_recovery", "not_found", "proposed_already"}


class State(Enum):
    """What stands between the world and a draw."""

    SOUND = auto()
    RESTORED = auto()  # the database is older than its witness
    WITNESS_LOST = auto()
    WITNESS_WRONG = auto()  # a server writes to another witness, or the witness was set back


@dataclass
class Held:
    """An acknowledged series: whose, and what of it is not given back."""

    system: int
    request_id: str
    series: str
    first: int
    last: int
    length: int = 10
    held_to: int = 0
    receipt: str = ""
    forgotten: bool = False  # by a restored database
    former: frozenset[int] = field(default_factory=frozenset)  # who had its numbers before


@dataclass
class Facts:
    """What the database knows, so what a restore sets back."""

    suspended: set[int] = field(default_factory=set)
    limited: set[int] = field(default_factory=set)
    known: set[str] = field(default_factory=set)  # series
    upgraded: bool = False


class RegistryMachine(RuleBasedStateMachine):
    """Rules are what people, programs and faults do; each holds what it sees to the model."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.state = State.SOUND
        self.facts = Facts()
        self.held: dict[str, Held] = {}
        self.taken: list[tuple[int, int]] = []  # imported
        self.backups: list[tuple[Any, Facts]] = []
        self.copies: list[Path] = []
        self.aside: Path | None = None
        self.requests = 0
        self.back = False  # the clock was set back, and nobody has accepted it
        self.was_back = False  # and it was once: what was released then waits by the later clock
        self.latest: tuple[Any, Facts] | None = None  # the database that a backup was put in place of
        self.servers: list[Service] = [world.open(), world.open()]

    # --- what may be asked for ------------------------------------------------------------------------------------

    @rule(who=st.integers(0, 2), server=st.integers(0, 1), count=st.integers(1, 40))
    def draw(self, who: int, server: int, count: int) -> None:
        self._draw(who, lambda wish: self._by_server(server, wish), count)

    @precondition(lambda self: self.facts.upgraded)
    @rule(who=st.integers(0, 2), count=st.integers(1, 40))
    def draw_from_the_next_version(self, who: int, count: int) -> None:
        self._draw(who, self._by_the_next_version, count)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), server=st.integers(0, 1))
    def repeat_a_draw(self, data: st.DataObject, server: int) -> None:
        held = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        if held.series in self.facts.known and self.state is State.SOUND:
            series = self._by_server(server, self._wish(held.system, held.request_id, held.last - held.first + 1))
            assert (series.id, series.first, series.last) == (held.series, held.first, held.last)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), server=st.integers(0, 1), keep=st.integers(0, 20))
    def release(self, data: st.DataObject, server: int, keep: int) -> None:
        held = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        start = held.first + keep
        if start > held.held_to or held.series not in self.facts.known:
            return
        system, key = self.world.systems[held.system]
        caller = Caller(Role.SYSTEM, system.id, system.id, key.digest)
        try:
            self.servers[server].registry.release(held.series, by=caller, from_text=str(start).zfill(held.length))
        except NpnError as error:
            self._may_refuse(error, held.system, *self._by_clock())
            return
        assert held.system not in self.facts.suspended, "a suspended system released"
        held.held_to = start - 1

    @precondition(lambda self: self.state is State.SOUND)
    @rule(first=st.integers(0, 400), size=st.integers(1, 60), who=st.integers(0, 2))
    def import_a_range(self, first: int, size: int, who: int) -> None:
        start = 1_000_000_000 + first
        line = f"production,{self.world.systems[who][0].id},{start},{start + size - 1},2024-05-01"
        try:
            import_ranges(
                self.servers[0].ledger, read_lines(f"space,system,first,last,drawn_at\n{line}\n"), by="admin:t"
            )
        except NpnError as error:
            self._may_refuse(error, who, "import_conflict")
            return
        self._nobodys(start, start + size - 1, who)
        self.taken.append((start, start + size - 1))

    @precondition(lambda self: self.state is State.SOUND and self.held)
    @rule(data=st.data(), server=st.integers(0, 1))
    def give_released_numbers_free(self, data: st.DataObject, server: int) -> None:
        held = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        if held.held_to == held.last:
            return
        service, (anna, bo) = self.servers[server], self.world.operators
        self.world.clock.wait(YEARS)
        first, last = (str(n).zfill(held.length) for n in (held.held_to + 1, held.last))
        wish = {"series": held.series, "first": first, "last": last}
        try:
            asked = service.approvals.propose("regrant", wish, by=anna, reason="the laboratory closed")
            service.approvals.decide(asked.id, Decision.APPROVED, by=bo)
        except NpnError as error:
            _expect(error, *REFUSED_REGRANTS, *self._by_clock())

    @precondition(lambda self: self.state is State.SOUND)
    @rule(who=st.integers(0, 2))
    def suspend_or_resume(self, who: int) -> None:
        suspended = who in self.facts.suspended
        state = SystemState.ACTIVE if suspended else SystemState.SUSPENDED
        self.servers[0].systems.set_state(self.world.systems[who][0].id, state, by="admin:t", reason="a trial")
        self.facts.suspended ^= {who}

    @precondition(lambda self: self.state is State.SOUND)
    @rule(who=st.integers(0, 2), quota=st.sampled_from([None, 30, 1000]))
    def change_the_quota(self, who: int, quota: int | None) -> None:
        (system, _), (anna, bo) = self.world.systems[who], self.world.operators
        wish = {
            "system": system.id,
            "smallest_draw": 1,
            "largest_draw": 10**7,
            "quota": quota,
            "quota_days": None if quota is None else 7,
        }
        try:
            asked = self.servers[0].approvals.propose("limits", wish, by=anna, reason="a trial")
            done = self.servers[0].approvals.decide(asked.id, Decision.APPROVED, by=bo)
        except NpnError as error:
            _expect(error, "proposed_already")
            return
        assert done.outcome.startswith("done: "), done.outcome
        self.facts.limited = self.facts.limited - {who} if quota is None else self.facts.limited | {who}

    @precondition(lambda self: not self.back)
    @rule(hours=st.integers(1, 200_000))
    def set_the_clock_back(self, hours: int) -> None:
        self.world.clock.move(self.world.clock.moved - timedelta(hours=hours))
        self.back = self.was_back = True

    @precondition(lambda self: self.back and self.state is State.SOUND)
    @rule(moved=st.booleans())
    def set_the_clock_right_or_accept_it(self, moved: bool) -> None:  # noqa: FBT001  # what hypothesis chose
        if moved:
            self.world.clock.wait(timedelta(hours=200_001))
            self.was_back = False  # every quarantine is over
        else:
            try:
                accept(self.servers[0].ledger, by="admin:t", reason="the clock is right")
            except NpnError as error:
                _expect(error, "clock_not_ahead")
        self.back = False

    # --- what goes wrong, and what is done about it ---------------------------------------------------------------

    @precondition(lambda self: len(self.backups) < 3)
    @rule()
    def back_up(self) -> None:
        self._closed()
        self.backups.append((self.world.back_up(), deepcopy(self.facts)))
        self._opened()

    @precondition(lambda self: self.backups and self.state in (State.SOUND, State.RESTORED))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        backup, facts = data.draw(st.sampled_from(self.backups))
        self._closed()
        if self.state is State.SOUND:
            self.latest = (self.world.back_up(), deepcopy(self.facts))
        self._put_in_place(backup, facts)
        self.state = State.RESTORED
        if not self._is_behind():
            self.state = State.SOUND  # nothing was done since that backup

    @precondition(lambda self: self.state is State.RESTORED)
    @rule(server=st.integers(0, 1))
    def recover(self, server: int) -> None:
        try:
            recover(self.servers[server].ledger, by="admin:t")
        except ConfigurationError:
            # It was made before another backup was put in place and recovered, and the witness follows that one.
            with self.servers[server].database.read() as connection:
                confirmed = connection.scalar(sa.select(ledger_head.c.witnessed))
            assert self.servers[server].ledger.witness.read().length < confirmed
            assert self.latest is not None
            self._closed()
            self._put_in_place(*self.latest)
        self.state = State.SOUND

    def _put_in_place(self, backup: Any, facts: Facts) -> None:
        self.world.restore(backup)
        self.facts = deepcopy(facts)
        self._opened()

    @precondition(lambda self: self.state is State.SOUND and any(h.receipt for h in self.held.values()))
    @rule(data=st.data())
    def take_back_by_receipt(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from([h for h in self.held.values() if h.receipt]))
        if held.series in self.facts.known:
            return
        try:
            series = re_register(self.servers[0].ledger, held.receipt, by="admin:t")
        except NpnError as error:
            _expect(error, "not_withheld", "idempotency_conflict")
            return
        assert (series.id, series.first, series.last) == (held.series, held.first, held.last)
        held.held_to = held.last
        self.facts.known.add(held.series)

    @precondition(lambda self: self.state is State.SOUND)
    @rule()
    def lose_the_witness(self) -> None:
        self.aside = self.world.folder / "lost.witness"
        self.world.witness.rename(self.aside)
        self.state = State.WITNESS_LOST

    @precondition(lambda self: self.state is State.WITNESS_LOST)
    @rule(rebuilt=st.booleans(), server=st.integers(0, 1))
    def find_or_rebuild_the_witness(self, rebuilt: bool, server: int) -> None:  # noqa: FBT001  # what hypothesis chose
        assert self.aside is not None
        if rebuilt:
            rebuild_witness(self.servers[server].ledger, by="admin:t")
        else:
            self.aside.rename(self.world.witness)
        self.state = State.SOUND

    @precondition(lambda self: self.state is State.SOUND)
    @rule()
    def link_to_the_witness(self) -> None:
        link = self.world.folder / f"link-{len(self.world.services)}-{self.requests}.witness"
        link.unlink(missing_ok=True)
        link.symlink_to(self.world.witness)
        self.world.close(self.servers[1])
        self.servers[1] = self.world.open(witness=link)

    @precondition(lambda self: self.state is State.SOUND and len(self.copies) < 3)
    @rule()
    def copy_the_witness(self) -> None:
        copy = self.world.folder / f"copy-{len(self.copies)}.witness"
        shutil.copy(self.world.witness, copy)
        self.copies.append(copy)

    @precondition(lambda self: self.state is State.SOUND and self.copies)
    @rule(data=st.data())
    def serve_on_a_copy(self, data: st.DataObject) -> None:
        self.world.close(self.servers[1])
        self.servers[1] = self.world.open(witness=data.draw(st.sampled_from(self.copies)))
        self.state = State.WITNESS_WRONG

    @precondition(lambda self: self.state is State.SOUND and self.copies)
    @rule(data=st.data())
    def set_the_witness_back(self, data: st.DataObject) -> None:
        shutil.copy(data.draw(st.sampled_from(self.copies)), self.world.witness)
        self.state = State.WITNESS_WRONG

    @precondition(lambda self: self.state is State.SOUND)
    @rule()
    def move_the_witness(self) -> None:
        target = self.world.folder / f"moved-{self.requests}-{len(list(self.world.folder.iterdir()))}.witness"
        move(self.servers[0].ledger, FileWitness(target))
        left, self.servers[1] = self.servers[1], self.world.open(witness=target)
        wish = self._wish(0, f"left-{target.name}", 1)
        (answer,) = self._answers(left, wish)
        assert isinstance(answer, NpnError), "a server on the witness that was left granted"
        self._closed()
        self.world.settings = msgspec.structs.replace(self.world.settings, witness=str(target))
        self.copies.clear()
        self._opened()

    @precondition(lambda self: self.state is State.WITNESS_WRONG)
    @rule()
    def make_the_witness_right(self) -> None:
        """As the guide says: both are taken away, and the witness is made from the database, which is whole."""
        self._closed()
        self.world.witness.unlink()
        self.copies.clear()
        self.servers = [self.world.open(), self.world.open()]
        rebuild_witness(self.servers[0].ledger, by="admin:t")
        self.state = State.SOUND

    @precondition(lambda self: self.state is State.SOUND and not self.facts.upgraded)
    @rule()
    def bring_the_next_version(self) -> None:
        self._closed()
        answer = self.world.other.ask("init", **self.world.where)
        assert answer == {}, answer
        self.facts.upgraded = True
        self._opened()

    # --- what must hold -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self._mend()
            for held in self.held.values():
                self._is_kept(held)
            self._is_proved()
        finally:
            self.world.end()

    def _mend(self) -> None:
        if self.state is State.RESTORED:
            self.recover(0)
        elif self.state is State.WITNESS_LOST:
            self.find_or_rebuild_the_witness(rebuilt=False, server=0)
        elif self.state is State.WITNESS_WRONG:
            self.make_the_witness_right()

    def _is_kept(self, held: Held) -> None:
        """What was acknowledged is there, or withheld where a restored database has forgotten it."""
        if held.series in self.facts.known:
            series = self._by_server(0, self._wish(held.system, held.request_id, held.last - held.first + 1))
            assert (series.id, series.first, series.last) == (held.series, held.first, held.last)
        else:
            for number in {held.first, held.held_to} - {held.first - 1}:
                state = look_up(self.servers[0].database, str(number).zfill(held.length)).state
                assert state == "withheld", (number, state)

    def _is_proved(self) -> None:
        lines = self.world.export()
        verify(lines)
        file = self.world.folder / "ledger.jsonl"
        file.write_bytes(b"".join(lines))
        if shutil.which("node"):
            own = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
            second = subprocess.run(["node", VERIFIER, file], capture_output=True, text=True, check=False, env=own)
            assert second.returncode == 0, second

    # --- how it is done -------------------------------------------------------------------------------------------

    def _wish(self, who: int, request_id: str, count: int) -> Draw:
        system, key = self.world.systems[who]
        return Draw(system.id, key.digest, request_id, count, None, None, None)

    def _by_server(self, server: int, wish: Draw) -> Series:
        (answer,) = self.servers[server].registry.draw([wish])
        if not isinstance(answer, GrantedSeries):
            raise answer
        return answer.series

    def _answers(self, service: Service, wish: Draw) -> list[object]:
        try:
            return list(service.registry.draw([wish]))
        except NpnError as error:
            return [error]

    def _by_clock(self) -> set[str]:
        return ({"clock_wrong"} if self.back else set()) | ({"in_quarantine"} if self.was_back else set())

    def _draw(self, who: int, by: Callable[[Draw], Series], count: int) -> None:
        self.requests += 1
        wish = self._wish(who, f"r{self.requests}", count)
        try:
            series = by(wish)
        except NpnError as error:
            self._may_refuse(error, who, "quota_exceeded")
            return
        assert who not in self.facts.suspended, "a suspended system drew"
        assert self.state is not State.RESTORED, "a database older than its witness granted"
        assert self.state is not State.WITNESS_LOST, "nobody witnessed this"
        former = self._nobodys(series.first, series.last, who)
        signed = "" if by == self._by_the_next_version else receipt(self.servers[0].database, series)
        self.held[series.id] = Held(
            who,
            wish.request_id,
            series.id,
            series.first,
            series.last,
            series.length,
            series.last,
            signed,
            former=former,
        )
        self.facts.known.add(series.id)

    def _by_the_next_version(self, wish: Draw) -> Series:
        ask = self.world.other.ask
        assert ask("open", **self.world.where) == {}
        try:
            answer = ask("draw", system=wish.system, key=wish.key, request_id=wish.request_id, count=wish.count)
        finally:
            ask("close")
        if "code" in answer:
            raise NpnError(answer["message"], code=answer["code"])
        with self.servers[0].database.read() as connection:
            series = store.series(connection, answer["id"])
        assert series is not None
        return series

    def _nobodys(self, first: int, last: int, who: int) -> frozenset[int]:
        """Numbers have one holder at a time, and never come back to one who had them."""
        former: set[int] = set()
        for held in self.held.values():
            if held.first <= last and held.last >= first:
                assert not (held.first <= last and held.held_to >= first), f"{first} to {last} are {held.series}'s"
                former |= {held.system} | held.former
        assert who not in former, f"{first} to {last} came back to a system that had them"
        for start, end in self.taken:
            assert not (start <= last and end >= first), f"{first} to {last} are in use elsewhere"
        return frozenset(former)

    def _may_refuse(self, error: NpnError, who: int, *more: str) -> None:
        """Hold a refusal to what is broken: a sound world refuses nobody for nothing."""
        allowed = {
            State.SOUND: set(more),
            State.RESTORED: {"witness_behind", "witness_wrong", *more},
            State.WITNESS_LOST: {"witness_missing", *more},
            State.WITNESS_WRONG: {"witness_wrong", "witness_behind", *more},
        }[self.state]
        if who in self.facts.suspended:
            allowed.add("system_suspended")
        if who not in self.facts.limited:
            allowed.discard("quota_exceeded")
        _expect(error, *allowed)

    def _is_behind(self) -> bool:
        try:
            self.servers[0].ledger.check()
        except NpnError:
            return True
        return False

    def _closed(self) -> None:
        self.world.close_all()
        self.servers = []

    def _opened(self) -> None:
        self.servers = [self.world.open(), self.world.open()]


def _expect(error: NpnError, *codes: str) -> None:
    assert error.code in codes, f"{error.code}: {error.message}"
