"""The SQL of ties between accounts (`npn.people.ties`)."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from npn.db.types import Timestamp
from npn.ledger.model import Entry
from npn.people.tables import account, account_tie, account_vouch, openid_binding, operator_ever
from npn.people.ties import ACCOUNT, CHANGED_FOR, RESET_WAIT, Tie, TieRow, people

_MAY_BE_ONE = """WITH RECURSIVE up(who, node, until) AS (
    SELECT one, one, {forever} FROM (SELECT {first} AS one UNION SELECT {second}) AS ends
    UNION
    SELECT up.who, above.source, {least}(up.until, above.until) FROM up JOIN (
      SELECT 'account:' || t.account_id AS target, t.tied_to AS source, COALESCE(t.until, {forever}) AS until
        FROM account_tie t WHERE t.kind = 'changed' OR NOT EXISTS
          (SELECT 1 FROM account_vouch v WHERE v.account_id = t.account_id AND v.seq > t.seq)
      UNION ALL
      SELECT 'account:' || b.account_id, 'subject:' || b.issuer || ' ' || b.subject, {forever} FROM openid_binding b
    ) AS above ON above.target = up.node)
  SELECT 1 FROM up AS a JOIN up AS b ON a.node = b.node
    WHERE a.who = {first} AND b.who = {second} AND a.until > :at AND b.until > :at LIMIT 1"""
_TEXTS = {  # the engine's word for ever, the lesser of two, and a parameter that is text
    "sqlite": {"forever": "'9999-12-31T23:59:59.999999Z'", "least": "min", "first": ":first", "second": ":second"},
    "postgresql": {
        "forever": "'infinity'::timestamptz",
        "least": "LEAST",
        "first": "CAST(:first AS text)",
        "second": "CAST(:second AS text)",
    },
}


def tie(connection: sa.Connection, account_id: str, kind: Tie, *, by: str, entry: Entry, approval: str | None) -> None:
    """Tie an account to whoever did that, as ledger entry `entry` says; nobody is tied to themselves."""
    at = datetime.fromisoformat(entry.at)
    until = at + CHANGED_FOR if kind is Tie.CHANGED else None
    row = {"account_id": account_id, "seq": entry.seq, "kind": kind.value, "at": at, "until": until}
    rows = [{**row, "tied_to": name, "approval": approval} for name in people(by) if name != f"{ACCOUNT}{account_id}"]
    if rows:
        connection.execute(sa.insert(account_tie), rows)


def vouch(connection: sa.Connection, account_id: str, *, by: str, entry: Entry) -> None:
    """Lift the ties of an account up to now, but for changes of the last thirty days."""
    at = datetime.fromisoformat(entry.at)
    connection.execute(sa.insert(account_vouch).values(account_id=account_id, seq=entry.seq, vouched_by=by, at=at))


def bound(connection: sa.Connection, *, issuer: str, subject: str, account_id: str, at: datetime) -> None:
    """Note for ever that a provider's subject was bound to an account."""
    c = openid_binding.c
    same = (c.issuer == issuer) & (c.subject == subject) & (c.account_id == account_id)
    if connection.scalar(sa.select(sa.literal(1)).where(same)) is None:
        values = {"issuer": issuer, "subject": subject, "account_id": account_id, "at": at}
        connection.execute(sa.insert(openid_binding).values(values))


def note_operator(connection: sa.Connection, account_id: str, at: datetime) -> None:
    """Note for ever that an account was an active operator."""
    c = operator_ever.c
    if connection.scalar(sa.select(sa.literal(1)).where(c.account_id == account_id)) is None:
        connection.execute(sa.insert(operator_ever).values(account_id=account_id, at=at))


def operators_ever(connection: sa.Connection) -> int:
    """Count the accounts that ever were active operators."""
    return connection.scalar(sa.select(sa.func.count()).select_from(operator_ever)) or 0


def was_done(connection: sa.Connection, account_id: str, approval: str) -> bool:
    """Return whether what was approved was done to the account."""
    c = account_tie.c
    query = sa.select(sa.literal(1)).where(c.account_id == account_id, c.approval == approval)
    return connection.scalar(query.limit(1)) is not None


def of(connection: sa.Connection, account_id: str, *, at: datetime) -> Collection[TieRow]:
    """Return the ties of an account that nobody vouched away and that are not over, the newest first."""
    t, v = account_tie.c, account_vouch.c
    vouched = sa.exists().where(v.account_id == t.account_id, v.seq > t.seq)
    lasting = (t.kind == Tie.CHANGED.value) & (t.until > at) | (t.kind != Tie.CHANGED.value) & ~vouched
    query = sa.select(t.tied_to, t.kind, t.at, t.until).where(t.account_id == account_id, lasting)
    return [TieRow(r.tied_to, Tie(r.kind), r.at, r.until) for r in connection.execute(query.order_by(t.seq.desc()))]


def may_be_one(connection: sa.Connection, first: str, second: str, *, at: datetime) -> bool:
    """Return whether one person may be behind both accounts, each named as in the ledger."""
    text = sa.text(_MAY_BE_ONE.format(**_TEXTS[connection.dialect.name]))
    query = text.bindparams(sa.bindparam("at", type_=Timestamp))
    return connection.scalar(query, {"first": first, "second": second, "at": at}) is not None


def is_active_operator(connection: sa.Connection, by: str) -> bool:
    """Return whether the name in the ledger is that of an operator who may sign in."""
    c = account.c
    active = (c.role == "operator") & (c.state == "active")
    query = sa.select(sa.literal(1)).where(c.id == by.removeprefix(ACCOUNT), active)
    return by.startswith(ACCOUNT) and connection.scalar(query) is not None


def reset_lately(connection: sa.Connection, by: str, *, at: datetime) -> bool:
    """Return whether an account's password was set by e-mail within the last day."""
    c = account.c
    query = sa.select(sa.literal(1)).where(c.id == by.removeprefix(ACCOUNT), c.password_reset_at > at - RESET_WAIT)
    return connection.scalar(query) is not None
