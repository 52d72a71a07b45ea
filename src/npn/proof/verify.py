"""The offline proof: needs an export and nothing else, no database and no server.

Three questions, in this order for every line: is it byte for byte a line of an export; does it continue the chain;
does its event keep every rule (`npn.proof`). Then the checkpoint: is it the last line, does it name this
chain's head, is it signed by the chain's current key, and, where keys are pinned, by one of those.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from npn.errors import InvalidInputError
from npn.instants import instant_or_none, rfc3339_or_none
from npn.ledger.canonical import Json, canonical, read
from npn.ledger.event import CheckpointPayload, Event, EventFormError, decode
from npn.ledger.events import SigningKeyAdded
from npn.ledger.model import GENESIS, Entry, Head, checkpoint_line, hash_of
from npn.ledger.signatures import thumbprint, verified
from npn.proof import Rules, Totals, WrongError
from npn.proof.kinds import KINDS
from npn.registry.events import Recovered, WitnessRebuilt
from npn.text import detect_encoding

LONGEST_LINE = 64 * 2**20  # bytes; a recovery that withholds half a million parts still fits

_MEMBERS = ("seq", "at", "type", "data", "previous", "hash")
_CHECKPOINT = b'{"checkpoint":'
_LAST_YEAR = 2999  # of entries and exports; a later one is a clock that is wrong


class NotProvedError(Exception):
    """The ledger does not verify: `line` (from 1) and the reason, a sentence without its full stop."""

    def __init__(self, line: int, reason: str) -> None:
        """`line`: where; `reason`: why."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Summary:
    """What was proved. `pinned`: the checkpoint's key is one of those given, not only the chain's own.

    `remarks`: what an honest ledger of an older program may hold, and no reader should miss.
    """

    entries: int
    head: str
    database: str
    at: str
    kid: str
    pinned: bool
    systems: int
    spaces: int
    totals: Totals
    remarks: tuple[str, ...] = ()


def lines_of(stream: BinaryIO, progress: Callable[[int], object] = abs) -> Iterator[bytes]:
    """Return a file's lines, their ends included; a line that can't be one of ours is cut. `progress` hears bytes."""
    while line := stream.readline(LONGEST_LINE):
        progress(len(line))
        yield line


def verify(
    lines: Iterable[bytes], *, keys: list[dict[str, Json]] | None = None, extends: Iterable[bytes] | None = None
) -> Summary:
    """Prove an export given line by line, line ends included. Raises NotProvedError.

    `keys`: pinned public keys (JWK). Without them the proof rests on the keys that the chain itself names, so it
    shows that the file is sound in itself, not who made it. `extends`: the lines of an older export, whose entries
    these must begin with; nothing else of it is proved.
    """
    if extends is not None:
        lines = _extending(lines, iter(extends))
    proof = _Proof(keys)
    number = 0
    for number, line in enumerate(lines, 1):
        try:
            proof.take(line)
        except WrongError as error:
            raise NotProvedError(number, str(error)) from error
    if proof.checkpoint is None:
        reason = "the file ends without its signed checkpoint: the last line, at least, is missing"
        raise NotProvedError(number + 1, reason)
    return proof.summary(proof.checkpoint)


def _extending(lines: Iterable[bytes], older: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the lines on; raise NotProvedError where the entries of the older export are no beginning of them."""
    number, before = 0, next(older, b"")
    for number, line in enumerate(lines, 1):
        if before.startswith(b'{"seq":'):
            if line.startswith(_CHECKPOINT):
                break
            if line != before:
                raise NotProvedError(
                    number, "the older export holds another entry here: this ledger does not extend it"
                )
            before = next(older, b"")
        yield line
    if before.startswith(b'{"seq":'):
        raise NotProvedError(number, "the older export holds more entries: this ledger does not extend it")
    if not before.startswith(_CHECKPOINT) or next(older, None) is not None:
        raise NotProvedError(number, "the older file is not a whole export: it does not end with its checkpoint")


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    payload: CheckpointPayload
    kid: str


class _Proof:
    """A proof under way: the chain so far, the keys it named, and what the events add up to."""

    def __init__(self, pinned: list[dict[str, Json]] | None) -> None:
        self._pinned = pinned
        self._head = Head(0, GENESIS)
        self._rules = Rules()
        self._keys: dict[str, dict[str, Json]] = {}
        self._current = ""
        self.checkpoint: _Checkpoint | None = None

    def take(self, line: bytes) -> None:
        """Take the next line. Raises WrongError."""
        if self.checkpoint is not None:
            raise WrongError("there is more after the checkpoint, which must be the last line")
        if not line.endswith(b"\n"):
            raise WrongError("the line has no end: the file was cut, or the line is too long to be one of ours")
        value = _parsed(line)
        if line.startswith(_CHECKPOINT):
            self.checkpoint = self._closed(line, value)
        else:
            self._entry(line, value)

    def summary(self, checkpoint: _Checkpoint) -> Summary:
        """Return what was proved."""
        rules = self._rules
        return Summary(
            entries=self._head.length,
            head=self._head.hash,
            database=checkpoint.payload.database,
            at=checkpoint.payload.at,
            kid=checkpoint.kid,
            pinned=self._pinned is not None,
            systems=len(rules.parties.systems),
            spaces=len(rules.spaces.by_name),
            totals=rules.totals,
            remarks=tuple(rules.edition.remarks),
        )

    def _entry(self, line: bytes, value: dict[str, Json]) -> None:
        entry = _entry_of(value)
        if entry.seq != self._head.length + 1:
            raise WrongError(f"entry {entry.seq} stands where entry {self._head.length + 1} belongs")
        if entry.previous != self._head.hash:
            raise WrongError("the entry does not continue the chain: previous is not the hash of the entry before")
        if hash_of(value) != entry.hash:
            raise WrongError("the entry's hash is not the hash of its content")
        if entry.line().encode("utf-8") + b"\n" != line:
            raise WrongError(_saved_again(line) or "the line is not written as an export writes it")
        event = _event_of(entry.type, value["data"])
        at = rfc3339_or_none(entry.at)
        if at is None or at.year > _LAST_YEAR:
            raise WrongError("the entry's time is not a valid timestamp")
        if isinstance(event, SigningKeyAdded):
            self._add_key(event)
        elif isinstance(event, WitnessRebuilt):
            self._same_head(Head(event.length, event.hash))
        elif isinstance(event, Recovered):
            self._same_head(Head(event.database.length, event.database.hash))
        self._rules.apply(entry.seq, event, at=at)
        self._rules.chain += bytes.fromhex(entry.hash)
        self._head = Head(entry.seq, entry.hash)

    def _same_head(self, said: Head) -> None:
        if said != self._head:
            raise WrongError("the entry names another head of the ledger than the entry before it")

    def _add_key(self, event: SigningKeyAdded) -> None:
        if not event.kid == event.jwk.kid == thumbprint(event.jwk.x):
            raise WrongError("the signing key's id is not the thumbprint of the key")
        if not _is_exact(event.jwk.x):
            raise WrongError("the signing key is not base64url of 32 bytes")
        if event.kid in self._keys:
            raise WrongError(f"the signing key {event.kid} is there already")
        self._keys[event.kid] = msgspec.to_builtins(event.jwk)
        self._current = event.kid

    def _closed(self, line: bytes, value: dict[str, Json]) -> _Checkpoint:
        token = value.get("jws")
        try:
            payload = msgspec.convert(value.get("checkpoint"), CheckpointPayload)
        except msgspec.ValidationError as error:
            raise WrongError(f"the checkpoint is not of its form: {error}") from error
        if not isinstance(token, str) or not token.isascii() or not _is_exact(token):
            raise WrongError("the checkpoint's signature is not of its form")
        at = instant_or_none(payload.at)
        if at is None or at.year > _LAST_YEAR:
            raise WrongError("the checkpoint's time is not a valid timestamp")
        members: dict[str, Json] = msgspec.to_builtins(payload)
        if checkpoint_line(members, token) != line:
            raise WrongError(_saved_again(line) or "the line is not written as an export writes it")
        kid, signed = self._signed(token)
        if canonical(signed) != canonical(members):
            raise WrongError("what the checkpoint says is not what was signed")
        if payload.length != self._head.length:
            raise WrongError(
                f"the checkpoint is of {payload.length} entries, but {self._head.length} stand before it: "
                "entries are missing or too many"
            )
        if payload.head != self._head.hash:
            raise WrongError("the checkpoint is of another ledger: its head is not the last entry's hash")
        self._rules.clocks.close(at)
        return _Checkpoint(payload, kid)

    def _signed(self, token: str) -> tuple[str, dict[str, Json]]:
        """Check the signature: by the chain's newest key, and by a pinned one where keys are pinned."""
        own = [self._keys[self._current]] if self._current else []
        try:
            payload = verified(token, own)
        except InvalidInputError as error:
            raise WrongError(f"the checkpoint is not signed with the chain's current key: {error.message}") from error
        header = canonical({"alg": "EdDSA", "kid": self._current})
        if token.partition(".")[0] != base64.urlsafe_b64encode(header).rstrip(b"=").decode():
            raise WrongError("the header of the checkpoint's signature is not of its form")
        if self._pinned is not None:
            try:
                verified(token, self._pinned)
            except InvalidInputError as error:
                raise WrongError(f"the checkpoint is not signed with a pinned key: {error.message}") from error
        return self._current, payload


def _parsed(line: bytes) -> dict[str, Json]:
    try:
        return read(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise WrongError(_saved_again(line) or "the line is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise WrongError(_saved_again(line) or f"the line is not JSON of ours: {error}") from error


def _saved_again(line: bytes) -> str:
    """Return in what form another program has written the file once more; empty where nothing shows that."""
    encoding, mark = detect_encoding(line)
    form = "with a byte order mark" if mark else "with lines that end in CR LF" if line.endswith(b"\r\n") else ""
    if encoding != "utf-8":
        form = f"in {encoding.upper().removesuffix('-LE').removesuffix('-BE')}"
    return f"another program has saved the file again, {form}; verify the file that the export wrote" if form else ""


def _entry_of(value: dict[str, Json]) -> Entry:
    seq, at, kind, data, previous, digest = (value.get(name) for name in _MEMBERS)
    if (
        tuple(value) != _MEMBERS
        or type(seq) is not int
        or not isinstance(data, dict)
        or not (isinstance(at, str) and isinstance(kind, str))
        or not (isinstance(previous, str) and isinstance(digest, str) and previous.isascii())
    ):
        raise WrongError(f"the line is not an entry: its members are {', '.join(_MEMBERS)}")
    try:
        content = canonical(data).decode("utf-8")
    except UnicodeEncodeError as error:
        raise WrongError("the entry contains text that is not valid Unicode") from error
    return Entry(seq, at, kind, content, previous, digest)


def _event_of(kind: str, data: Json) -> Event:
    shape = KINDS.get(kind)
    if shape is None:
        raise WrongError(f"there is no event of type {json.dumps(kind[:80])}; a newer npn may know it")
    try:
        return decode(shape, data)
    except EventFormError as error:
        raise WrongError(f"the event {kind} is not of its form: {error}") from error


def _is_exact(token: str) -> bool:
    """Whether each part of a compact JWS is base64url as its maker writes it: no spare bits, no padding."""
    parts = token.split(".")
    try:
        decoded = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]
    except (binascii.Error, ValueError):
        return False
    return [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in decoded] == parts
