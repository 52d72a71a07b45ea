"""The registry against a model of a dozen lines: draws, repeats, imports, releases and restarts in any order."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from npn.config import Settings
from npn.errors import NpnError
from npn.numbers.scheme import NumberScheme
from npn.registry.draws import GrantedSeries
from npn.registry.importing import ImportConflictError, import_ranges, read_lines
from npn.registry.lookup import look_up
from npn.registry.model import Draw, Series
from npn.systems.model import Caller, Environment, Role
from npn.wiring.assembly import build
from postgres import Cluster
from prepared import initialised
from wishes import Wish, wish

FIRST, LAST = 100_000, 100_699
SCHEME = NumberScheme("six", 6, (5, 4, 3, 2, 9, 1))
sizes = st.one_of(
    st.fixed_dictionaries({"count": st.integers(1, 60)}), st.fixed_dictionaries({"usable": st.integers(1, 6)})
)


class RegistryMachine(RuleBasedStateMachine):
    """Every answer of the registry is forecast by `taken`, a table from number to what became of it."""

    new_database: Callable[[Path], str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        self.settings = Settings(database=self.new_database(path), witness=str(path / "witness"))
        initialised(self.settings)
        self.service = build(self.settings)
        self.by = self.service.systems.add(by="t", name="S", vendor="V", owner="O", environment=Environment.PRODUCTION)
        self.service.registry.add_space(
            by="t", name="six", environment=Environment.PRODUCTION, scheme=SCHEME, first=FIRST, last=LAST
        )
        self.cursor = FIRST
        self.taken: dict[int, str] = {}
        self.granted: dict[str, tuple[Draw, Series]] = {}
        self.released_from: dict[str, int] = {}

    def teardown(self) -> None:
        self.service.close()
        self.folder.cleanup()

    def foretold(self, parts: Wish) -> tuple[int, int] | None:
        start = self.cursor
        while True:
            if "count" in parts:
                window = list(range(start, start + parts["count"]))
            else:
                usable = [n for n in range(start, LAST + 1) if SCHEME.is_usable(n)][: parts["usable"]]
                if len(usable) < parts["usable"]:
                    return None
                window = list(range(start, usable[-1] + 1))
            if window[-1] > LAST:
                return None
            blocked = next((n for n in window if n in self.taken), None)
            if blocked is None:
                return window[0], window[-1]
            start = next(n for n in range(blocked, LAST + 2) if n not in self.taken)

    @rule(batch=st.lists(sizes, min_size=1, max_size=4))
    def draw_some_at_once(self, batch: list[Wish]) -> None:
        draws = [wish(self.by, f"r{len(self.granted)}-{n}", space="six", **parts) for n, parts in enumerate(batch)]
        answers = self.service.registry.draw(draws)
        for parts, asked, answer in zip(batch, draws, answers, strict=True):
            expected = self.foretold(parts)
            if expected is None:
                assert isinstance(answer, NpnError)
                assert answer.code == "space_exhausted"
                continue
            assert isinstance(answer, GrantedSeries)
            assert (answer.series.first, answer.series.last) == expected
            assert answer.series.usable == sum(map(SCHEME.is_usable, range(expected[0], expected[1] + 1)))
            self.granted[asked.request_id] = (asked, answer.series)
            self.taken.update(dict.fromkeys(range(expected[0], expected[1] + 1), "granted"))
            self.cursor = expected[1] + 1

    @precondition(lambda self: self.granted)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        asked, series = self.granted[data.draw(st.sampled_from(sorted(self.granted)))]
        (answer,) = self.service.registry.draw([asked])
        assert isinstance(answer, GrantedSeries)
        assert answer.repeated
        assert (answer.series.id, answer.series.first, answer.series.last) == (series.id, series.first, series.last)

    @rule(start=st.integers(FIRST - 3, LAST), size=st.integers(1, 40))
    def import_anywhere(self, start: int, size: int) -> None:
        end = start + size - 1
        text = f"space,system,first,last,drawn_at\nsix,{self.by[0].id},{start:06},{end:06},2026-01-01\n"
        fits = start >= FIRST and end <= LAST and not any(n in self.taken for n in range(start, end + 1))
        if fits:
            assert import_ranges(self.service.ledger, read_lines(text), by="t") == 1
            self.taken.update(dict.fromkeys(range(start, end + 1), "imported"))
        else:
            with pytest.raises(ImportConflictError):
                import_ranges(self.service.ledger, read_lines(text), by="t")

    @precondition(lambda self: self.granted)
    @rule(data=st.data(), share=st.floats(0, 1))
    def release_a_tail(self, data: st.DataObject, share: float) -> None:
        _, series = self.granted[data.draw(st.sampled_from(sorted(self.granted)))]
        start = series.first + round(share * (series.size - 1))
        caller = Caller(Role.SYSTEM, self.by[0].id, self.by[0].id, self.by[1].digest)
        back = self.service.registry.release(series.id, by=caller, from_text=series.text(start))
        held = min(start, self.released_from.get(series.id, start))
        self.released_from[series.id] = held
        assert back.released_from == held
        self.taken.update(dict.fromkeys(range(held, series.last + 1), "released"))

    @rule()
    def restart(self) -> None:
        self.service.close()
        self.service = build(self.settings)

    @rule(number=st.integers(FIRST, LAST))
    def look_a_number_up(self, number: int) -> None:
        found = look_up(self.service.database, f"{number:06}")
        assert found.state == self.taken.get(number, "never_issued")
        assert found.usable == SCHEME.is_usable(number)

    @invariant()
    def the_cursor_is_where_the_model_has_it(self) -> None:
        assert next(s.cursor for s in self.service.registry.spaces() if s.name == "six") == self.cursor


def against_the_model(new_database: Callable[[Path], str], examples: int) -> None:
    machine = type("Machine", (RegistryMachine,), {"new_database": staticmethod(new_database)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_registry_does_what_the_model_says_on_sqlite() -> None:
    against_the_model(lambda folder: f"sqlite:///{folder / 'npn.db'}", 10)


def test_the_registry_does_what_the_model_says_on_postgresql(postgres: Cluster) -> None:
    against_the_model(lambda _folder: postgres.new_database(), 4)


@pytest.mark.slow
def test_the_registry_does_what_the_model_says_many_times(postgres: Cluster) -> None:
    against_the_model(lambda folder: f"sqlite:///{folder / 'npn.db'}", 300)
    against_the_model(lambda _folder: postgres.new_database(), 60)
