"""Three servers are upgraded one by one under load: the old program works on the new schema meanwhile."""

import shutil
from pathlib import Path

from clients import clients, prove, set_up
from servers import serving

import npn as package
from command import npn
from npn.config import Settings
from npn.db.migrate import newest
from postgres import Cluster

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"
compatible_since = "{before}"


def upgrade():
    op.add_column("live_range", sa.Column("colour", sa.Text))
    op.create_table("tube", sa.Column("colour", sa.Text, primary_key=True))
"""


def next_version(folder: Path) -> Path:
    """The program as it will be: as it is, and one migration more."""
    shutil.copytree(Path(package.__file__).parent, folder / "npn", ignore=shutil.ignore_patterns("__pycache__"))
    versions = folder / "npn" / "db" / "migrations" / "versions"
    (versions / "9000_colours.py").write_text(NEXT.format(before=newest()))
    return folder


def test_three_servers_are_upgraded_one_by_one_under_load(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "npn.witness"))
    keys = set_up(settings, systems=2)
    newer = ("env", f"PYTHONPATH={next_version(tmp_path / 'next')}")
    with (
        serving(settings, tmp_path, processes=3) as servers,
        clients(keys, servers, tmp_path, processes=3, seconds=45) as told,
    ):
        migrated = npn("admin", "init", on=settings, prefix=newer)
        assert migrated.status == 0, migrated
        assert "9000" in migrated.err
        for server in servers:
            assert server.wait_for("/readyz", 200).status_code == 200, "the old program works on the new schema"
            assert server.draw(keys[0], f"before-{server.port}").status_code == 201
        for server in servers:
            assert server.stop() == 0
            server.prefix = newer
            server.start()
            server.wait_for("/readyz", 200)
            assert server.draw(keys[0], f"after-{server.port}").status_code == 201
        assert npn("admin", "init", on=settings).status == 2, "and does not migrate it back"
    assert prove(told, settings, tmp_path) > 10
    assert npn("admin", "space", "list", on=settings, prefix=newer).status == 0
