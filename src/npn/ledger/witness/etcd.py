"""The witness in etcd: one key, moved by compare-and-set, known to a quorum before anybody is answered.

Spoken to over the JSON gateway that every etcd has (3.4 and newer), so no client library is needed. Reads are
linearizable, and a change is a transaction that compares the value. A compare-and-set whose answer did not come is
never assumed to have failed or worked: the same transaction is sent again, and either it moves the key, or what it
finds there is what it wanted to write.
"""

import base64
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final  # Any: a result is whatever JSON holds
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import structlog

from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.witness.model import MISSING, WitnessState, decode, encode, missing
from npn.shortage import TIME, short_of, shortage
from npn.stamps import Stamps, stamps_of
from npn.text import clean_line, read_text

_log = structlog.get_logger("npn.witness")
Json = dict[str, Any]  # Any: what etcd answers

PATIENCE: Final = 5.0  # seconds that a batch waits for etcd before its callers are told 503
ATTEMPT: Final = 2.0  # seconds that one member has to answer
RETRY_AFTER: Final = 3  # seconds; a new leader is elected within one or two
_PAUSE: Final = 0.1
_TOKEN_LOST = ("invalid auth token", "user name is empty", "auth token is not provided")
_HINT = "write etcd://host:2379,host:2379,host:2379/npn, or etcds://… for TLS"
_OPTIONS = {"ca", "cert", "cert_key", "password_file"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an etcd is: its members' client addresses, the key, and how to be let in."""

    endpoints: tuple[str, ...]
    key: str
    user: str = ""
    password: str = ""
    password_file: str = ""
    ca: str = ""
    cert: str = ""
    cert_key: str = ""


def parse_address(where: str) -> Address:
    """Read `etcd://[user[:password]@]host[:port][,host[:port]…]/key[?option=…]`; `etcds` speaks TLS.

    Options: `ca`, `cert`, `cert_key` (PEM files), `password_file`. Raises ConfigurationError, which never repeats
    the address: it may hold a password.
    """
    try:
        parts = urlsplit(where)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        account, _, hosts = parts.netloc.rpartition("@")
        scheme = "https" if parts.scheme == "etcds" else "http"
        endpoints = tuple(_endpoint(scheme, host) for host in hosts.split(","))
    except ValueError:
        raise ConfigurationError("the witness's address can't be read", hint=_HINT) from None
    key = unquote(parts.path.lstrip("/"))
    if not key:
        raise ConfigurationError("the witness's address names no key", hint=_HINT)
    if unknown := options.keys() - _OPTIONS:
        raise ConfigurationError(f"the witness's address has an unknown option {min(unknown)!r}", hint=_HINT)
    user, _, password = account.partition(":")
    if "password_file" in options:
        _read(options["password_file"])
    return Address(endpoints, key, unquote(user), unquote(password), **options)


def _endpoint(scheme: str, host: str) -> str:
    parsed = urlsplit(f"{scheme}://{host}")
    if not parsed.hostname or parsed.path:
        raise ValueError("no host")
    name = f"[{parsed.hostname}]" if ":" in parsed.hostname else parsed.hostname
    return f"{scheme}://{name}:{parsed.port or 2379}"


def _read(path: str) -> str:
    try:
        return clean_line(read_text(Path(path)))
    except ConfigurationError as error:
        raise ConfigurationError(f"can't read the witness's password from {path}", hint=_HINT) from error


class _SilentError(Exception):
    """No member gave an answer that tells whether the request was carried out; `slow`: each let the time run out."""

    slow = True


class EtcdWitness:
    """One key of an etcd. May be used by several threads."""

    def __init__(self, address: Address, *, patience: float = PATIENCE) -> None:
        """`patience`: seconds for one call, all its attempts together."""
        self._address = address
        self._patience = patience
        self._key = _b64(address.key.encode())
        self._turn = 0  # the member that answered last is asked first
        self._token = ""
        self._authenticating = threading.Lock()
        self._renewing = threading.Lock()
        self._stamps = self._tls_stamps()
        self._unusable: Stamps = ()
        self._client = _client(address)
        self._replaced: httpx.Client | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"EtcdWitness({','.join(self._address.endpoints)}/{self._address.key})"

    def __str__(self) -> str:
        """Return where it is, without the password."""
        hosts = ",".join(endpoint.partition("://")[2] for endpoint in self._address.endpoints)
        tls = self._address.endpoints[0].startswith("https:")
        return f"{'etcds' if tls else 'etcd'}://{hosts}/{self._address.key}"

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
        if self._replaced is not None:
            self._replaced.close()

    def exists(self) -> bool:
        """Return whether the key is there. Raises UnavailableError where nobody can tell."""
        return self._found()[0] is not None

    def read(self) -> WitnessState:
        """Read and check the key, as the quorum knows it."""
        value, _ = self._found()
        if value is None:
            raise missing(f"there is no key {self._address.key!r} in etcd")
        return decode(value)

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set in one transaction; where the answer did not come, look again."""
        compare = {"target": "VALUE", "key": self._key, "result": "EQUAL", "value": _b64(encode(expected))}
        moved, current = self._compare_and_set(compare, encode(new))
        if not moved and current is None:
            raise missing(f"there is no key {self._address.key!r} in etcd")
        return moved

    def replace(self, new: WitnessState) -> None:
        """Set it from whatever is there now; by comparison too, so that a late packet never sets it back."""
        for _ in range(10):
            _, revision = self._found()
            compare = {"target": "MOD", "key": self._key, "result": "EQUAL", "mod_revision": str(revision)}
            if self._compare_and_set(compare, encode(new))[0]:
                return
        raise missing("somebody else goes on writing its key in etcd")

    def _found(self) -> tuple[bytes | None, int]:
        try:
            answer, _ = self._ask("/v3/kv/range", {"key": self._key})
        except _SilentError as error:
            raise _away("etcd does not answer", error) from error
        kvs = answer.get("kvs") or []
        return (_value(kvs), int(kvs[0]["mod_revision"])) if kvs else (None, 0)

    def _compare_and_set(self, compare: Json, value: bytes) -> tuple[bool, bytes | None]:
        """Return whether the key now holds `value` by our doing, and where it does not, what it holds."""
        change: Json = {
            "compare": [compare],
            "success": [{"request_put": {"key": self._key, "value": _b64(value)}}],
            "failure": [{"request_range": {"key": self._key}}],
        }
        try:
            answer, repeated = self._ask("/v3/kv/txn", change)
        except _SilentError as error:
            raise _away("etcd did not say whether it took the change", error) from error
        if answer.get("succeeded"):
            return True, None
        (outcome,) = answer.get("responses") or [{}]
        current = _value((outcome.get("response_range") or outcome.get("responseRange") or {}).get("kvs"))
        return repeated and current == value, current

    def _ask(self, path: str, body: Json) -> tuple[Json, bool]:
        """Ask the members in turn until one answers; True beside it where one asked before may have done it too."""
        self._renew()
        until = time.monotonic() + self._patience
        unsure, silence = False, _SilentError()
        while True:
            for _ in self._address.endpoints:
                answer, sent, slow = self._once(self._address.endpoints[self._turn], path, body)
                if answer is not None:
                    return answer, unsure
                unsure, silence.slow = unsure or sent, silence.slow and slow
                self._turn = (self._turn + 1) % len(self._address.endpoints)
                if time.monotonic() >= until:
                    raise silence
            time.sleep(_PAUSE)

    def _tls_stamps(self) -> Stamps:
        return stamps_of(self._address.ca, self._address.cert, self._address.cert_key)

    def _renew(self) -> None:
        """Take up TLS files that were written again; where they can't be used yet, what was read before stays."""
        stamps = self._tls_stamps()
        if stamps == self._stamps:
            return
        with self._renewing:
            if stamps == self._stamps:  # another thread was quicker
                return
            try:
                client = _client(self._address)
            except ConfigurationError as error:
                if stamps != self._unusable:
                    _log.warning("witness_tls_not_renewed", error=error.message)
                self._unusable = stamps
                return
            if self._replaced is not None:
                self._replaced.close()
            # Calls of other threads may be under way on it, so it is closed at the next change, or at the end.
            self._client, self._replaced, self._stamps = client, self._client, stamps
            _log.info("witness_tls_renewed")

    def _once(self, endpoint: str, path: str, body: Json) -> tuple[Json | None, bool, bool]:
        """Return one member's answer; or None, whether it may have carried the request out, whether time ran out.

        Raises UnavailableError where this process, and no member, is short of something.
        """
        try:
            answer = self._post(endpoint, path, body)
            if self._address.user and _lacks_token(answer):
                self._log_in(endpoint, self._token)
                answer = self._post(endpoint, path, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            short = shortage(error, "the witness can't be asked")
            if short is not None and short.code != TIME:
                raise short from error
            return None, False, isinstance(error, httpx.TimeoutException)
        except httpx.HTTPError as error:
            return None, True, isinstance(error, httpx.TimeoutException)
        if answer.status_code >= 500:
            return None, True, False
        return _decoded(answer), False, False

    def _post(self, endpoint: str, path: str, body: Json) -> httpx.Response:
        headers = {"Authorization": self._token} if self._token else {}
        return self._client.post(f"{endpoint}{path}", json=body, headers=headers)

    def _password(self) -> str:
        """Return the password, from its file as it is now: a new one counts without a restart."""
        if not self._address.password_file:
            return self._address.password
        try:
            return _read(self._address.password_file)
        except ConfigurationError as error:
            raise missing(error.message) from error

    def _log_in(self, endpoint: str, before: str) -> None:
        with self._authenticating:
            if self._token != before:  # another thread was quicker
                return
            account = {"name": self._address.user, "password": self._password()}
            answer = self._client.post(f"{endpoint}/v3/auth/authenticate", json=account)
            if answer.status_code >= 500:
                raise httpx.RemoteProtocolError("no token now")
            self._token = str(_decoded(answer)["token"])


def _away(reason: str, silence: _SilentError) -> UnavailableError:
    if silence.slow:
        return short_of(TIME, f"the witness can't be asked, {reason}")
    return UnavailableError(
        f"the witness is missing: {reason}",
        code=MISSING,
        hint="draws go on by themselves once a quorum of etcd's members answers; what reads goes on meanwhile",
        retry_after=RETRY_AFTER,
    )


def _lacks_token(answer: httpx.Response) -> bool:
    return answer.status_code in (400, 401, 403) and any(mark in answer.text for mark in _TOKEN_LOST)


def _decoded(answer: httpx.Response) -> Json:
    """Read an answer that settles the matter. What etcd refuses outright (a password, a permission) is told."""
    if answer.status_code != 200:
        raise missing(f"etcd refuses: {_said(answer)}")
    try:
        document = answer.json()
    except ValueError as error:
        raise missing("what answers is not an etcd") from error
    if not isinstance(document, dict) or "header" not in document:
        raise missing("what answers is not an etcd")
    return document


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])[:100]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"


def _value(kvs: Sequence[Mapping[str, str]] | None) -> bytes | None:
    return base64.b64decode(kvs[0].get("value", "")) if kvs else None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _client(address: Address) -> httpx.Client:
    limits = httpx.Limits(max_connections=16, keepalive_expiry=30)
    return httpx.Client(verify=_tls(address), timeout=ATTEMPT, limits=limits, trust_env=False)


def _tls(address: Address) -> ssl.SSLContext | bool:
    if not address.endpoints[0].startswith("https:"):
        return False
    try:
        context = ssl.create_default_context(cafile=address.ca or None)
        if address.cert:
            context.load_cert_chain(address.cert, address.cert_key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"the witness's TLS files can't be used: {error}", hint=_HINT) from error
    return context
