"""The registry behind the mock service: spaces, series, request ids, pools and refusals, in memory."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from npn.errors import InvalidInputError
from npn.numbers.scheme import NPN10, NumberScheme
from npn.wire import DrawRequest, Me, Problem, Quota, ReleaseRequest, Series, SeriesPage, Space, StockReport

PRODUCTION = Space(
    name="production",
    environment="production",
    length=10,
    weights=list(NPN10.weights),
    modulus=11,
    remainder=0,
    first="1000000000",
    last="8999999999",
)
_POOL = re.compile(r"([\x21-\x3a\x3c-\x7e]{1,128}); ([\x21-\x3a\x3c-\x7e]{1,128}); ([\x21-\x3a\x3c-\x7e]{1,128})")


_D = TypeVar("_D", bound=msgspec.Struct)


class Reply(msgspec.Struct, frozen=True):
    """An answer."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = {}


_PUBLIC = {
    "/healthz": Reply(200, b'{"status":"ok"}'),
    "/readyz": Reply(200, b'{"status":"ok"}'),
    "/.well-known/jwks.json": Reply(200, b'{"keys":[]}', "application/jwk-set+json"),
}


class Call(msgspec.Struct, frozen=True):
    """A call whose caller is known; header names in lower case."""

    system: str
    target: str
    headers: dict[str, str]
    body: bytes


class RefusalError(Exception):
    """Carries the answer that a call gets instead."""

    def __init__(self, reply: Reply) -> None:
        """The answer."""
        super().__init__(reply.status)
        self.reply = reply


class MockPool(msgspec.Struct):
    """A pool as the service knows it."""

    system: str
    token: str
    contested: bool = False
    contested_by: str = ""

    def fits(self, system: str, previous: str, new: str) -> bool:
        """Whether a contact goes on where the chain stands; a contested one only if it explains itself."""
        if self.contested:
            return system == self.system and self.token == previous and self.contested_by == new
        return system == self.system and self.token in (previous, new)


class MockRegistry(msgspec.Struct):
    """The whole state; tests may change any of it.

    keys       key → system id                   policy   code of a refusal that every new draw meets, or None
    lacking    (method, path prefix) that an older service does not know
    """

    keys: dict[str, str] = msgspec.field(default_factory=lambda: {f"npn_lab-1_{secrets.token_hex(16)}": "lab-1"})
    space: Space = PRODUCTION
    cursor: int = 1_000_000_000
    series: list[Series] = []
    bodies: dict[tuple[str, str], object] = {}
    pools: dict[str, MockPool] = {}
    reports: list[StockReport] = []
    policy: str | None = None
    largest_draw: int = 10_000_000
    lacking: list[tuple[str, str]] = []

    @property
    def scheme(self) -> NumberScheme:
        """The space's scheme."""
        s = self.space
        return NumberScheme(s.name, s.length, tuple(s.weights), modulus=s.modulus, remainder=s.remainder)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """One call of REST version 1."""
        path = urlsplit(target).path
        if any(method == m and path.startswith(p) for m, p in self.lacking):
            return Reply(404, b"not found", "text/plain")
        if path in _PUBLIC:
            return _PUBLIC[path]
        system = self.keys.get(headers.get("authorization", "").removeprefix("Bearer "))
        if system is None:
            return refused(401, "unauthenticated", "this key is not known")
        try:
            return self._routed(method, path, Call(system, target, headers, body))
        except RefusalError as error:
            return error.reply
        except InvalidInputError as error:
            return refused(422, error.code, error.message, error.field)

    def _routed(self, method: str, path: str, call: Call) -> Reply:
        for known, pattern, act in self._routes():
            match = re.fullmatch(pattern, path)
            if match and method == known:
                return act(call, *match.groups())
        return refused(404, "not_found", f"there is nothing at {path}")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("GET", "/v1/me", self._me),
            ("POST", "/v1/series", self._draw),
            ("GET", "/v1/series", self._list),
            ("GET", "/v1/series/([^/]+)", self._show),
            ("GET", "/v1/series/([^/]+)/numbers", self._numbers),
            ("POST", "/v1/series/([^/]+)/release", self._release),
            ("PUT", "/v1/stock", self._report),
            ("GET", "/v1/receipts/([^/]+)", self._receipt),
        ]

    # calls ----------------------------------------------------------------------------------------------
    def _me(self, call: Call) -> Reply:
        quota = Quota(smallest_draw=1, largest_draw=self.largest_draw, numbers=None, days=None, used=0)
        me = Me(
            system=call.system,
            name=call.system,
            role="system",
            environment=self.space.environment,
            state="active",
            spaces=[self.space],
            quota=quota,
            stock=self.reports[-1] if self.reports else None,
            cover_days=None,
            notices=[],
            deadlines=[],
        )
        return _json(200, me)

    def _draw(self, call: Call) -> Reply:
        wish = _body(call.body, DrawRequest)
        key = call.headers.get("idempotency-key", "")
        if not re.fullmatch(r"[\x21-\x7e]{1,128}", key):
            return refused(422, "invalid_request_id", "1 to 128 visible ASCII characters", "Idempotency-Key")
        if (wish.count is None) == (wish.usable is None):
            return refused(422, "invalid_input", "exactly one of count and usable", "count")
        commit = self._check_pool(call)
        known = next((s for s in self.series if s.system == call.system and s.request_id == key), None)
        if known is not None:
            if self.bodies[call.system, key] != wish:
                return refused(409, "idempotency_conflict", "this key was used with another body")
            commit()
            return _json(200, known)
        if self.policy is not None:
            return refused(429 if self.policy == "quota_exceeded" else 403, self.policy, f"refused: {self.policy}")
        series = self._grant(call.system, key, wish)
        commit()
        self.bodies[call.system, key] = wish
        self.series.append(series)
        self.cursor = int(series.last) + 1
        return _json(201, series)

    def _grant(self, system: str, key: str, wish: DrawRequest) -> Series:
        amount, first = wish.count or wish.usable or 0, self.cursor
        if amount < 1:
            raise RefusalError(refused(422, "count_too_small", "the smallest draw is 1", "count"))
        last = first + amount - 1 if wish.count else (self.scheme.nth(first, amount) or 10**18)
        if last - first + 1 > self.largest_draw:
            raise RefusalError(refused(422, "count_too_large", f"at most {self.largest_draw} a draw", "count"))
        if last > int(self.space.last):
            raise RefusalError(refused(507, "space_exhausted", "the space has not so many numbers left"))
        identity = f"s{len(self.series) + 1}"
        return Series(
            id=identity,
            space=self.space.name,
            first=self.scheme.format(first),
            last=self.scheme.format(last),
            size=last - first + 1,
            usable=self.scheme.count(first, last),
            state="granted",
            released_from=None,
            drawn_at=datetime.now(UTC).replace(microsecond=0),
            system=system,
            purpose=wish.purpose,
            request_id=key,
            receipt=f"/v1/receipts/{identity}",
        )

    def _list(self, call: Call) -> Reply:
        commit = self._check_pool(call)
        query = parse_qs(urlsplit(call.target).query)
        limit = int(query.get("limit", ["100"])[0])
        if not 1 <= limit <= 500:
            return refused(422, "invalid_input", "limit is from 1 to 500", "limit")
        mine = [s for s in reversed(self.series) if s.system == call.system]
        start = int(query.get("cursor", ["0"])[0])
        commit()
        more = str(start + limit) if start + limit < len(mine) else None
        return _json(200, SeriesPage(items=mine[start : start + limit], next=more))

    def _show(self, call: Call, identity: str) -> Reply:
        return _json(200, self._own(call.system, identity))

    def _numbers(self, call: Call, identity: str) -> Reply:
        series = self._own(call.system, identity)
        numbers = self.scheme.usable(int(series.first), int(series.last))
        return Reply(200, "".join(f"{self.scheme.format(n)}\n" for n in numbers).encode(), "text/plain")

    def _release(self, call: Call, identity: str) -> Reply:
        series = self._own(call.system, identity)
        wish = _body(call.body, ReleaseRequest)
        commit = self._check_pool(call)
        start = self.scheme.parse(wish.from_) if wish.from_ else int(series.first)
        if not int(series.first) <= start <= int(series.last):
            return refused(422, "invalid_input", "not a number of this series", "from")
        if series.released_from and int(series.released_from) <= start:
            start = int(series.released_from)
        whole = start == int(series.first)
        after = msgspec.structs.replace(
            series, state="released" if whole else "partly_released", released_from=self.scheme.format(start)
        )
        self.series[self.series.index(series)] = after
        commit()
        return _json(200, after)

    def _report(self, call: Call) -> Reply:
        report = _body(call.body, StockReport)
        self._check_pool(call)()
        self.reports.append(report)
        return _json(200, report)

    def _receipt(self, call: Call, identity: str) -> Reply:
        return Reply(200, receipt(self._own(call.system, identity)), "application/jose")

    def _own(self, system: str, identity: str) -> Series:
        series = next((s for s in self.series if s.id == identity), None)
        if series is None:
            raise RefusalError(refused(404, "not_found", f"no series {identity}"))
        if series.system != system:
            raise RefusalError(refused(403, "not_owner", "this series is another system's"))
        return series

    # the chain of tokens --------------------------------------------------------------------------------
    def _check_pool(self, call: Call) -> Callable[[], None]:
        """Verify Npn-Pool; what it returns moves the pool on, and is called when the rest went well."""
        text = call.headers.get("npn-pool")
        if text is None:
            return lambda: None
        match = _POOL.fullmatch(text)
        if match is None:
            raise RefusalError(
                refused(422, "invalid_pool", "Npn-Pool: <id>; <previous token>; <new token>", "Npn-Pool")
            )
        pool_id, previous, new = match.groups()
        pool = self.pools.get(pool_id)
        if pool is not None and not pool.fits(call.system, previous, new):
            if pool.system == call.system:
                pool.contested_by = new if not pool.contested or pool.contested_by == new else ""
                pool.contested = True
            reply = refused(409, "agent_cloned", "this pool was copied or restored: another copy is in use")
            if pool.system == call.system:
                held = hashlib.sha256(pool.token.encode()).hexdigest()
                reply = msgspec.structs.replace(reply, headers={"Npn-Pool-Holds": held})
            raise RefusalError(reply)

        def commit() -> None:
            self.pools[pool_id] = MockPool(call.system, new)

        return commit


def _body(body: bytes, kind: type[_D]) -> _D:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        code = "unknown_field" if "unknown field" in str(error) else "invalid_input"
        raise RefusalError(refused(422, code, str(error))) from error
    except msgspec.DecodeError as error:
        raise RefusalError(refused(400, "invalid_json", str(error))) from error


def receipt(series: Series) -> bytes:
    """A receipt that says what the real one says; its signature is none, and no key for it is told."""
    names = ("space", "first", "last", "size", "usable", "system", "request_id", "drawn_at")
    payload = {"series": series.id, **{name: getattr(series, name) for name in names}}
    head, body = (
        base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=")
        for part in ({"alg": "EdDSA", "kid": "mock"}, payload)
    )
    return b".".join((head, body, b"bW9jaw"))


def _json(status: int, document: msgspec.Struct) -> Reply:
    return Reply(status, msgspec.json.encode(document))


def refused(status: int, code: str, detail: str, field: str | None = None) -> Reply:
    """A problem document."""
    document = Problem(type=f"urn:npn:problem:{code}", title=code, status=status, detail=detail, code=code, field=field)
    headers = {"Retry-After": "60"} if status == 429 else {}
    return Reply(status, msgspec.json.encode(document), "application/problem+json", headers)
