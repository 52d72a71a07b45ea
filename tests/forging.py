"""Ledgers written by hand: chained and signed like real ones, so that only the rules can tell what is wrong."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any  # events of every shape, wrong ones included

from joserfc import jws
from joserfc.jwk import OKPKey

from npn.ledger.canonical import canonical
from npn.ledger.keys import SigningKey
from npn.ledger.model import GENESIS, Head, chained, checkpoint_line

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DATABASE = "968df3a0-18b6-4ed0-9adc-602b03b64300"
Told = tuple[str, dict[str, Any]]


class Dated(tuple[str, dict[str, Any]]):  # noqa: SLOT001  # a tuple with a time is all it is
    """An event at another time."""

    at: datetime


def dated(told: Told, at: datetime) -> Told:
    """Return an event with another time."""
    made = Dated(told)
    made.at = at
    return made


class Forger:
    """Writes an export of any events, with its own key."""

    def __init__(self) -> None:
        key = OKPKey.generate_key("Ed25519", private=True)
        self.kid = key.thumbprint()
        self.jwk = {**key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "EdDSA"}
        self._key = SigningKey(self.kid, key)

    @property
    def key_added(self) -> Told:
        return "signing_key_added", {"kid": self.kid, "jwk": self.jwk, "by": "forger"}

    def sign(self, payload: dict[str, Any]) -> str:
        return self._key.sign(payload)

    def sign_text(self, text: str) -> str:
        """Sign what may be no JSON of ours."""
        header = {"alg": "EdDSA", "kid": self.kid}
        return jws.serialize_compact(header, text.encode(), self._key.key, algorithms=["EdDSA"])

    def write(self, told: Iterable[Told], **checkpoint: object) -> list[bytes]:
        """Return the lines of the export."""
        head, lines = Head(0, GENESIS), []
        for each in told:
            kind, data = each
            entry = chained(head, getattr(each, "at", AT), kind, data=canonical(data))
            head = Head(entry.seq, entry.hash)
            lines.append(entry.line().encode() + b"\n")
        payload: dict[str, Any] = {
            "length": head.length,
            "head": head.hash,
            "database": DATABASE,
            "at": "2026-11-23T09:00:00.000000Z",
            **checkpoint,
        }
        return [*lines, checkpoint_line(payload, self._key.sign(payload))]

    def rewrite(self, lines: list[bytes], change: Callable[[Told], Told]) -> list[bytes]:
        """Forge a real export: change events, put in our own key, chain and sign anew."""
        told: list[Told] = []
        for line in lines[:-1]:
            value = json.loads(line)
            event = change((value["type"], value["data"]))
            told.append(self.key_added if event[0] == "signing_key_added" else event)
        return self.write(told)


def space(name: str = "production", first: str = "1000000000", last: str = "8999999999", /, **changed: object) -> Told:
    data: dict[str, Any] = {
        "space": name,
        "environment": "production",
        "scheme": "npn10",
        "length": 10,
        "weights": [4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        "modulus": 11,
        "remainder": 0,
        "first": first,
        "last": last,
        "by": "t",
    }
    return "space_added", data | changed


def system(name: str = "lab", environment: str = "production") -> Told:
    data = {"system": name, "name": name, "vendor": "V", "owner": "O", "environment": environment, "by": "t"}
    return "system_added", data


def organisation(kind: str, name: str) -> Told:
    return "organisation_added", {"organisation": f"{kind}-{name.lower()}", "kind": kind, "name": name}


def granted(first: int, last: int, usable: int, /, **changed: object) -> Told:
    data: dict[str, Any] = {
        "series": f"s{first:020x}",
        "space": "production",
        "first": str(first),
        "last": str(last),
        "usable": str(usable),
        "system": "lab",
        "request_id": f"r{first}",
        "channel": "rest",
        "purpose": None,
    }
    return "series_granted", data | changed


def released(first: int, last: int, /, **changed: object) -> Told:
    data: dict[str, Any] = {
        "series": f"s{1000000000:020x}",
        "first": str(first),
        "last": str(last),
        "system": "lab",
        "quarantine_until": "2036-11-20T08:00:00Z",
    }
    return "series_released", data | changed


def imported(first: int, last: int, /, **changed: object) -> Told:
    data: dict[str, Any] = {
        "range": f"i{first:020x}",
        "space": "production",
        "system": "lab",
        "first": str(first),
        "last": str(last),
        "drawn_at": "2020-01-01T00:00:00.000000Z",
        "by": "t",
    }
    return "range_imported", data | changed


def account(name: str, *, role: str = "operator", by: str = "admin:root", **more: object) -> Told:
    data = {"account": name, "role": role, "organisation": None, "by": by}
    return "account_added", data | more


def proposed(name: str, kind: str, wish: Mapping[str, object], *, by: str = "account:a") -> Told:
    text = json.dumps(wish, sort_keys=True, separators=(",", ":"))
    return "approval_proposed", {"approval": name, "kind": kind, "wish": text, "reason": "closed", "by": by}


def approved(name: str, *, by: str = "account:b", decision: str = "approved") -> Told:
    return "approval_decided", {"approval": name, "decision": decision, "by": by}


def recovered(before: int, after: int, parts: Iterable[tuple[int, int]], head: Mapping[str, object]) -> Told:
    data: dict[str, Any] = {
        "by": "admin:root",
        "reason": "it was rolled back",
        "witness": {"length": 99, "hash": "a" * 64},
        "database": dict(head),
        "cursors": [{"space": "production", "before": str(before), "after": str(after)}],
        "withheld": [{"range": f"w{a:020x}", "space": "production", "first": str(a), "last": str(b)} for a, b in parts],
    }
    return "recovered", data


def head_after(forger: Forger, told: list[Told]) -> dict[str, object]:
    """Return the head that a ledger of these events has."""
    last = json.loads(forger.write(told)[-2])
    return {"length": last["seq"], "hash": last["hash"]}
