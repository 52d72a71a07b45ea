"""Who this program is to its database: the login, the role it works as, and whether the login could do more."""

from dataclasses import dataclass

import sqlalchemy as sa

from npn.db.engine import Database
from npn.db.grants import logins

OWNS = (
    "The login owns the tables, or is a superuser: whoever has it can take the guards away (RESET ROLE). "
    "Give the servers a login of their own: npn admin init --service-login LOGIN"
)


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """`owns`: the login could work as the tables' owner. `pooled`: sessions are shared by a pooler."""

    login: str | None
    works_as: str | None
    owns: bool
    pooled: bool


def standing(database: Database) -> DatabaseState:
    """Ask the database. On SQLite nobody logs in, and whoever can write the file owns it."""
    if database.dialect != "postgresql":
        return DatabaseState(None, None, owns=False, pooled=False)
    with database.read() as connection:
        who = logins(connection)
        works_as = str(connection.scalar(sa.text("SELECT current_user")))
    return DatabaseState(who.login, works_as, who.owns, database.pooled)
