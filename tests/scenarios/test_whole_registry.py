"""Everything that can be done to the registry, and everything that can go wrong with it, in any order.

Two servers of this version and one of the next work on one database; it is backed up, restored and recovered, its
witness is lost, linked, copied, moved, set back and rebuilt, systems are suspended, quotas changed, numbers released
and granted again, clocks moved. After any of it no number has two holders at once, nothing that was acknowledged is
lost, and both verifiers agree on the ledger.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from registry_machine import RegistryMachine
from registry_world import PostgresWorlds, SqliteWorlds, Worlds

pytestmark = pytest.mark.moves_clock

RUNS = int(os.environ.get("NPN_MACHINE_RUNS", "2000"))


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Where runs take their databases from: an initialised one that is copied, and the next version's program."""
    folder = tmp_path_factory.mktemp("worlds")
    make: Callable[[], Worlds] = (
        (lambda: SqliteWorlds(folder))
        if request.param == "sqlite"
        else (lambda: PostgresWorlds(folder, request.getfixturevalue("postgres")))
    )
    made = make()
    yield made
    made.close()


def runs(worlds: Worlds, *, examples: int, steps: int) -> None:
    """Run the machine, each time in its own world."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: RegistryMachine(worlds.new()), settings=chosen)


@pytest.mark.parametrize("worlds", ["sqlite", "postgresql"], indirect=True)
def test_ten_runs_of_anything_in_any_order_give_nothing_twice(worlds: Worlds) -> None:
    runs(worlds, examples=int(os.environ.get("EX", "10")), steps=40)


@pytest.mark.slow
@pytest.mark.parametrize("worlds", ["sqlite", "postgresql"], indirect=True)
def test_two_thousand_runs_of_anything_in_any_order_give_nothing_twice(worlds: Worlds) -> None:
    runs(worlds, examples=RUNS, steps=40)
