"""What may happen to the rows of each table that carries a promise, and the triggers that keep it so.

One table of rules, `GUARDS`, for both engines. Triggers are made from it and from the database's own catalogue, after
every migration, so that a column added later is guarded without a word. They hold for whoever comes with whatever
connection: on SQLite, where keys by hidden row id, values of any type, foreign keys and checks that are off, and
`OR REPLACE` without delete triggers are a shell's defaults or one pragma away, they ask for all of it themselves.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

_MARK = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """What may become of rows once they are there: nothing, except to the columns named.

    `changes`: columns that may change. `forward`: of them, those that only grow. `lasting`: those that are never null
    again once they are set. `deciding`: a trigger of the table's own says which row may go.
    """

    changes: frozenset[str] = frozenset()
    forward: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()
    deciding: bool = False


def _guard(*changes: str, forward: str = "", lasting: str = "", deciding: bool = False) -> Guard:
    return Guard(frozenset(changes), frozenset(forward.split()), frozenset(lasting.split()), deciding)


GUARDS = {
    "account_tie": _guard(),
    "account_vouch": _guard(),
    "agreement_acceptance": _guard("ended_at", "ended_reason", lasting="ended_at"),
    "agreement_comment": _guard(),
    "agreement_draft": _guard(),
    "agreement_version": _guard(),
    "api_key": _guard("revoked_at", "last_used_at", lasting="revoked_at"),
    "approval": _guard("state", "decided_by", "decided_at", "outcome", lasting="decided_by decided_at"),
    "certificate_warning": _guard(),
    "connected_system": _guard(
        "name", "state", "vendor", "owner", "system_type", "register_gone_at", "smallest_draw", "largest_draw", "quota",
        "quota_days", "space", "space_set_at", "closed_at", lasting="closed_at",
    ),
    "database_identity": _guard(),
    "ledger": _guard(),
    "ledger_head": _guard("length", "hash", "newest", "witness", "witnessed", "writer", "written"),
    "live_range": _guard(deciding=True),
    "number_space": _guard("cursor", "is_default", "is_open", forward="cursor"),
    "openid_binding": _guard(),
    "operator_ever": _guard(),
    "organisation": _guard("name", "closed_at", "merged_into", lasting="merged_into"),
    "organisation_alias": _guard("organisation_id"),
    "quarantine_policy": _guard(),
    "range_split": _guard(),
    "regrant": _guard("cursor", forward="cursor"),
    "release": _guard(),
    "signing_key": _guard("private_jwk", "retired_at", lasting="retired_at"),
    "stored_answer": _guard(),
}  # fmt: skip

# What may be changed and removed by whoever may write it: none of it says who has which numbers.
OPEN = frozenset({
    "account", "account_device", "account_link", "agreement_dates", "agreement_need", "agreement_proposal",
    "agreement_respite", "approval_comment", "backup_seen", "brown_out", "call_day", "case_entry", "case_link",
    "connection_request", "contact", "contact_check", "kept_form", "key_handover", "openid_start", "openid_subject",
    "operator_wish", "organisation_region", "other_numbers", "outgoing_mail", "password_reset", "person_session",
    "pool",
    "pool_series", "recovery_code", "refused_calls", "regional_unit", "release_rhythm", "requirement_exemption",
    "requirement_shown", "saved_filter", "schema_compatibility", "sign_in_failure", "stock_report", "sunset",
    "support_case",
    "system_alias", "system_care", "system_certificate", "system_security", "system_standard", "system_subject",
    "transport_exception",
    "capability", "installation", "listed_row", "product", "product_alias", "product_fault", "product_release",
    "standard", "standard_list", "standard_version",
    "setup_note", "standard_answer", "step_link", "step_wait", "task_handling", "task_history", "task_mailing",
    "task_mailing_link", "task_open",
})  # fmt: skip


def apply(connection: sa.Connection) -> None:
    """Make the triggers of every guarded table that is there, where they are not already what they should be."""
    make = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    there = set(sa.inspect(connection).get_table_names())
    for table, guard in GUARDS.items():
        if table in there:
            make(connection, table, guard)


# --- SQLite ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What SQLite's catalogue says of a table."""

    columns: dict[str, tuple[str, bool]]  # declared type, whether null is allowed
    keys: list[list[str]]
    parents: list[tuple[str, list[tuple[str, str]]]]  # table, (column, its column)
    checks: list[str]


def _sqlite(connection: sa.Connection, table: str, guard: Guard) -> None:
    wanted = _sqlite_triggers(table, guard, _shape(connection, table))
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    present = {str(name): str(sql) for name, sql in connection.exec_driver_sql(query, (table,))}
    for name, sql in present.items():
        if name.startswith(_MARK) and sql != wanted.get(name):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for name, sql in wanted.items():
        if present.get(name) != sql:
            connection.exec_driver_sql(sql)


def _shape(connection: sa.Connection, table: str) -> _Shape:
    columns: dict[str, tuple[str, bool]] = {}
    primary: dict[int, str] = {}
    for _, name, kind, not_null, _, place in connection.exec_driver_sql(f"PRAGMA table_info({table})"):
        columns[name] = (kind.upper(), not not_null and not place)
        if place:
            primary[place] = name
    keys = [[primary[place] for place in sorted(primary)]]
    for _, index, unique, _, partial in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
        parts = [row[2] for row in connection.exec_driver_sql(f'PRAGMA index_info("{index}")')]
        if unique and not partial and None not in parts and sorted(parts) not in map(sorted, keys):
            keys.append(parts)
    parents: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for number, _, parent, column, its, *_ in connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})"):
        parents.setdefault(number, (parent, []))[1].append((column, its))
    checks = [str(check["sqltext"]) for check in sa.inspect(connection).get_check_constraints(table)]
    return _Shape(columns, keys, list(parents.values()), checks)


def _sqlite_triggers(table: str, guard: Guard, shape: _Shape) -> dict[str, str]:
    """Write the triggers: what a row must be, that it takes no other's place, what of it may change."""
    wrong = [*_sqlite_types(shape), *_sqlite_checks(shape), *_sqlite_parents(shape)]
    same = [" AND ".join(f'"{name}" = NEW."{name}"' for name in key) for key in shape.keys]
    occupied = [f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in ("rowid = NEW.rowid", *same)]
    lost = [f"EXISTS (SELECT 1 FROM {table} WHERE {key} AND rowid <> OLD.rowid)" for key in same]
    wanted = {
        "insert": (
            f"BEFORE INSERT ON {table} WHEN",
            [*occupied, *wrong],
            "a row is never replaced, and holds what it should",
        ),
        # Before the row is there its row id reads -1 where none was given, so that one that small must never be.
        "rowid": (f"AFTER INSERT ON {table} WHEN", ["NEW.rowid < 1"], "a row id is chosen by the database"),
    }
    if not guard.changes:
        wanted["update"] = (f"BEFORE UPDATE ON {table}", [], "rows are never changed")
    else:
        changed = ["NEW.rowid IS NOT OLD.rowid", *_sqlite_changes(guard, shape), *lost, *wrong]
        wanted["update"] = (f"BEFORE UPDATE ON {table} WHEN", changed, "what a row says is not changed that way")
    if not guard.deciding:
        wanted["delete"] = (f"BEFORE DELETE ON {table}", [], "rows are kept for ever")
    return {
        f"{_MARK}{table}_{what}": (
            f'CREATE TRIGGER "{_MARK}{table}_{what}" {head}\n  '
            + "\n  OR ".join(conditions)
            + f"\nBEGIN SELECT RAISE(ABORT, '{table}: {words}'); END"
        )
        for what, (head, conditions, words) in wanted.items()
    }


def _sqlite_changes(guard: Guard, shape: _Shape) -> list[str]:
    return [
        *(f'NEW."{name}" IS NOT OLD."{name}"' for name in shape.columns if name not in guard.changes),
        *(f'NEW."{name}" < OLD."{name}"' for name in sorted(guard.forward & shape.columns.keys())),
        *(
            f'(OLD."{name}" IS NOT NULL AND NEW."{name}" IS NULL)'
            for name in sorted(guard.lasting & shape.columns.keys())  # an older schema may lack some
        ),
    ]


_STORED = (("INT", "integer"), ("BOOL", "integer"), ("BLOB", "blob"), ("FLOAT", "real"), ("REAL", "real"))


def _sqlite_types(shape: _Shape) -> list[str]:
    triggers = []
    for name, (declared, nullable) in shape.columns.items():
        stored = next((stored for mark, stored in _STORED if mark in declared), "text")
        allowed = f"NOT IN ('{stored}', 'null')" if nullable else f"<> '{stored}'"
        triggers.append(f'typeof(NEW."{name}") {allowed}')
    return triggers


def _sqlite_checks(shape: _Shape) -> list[str]:
    if not shape.checks:
        return []
    row = ", ".join(f'NEW."{name}" AS "{name}"' for name in shape.columns)
    broken = " OR ".join(f"NOT ({check})" for check in shape.checks)
    return [f"EXISTS (SELECT 1 FROM (SELECT {row}) WHERE {broken})"]


def _sqlite_parents(shape: _Shape) -> list[str]:
    triggers = []
    for parent, columns in shape.parents:
        not_null = " AND ".join(f'NEW."{column}" IS NOT NULL' for column, _ in columns)
        there = " AND ".join(f'"{its}" = NEW."{column}"' for column, its in columns)
        triggers.append(f"({not_null} AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {there}))")
    return triggers


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def _postgresql(connection: sa.Connection, table: str, guard: Guard) -> None:
    """Types, keys, checks and parents are PostgreSQL's own; what a row becomes is ours.

    A trigger's name holds a digest of what it is, so that one that is right already is not made again under a lock.
    """
    columns = [str(column["name"]) for column in sa.inspect(connection).get_columns(table)]
    wanted = {_named(table, text): text for text in _postgresql_triggers(table, guard, columns)}
    query = sa.text(
        "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass) AND starts_with(tgname, :m)"
    )
    present = {str(name): str(on) for name, on in connection.execute(query, {"t": table, "m": _MARK})}
    for name, on in present.items():
        if name not in wanted or on != "A":
            connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON {table}')
    for name, text in wanted.items():
        if present.get(name) != "A":
            connection.exec_driver_sql(f'CREATE TRIGGER "{name}" {text} EXECUTE FUNCTION npn_refuse()')
            connection.exec_driver_sql(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')


def _named(table: str, text: str) -> str:
    what = text.split()[1].lower()
    return f"{_MARK}{table}_{what}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _postgresql_triggers(table: str, guard: Guard, columns: list[str]) -> list[str]:
    events = [f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"]
    if not guard.deciding:
        events.append(f"BEFORE DELETE ON {table} FOR EACH ROW")
    fixed = [name for name in columns if name not in guard.changes]
    old, new = (", ".join(f'{side}."{name}"' for name in fixed) for side in ("OLD", "NEW"))
    wrong = [
        f"ROW({new}) IS DISTINCT FROM ROW({old})",
        *(f'NEW."{name}" < OLD."{name}"' for name in sorted(guard.forward.intersection(columns))),
        *(
            f'(OLD."{name}" IS NOT NULL AND NEW."{name}" IS NULL)'
            for name in sorted(guard.lasting.intersection(columns))
        ),
    ]
    when = f" WHEN ({' OR '.join(wrong)})" if guard.changes else ""
    events.append(f"BEFORE UPDATE ON {table} FOR EACH ROW{when}")
    return events
