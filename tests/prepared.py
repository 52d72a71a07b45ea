"""A new service, copied from one that was initialised for the session: to migrate takes a test ten times as long."""

import shutil
from collections.abc import Callable
from pathlib import Path

from npn.config import Settings
from npn.wiring.setup import initialise
from postgres import Cluster


class Prepared:
    """Initialised databases, one of each engine, with their witness and the key of their secrets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Settings] = {}

    def copy_to(self, settings: Settings, *, cluster: Callable[[], Cluster]) -> None:
        """Do what `initialise` does for these settings, which name a database that is not there, or is empty."""
        engine = settings.database.partition(":")[0]
        if engine not in self._made:
            self._made[engine] = self._prepare(engine, cluster)
        there = Path(self._made[engine].witness).parent.parent
        here = Path(settings.witness).parent.parent
        shutil.copytree(there, here, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.lock"))
        if engine == "postgresql":
            cluster().copy_database(self._made[engine].database, settings.database)

    def _prepare(self, engine: str, cluster: Callable[[], Cluster]) -> Settings:
        folder = self._folder / engine
        folder.mkdir()
        database = f"sqlite:///{folder / 'npn.db'}" if engine == "sqlite" else cluster().new_database()
        made = Settings(database=database, witness=str(folder / "witness" / "npn.witness"))
        initialise(made)
        return made
