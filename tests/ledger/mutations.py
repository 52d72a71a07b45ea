"""Forgeries made mechanically: one member of one entry is changed, dropped, doubled or swapped with the next entry's.

The chain, the heads that entries name, and the checkpoint are made right again, with a key of the forger's own.
"""

import copy
import functools
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import inspect

from forging import Forger
from npn.ledger.model import GENESIS, checkpoint_line
from npn.proof.kinds import KINDS

Path = tuple[str | int, ...]
_ENVELOPE = ("seq", "at", "type", "data", "previous", "hash")
_ABSENT = object()


@dataclass(frozen=True)
class Mutation:
    """What is done to the member at `path` of the entry at `entry` (from 0; the last one is the checkpoint)."""

    entry: int
    path: Path
    act: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.act} {'.'.join(map(str, self.path))} of {self.entry + 1}"


class Honest:
    """An honest ledger under a forger's own key."""

    def __init__(self, lines: list[bytes]) -> None:
        self._forger = Forger()
        self.values: list[dict[str, Any]] = [json.loads(line) for line in lines]
        keys = [value for value in self.values[:-1] if value["type"] == "signing_key_added"]
        keys[-1]["data"] = {**keys[-1]["data"], "kid": self._forger.kid, "jwk": self._forger.jwk}

    @functools.cached_property
    def lines(self) -> list[bytes]:
        return self.written(self.values)

    def type_of(self, mutation: Mutation) -> str:
        return str(self.values[mutation.entry].get("type", "checkpoint"))

    def mutations(self) -> Iterator[Mutation]:
        """Yield everything that can be done to one member of one entry."""
        for entry, value in enumerate(self.values):
            after = self.values[entry + 1] if entry + 1 < len(self.values) else {}
            shown = (
                value["checkpoint"] if "checkpoint" in value else {n: value[n] for n in ("seq", "at", "type", "data")}
            )
            base: Path = ("checkpoint",) if "checkpoint" in value else ()
            for path, member in _members(shown, base):
                others = _other_words(str(value.get("type")), path, member)
                yield from (Mutation(entry, path, "change", changed) for changed in (*_changed(member), *others))
                yield Mutation(entry, path, "drop")
                yield Mutation(entry, path, "double")
                other = _at(after, path)
                if other is not _ABSENT and other != member:
                    yield Mutation(entry, path, "swap", other)
            if "type" in value and "type" in after:
                yield Mutation(entry, (), "swap")

    def forged(self, mutation: Mutation) -> list[bytes]:
        """Return the ledger with the mutation, chained and signed again."""
        values = list(self.values)
        entry, path = mutation.entry, mutation.path
        for place in (entry, entry + 1)[: len(values) - entry]:
            values[place] = copy.deepcopy(values[place])
        if not path:
            values[entry : entry + 2] = values[entry : entry + 2][::-1]
            return self.written(values, Mutation(entry, (), "swap"))
        holder = _at(values[entry], path[:-1])
        if mutation.act == "drop":
            del holder[path[-1]]
        elif mutation.act in ("change", "swap"):
            before = holder[path[-1]]
            holder[path[-1]] = mutation.value
            if mutation.act == "swap":
                _at(values[entry + 1], path[:-1])[path[-1]] = before
        return self.written(values, mutation)

    def written(self, values: list[dict[str, Any]], mutation: Mutation | None = None) -> list[bytes]:
        """Write the lines; those before the mutation are as they were."""
        touched = -1 if mutation is None else mutation.entry
        lines = [] if mutation is None else self.lines[: min(touched, len(values) - 1)]
        previous = json.loads(lines[-1])["hash"] if lines else GENESIS
        for place in range(len(lines), len(values) - 1):
            value = values[place]
            its = mutation if place == touched and mutation is not None and mutation.path else None
            if its is None and value.get("type") in ("recovered", "witness_rebuilt"):
                value = _naming_head(value, place, previous)
            members = {**value, "previous": previous}
            members.pop("hash", None)
            if its is None or its.path != ("seq",) or its.act == "double":
                members["seq"] = place + 1
            doubled = its.path if its is not None and its.act == "double" else None
            body = _text(members, doubled)
            members["hash"] = hashlib.sha256((previous + body).encode()).hexdigest()
            shown = (f'"{name}":{_member(name, members[name], doubled)}' for name in _ENVELOPE if name in members)
            if doubled is not None and len(doubled) == 1:
                shown = (f"{text},{text}" if text.startswith(f'"{doubled[0]}":') else text for text in shown)
            lines.append(("{" + ",".join(shown) + "}\n").encode())
            previous = members["hash"]
        return [*lines, self._checkpoint(values[-1]["checkpoint"], previous, mutation, last=len(values) - 1)]

    def _checkpoint(self, payload: dict[str, Any], head: str, mutation: Mutation | None, *, last: int) -> bytes:
        right = {"length": last, "head": head}
        if mutation is None or mutation.entry != last:
            payload = {**payload, **right}
            return checkpoint_line(payload, self._forger.sign(payload))
        name = str(mutation.path[-1])
        payload = {**payload, **{member: value for member, value in right.items() if member != name}}
        if mutation.act == "double":
            payload = {**payload, name: right.get(name, payload.get(name))}
        text = _text(payload, mutation.path[1:] if mutation.act == "double" else None)
        return f'{{"checkpoint":{text},"jws":"{self._forger.sign_text(text)}"}}\n'.encode()


def _naming_head(value: dict[str, Any], length: int, previous: str) -> dict[str, Any]:
    """Make the head right that a recovery names."""
    head = {"length": length, "hash": previous}
    data = {**value["data"], **({"database": head} if value["type"] == "recovered" else head)}
    return {**value, "data": data}


def _members(value: Any, base: Path) -> Iterator[tuple[Path, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*base, name), member
        yield from _members(member, (*base, name))


def _at(value: Any, path: Path) -> Any:
    for name in path:
        if (isinstance(value, dict) and name in value) or (
            isinstance(value, list) and isinstance(name, int) and name < len(value)
        ):
            value = value[name]
        else:
            return _ABSENT
    return value


def _changed(value: Any) -> Iterator[Any]:
    """Yield other values: a near one, a far one, one of another form, an empty one."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value + 1000, -1, str(value))
    elif isinstance(value, str):
        if value:
            yield value[:-1] + _next(value[-1])
            yield _next(value[0]) + value[1:]
        if value.endswith("Z"):  # a time: another that is real, or one that is not
            yield from (value[:-2] + _next(value[-2]) + "Z", value[:5] + "13" + value[7:])
        yield from (value + "x", " " + value, "", None)
    elif isinstance(value, list):
        yield from ([*value, *value[-1:]], value[:-1], value[::-1], [], None)
    elif isinstance(value, dict):
        yield from ({}, {**value, "more": 1}, None)
    else:
        yield from ("x", 0)


def _other_words(kind: str, path: Path, value: Any) -> Iterator[Any]:
    """Yield the other values of a member that may have a few only."""
    if len(path) == 2 and path[0] == "data" and path[1] in KINDS[kind].__struct_fields__:
        field = next(field for field in inspect.type_info(KINDS[kind]).fields if field.name == path[1])
        if isinstance(field.type, inspect.LiteralType):
            yield from (each for each in field.type.values if each != value)


def _next(letter: str) -> str:
    for alphabet in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if letter in alphabet:
            return alphabet[(alphabet.index(letter) + 1) % len(alphabet)]
    return "x"


def _member(name: str, value: Any, doubled: Path | None) -> str:
    return _text(value, doubled[1:] if doubled and doubled[0] == name else None)


def _text(value: Any, doubled: Path | None) -> str:
    """Write the canonical form, but the member at `doubled` twice."""
    if not doubled:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    inner = doubled[1:]
    items = sorted(value.items()) if isinstance(value, dict) else list(enumerate(value))
    parts = []
    for name, member in items:
        part = _text(member, inner if name == doubled[0] else None)
        part = f"{json.dumps(name)}:{part}" if isinstance(value, dict) else part
        parts += [part, part] if name == doubled[0] and not inner else [part]
    return ("{%s}" if isinstance(value, dict) else "[%s]") % ",".join(parts)
