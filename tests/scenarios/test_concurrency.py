"""Many clients, several server processes, one database: nothing twice, nothing lost, repeats the same."""

from pathlib import Path

import pytest
from clients import clients, prove, set_up
from servers import serving

from npn.config import Settings
from postgres import Cluster


def drawn_under_load(settings: Settings, folder: Path, *, processes: int, servers: int, each: int) -> None:
    """Draw with so many clients over so many servers, `each` so many series; prove it."""
    keys = set_up(settings, systems=3)
    with (
        serving(settings, folder, processes=servers) as running,
        clients(keys, running, folder, processes=processes, seconds=600, most=each) as told,
    ):
        pass
    assert sum(report["aborted"] for report in told.reports) > 0
    assert prove(told, settings, folder) == processes * each


def test_four_clients_and_two_servers_on_one_sqlite_file_never_share_a_number(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    drawn_under_load(settings, tmp_path, processes=4, servers=2, each=300)


def test_eight_clients_and_four_servers_on_postgresql_never_share_a_number(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "npn.witness"))
    drawn_under_load(settings, tmp_path, processes=8, servers=4, each=200)


@pytest.mark.slow
def test_servers_on_postgresql_with_a_witness_in_another_database(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=postgres.new_database())
    drawn_under_load(settings, tmp_path, processes=8, servers=4, each=3000)
