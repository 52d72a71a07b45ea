"""Accounts that one person made, reset, promoted or changed for another, who vouched, and what that forbids.

An account is *tied* to whoever made, reset or promoted it, until a third operator or the shell vouches for it, and for
thirty days to whoever changed its role, state or e-mail address. Two accounts that a tie, or a chain of ties, leads to
one account (or to one subject of the identity provider) may be one person: neither approves what the other proposed.
"""

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0017"
down_revision = "0016"
compatible_since = "0017"  # a program before it notes no ties

_KEPT = ("account_tie", "account_vouch", "openid_binding", "operator_ever")  # added to, and never changed
_PASSING = ("operator_wish", "account_device", "sign_in_failure", "openid_start")
_CHANGED_DAYS = 30


def upgrade() -> None:
    """Make the tables and fill them from the ledger; then the guards."""
    _tables()
    _passing_tables()
    _fill()
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        for table in _KEPT:
            op.execute(f"GRANT SELECT, INSERT ON {table} TO {SERVICE_ROLE}")
        for table in _PASSING:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE_ROLE}")


def _tables() -> None:
    op.create_table(
        "account_tie",
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tied_to", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("until", Timestamp),
        sa.Column("approval", sa.Text),
        sa.CheckConstraint("kind IN ('made', 'reset', 'promoted', 'changed')", name="ck_account_tie_kind"),
        sa.CheckConstraint("(kind = 'changed') = (until IS NOT NULL)", name="ck_account_tie_until"),
    )
    op.create_index("ix_account_tie_approval", "account_tie", ["approval"])
    op.create_table(
        "account_vouch",
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("vouched_by", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
    )
    op.create_table(
        "openid_binding",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("at", Timestamp, nullable=False),
    )
    op.create_table(
        "operator_ever",
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("at", Timestamp, nullable=False),
    )
    op.create_table(
        "operator_wish",
        sa.Column("approval_id", sa.Text, sa.ForeignKey("approval.id"), primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
    )


def _passing_tables() -> None:
    op.create_table(
        "account_device",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("seen_at", Timestamp, nullable=False),
    )
    op.create_index("ix_account_device_account_id", "account_device", ["account_id"])
    op.create_table(
        "sign_in_failure",
        sa.Column("tried", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Timestamp, nullable=False),
    )
    op.create_index("ix_sign_in_failure_last_at", "sign_in_failure", ["last_at"])
    op.create_table(
        "openid_start",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
    )


# --- what is known of the past --------------------------------------------------------------------------------------


def _fill() -> None:
    """Note the ties that the ledger knows of, every operator there ever was, and the subjects bound now."""
    bind = op.get_bind()
    known = set(bind.scalars(sa.text("SELECT id FROM account")))
    told = sa.text(
        "SELECT seq, at, type, data FROM ledger WHERE type IN"
        " ('account_added', 'account_changed', 'account_credential_set') ORDER BY seq"
    )
    past = _Past()
    for seq, at, kind, data in bind.execute(told):
        event = json.loads(data)
        if event["account"] in known:
            past.hear(seq, datetime.fromisoformat(at), kind, event)
    _insert("account_tie", past.ties)
    _insert("operator_ever", [{"account_id": each, "at": at} for each, at in past.operators.items()])
    bind.execute(
        sa.text(
            "INSERT INTO openid_binding (issuer, subject, account_id, at)"
            " SELECT issuer, subject, account_id, bound_at FROM openid_subject"
        )
    )


def _insert(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        columns = [sa.column(name, Timestamp if name in ("at", "until") else None) for name in rows[0]]
        op.get_bind().execute(sa.insert(sa.table(table, *columns)), rows)


class _Past:
    """Who was what, and who made them so, entry by entry."""

    def __init__(self) -> None:
        self.ties: list[dict[str, object]] = []
        self.operators: dict[str, datetime] = {}
        self._was: dict[str, tuple[str, str]] = {}  # role and state
        self._added_at: dict[str, int] = {}

    def hear(self, seq: int, at: datetime, kind: str, event: dict[str, str]) -> None:
        account = event["account"]
        if kind == "account_credential_set":
            if event["credential"] == "link" and self._added_at.get(account) != seq - 1:
                self._tie(seq, at, event, "reset")
            return
        now = (event["role"], event.get("state", "active"))
        before = self._was.get(account)
        if kind == "account_added":
            self._added_at[account] = seq
            self._tie(seq, at, event, "made")
        elif now[0] == "operator" and (before is None or before[0] != "operator"):
            self._tie(seq, at, event, "promoted")
        elif now != before:
            self._tie(seq, at, event, "changed")
        self._was[account] = now
        if now == ("operator", "active"):
            self.operators.setdefault(account, at)

    def _tie(self, seq: int, at: datetime, event: dict[str, str], kind: str) -> None:
        until = at + timedelta(days=_CHANGED_DAYS) if kind == "changed" else None
        row = {"account_id": event["account"], "seq": seq, "kind": kind, "at": at, "until": until, "approval": None}
        self.ties += [
            {**row, "tied_to": name}
            for name in event["by"].split(", ")
            if name.startswith("account:") and name != f"account:{event['account']}"
        ]


# --- the guards -----------------------------------------------------------------------------------------------------

# That what is added stays, that a proposal is open at first and its decision lasts, is kept by `npn.db.guards` and 0015.
# From each of two accounts up along the ties, as long as they last: what both come to may be the person behind both.
_MAY_BE_ONE = """(WITH RECURSIVE up(who, node, until) AS (
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
      WHERE a.who = {first} AND b.who = {second} AND a.until > {at} AND b.until > {at})"""
_NO_OPERATOR = """NOT EXISTS (SELECT 1 FROM account o
      WHERE 'account:' || o.id = {by} AND o.role = 'operator' AND o.state = 'active')"""
_APPROVED = "NEW.state = 'approved' AND OLD.state = 'open'"
_ONE = "whoever approves may be the person who proposed it"
_NOBODY = "only an active operator approves"
_VOUCHED = "only the shell, or an active operator who is no part of it, vouches"

_SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"


def _sqlite_one(first: str, second: str, at: str) -> str:
    forever = "'9999-12-31T23:59:59.999999Z'"
    at = f"min({at}, {_SQLITE_NOW})"
    return _MAY_BE_ONE.format(forever=forever, least="min", first=first, second=second, at=at)


SQLITE = [
    f"""CREATE TRIGGER account_vouch_third BEFORE INSERT ON account_vouch WHEN NEW.vouched_by NOT GLOB 'admin:*' AND
      ({_NO_OPERATOR.format(by="NEW.vouched_by")} OR EXISTS {_sqlite_one("NEW.vouched_by", "'account:' || NEW.account_id", "NEW.at")})
      BEGIN SELECT RAISE(ABORT, '{_VOUCHED}'); END""",
    f"""CREATE TRIGGER approval_people_operator BEFORE UPDATE ON approval WHEN {_APPROVED}
        AND {_NO_OPERATOR.format(by="NEW.decided_by")}
      BEGIN SELECT RAISE(ABORT, '{_NOBODY}'); END""",
    f"""CREATE TRIGGER approval_people_two BEFORE UPDATE ON approval WHEN {_APPROVED}
        AND EXISTS {_sqlite_one("NEW.proposed_by", "NEW.decided_by", "NEW.decided_at")}
      BEGIN SELECT RAISE(ABORT, '{_ONE}'); END""",
]

_PG = "LANGUAGE plpgsql SET search_path = public, pg_temp AS $$"
_ERROR = "USING ERRCODE = 'integrity_constraint_violation'"


def _postgresql_always(table: str, *triggers: str) -> list[str]:
    return [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for trigger in triggers]


POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION npn_may_be_one(first text, second text, at timestamptz)
      RETURNS boolean STABLE {_PG} BEGIN
      RETURN EXISTS {_MAY_BE_ONE.format(
        forever="'infinity'::timestamptz", least="LEAST", first="first", second="second", at="LEAST(at, now())"
      )};
    END $$""",
    f"""CREATE OR REPLACE FUNCTION npn_vouched_by_a_third() RETURNS trigger {_PG} BEGIN
      IF NEW.vouched_by NOT LIKE 'admin:%' AND ({_NO_OPERATOR.format(by="NEW.vouched_by")}
          OR npn_may_be_one(NEW.vouched_by, 'account:' || NEW.account_id, NEW.at)) THEN
        RAISE EXCEPTION '{_VOUCHED}' {_ERROR};
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER account_vouch_third BEFORE INSERT ON account_vouch
      FOR EACH ROW EXECUTE FUNCTION npn_vouched_by_a_third()""",
    f"""CREATE OR REPLACE FUNCTION npn_two_people() RETURNS trigger {_PG} BEGIN
      IF {_APPROVED} AND {_NO_OPERATOR.format(by="NEW.decided_by")} THEN
        RAISE EXCEPTION '{_NOBODY}' {_ERROR};
      END IF;
      IF {_APPROVED} AND npn_may_be_one(NEW.proposed_by, NEW.decided_by, NEW.decided_at) THEN
        RAISE EXCEPTION '{_ONE}' {_ERROR};
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER approval_people BEFORE UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION npn_two_people()",
    *_postgresql_always("account_vouch", "account_vouch_third"),
    *_postgresql_always("approval", "approval_people"),
]
