"""The names inside the body, read from one file that an operator may replace. Nothing else knows them."""

import re
import tomllib
from collections.abc import Mapping as MappingOf
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from npn.errors import ConfigurationError
from npn.text import read_text

OWN = Path(__file__).with_name("mapping.toml")
_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,127}\Z", re.ASCII)
_DRAW_IN, _DRAW_OUT = ("count",), ("series", "first", "last", "count", "drawn_at")
_RELEASE_IN, _RELEASE_OUT = ("first", "last"), ("series", "first", "last", "state")
_LOOK_UP_IN = ("number",)
_LOOK_UP_OUT = ("number", "state", "usable", "series", "first", "last", "system", "drawn_at")


class SoapOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation's names. `inside` and `answered`: our key to the element's name, in the answer's order."""

    operation: str
    action: str
    request: str
    response: str
    inside: dict[str, str] = msgspec.field(name="in")
    answered: dict[str, str] = msgspec.field(name="out")


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fault codes are spelt that implementations spell differently."""

    illegal_http_method: str = "illegal_http_method"


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Every name that is ours and may have to become the official one."""

    namespace: str
    service: str
    draw: SoapOperation
    release: SoapOperation
    look_up: SoapOperation
    qualified: bool = True
    faults: Faults = Faults()

    @cached_property
    def operations(self) -> MappingOf[str, SoapOperation]:
        """Return the three operations by our names for them."""
        return {"draw": self.draw, "release": self.release, "look_up": self.look_up}

    def tag(self, name: str) -> str:
        """Return a child element's tag as lxml writes it."""
        return f"{{{self.namespace}}}{name}" if self.qualified else name


def read_mapping(path: str) -> Mapping:
    """Read the file named, or our own where `path` is empty. Raises ConfigurationError naming what is wrong."""
    file = Path(path) if path else OWN
    try:
        mapping = msgspec.convert(tomllib.loads(read_text(file, field="soap_mapping")), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}", field="soap_mapping", hint=f"compare it with {OWN}") from error
    wrong = _wrong(mapping)
    if wrong:
        raise ConfigurationError(f"{file}: {wrong}", field="soap_mapping", hint=f"compare it with {OWN}")
    return mapping


def _wrong(mapping: Mapping) -> str:
    """Return what can't be, or nothing."""
    if not mapping.namespace.strip() or any(c in '<>"&' or c.isspace() for c in mapping.namespace):
        return "namespace is not one"
    return next(filter(None, map(_wrong_keys, _KEYS, mapping.operations.values())), "") or _wrong_names(mapping)


class _Keys(NamedTuple):
    """The keys of an operation's tables: those `in` needs, those it may have, those of `out`."""

    operation: str
    needed: tuple[str, ...]
    inside: tuple[str, ...]
    answered: tuple[str, ...]


_KEYS = (
    _Keys("draw", _DRAW_IN, (*_DRAW_IN, "purpose"), _DRAW_OUT),
    _Keys("release", _RELEASE_IN, _RELEASE_IN, _RELEASE_OUT),
    _Keys("look_up", _LOOK_UP_IN, _LOOK_UP_IN, _LOOK_UP_OUT),
)


def _wrong_keys(known: _Keys, operation: SoapOperation) -> str:
    key, needed = known.operation, known.needed
    for place, keys, allowed in (("in", operation.inside, known.inside), ("out", operation.answered, known.answered)):
        unknown = [k for k in keys if k not in allowed]
        if unknown:
            return f"[{key}.{place}] knows no {unknown[0]}; there are {', '.join(allowed)}"
        if len(set(keys.values())) != len(keys):
            return f"[{key}.{place}] has one name twice"
    return "" if all(k in operation.inside for k in needed) else f"[{key}.in] needs {' and '.join(needed)}"


def _wrong_names(mapping: Mapping) -> str:
    names = [mapping.service, mapping.faults.illegal_http_method]
    for operation in mapping.operations.values():
        names += [operation.operation, operation.request, operation.response]
        names += [*operation.inside.values(), *operation.answered.values()]
        if any(c in '<>"&' for c in operation.action):
            return f"action {operation.action!r} is not an address"
    bad = [name for name in names if not _NCNAME.match(name)]
    if bad:
        return f"{bad[0]!r} is not the name of an element"
    requests = {operation.request for operation in mapping.operations.values()}
    return "two operations have the same request" if len(requests) < len(mapping.operations) else ""
