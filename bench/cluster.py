"""Draws a second with one, two and three servers on the cluster, against one server on a single PostgreSQL.

And what each part of never losing a draw costs: the synchronous standby (every commit waits until a second node has
it on disk), and the witness in etcd (every batch waits for a quorum), against a PostgreSQL without a standby and a
witness in a file. Everything runs on this one machine at once and takes turns, so that whatever else happens meets all
alike; on machines of their own the servers would not share the cores with the database, its standbys, etcd and the
clients. Beside it: the bytes that a series takes in tables, write-ahead log and exported ledger (docs/scale.md).
"""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psycopg
import uvloop

_TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "ha"), str(_TESTS / "scenarios")]

import deployment  # noqa: E402  # after the path
from clients import set_up  # noqa: E402  # as above
from servers import Server, serving  # noqa: E402  # as above

from command import npn  # noqa: E402  # as above
from npn.config import Settings  # noqa: E402  # as above
from npn.db.sealing import new_key_file  # noqa: E402  # as above
from postgres import cluster, installed  # noqa: E402  # as above

CONNECTIONS = 64
ROUNDS = 5
SECONDS = 4.0

SINGLE = "one server, single PostgreSQL, witness in a file"
WITNESS = "one server, single PostgreSQL, witness in etcd"
STANDBY = "one server, synchronous standby, witness in a file"
ONE, TWO, THREE = (f"{n} of three servers, synchronous standby, witness in etcd" for n in ("one", "two", "three"))

Way = tuple[Sequence[Server], str]


def run() -> dict[str, object]:
    """Start all of it, let the ways take turns; draws a second and their ratios."""
    lacking = deployment.lacking()
    if lacking:
        return {"skipped": lacking}
    rates: dict[str, list[float]] = {}
    with _ways() as ways:
        written = _Written(ways[SINGLE][0][0].settings)
        for turn in range(ROUNDS + 1):
            for name, (servers, key) in ways.items():
                rate = uvloop.run(_load([server.port for server in servers], key))
                if turn:  # the first round warms up
                    rates.setdefault(name, []).append(rate)
        storage = written.by_series()
    figures = {name: median(taken) for name, taken in rates.items()}
    return {
        "connections": CONNECTIONS,
        "bytes_a_series": storage,
        "draws_per_s": {name: round(figure) for name, figure in figures.items()},
        "witness_in_etcd_to_file": round(figures[WITNESS] / figures[SINGLE], 2),
        "synchronous_standby_to_none": round(figures[STANDBY] / figures[SINGLE], 2),
        "both_to_neither": round(figures[ONE] / figures[SINGLE], 2),
        "two_servers_to_one": round(figures[TWO] / figures[ONE], 2),
        "three_servers_to_one": round(figures[THREE] / figures[ONE], 2),
        "three_servers_on_the_cluster_to_one_on_a_single_postgresql": round(figures[THREE] / figures[SINGLE], 2),
    }


class _Written:
    """What one database writes while it is drawn from."""

    _TABLES = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
    _LOG = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
    _SERIES = "SELECT count(*) FROM live_range"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._before = self._now()

    def _now(self) -> tuple[int, int, int]:
        with psycopg.connect(self._settings.database) as connection:
            found = [connection.execute(query).fetchone() for query in (self._TABLES, self._LOG, self._SERIES)]
        tables, log, series = (int(row[0]) for row in found if row is not None)
        return tables, log, series

    def by_series(self) -> dict[str, int]:
        """Return the bytes for each series drawn since; the log is the whole server's, which does nothing else much."""
        after = self._now()
        tables, log, series = (b - a for a, b in zip(self._before, after, strict=True))
        with tempfile.TemporaryDirectory() as folder:
            exported = Path(folder) / "ledger.jsonl"
            done = npn("ledger", "export", exported, on=self._settings)
            if done.status:
                raise RuntimeError(done.err)
            size = exported.stat().st_size
        return {"tables": tables // series, "write_ahead_log": log // series, "exported_ledger": size // after[2]}


@contextmanager
def _ways() -> Iterator[Mapping[str, Way]]:
    programs = installed()
    assert programs is not None
    with ExitStack() as stack:
        made = stack.enter_context(deployment.machinery())
        alone = stack.enter_context(cluster(programs))

        def served(database: str, witness: str, count: int) -> Way:
            folder = made.folder / uuid.uuid4().hex
            folder.mkdir()
            secrets = folder / "npn.secrets"
            new_key_file(secrets)
            settings = Settings(
                database=database, witness=witness or str(folder / "npn.witness"), secrets_key_file=str(secrets)
            )
            (key,) = set_up(settings)
            return stack.enter_context(serving(settings, folder, processes=count)), key

        def in_cluster() -> str:
            name = f"bench_{uuid.uuid4().hex[:8]}"
            made.nodes.run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
            return str(made.nodes.url(name))

        three, key = served(in_cluster(), made.etcd.witness("three"), 3)
        yield {
            SINGLE: served(alone.new_database(), "", 1),
            WITNESS: served(alone.new_database(), made.etcd.witness("alone"), 1),
            STANDBY: served(in_cluster(), "", 1),
            ONE: (three[:1], key),
            TWO: (three[:2], key),
            THREE: (three, key),
        }


async def _load(ports: Sequence[int], key: str) -> float:
    """Return the draws a second over all connections, spread over the servers."""
    until, started = time.perf_counter() + SECONDS, time.perf_counter()
    counts = await asyncio.gather(*(_one(ports[n % len(ports)], key, until) for n in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


async def _one(port: int, key: str, until: float) -> int:
    """Draw again and again on one connection; every answer is read whole, and must be 201."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    mine, count, body = uuid.uuid4().hex, 0, b'{"count":100}'
    head = (
        f"POST /v1/series HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nIdempotency-Key: {mine}-"
    ).encode()
    while time.perf_counter() < until:
        writer.write(head + b"%d\r\n\r\n%s" % (count, body))
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(answer.decode("latin-1"))
        start = answer.index(b"content-length: ") + 16
        await reader.readexactly(int(answer[start : answer.index(b"\r", start)]))
        count += 1
    writer.close()
    return count
