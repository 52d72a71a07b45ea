"""The SQL of tasks, all of it."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from npn.tasks.model import Handling, HistoryAct, HistoryEntry, Task, TaskKind
from npn.tasks.tables import setup_note, task_handling, task_history, task_mailing, task_mailing_link, task_open

_KINDS = frozenset(kind.value for kind in TaskKind)


def handlings(connection: sa.Connection, scope: str) -> dict[tuple[str, str], Handling]:
    """Return what a scope's people decided, by kind and subject."""
    query = sa.select(task_handling).where(task_handling.c.scope == scope, task_handling.c.kind.in_(_KINDS))
    return {
        (row.kind, row.subject): Handling(
            scope=row.scope,
            kind=TaskKind(row.kind),
            subject=row.subject,
            assigned_to=row.assigned_to,
            snoozed_until=row.snoozed_until,
            snoozed_by=row.snoozed_by,
            reason=row.reason,
            members=msgspec.json.decode(row.members, type=dict[str, int]),
        )
        for row in connection.execute(query)
    }


def change_handling(
    connection: sa.Connection, scope: str, kind: TaskKind, *, subject: str, values: Mapping[str, object]
) -> None:
    """Change what was decided about a task, or about a kind; the rest of it stays as it was."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    blank: dict[str, object] = {"snoozed_by": "", "reason": "", "members": "{}"}
    row = {"scope": scope, "kind": kind.value, "subject": subject, **blank, **values}
    keys = [task_handling.c.scope, task_handling.c.kind, task_handling.c.subject]
    connection.execute(insert(task_handling).values(row).on_conflict_do_update(index_elements=keys, set_=values))


def forget_handling(connection: sa.Connection, kind: str, subject: str) -> None:
    """Remove what anybody decided about a task that is gone."""
    c = task_handling.c
    connection.execute(sa.delete(task_handling).where(c.kind == kind, c.subject == subject))


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that was there when the service last looked."""

    kind: str
    subject: str
    system: str | None
    name: str
    since: datetime


def open_tasks(connection: sa.Connection) -> dict[tuple[str, str], OpenTask]:
    """Return the tasks that were there when the service last looked, by kind and subject."""
    return {(row.kind, row.subject): OpenTask(*row) for row in connection.execute(sa.select(task_open))}


def add_open(connection: sa.Connection, task: Task, *, at: datetime) -> bool:
    """Note that a task is there; False where it is noted already."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {
        "kind": task.kind.value,
        "subject": task.subject,
        "system_id": task.system,
        "name": task.name,
        "since": at,
    }
    statement = insert(task_open).values(row).on_conflict_do_nothing().returning(task_open.c.subject)
    return connection.scalar(statement) is not None


def remove_open(connection: sa.Connection, kind: str, subject: str) -> bool:
    """Note that a task is gone; False where another server has noted it."""
    removal = sa.delete(task_open).where(task_open.c.kind == kind, task_open.c.subject == subject)
    return connection.execute(removal).rowcount == 1


def add_history(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Add a line to the history."""
    blank = {"scope": "", "subject": "", "system_id": None, "name": "", "by": ""}
    blank |= {"assigned_to": None, "until": None, "reason": ""}
    connection.execute(sa.insert(task_history).values({"id": secrets.token_hex(10), **blank, **values}))


def history(
    connection: sa.Connection,
    kinds: Collection[TaskKind],
    *,
    scope: str,
    systems: Collection[str] | None,
    limit: int,
) -> list[HistoryEntry]:
    """Return the newest lines about these kinds: what a scope decided, and what the service saw of these systems."""
    c = task_history.c
    visible = c.scope == ""
    if systems is not None:
        visible &= c.system_id.is_(None) | c.system_id.in_(list(systems))
    query = sa.select(task_history).where(c.kind.in_([kind.value for kind in kinds]), visible | (c.scope == scope))
    return [
        HistoryEntry(
            at=row.at,
            kind=TaskKind(row.kind),
            name=row.name,
            act=HistoryAct(row.act),
            by=row.by,
            assigned_to=row.assigned_to,
            until=row.until,
            reason=row.reason,
        )
        for row in connection.execute(query.order_by(c.at.desc(), c.id).limit(limit))
    ]


def forget_history(connection: sa.Connection, *, before: datetime) -> None:
    """Remove what happened before then."""
    connection.execute(sa.delete(task_history).where(task_history.c.at < before))


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants the daily mail. `handled_on`: the last day that is settled."""

    account: str
    language: str
    handled_on: date


def subscriptions(connection: sa.Connection, account: str | None = None) -> list[Subscription]:
    """Return everybody who wants the daily mail, or one account where it does."""
    query = sa.select(task_mailing).order_by(task_mailing.c.account_id)
    if account is not None:
        query = query.where(task_mailing.c.account_id == account)
    return [Subscription(*row) for row in connection.execute(query)]


def set_subscription(connection: sa.Connection, wanted: Subscription) -> None:
    """Note that an account wants the daily mail, or wants it in another language."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"account_id": wanted.account, "language": wanted.language, "handled_on": wanted.handled_on}
    statement = insert(task_mailing).values(row)
    changed = {"language": wanted.language}
    connection.execute(statement.on_conflict_do_update(index_elements=[task_mailing.c.account_id], set_=changed))


def end_subscription(connection: sa.Connection, account: str) -> bool:
    """Note that an account wants the daily mail no longer; False where it did not."""
    ended = sa.delete(task_mailing).where(task_mailing.c.account_id == account)
    return connection.execute(ended).rowcount == 1


def claim_day(connection: sa.Connection, account: str, day: date) -> bool:
    """Take a day's mail to an account for oneself; False where it is settled, by whichever server."""
    c = task_mailing.c
    claimed = sa.update(task_mailing).where(c.account_id == account, c.handled_on < day).values(handled_on=day)
    return connection.execute(claimed).rowcount == 1


def add_mailing_link(connection: sa.Connection, digest: str, *, account: str, expires_at: datetime) -> None:
    """Keep the hash of a link that ends the daily mail."""
    connection.execute(sa.insert(task_mailing_link).values(digest=digest, account_id=account, expires_at=expires_at))


def account_of_link(connection: sa.Connection, digest: str, *, at: datetime) -> str | None:
    """Return whose daily mail a link ends, while it is good."""
    c = task_mailing_link.c
    return connection.scalar(sa.select(c.account_id).where(c.digest == digest, c.expires_at > at))


def forget_mailing_links(connection: sa.Connection, *, before: datetime) -> None:
    """Remove the links that ended before then."""
    connection.execute(sa.delete(task_mailing_link).where(task_mailing_link.c.expires_at < before))


@dataclass(frozen=True, slots=True)
class SetupNote:
    """Something that the set-up checklist remembers."""

    name: str
    at: datetime
    by: str
    value: str


def setup_notes(connection: sa.Connection) -> dict[str, SetupNote]:
    """Return what the checklist remembers, by name."""
    return {row.name: SetupNote(*row) for row in connection.execute(sa.select(setup_note))}


def set_setup_note(connection: sa.Connection, note: SetupNote) -> None:
    """Remember something in place of what was there under the name."""
    connection.execute(sa.delete(setup_note).where(setup_note.c.name == note.name))
    connection.execute(sa.insert(setup_note).values(name=note.name, at=note.at, by=note.by, value=note.value))


def forget_setup_note(connection: sa.Connection, name: str) -> None:
    """Forget it."""
    connection.execute(sa.delete(setup_note).where(setup_note.c.name == name))
