"""The SQL of the outbox, all of it."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from npn.db.sealing import MAIL_TEXT, sealer_of
from npn.mail.model import MailEnvelope, MailQueue, MailState, OutgoingEmail, Thread
from npn.mail.tables import outgoing_mail as mail

_WAITING = mail.c.state == MailState.WAITING.value


def _outgoing(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> OutgoingEmail:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return OutgoingEmail(
        id=m["id"],
        to=m["to_address"],
        subject=m["subject"],
        text=sealer_of(connection).open(m["text"], MAIL_TEXT, m["id"]),
        thread=Thread.find(m["thread"]) if m["thread"] else None,
        automatic=m["automatic"],
        state=MailState(m["state"]),
        attempts=m["attempts"],
        created_at=m["created_at"],
        due_at=m["due_at"],
        settled_at=m["settled_at"],
        error=m["error"],
    )


def add(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert an e-mail; its text, which may hold a one-time link, is kept encrypted."""
    text = sealer_of(connection).seal(str(values["text"]), MAIL_TEXT, str(values["id"]))
    connection.execute(sa.insert(mail).values({**values, "text": text}))


def due(connection: sa.Connection, at: datetime, *, limit: int) -> list[str]:
    """Return the ids of e-mails to be sent now, those due longest first."""
    query = sa.select(mail.c.id).where(_WAITING, mail.c.due_at <= at).order_by(mail.c.due_at, mail.c.id).limit(limit)
    return list(connection.scalars(query))


def claim(connection: sa.Connection, mail_id: str, *, at: datetime, until: datetime) -> OutgoingEmail | None:
    """Take an e-mail for oneself until then; None where another sender has it."""
    claimed = connection.execute(
        sa.update(mail)
        .where(mail.c.id == mail_id, _WAITING, mail.c.due_at <= at)
        .values(due_at=until, attempts=mail.c.attempts + 1)
    )
    if claimed.rowcount != 1:
        return None
    return _outgoing(connection, connection.execute(sa.select(mail).where(mail.c.id == mail_id)).one())


def change(connection: sa.Connection, mail_id: str, values: Mapping[str, object]) -> None:
    """Change an e-mail's columns."""
    connection.execute(sa.update(mail).where(mail.c.id == mail_id).values(values))


def one(connection: sa.Connection, mail_id: str) -> OutgoingEmail | None:
    """Return one e-mail, or None."""
    row = connection.execute(sa.select(mail).where(mail.c.id == mail_id)).one_or_none()
    return None if row is None else _outgoing(connection, row)


def newest(connection: sa.Connection, *, state: MailState | None, limit: int) -> list[OutgoingEmail]:
    """Return e-mails, newest first."""
    query = sa.select(mail).order_by(mail.c.created_at.desc(), mail.c.id).limit(limit)
    if state is not None:
        query = query.where(mail.c.state == state.value)
    return [_outgoing(connection, row) for row in connection.execute(query)]


def newest_envelopes(connection: sa.Connection, *, limit: int) -> list[MailEnvelope]:
    """Return e-mails without their texts, newest first."""
    c = mail.c
    columns = (c.id, c.to_address, c.subject, c.state, c.attempts, c.created_at, c.error)
    query = sa.select(*columns).order_by(c.created_at.desc(), c.id).limit(limit)
    return [
        MailEnvelope(row.id, row.to_address, row.subject, MailState(row.state), row.attempts, row.created_at, row.error)
        for row in connection.execute(query)
    ]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Count the e-mails by state."""
    query = sa.select(mail.c.state, sa.func.count()).group_by(mail.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def queue(connection: sa.Connection, *, failed_since: datetime) -> MailQueue:
    """Count what waits, and what was given up since then."""
    waiting = connection.execute(sa.select(sa.func.count(), sa.func.min(mail.c.created_at)).where(_WAITING)).one()
    failed = sa.select(sa.func.count()).where(mail.c.state == MailState.FAILED.value, mail.c.settled_at >= failed_since)
    return MailQueue(int(waiting[0]), waiting[1], int(connection.scalar(failed) or 0))


def failed_addresses(connection: sa.Connection) -> set[str]:
    """Return the addresses whose newest settled e-mail could not be delivered."""
    settled = sa.select(mail.c.to_address, mail.c.state).where(~_WAITING).order_by(mail.c.settled_at)
    last = {str(to): str(state) for to, state in connection.execute(settled)}
    return {to for to, state in last.items() if state == MailState.FAILED.value}


def forget_settled(connection: sa.Connection, *, before: datetime) -> int:
    """Remove what was sent or given up before then; give how many."""
    return connection.execute(sa.delete(mail).where(~_WAITING, mail.c.settled_at < before)).rowcount
