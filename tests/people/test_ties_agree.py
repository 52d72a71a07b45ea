"""What the program and the database say of two accounts is the same, whatever became of them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.people import ties, ties_store
from npn.people.model import Account
from npn.people.tables import account_tie, account_vouch
from npn.people.ties import Tie
from npn.wiring.service import Service
from operators import operator

HISTORIES = 60


class UndoneError(Exception):
    """Ends a transaction that shall leave nothing."""


@contextmanager
def undone(service: Service) -> Iterator[sa.Connection]:
    """A connection of which nothing lasts."""
    with suppress(UndoneError), service.database.write() as connection:
        yield connection
        raise UndoneError


def passes(connection: sa.Connection, vouched_by: str, account: Account, at: datetime) -> bool:
    """Whether the database lets somebody vouch for an account; nothing is changed."""
    row = {"account_id": account.id, "seq": 10**6, "vouched_by": vouched_by, "at": at}
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        connection.execute(sa.insert(account_vouch).values(row))
    except sa_exc.DatabaseError:
        return False
    finally:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
    return True


def lived(connection: sa.Connection, people: list[Account], chance: random.Random, at: datetime) -> None:
    """Make, reset, change, vouch and bind at random, in the last ninety days."""
    for seq in range(1, chance.randint(2, 10)):
        one, other = chance.sample(people, 2)
        then = at - timedelta(days=chance.choice([0, 1, 29, 31, 90]), seconds=seq)
        act = chance.choice([*Tie, "vouch", "bind"])
        row: dict[str, Any] = {"account_id": one.id, "seq": seq, "at": then}
        if act == "vouch":
            row |= {"vouched_by": "admin:root"}
            connection.execute(sa.insert(account_vouch).values(row))
        elif act == "bind":
            ties_store.bound(connection, issuer="i", subject=chance.choice("st"), account_id=one.id, at=then)
        else:
            until = then + ties.CHANGED_FOR if act is Tie.CHANGED else None
            row |= {"tied_to": other.by, "kind": act, "until": until, "approval": None}
            connection.execute(sa.insert(account_tie).values(row))


def test_the_program_and_the_database_call_the_same_accounts_one_person(service: Service) -> None:
    people = [operator(service, name) for name in ("anna", "bo", "carl", "dora")]
    chance, answers = random.Random(10), set()
    for _ in range(HISTORIES):
        at = datetime.now(UTC)
        with undone(service) as connection:
            lived(connection, people, chance, at)
            for first, second in ((a, b) for a in people for b in people):
                one = ties_store.may_be_one(connection, first.by, second.by, at=at)
                assert passes(connection, first.by, second, at) is not one, (first.name, second.name)
                answers.add((one, first is second))
    assert answers == {(True, True), (True, False), (False, False)}


@pytest.mark.parametrize("by", ["admin", "Admin:root", "ADMIN:root", "init", "openid", "system", "account:nobody", ""])
def test_whoever_is_not_the_shell_vouches_for_nobody_in_either(service: Service, by: str) -> None:
    account, at = operator(service, "anna"), datetime.now(UTC)
    assert not ties.is_shell(by)
    with undone(service) as connection:
        assert not passes(connection, by, account, at)
        assert passes(connection, "admin:root", account, at)
