"""Many clients, several server processes, one database: nothing twice, nothing lost, repeats the same."""

from pathlib import Path

import pytest
from clients import clients, prove, set_up
from servers import serving

from npn.config import Settings
from postgres import Cluster


def drawn_under_load(settings: Settings, folder: Path, *, processes: int, servers: int, seconds: float) -> int:
    """Draw with so many clients over so many servers; prove it; give how many series were acknowledged."""
    keys = set_up(settings, systems=3)
    with (
        serving(settings, folder, processes=servers) as running,
        clients(keys, running, folder, processes=processes, seconds=seconds) as told,
    ):
        pass
    assert sum(report["aborted"] for report in told.reports) > 0
    return prove(told, settings, folder)


def test_four_clients_and_two_servers_on_one_sqlite_file_never_share_a_number(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    assert drawn_under_load(settings, tmp_path, processes=4, servers=2, seconds=10) > 500


def test_eight_clients_and_four_servers_on_postgresql_never_share_a_number(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "npn.witness"))
    assert drawn_under_load(settings, tmp_path, processes=8, servers=4, seconds=12) > 500


@pytest.mark.slow
def test_servers_on_postgresql_with_a_witness_in_another_database(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=postgres.new_database())
    assert drawn_under_load(settings, tmp_path, processes=8, servers=4, seconds=120) > 5000
