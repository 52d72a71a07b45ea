"""The real service over HTTP in this process, on a free port of loopback, with a production system's key."""

import shutil
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from litestar.exceptions import LitestarDeprecationWarning

from npn.config import Settings
from npn.http.metrics import Metrics
from npn.registry.first_spaces import Wish
from npn.server.fronts import application
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from prepared import initialised


@dataclass(frozen=True)
class Served:
    """A server that runs in this process."""

    url: str


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """Serve a database that is there."""
    metrics = Metrics()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)  # how handlers name their parameters
        app = application(build(settings, observe=metrics.batch), metrics)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join()


class RealService:
    """One service on an SQLite database in a folder; may be stopped, set back to a backup, and started again."""

    def __init__(self, folder: Path, first: Wish | None = None) -> None:
        self.settings = Settings(database=f"sqlite:///{folder / 'npn.db'}")
        self.folder = folder
        if first is None:
            initialised(self.settings)
        else:
            initialise(self.settings, first=first)
        service = build(self.settings)
        _, key = service.systems.add(
            by="test", name="Labka II", vendor="CSC", owner="Region Nord", environment=Environment.PRODUCTION
        )
        self.key = str(key)
        service.close()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the address."""
        with serving(self.settings) as served:
            yield served.url

    def copy(self, into: Path) -> None:
        """Copy database and witness; nobody serves meanwhile."""
        into.mkdir(exist_ok=True)
        for path in self.folder.glob("npn.*"):
            if path.is_file():
                shutil.copy(path, into / path.name)

    def restore(self, backup: Path) -> None:
        """Set the database back; the witness stays as it is."""
        for path in self.folder.glob("npn.db*"):
            path.unlink()
        for path in backup.glob("npn.db*"):
            shutil.copy(path, self.folder / path.name)
