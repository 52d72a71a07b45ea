"""What the service's role may do to each table, and who may be that role: one table, applied by every `admin init`.

The service owns nothing. It works as the role `npn_service`, which may add what its tables are for and change the
columns that may change, and so can't take a guard away. What a server's roles are is nothing a database carries with it
(a dump restored elsewhere has none of it), so nothing here is taken to stand because it was once done: it is asked,
done, and tried, each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from npn.db.errors import GRANTS_MISSING, made
from npn.db.guards import GUARDS, OPEN
from npn.db.sessions import SERVICE_ROLE
from npn.errors import ConfigurationError, codes

_SHOWN = 5
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Grant:
    """What the role may do to a table. `columns`: those that it may change; all of them where there are none."""

    verbs: frozenset[str]
    columns: frozenset[str] = frozenset()


_READ = Grant(frozenset({"SELECT"}))
_ALL = Grant(frozenset(_VERBS))
_KEPT = Grant(frozenset({"SELECT", "INSERT", "UPDATE"}))
_ADDED = frozenset({"SELECT", "INSERT"})
# Of an open table rows may be added, changed and removed; of a guarded one, as its guard says. These are otherwise:
_OTHERWISE = {
    "alembic_version": _READ,
    "schema_compatibility": _READ,
    "database_identity": _READ,
    "live_run": _READ,
    "ledger_head": Grant(frozenset({"SELECT", "UPDATE"}), GUARDS["ledger_head"].changes),
    "account": _KEPT,
    "brown_out": _KEPT,
    "sunset": _KEPT,
    "transport_exception": _KEPT,
}
GRANTS: dict[str, Grant] = {
    **{table: Grant(_ADDED | ({"UPDATE"} if g.changes else set()), g.changes) for table, g in GUARDS.items()},
    **dict.fromkeys(OPEN, _ALL),
    **_OTHERWISE,
}


@dataclass(frozen=True, slots=True)
class Logins:
    """Who is who. `may_be_role`: this login may work as the service's role."""

    login: str
    role_is_there: bool
    may_be_role: bool
    may_make_roles: bool
    owns: bool

    @property
    def advice(self) -> str:
        """Return what an administrator has to run where this login may not; empty where nothing is missing."""
        missing = [] if self.role_is_there else [f"CREATE ROLE {SERVICE_ROLE} NOLOGIN;"]
        missing += [] if self.may_be_role else [f"GRANT {SERVICE_ROLE} TO {_quoted(self.login)};"]
        return " ".join(missing)


_LOGINS = sa.text("""
    SELECT session_user::text, r.oid IS NOT NULL,
      coalesce(pg_has_role(session_user, r.oid,
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END), false),
      (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user),
      coalesce((SELECT pg_has_role(session_user, c.relowner, 'MEMBER') FROM pg_class c
        WHERE c.oid = to_regclass('public.ledger')), true)
    FROM (SELECT 1) AS one LEFT JOIN pg_roles r ON r.rolname = :role""")


def logins(connection: sa.Connection) -> Logins:
    """Return who this login is."""
    return Logins(*connection.execute(_LOGINS, {"role": SERVICE_ROLE}).one())


def make_role(connection: sa.Connection) -> None:
    """Make the role and this login a member of it, as far as this login may and as far as it is not so already."""
    who = logins(connection)
    if not who.role_is_there:
        _try(connection, f"CREATE ROLE {SERVICE_ROLE} NOLOGIN")
    who = logins(connection)
    if who.role_is_there and not who.may_be_role:
        _try(connection, f"GRANT {SERVICE_ROLE} TO CURRENT_USER")
    query = sa.text("SELECT pg_has_role(:role, 'pg_monitor', 'MEMBER')")
    if logins(connection).role_is_there and not connection.scalar(query, {"role": SERVICE_ROLE}):
        _try(connection, f"GRANT pg_monitor TO {SERVICE_ROLE}")  # sees the state of standbys


def _try(connection: sa.Connection, statement: str) -> bool:
    """Run what this login may not be allowed to run; only that is passed over."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except sa_exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") not in ("42501", "0LP01", "42710"):  # 42710: another was quicker
            raise
        return False
    return True


def apply(connection: sa.Connection, service_logins: Sequence[str] = ()) -> list[str]:
    """Return the role exactly what the table says, and the logins the role. Return what an administrator must do yet.

    Raises ConfigurationError where a login is not there, may not be made the role, or is the tables' owner.
    """
    if not logins(connection).role_is_there:
        return []
    there = set(sa.inspect(connection).get_table_names())
    for table in sorted(there & set(GRANTS)):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {SERVICE_ROLE}")
        connection.exec_driver_sql(
            f"GRANT {_privileges(GRANTS[table], _columns(connection, table))} ON {table} TO {SERVICE_ROLE}"
        )
    for statement in (
        f"REVOKE ALL ON SCHEMA public FROM {SERVICE_ROLE}",
        f"GRANT USAGE ON SCHEMA public TO {SERVICE_ROLE}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ):
        _try(connection, statement)
    return [advice for login in service_logins for advice in _let_in(connection, login)]


def _columns(connection: sa.Connection, table: str) -> list[str]:
    return [str(column["name"]) for column in sa.inspect(connection).get_columns(table)]


def _privileges(grant: Grant, there: Sequence[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in there if name in grant.columns)
    return ", ".join(
        f"{verb} ({columns})" if verb == "UPDATE" and grant.columns else verb for verb in _VERBS if verb in grant.verbs
    )


def _let_in(connection: sa.Connection, login: str) -> list[str]:
    """Make a login of the service's own a member of the role, and of nothing that owns."""
    query = sa.text("""
        SELECT r.rolcanlogin, r.rolsuper, pg_has_role(r.oid, s.oid, 'MEMBER'),
          coalesce((SELECT pg_has_role(r.oid, c.relowner, 'MEMBER') FROM pg_class c
            WHERE c.oid = to_regclass('public.ledger')), false),
          has_database_privilege(r.oid, current_database(), 'CONNECT')
        FROM pg_roles r, pg_roles s WHERE r.rolname = :login AND s.rolname = :role""")
    row = connection.execute(query, {"login": login, "role": SERVICE_ROLE}).one_or_none()
    if row is None or not row[0]:
        raise ConfigurationError(
            f"there is no login {login!r} on this server",
            code=codes.SERVICE_LOGIN_UNKNOWN,
            field="service-login",
            hint=f"make it first: CREATE ROLE {_quoted(login)} LOGIN PASSWORD '…'",
        )
    if row[1] or row[3]:
        raise ConfigurationError(
            f"the login {login!r} owns the tables or is a superuser: as the service it could take the guards away",
            code=codes.SERVICE_LOGIN_OWNS,
            field="service-login",
            hint="name a login of the service's own",
        )
    missing = [] if row[2] else [f"GRANT {SERVICE_ROLE} TO {_quoted(login)}"]
    if not row[4]:
        database = connection.scalar(sa.text("SELECT quote_ident(current_database())"))
        missing.append(f"GRANT CONNECT ON DATABASE {database} TO {_quoted(login)}")
    return [f"{statement};" for statement in missing if not _try(connection, statement)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- whether it is so ------------------------------------------------------------------------------------------------


def missing(connection: sa.Connection, role: str = SERVICE_ROLE) -> list[str]:
    """Return what the service's role, or whoever serves, lacks, as "SELECT on ledger"; asked of the catalogue."""
    query = sa.text("""
        SELECT c.relname::text, v.verb,
          CASE WHEN v.verb = 'UPDATE' THEN has_any_column_privilege(:role, c.oid, v.verb)
            ELSE has_table_privilege(:role, c.oid, v.verb) END
        FROM pg_class c, unnest(CAST(:verbs AS text[])) AS v(verb)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2""")
    rows = connection.execute(query, {"role": role, "verbs": list(_VERBS)})
    return [f"{verb} on {table}" for table, verb, has in rows if not has and _wants(table, verb)]


def _some(words: Sequence[str], between: str) -> str:
    return between.join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")


def require(connection: sa.Connection) -> None:
    """Raise UnavailableError `database_grants_missing` where whoever serves over this connection lacks a right."""
    if not (connection.scalar(sa.text("SELECT current_user")) == SERVICE_ROLE or not logins(connection).owns):
        return
    lacking = missing(connection, str(connection.scalar(sa.text("SELECT current_user"))))
    if lacking:
        error = made(GRANTS_MISSING)
        error.message = f"{error.message}: {_some(lacking, ', ')}"
        raise error


def repair(connection: sa.Connection) -> bool:
    """Return the role its rights again where it is there without them and this login may; return whether it did.

    So it is after a dump was restored on a server that has the role from elsewhere.
    """
    who = logins(connection)
    if not (who.owns and who.role_is_there and missing(connection)):
        return False
    apply(connection)
    return True


def _wants(table: str, verb: str) -> bool:
    return table in GRANTS and verb in GRANTS[table].verbs


def prove(connection: sa.Connection) -> None:
    """Do, as the service's role, each thing that it must be able to do, and each that it must not; on no row.

    Raises ConfigurationError `database_grants_wrong` naming what is otherwise.
    """
    there = sorted(set(sa.inspect(connection).get_table_names()))
    columns = {table: _columns(connection, table) for table in there}
    wrong = [*_too_mighty(connection)]
    connection.exec_driver_sql(f"SET LOCAL ROLE {SERVICE_ROLE}")
    try:
        for table in there:
            grant = GRANTS.get(table, Grant(frozenset()))
            for what, statement, wanted in _uses(table, grant, columns[table]):
                allowed = _may(connection, statement)
                if allowed != wanted:
                    wrong.append(f"{SERVICE_ROLE} {'may' if allowed else 'may not'} {what}")
    finally:
        connection.exec_driver_sql("RESET ROLE")
    if wrong:
        raise ConfigurationError(
            f"the service's role is not what it should be: {_some(wrong, '; ')}",
            code=codes.DATABASE_GRANTS_WRONG,
            hint="run npn admin init as the tables' owner; take from the role what others gave it",
        )


def _uses(table: str, grant: Grant, columns: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield each use of a table in words, as a statement that meets no row, and whether it is to be allowed."""
    verbs = grant.verbs
    yield f"read {table}", f"SELECT 1 FROM {table} LIMIT 0", "SELECT" in verbs
    yield f"add to {table}", f"INSERT INTO {table} SELECT * FROM {table} WHERE false", "INSERT" in verbs
    yield f"delete from {table}", f"DELETE FROM {table} WHERE false", "DELETE" in verbs
    for column in columns:
        allowed = "UPDATE" in verbs and (not grant.columns or column in grant.columns)
        yield f"change {table}.{column}", f'UPDATE {table} SET "{column}" = NULL WHERE false', allowed


def _may(connection: sa.Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except sa_exc.DBAPIError as error:
        return getattr(error.orig, "sqlstate", "") != "42501"
    return True


_MIGHT = sa.text("""
    SELECT 'owns ' || c.relname FROM pg_class c JOIN pg_roles r ON r.rolname = :role
      WHERE pg_has_role(r.oid, c.relowner, 'MEMBER') AND c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'S', 'v')
    UNION ALL SELECT 'may ' || lower(v.verb) || ' ' || c.relname
      FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS v(verb)
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege(:role, c.oid, v.verb)
    UNION ALL SELECT 'is a superuser' FROM pg_roles WHERE rolname = :role AND rolsuper
    UNION ALL SELECT 'may make roles' FROM pg_roles WHERE rolname = :role AND rolcreaterole
    UNION ALL SELECT 'may log in itself' FROM pg_roles WHERE rolname = :role AND rolcanlogin
    UNION ALL SELECT 'may make things in the schema public' WHERE has_schema_privilege(:role, 'public', 'CREATE')""")


def _too_mighty(connection: sa.Connection) -> list[str]:
    return [f"{SERVICE_ROLE} {what}" for what in connection.scalars(_MIGHT, {"role": SERVICE_ROLE})]
