"""What the upgrade knows of people from the ledger of an older program: who is tied to whom, who was an operator."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.config import Settings
from npn.db import Database
from npn.db.migrate import upgrade
from npn.ledger.canonical import Json, canonical
from npn.ledger.model import GENESIS, Head, chained
from npn.ledger.tables import ledger
from npn.people import ties_store
from npn.people.tables import account, approval, openid_subject, operator_ever

AT = datetime.now(UTC) - timedelta(days=100)


def added(account_id: str, role: str, by: str) -> list[tuple[str, dict[str, Json]]]:
    """What an older program wrote of a new account: the account, then its link."""
    return [
        ("account_added", {"account": account_id, "role": role, "organisation": None, "by": by}),
        ("account_credential_set", {"account": account_id, "credential": "link", "by": by}),
    ]


def changed(account_id: str, role: str, state: str, by: str) -> list[tuple[str, dict[str, Json]]]:
    data: dict[str, Json] = {"account": account_id, "role": role, "organisation": None, "state": state, "by": by}
    return [("account_changed", data)]


def reset(account_id: str, by: str) -> list[tuple[str, dict[str, Json]]]:
    return [("account_credential_set", {"account": account_id, "credential": "link", "by": by})]


PAST = [
    *added("anna", "operator", "admin:root"),
    *added("bo", "operator", "account:anna"),
    *added("carl", "auditor", "admin:root"),
    *changed("carl", "operator", "active", "account:bo"),
    *added("dina", "operator", "admin:root"),
    *reset("dina", "account:carl"),
    *reset("dina", "account:dina"),
    *added("eva", "operator", "admin"),
    *changed("eva", "operator", "suspended", "account:anna"),
    *added("gone", "operator", "account:anna"),  # in the ledger, and no account of today's
    *added("finn", "operator", "openid"),
]


@pytest.fixture
def upgraded(settings: Settings) -> Database:
    """A database of an older program that these people used, brought up to date."""
    database = Database(settings.database, as_owner=True, create=True)
    upgrade(database, "0014")
    head = Head(0, GENESIS)
    entries = []
    for number, (kind, data) in enumerate(PAST):
        late = timedelta(days=90) if data.get("state") == "suspended" else timedelta(0)
        entries.append(chained(head, AT + late + timedelta(seconds=number), kind, data=canonical(data)))
        head = Head(entries[-1].seq, entries[-1].hash)
    people = {str(data["account"]): data for _, data in PAST if data["account"] != "gone"}
    with database.write() as connection:
        for entry in entries:
            values = {name: getattr(entry, name) for name in ("seq", "at", "type", "data", "previous", "hash")}
            connection.execute(sa.insert(ledger).values(values))
        fixed = {"role": "operator", "state": "active", "totp_step": 0, "failures": 0, "created_at": AT}
        for each in people:
            connection.execute(sa.insert(account).values(id=each, email=f"{each}@x.dk", name=each, **fixed))
        bound = {"issuer": "https://login.example", "subject": "s1", "account_id": "finn", "bound_at": AT}
        connection.execute(sa.insert(openid_subject).values(bound))
        asked = {"kind": "recovery", "wish": "{}", "reason": "r", "proposed_by": "account:anna", "proposed_at": AT}
        done = {"state": "approved", "decided_by": "account:bo", "decided_at": AT, "outcome": "done: it"}
        connection.execute(sa.insert(approval).values(id="before", **asked, **done))
        connection.execute(sa.insert(approval).values(id="open", **asked, state="open", outcome=""))
    upgrade(database, "0017")
    return database


def test_ties_are_known_from_the_ledger_and_what_was_decided_stays(upgraded: Database) -> None:
    now = datetime.now(UTC)
    with upgraded.read() as connection:
        known = {
            each: [(tie.tied_to, tie.kind.value) for tie in ties_store.of(connection, each, at=now)]
            for each in ("anna", "bo", "carl", "dina", "eva", "finn")
        }
        assert known == {
            "anna": [],
            "bo": [("account:anna", "made")],
            "carl": [("account:bo", "promoted")],
            "dina": [("account:carl", "reset")],
            "eva": [("account:anna", "changed")],
            "finn": [],
        }
        assert ties_store.of(connection, "eva", at=now + timedelta(days=31)) == []
        assert ties_store.may_be_one(connection, "account:anna", "account:dina", at=now)  # by bo, then by carl
        assert not ties_store.may_be_one(connection, "account:anna", "account:finn", at=now)
        assert set(connection.scalars(sa.select(operator_ever.c.account_id))) == {
            "anna", "bo", "carl", "dina", "eva", "finn",
        }  # fmt: skip
        before = connection.execute(sa.select(approval).where(approval.c.id == "before")).one()
        assert (before.state, before.decided_by) == ("approved", "account:bo")
    upgraded.close()


def test_what_was_open_must_meet_the_new_rule(upgraded: Database) -> None:
    for who, fits in (("bo", False), ("dina", False), ("finn", True)):
        values = {"state": "approved", "decided_by": f"account:{who}", "decided_at": datetime.now(UTC)}
        decide = sa.update(approval).where(approval.c.id == "open").values(values)
        if fits:
            with upgraded.write() as connection:
                assert connection.execute(decide).rowcount == 1
        else:
            with pytest.raises(sa_exc.IntegrityError), upgraded.write() as connection:
                connection.execute(decide)
    upgraded.close()
