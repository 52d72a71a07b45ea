"""A database as an older program left it, with data, and its witness without an identity."""

import json
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from drawing import add, draw
from npn.config import Settings
from npn.db import Database
from npn.db.migrate import newest, upgrade
from npn.db.roles import make_role
from npn.db.sealing import PRIVATE_JWK, Sealer
from npn.ledger.canonical import canonical
from npn.ledger.model import GENESIS, Head, chained
from npn.ledger.tables import ledger
from npn.systems.model import ApiKey, ConnectedSystem
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

_MADE_WITH_THE_SCHEMA = ("alembic_version", "database_identity", "schema_compatibility")
_NEWER = {"rules_adopted", "quarantine_policy_set", "secrets_key_made"}
_WITNESS = ("database", "length", "hash", "cursors", "ahead")


def at_revision(settings: Settings, revision: str) -> tuple[ConnectedSystem, ApiKey]:
    """Make a database at an older revision, in use: a system, and a draw of 1,000 under the request id `old`.

    The rows are a newer database's, as far as the older schema has tables and columns for them.
    """
    folder = Path(settings.witness).parent
    folder.mkdir(parents=True, exist_ok=True)
    newer = Settings(database=f"sqlite:///{folder / 'newer.db'}", witness=str(folder / "newer.witness"))
    initialise(newer)
    service = build(newer)
    lab = add(service)
    draw(service, lab, 1000, request_id="old")
    service.close()
    database = Database(settings.database, as_owner=True, create=True)
    if database.dialect == "postgresql":
        make_role(database)
    upgrade(database, revision)
    source = sa.create_engine(f"sqlite:///{folder / 'newer.db'}")
    sealer = Sealer()
    sealer.load(folder / "newer.secrets")
    with source.connect() as there, database.write() as here:
        _copy(there, here, sealer)
        own = here.scalar(sa.text("SELECT id FROM database_identity"))
        head = here.scalar(sa.text("SELECT hash FROM ledger_head"))
    source.dispose()
    database.close()
    known = json.loads(Path(newer.witness).read_bytes())
    state = {name: known[name] for name in _WITNESS if name in known} | {"database": own, "hash": head}
    Path(settings.witness).write_text(json.dumps(state, sort_keys=True) + "\n")
    for leftover in ("newer.db", "newer.db.lock", "newer.secrets", "newer.witness", "newer.witness.lock"):
        (folder / leftover).unlink(missing_ok=True)
    return lab


def _copy(there: sa.Connection, here: sa.Connection, sealer: Sealer) -> None:
    newer, older = sa.MetaData(), sa.MetaData()
    newer.reflect(there)
    older.reflect(here)
    for name in (table.name for table in newer.sorted_tables):  # PostgreSQL's has no foreign keys of series
        if name in _MADE_WITH_THE_SCHEMA or name not in older.tables:
            continue
        table = older.tables[name]
        shared = [column.name for column in table.columns if column.name in newer.tables[table.name].columns]
        listed, names = ", ".join(shared), ", ".join(f":{name}" for name in shared)
        if name == "ledger":
            _copy_ledger(there, here)
            continue
        for row in there.execute(sa.text(f"SELECT {listed} FROM {table.name}")).mappings():
            values = {name: _fitting(table.columns[name], value) for name, value in row.items()}
            if values.get("private_jwk") is not None:  # an older program kept it in clear
                values["private_jwk"] = sealer.open(str(values["private_jwk"]), PRIVATE_JWK, str(values["kid"]))
            if table.name == "ledger_head":
                continue  # goes with the ledger
            here.execute(sa.text(f"INSERT INTO {table.name} ({listed}) VALUES ({names})"), values)


def _copy_ledger(there: sa.Connection, here: sa.Connection) -> None:
    """Chain the entries again, in place of those that only newer programs write an event that says nothing."""
    head = Head(0, GENESIS)
    for seq, at, kind, data in there.execute(sa.text("SELECT seq, at, type, data FROM ledger ORDER BY seq")):
        told = (kind, data.encode())
        if kind in _NEWER:
            before = {"organisation": f"before-{seq}", "kind": "region", "name": f"Before {seq}"}
            told = ("organisation_added", canonical(before))
        entry = chained(head, datetime.fromisoformat(at), told[0], data=told[1])
        head = Head(entry.seq, entry.hash)
        values = {name: getattr(entry, name) for name in ("seq", "at", "type", "data", "previous", "hash")}
        here.execute(sa.insert(ledger).values(values))
    moved = {"length": head.length, "hash": head.hash}
    if "writer" in {column["name"] for column in sa.inspect(here).get_columns("ledger_head")}:
        moved |= {"writer": newest(), "written": head.length}
    here.execute(
        sa.text(f"UPDATE ledger_head SET {', '.join(f'{name} = :{name}' for name in moved)}"),
        moved,
    )


def _fitting(column: sa.Column[object], value: object) -> object:
    return bool(value) if isinstance(column.type, sa.Boolean) and value is not None else value
