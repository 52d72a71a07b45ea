"""A standby of the tests' PostgreSQL: a copy that follows, or one put back in time."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres import Cluster, free_port


def copied(source: Cluster, *options: str) -> Cluster:
    """Take a base backup into its own folder; nothing is started."""
    folder = Path(tempfile.mkdtemp(prefix="npn-pg-"))
    if source.run_as:
        shutil.chown(folder, "postgres", "postgres")
    made = Cluster(folder, free_port(), source.bin, source.run_as)
    address = f"host=127.0.0.1 port={source.port} user=postgres"
    command = [*source.run_as, str(source.bin / "pg_basebackup"), "-D", str(folder / "data"), "-d", address]
    subprocess.run([*command, "--checkpoint=fast", *options], check=True, capture_output=True, cwd=folder)
    return made


@contextmanager
def following(source: Cluster) -> Iterator[Cluster]:
    """A standby that streams from the source."""
    made = copied(source, "--write-recovery-conf", "--wal-method=stream")
    try:
        made.start()
        yield made
    finally:
        made.stop("immediate")
        shutil.rmtree(made.folder, ignore_errors=True)
