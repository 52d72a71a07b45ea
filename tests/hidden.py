"""A service with something to hide: an account with a second factor, a letter with a link, a signing key."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from npn.config import Settings
from npn.db import Database
from npn.db.sealing import MAIL_TEXT, PRIVATE_JWK, TOTP_SECRET, sealer_of
from npn.ledger.service import now
from npn.mail.model import Email
from npn.mail.service import put
from npn.people import totp
from npn.people.model import AccountRole
from npn.systems.model import Environment
from npn.wiring.assembly import build
from prepared import initialised

LINK = "https://npn.example/welcome/SECRET-LINK-8f3a"


@dataclass(frozen=True)
class Hidden:
    """What must not be found: by name, the text itself."""

    account: str
    factor: str
    private: str
    operator_key: str
    system_key: str
    codes: list[str]

    @property
    def texts(self) -> list[str]:
        return [self.factor, self.private, LINK, self.operator_key, self.system_key, *self.codes]


def furnish(settings: Settings) -> Hidden:
    done = initialised(settings)
    service = build(settings)
    try:
        _, key = service.systems.add(by="t", name="Labka", vendor="V", owner="O", environment=Environment.PRODUCTION)
        account, _ = service.accounts.add(by="admin:t", email="a@b.dk", name="Anna", role=AccountRole.AUDITOR)
        factor = totp.make_secret()
        codes = service.accounts.set_second_factor(account.id, secret=factor, step=0, by=f"account:{account.id}")
        with service.database.write() as connection:
            put(connection, Email("a@b.dk", "Welcome", f"Your link: {LINK}"), at=now())
        return Hidden(account.id, factor, private_half(service.database), str(done.operator_key), str(key), codes)
    finally:
        service.close()


def private_half(database: Database) -> str:
    """The current signing key's private part, as its JWK has it."""
    with database.read() as connection:
        kid, sealed = connection.execute(
            sa.text("SELECT kid, private_jwk FROM signing_key WHERE retired_at IS NULL")
        ).one()
        return str(json.loads(sealer_of(connection).open(sealed, PRIVATE_JWK, kid))["d"])


def everything(database: Database) -> str:
    """Every column of every table as text."""
    with database.read() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = [connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in tables]  # ours
        return repr([[[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in each] for each in rows])


def leave_in_clear(settings: Settings, hidden: Hidden) -> None:
    """Write the secrets as an older program did."""
    database = Database(settings.database, as_owner=True)
    service = build(settings)
    with service.database.read() as connection:
        kid, sealed = connection.execute(
            sa.text("SELECT kid, private_jwk FROM signing_key WHERE retired_at IS NULL")
        ).one()
        private = sealer_of(connection).open(sealed, PRIVATE_JWK, kid)
    service.close()
    with unguarded(database) as connection:
        for place, row, value in (
            (PRIVATE_JWK, kid, private),
            (TOTP_SECRET, hidden.account, hidden.factor),
        ):
            change = f"UPDATE {place.table} SET {place.column} = :v WHERE {place.id_column} = :r"  # ours
            connection.execute(sa.text(change), {"v": value, "r": row})
        connection.execute(sa.text(f"UPDATE {MAIL_TEXT.table} SET text = :v"), {"v": f"Your link: {LINK}"})
    database.close()


@contextmanager
def unguarded(database: Database) -> Iterator[sa.Connection]:
    """A transaction without the triggers that refuse clear text."""
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            yield connection
            return
        triggers = connection.execute(
            sa.text(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('signing_key', 'account')"
            )
        ).all()
        for name, _ in triggers:
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        yield connection
        for _, statement in triggers:
            connection.exec_driver_sql(statement)


def bytes_of(path: Path) -> bytes:
    """The database's file with its WAL, as whoever copies them has them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT 1")
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
