"""One hostile text in every stored name and text of a database, whatever the forms would say to it.

Which columns hold a text follows from the schema: every column of text that is no key of another table, is not held to
a closed list by a constraint, and does not stand in `NOT_TEXTS` with its kind. So a new column is a text until somebody
says what else it is; and a new table gets a row, made of what its columns are.
"""

import json
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

import npn
from npn.db.types import Timestamp, metadata

for _module in pkgutil.walk_packages(npn.__path__, "npn."):
    if _module.name.endswith(".tables"):
        import_module(_module.name)

MARK = "zqx"
OURS = "labka-nord"  # the system whose pages are looked at
VISIBLE = (
    'zqx</select></textarea></title></option></td></script><zqx zqx=1 onclick="window.zqx=1" hx-get=/zqx hx-post=/zqx '
    "hx-trigger=load hx-vals='{\"a\":1}'><img src=/zqx.png onerror=window.zqx=1><script>window.zqx=1</script>"
    "<svg onload=window.zqx=1></svg><form action=https://zqx.invalid/><button></form><base href=https://zqx.invalid/>"
    "<iframe srcdoc='<script>parent.zqx=1</script>'></iframe><link rel=stylesheet href=https://zqx.invalid/x.css>"
    "<meta http-equiv=refresh content='0;url=https://zqx.invalid/'><style>*{display:none}</style>"
    "\" zqx=\"1\" onmouseover=\"window.zqx=1\" autofocus ' zqx='1' onfocus='window.zqx=1' autofocus "
    "%d %s %(zqx)s 50% off {{ 7*7 }} {% zqx %} ${7*7} &lt;zqx&gt; &#x3c;zqx&#x3e; javascript:window.zqx=1 "
    "[zqx](javascript:window.zqx=1) ![zqx](https://zqx.invalid/x.png) ]]> --> <!-- \\ ` æøå"
)
PAYLOAD = f"=HYPERLINK(0) {VISIBLE} \r\nzqx: 1\t\u202ezqx\u2066 \u200b\x1b[31m \x00 end"
OTHER_SYSTEM_TABLES = frozenset({"schema_compatibility", "database_identity", "signing_key", "ledger_head"})

_IDS = "id holder token thread digest confirm_digest request_digest fingerprint shown_fingerprint hash previous kid"
NOT_TEXTS: Mapping[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "ids and digests, of the service's own making": f"{_IDS} digest_da digest_en evidence_digest remote proposal "
        "regrant.approval",
        "words of a closed list of the program": "type role kind step channel requirement language code answer waived "
        "levels media_type approval.outcome system_alias.source system_standard.source forum listed_row.standard "
        "listed_row.direction listed_row.state capability.standard capability.direction capability.state severity",
        "figures, days and versions": "at day version base weights agreement section compatible_since",
        "documents with a form of their own": "data wish asked attachments signed public_jwk private_jwk holders held "
        "proposed_certificate text_da text_en number_space.scheme types features required_of equivalents",
        "what is never shown": "password totp_secret sealed_form",
    }.items()
}
DOCUMENTS = {  # the members of a document that people write
    ("connection_request", "asked"): {"system", "vendor", "owner", "system_type", "comment", "name", "telephone"},
    ("case_entry", "attachments"): {"name", "kind"},
    ("ledger", "data"): {
        "name",
        "vendor",
        "owner",
        "reason",
        "by",
        "note",
        "accepted_by",
        "title",
        "purpose",
        "claimed",
    },
}
MADE: Mapping[str, object] = {  # what a column of a made row holds where its type does not say it
    "weights": "7,1,3", "levels": "2", "held": "[]", "holders": '["labka-nord"]', "attachments": "[]", "version": "1.0",
    "agreement": "connection", "requirement": "repeatable", "language": "da", "day": "2026-01-01", "section": "4.2",
    "channel": "rest", "severity": "minor", "types": "[]", "features": "{}", "required_of": "[]", "equivalents": "[]",
    "direction": "send", "media_type": "text/xml", "code": "quota_exceeded", "wish": "{}", "role": "system",
}  # fmt: skip


def texts() -> Iterator[tuple[sa.Table, sa.Column[str]]]:
    """Yield every column of the schema that holds a text."""
    for table in metadata.sorted_tables:
        if table.name in OTHER_SYSTEM_TABLES:
            continue
        for column in table.columns:
            if isinstance(column.type, sa.Text) and not isinstance(column.type, Timestamp) and _is_text(table, column):
                yield table, column


def _is_text(table: sa.Table, column: sa.Column[str]) -> bool:
    if any(name in names for names in NOT_TEXTS.values() for name in (column.name, f"{table.name}.{column.name}")):
        return False
    key = any(column.name in each.columns for each in table.foreign_key_constraints)
    return not key and not _allowed(table, column.name) and f"{table.name}.{column.name}" != "number_space.name"


def _allowed(table: sa.Table, column: str) -> list[str]:
    """Return the words of the closed list that a constraint holds a column to; none where there is no such list."""
    for check in table.constraints:
        text = str(check.sqltext) if isinstance(check, sa.CheckConstraint) else ""
        if text.startswith(f"{column} IN ("):
            return [word.strip(" '") for word in text.partition("(")[2].rstrip(")").split(",")]
    return []


def poison(connection: sa.Connection) -> dict[str, str]:
    """Make a row in every table that has none, and write the text into every column of text. Return each one's mark."""
    for trigger in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
        connection.execute(sa.text(f'DROP TRIGGER "{trigger}"'))
    for table in metadata.sorted_tables:
        if not connection.scalar(sa.select(sa.func.count()).select_from(table)):
            connection.execute(table.insert().values(_row(connection, table)))
    for (name, column), members in DOCUMENTS.items():
        _poison_documents(connection, metadata.tables[name], column, members)
    marks = {}
    for number, (table, column) in enumerate(texts()):
        marks[f"zq{number}q"] = f"{table.name}.{column.name}"
        _poison_column(connection, table, column, f"zq{number}q")
    return marks


def _poison_column(connection: sa.Connection, table: sa.Table, column: sa.Column[str], mark: str) -> None:
    keys = list(connection.execute(sa.text(f'SELECT rowid FROM "{table.name}"')).scalars())
    written = 0
    for key in keys:
        try:
            with connection.begin_nested():
                statement = sa.text(f'UPDATE "{table.name}" SET "{column.name}" = :text WHERE rowid = :key')
                connection.execute(statement, {"text": f"{PAYLOAD} {mark} {key}", "key": key})
                written += 1
        except sa_exc.IntegrityError:  # what may be there in this row says a constraint
            continue
    assert written, f"no row of {table.name} takes the text in {column.name}"


def _poison_documents(connection: sa.Connection, table: sa.Table, column: str, members: set[str]) -> None:
    for key, text in list(connection.execute(sa.text(f'SELECT rowid, "{column}" FROM "{table.name}"'))):
        changed = json.dumps(_hostile(json.loads(text), members), ensure_ascii=False)
        statement = sa.text(f'UPDATE "{table.name}" SET "{column}" = :text WHERE rowid = :key')
        connection.execute(statement, {"text": changed, "key": key})


def _hostile(value: object, members: set[str], name: str = "") -> object:
    if isinstance(value, dict):
        return {key: _hostile(each, members, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_hostile(each, members, name) for each in value]
    return PAYLOAD if isinstance(value, str) and name in members else value


def _row(connection: sa.Connection, table: sa.Table) -> dict[str, object]:
    """Make a row of a table: keys of rows that are there, words of its closed lists, what its types say.

    Of several rows it is about our own, else about the last that was made: ids are drawn by lot, and a release of our
    own series would leave nothing to ask for.
    """
    values: dict[str, object] = {}
    for constraint in table.foreign_key_constraints:
        keys = [each.column for each in constraint.elements]
        ours = sa.or_(*(key == OURS for key in keys)).desc()
        there = connection.execute(sa.select(*keys).order_by(ours, sa.literal_column("rowid").desc()).limit(1)).first()
        if there is not None:
            values |= dict(zip((each.parent.name for each in constraint.elements), there, strict=True))
    for column in table.columns:
        if column.name not in values and (not column.nullable or column.name in MADE):
            values[column.name] = _value(table, column)
    return values


def _value(table: sa.Table, column: sa.Column[object]) -> object:
    allowed = _allowed(table, column.name)
    if allowed:
        return allowed[0]
    if isinstance(column.type, sa.Text):
        return MADE.get(column.name, "made")
    ends = any(word in column.name for word in ("end", "expires", "until", "cut_off"))
    days = 30 if ends else 20 if "starts" in column.name else 0
    kinds: tuple[tuple[type, object], ...] = (
        (Timestamp, datetime.now(UTC) + timedelta(days=days)),
        (sa.Date, date(2027, 1, 1)),
        (sa.Boolean, True),
        (sa.LargeBinary, b"x"),
        (sa.Integer, 1),
        (sa.Numeric, 1),
        (sa.Float, 1.0),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "made")
