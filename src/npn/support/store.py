"""The SQL of cases, private links, refusals, questions to contacts and standard answers, all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from npn.mail.incoming import Attachment
from npn.mail.model import Thread
from npn.support.model import (
    Case,
    CaseEntry,
    CaseKind,
    CaseState,
    ContactCheck,
    Direction,
    Requester,
    StandardAnswer,
    StandardText,
)
from npn.support.tables import case_entry, case_link, contact_check, refused_calls, standard_answer
from npn.support.tables import support_case as case


def _case(row: sa.Row[tuple[object, ...]]) -> Case:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Case(
        number=m["number"],
        kind=CaseKind(m["kind"]),
        subject=m["subject"],
        state=CaseState(m["state"]),
        system=m["system_id"],
        requester=Requester(m["requester_name"], m["requester_email"], m["language"]),
        assigned=m["assigned"],
        opened_at=m["opened_at"],
        changed_at=m["changed_at"],
        closed_at=m["closed_at"],
        thread=Thread(m["number"], m["token"]),
    )


def next_number(connection: sa.Connection) -> int:
    """Return the number of the next case; the ledger's lock keeps two from having it."""
    return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.max(case.c.number), 1000))) or 1000) + 1


def add_case(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a case."""
    connection.execute(sa.insert(case).values(values))


def change_case(connection: sa.Connection, number: int, values: Mapping[str, object]) -> None:
    """Change a case's columns."""
    connection.execute(sa.update(case).where(case.c.number == number).values(values))


def one_case(connection: sa.Connection, number: int) -> Case | None:
    """Return one case, or None."""
    row = connection.execute(sa.select(case).where(case.c.number == number)).one_or_none()
    return None if row is None else _case(row)


def cases(
    connection: sa.Connection,
    *,
    states: Collection[CaseState] = (),
    systems: Collection[str] | None = None,
    limit: int | None = None,
) -> list[Case]:
    """Return cases, those that changed last first; of these states, and of these systems alone where they are given."""
    query = sa.select(case).order_by(case.c.changed_at.desc(), case.c.number.desc()).limit(limit)
    if states:
        query = query.where(case.c.state.in_([state.value for state in states]))
    if systems is not None:
        query = query.where(case.c.system_id.in_(list(systems)))
    return [_case(row) for row in connection.execute(query)]


def open_numbers(connection: sa.Connection, kind: CaseKind) -> list[int]:
    """Return the numbers of the cases of a kind that are not closed."""
    query = sa.select(case.c.number).where(case.c.kind == kind.value, case.c.state != CaseState.CLOSED.value)
    return [int(number) for number in connection.scalars(query)]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Count the cases by state."""
    query = sa.select(case.c.state, sa.func.count()).group_by(case.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def cases_from(connection: sa.Connection, address: str, *, since: datetime) -> int:
    """Count what came in from an address since then, cases and answers alike."""
    query = sa.select(sa.func.count()).where(
        sa.func.lower(case_entry.c.address) == address.lower(),
        case_entry.c.direction == Direction.IN.value,
        case_entry.c.at >= since,
    )
    return int(connection.scalar(query) or 0)


def came_in(connection: sa.Connection, *, since: datetime) -> int:
    """Count all that came in since then."""
    query = sa.select(sa.func.count()).where(case_entry.c.direction == Direction.IN.value, case_entry.c.at >= since)
    return int(connection.scalar(query) or 0)


def add_entry(connection: sa.Connection, number: int, values: Mapping[str, object]) -> None:
    """Insert an entry as the case's next."""
    last = sa.select(sa.func.coalesce(sa.func.max(case_entry.c.id), 0)).where(case_entry.c.case_number == number)
    entry_id = int(connection.scalar(last) or 0) + 1
    connection.execute(sa.insert(case_entry).values(case_number=number, id=entry_id, **values))


def is_known_message(connection: sa.Connection, message_id: str) -> bool:
    """Return whether a mail came in before."""
    query = sa.select(sa.literal(1)).where(case_entry.c.message_id == message_id)
    return bool(message_id) and connection.scalar(query) is not None


def entries(connection: sa.Connection, number: int) -> list[CaseEntry]:
    """Return what was said in a case, oldest first."""
    query = sa.select(case_entry).where(case_entry.c.case_number == number).order_by(case_entry.c.id)
    return [
        CaseEntry(
            id=row.id,
            case=number,
            at=row.at,
            direction=Direction(row.direction),
            author=row.author,
            address=row.address,
            text=row.text,
            known=row.known,
            attachments=msgspec.json.decode(row.attachments, type=tuple[Attachment, ...]),
        )
        for row in connection.execute(query)
    ]


def newest_directions(connection: sa.Connection, numbers: Collection[int]) -> dict[int, Direction]:
    """Return where the newest entry of each of these cases comes from; not of those that have their first alone.

    What the service itself has to say is no entry of anybody's.
    """
    c = case_entry.c
    people = c.case_number.in_(list(numbers)) & (c.direction != Direction.EVENT.value)
    last = sa.select(c.case_number, sa.func.max(c.id).label("id")).where(people)
    last_entry = last.group_by(c.case_number).having(sa.func.max(c.id) > 1).subquery()
    same = (c.case_number == last_entry.c.case_number) & (c.id == last_entry.c.id)
    query = sa.select(c.case_number, c.direction).join_from(case_entry, last_entry, same)
    return {row.case_number: Direction(row.direction) for row in connection.execute(query)}


def add_link(connection: sa.Connection, *, digest: str, number: int, expires_at: datetime) -> None:
    """Keep a private link's hash."""
    connection.execute(sa.insert(case_link).values(digest=digest, case_number=number, expires_at=expires_at))


def case_of_link(connection: sa.Connection, digest: str, *, at: datetime) -> int | None:
    """Return the case that a link leads to, while it is good."""
    query = sa.select(case_link.c.case_number).where(case_link.c.digest == digest, case_link.c.expires_at > at)
    return connection.scalar(query)


def forget_links(connection: sa.Connection, *, before: datetime) -> int:
    """Remove the links that ended before then."""
    return connection.execute(sa.delete(case_link).where(case_link.c.expires_at < before)).rowcount


def count_refusals(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Add to a system's refusals of one day and code, whichever server counts them first."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(refused_calls).values(values)
    keys = [refused_calls.c.system_id, refused_calls.c.day, refused_calls.c.code]
    sums = {"count": refused_calls.c["count"] + statement.excluded["count"], "last_at": statement.excluded["last_at"]}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums))


def refusals(connection: sa.Connection, system: str, *, since_day: str) -> list[tuple[str, int, datetime]]:
    """Return a system's refusals since a day: code, how many, when the last was; the most frequent first."""
    total = sa.func.sum(refused_calls.c.count)
    query = (
        sa.select(refused_calls.c.code, total, sa.func.max(refused_calls.c.last_at, type_=refused_calls.c.last_at.type))
        .where(refused_calls.c.system_id == system, refused_calls.c.day >= since_day)
        .group_by(refused_calls.c.code)
        .order_by(total.desc(), refused_calls.c.code)
    )
    return [(str(code), int(count), at) for code, count, at in connection.execute(query)]


def forget_refusals(connection: sa.Connection, *, before_day: str) -> int:
    """Remove the counts of days before then."""
    return connection.execute(sa.delete(refused_calls).where(refused_calls.c.day < before_day)).rowcount


def add_check(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Keep a question to a system's contacts."""
    connection.execute(sa.insert(contact_check).values(values))


def check(connection: sa.Connection, digest: str) -> sa.Row[tuple[object, ...]] | None:
    """Return one question by its link's hash, or None."""
    return connection.execute(sa.select(contact_check).where(contact_check.c.digest == digest)).one_or_none()


def answer_checks(connection: sa.Connection, system: str, *, at: datetime, answer: str) -> None:
    """Mark every open question to a system's contacts as answered: they all ask the same."""
    mine = (contact_check.c.system_id == system) & contact_check.c.answered_at.is_(None)
    connection.execute(sa.update(contact_check).where(mine).values(answered_at=at, answer=answer))


def checks(connection: sa.Connection, system: str | None = None) -> dict[str, list[ContactCheck]]:
    """Return the questions to contacts by system, newest first: of one system, or of all."""
    query = sa.select(contact_check.c.system_id, contact_check.c.sent_at, contact_check.c.answered_at)
    if system is not None:
        query = query.where(contact_check.c.system_id == system)
    by_system: dict[str, list[ContactCheck]] = {}
    for row in connection.execute(query.order_by(contact_check.c.sent_at.desc())):
        by_system.setdefault(row.system_id, []).append(ContactCheck(row.sent_at, row.answered_at))
    return by_system


def standard_answers(connection: sa.Connection) -> list[StandardAnswer]:
    """Return the standard answers that operators have written or changed, by id."""
    return [
        StandardAnswer(
            id=row.id,
            case_kind=None if row.kind is None else CaseKind(row.kind),
            danish=StandardText(row.label_da, row.danish),
            english=StandardText(row.label_en, row.english),
            updated_at=row.updated_at,
            retired_at=row.retired_at,
        )
        for row in connection.execute(sa.select(standard_answer).order_by(standard_answer.c.id))
    ]


def put_standard_answer(connection: sa.Connection, answer: StandardAnswer, *, at: datetime) -> None:
    """Insert a standard answer, or change the one of that id."""
    values = {
        "id": answer.id,
        "kind": answer.case_kind,
        "label_da": answer.danish.label,
        "label_en": answer.english.label,
        "danish": answer.danish.body,
        "english": answer.english.body,
        "updated_at": at,
        "retired_at": answer.retired_at,
    }
    connection.execute(sa.delete(standard_answer).where(standard_answer.c.id == answer.id))
    connection.execute(sa.insert(standard_answer).values(values))
