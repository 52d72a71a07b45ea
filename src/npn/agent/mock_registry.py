"""The registry behind the mock service: spaces, series, request ids, pools, limits and refusals, in memory.

What a request says is read, and what is wrong with it refused, by the functions that the service itself uses
(`npn.wire.requests`, `npn.wire.problems`, `npn.allowance`); a table of requests in the tests runs against both.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import msgspec

from npn.agent.mock_answers import (
    MockPool,
    MockReply,
    document,
    information,
    problem,
    public_space,
    refusal_of,
    scheme_of,
    signed_receipt,
    signing_keys,
)
from npn.allowance import Allowance, Unit
from npn.errors import NpnError, RefusedError
from npn.numbers.scheme import NPN10, NumberScheme
from npn.numbers.text import blocks
from npn.tokens import digest_of
from npn.wire import DrawRequest, Me, Pool, PoolList, Quota, Series, SeriesPage, Space, SpaceList, StockReport
from npn.wire.answers import CSV_TYPE, FRAMES, held_to, series_file
from npn.wire.problems import PoolCopiedError
from npn.wire.requests import (
    CSV,
    JOSE,
    JSON,
    JSONL,
    JWKS,
    MAX_BODY_BYTES,
    TEXT,
    USUAL_PAGE,
    Headers,
    bearer_key,
    check_body_head,
    check_draw,
    check_figures,
    check_new_purpose,
    check_stock_figures,
    choose_media,
    decode_body,
    decode_release,
    idempotency_key,
    no_such_series,
    not_owner,
    nothing_here,
    other_method,
    parse_contact,
    parse_cursor,
    parse_limit,
    parse_query,
    parse_sample_number,
    parse_series_id,
    single_header,
    space_closed,
    space_exhausted,
    start_of_tail,
    stock_time,
    suspended,
    too_large,
    unknown_key,
    unknown_space,
    used_for_another,
    wrong_space,
)


def _npn10(name: str, first: str, last: str) -> Space:
    return Space(
        name=name,
        environment="test" if name == "test" else "production",
        length=10,
        weights=list(NPN10.weights),
        modulus=11,
        remainder=0,
        first=first,
        last=last,
    )


PRODUCTION = _npn10("production", "1000000000", "8999999999")
TEST = _npn10("test", "9000000000", "9999999999")
QUARANTINE = timedelta(days=3650)


class MockCall(msgspec.Struct, frozen=True):
    """A call. `query` as it came."""

    query: bytes
    headers: Headers
    body: bytes

    def accept(self, *offered: str) -> str:
        """Return the form to answer in."""
        return choose_media(self.headers, offered)

    def without_parameters(self) -> None:
        """Refuse any parameter in the address."""
        parse_query(self.query, ())

    def checked_body(self) -> bytes:
        """Return the body, once its head is one of JSON."""
        check_body_head(self.headers)
        if len(self.body) > MAX_BODY_BYTES:
            raise too_large()
        return self.body


Act = Callable[..., MockReply]


class MockRegistry(msgspec.Struct):
    """The whole state; tests may change any of it.

    keys       key → system id                   policy   code of a refusal that every new draw meets, or None
    space      the system's own, where it draws  others   spaces that are there besides; closed: names of such
    state      of the systems: active, suspended notices, deadlines   what `GET /v1/me` says of them
    quota      numbers in `quota_days` days      lacking  (method, path prefix) that an older service does not know
    """

    keys: dict[str, str] = msgspec.field(default_factory=lambda: {f"npn_lab-1_{secrets.token_hex(16)}": "lab-1"})
    space: Space = PRODUCTION
    others: list[Space] = msgspec.field(default_factory=lambda: [TEST])
    closed: list[str] = []
    cursor: int = 1_000_000_000
    series: list[Series] = []
    bodies: dict[tuple[str, str], object] = {}
    pools: dict[str, MockPool] = {}
    reports: list[StockReport] = []
    releases: dict[str, list[tuple[int, int, datetime]]] = {}
    policy: str | None = None
    smallest_draw: int = 1
    largest_draw: int = 10_000_000
    quota: int | None = None
    quota_days: int | None = None
    state: str = "active"
    notices: list[str] = []
    deadlines: list[str] = []
    lacking: list[tuple[str, str]] = []

    @property
    def scheme(self) -> NumberScheme:
        """The space's scheme."""
        return scheme_of(self.space)

    @property
    def allowance(self) -> Allowance:
        """What each system may draw."""
        return Allowance(self.smallest_draw, self.largest_draw, self.quota, self.quota_days)

    def answer(self, method: str, target: str, headers: Mapping[str, str] | Headers, *, body: bytes) -> MockReply:
        """One call of REST version 1; names of headers in lower case."""
        if isinstance(headers, Mapping):
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        parts = urlsplit(target)
        path = unquote(parts.path)
        if any(method == m and path.startswith(p) for m, p in self.lacking):
            return MockReply(404, b"not found", "text/plain")
        request_id = secrets.token_hex(12)
        call = MockCall(parts.query.encode("latin-1"), list(headers), body)
        try:
            reply = self._routed(method, path.rstrip("/"), call)
        except NpnError as error:
            reply = problem(error, request_id)
        return msgspec.structs.replace(reply, headers={**reply.headers, "X-Request-Id": request_id})

    def _routed(self, method: str, path: str, call: MockCall) -> MockReply:
        """Answer a call; the method must be one that the address has."""
        acts: dict[str, tuple[Act, tuple[str, ...]]] = {}
        for method_path, pattern, act in self._routes():
            match = re.fullmatch(pattern, path)
            if match:
                acts[method_path] = (act, match.groups())
        if not acts:
            raise nothing_here()
        allowed = ", ".join(sorted({*acts, "OPTIONS", *(["HEAD"] if "GET" in acts else [])}))
        if method == "OPTIONS":
            return MockReply(204, b"", TEXT, {"Allow": allowed})
        handler = acts.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise other_method(allowed)
        reply = handler[0](call, *handler[1])
        return msgspec.structs.replace(reply, body=b"") if method == "HEAD" else reply

    def _routes(self) -> list[tuple[str, str, Act]]:
        one = "/v1/series/([^/]+)"
        return [
            ("GET", "/healthz", lambda _: MockReply(200, b'{"status":"alive"}')),
            ("GET", "/readyz", lambda _: MockReply(200, b'{"status":"ready"}')),
            ("GET", "/.well-known/jwks.json", self._keys),
            ("GET", "/v1/spaces", self._list_spaces),
            ("GET", "/v1/me", self._me),
            ("GET", "/v1/pools", self._list_pools),
            ("POST", "/v1/series", self._draw),
            ("GET", "/v1/series", self._list),
            ("GET", one, self._show),
            ("GET", f"{one}/numbers", self._numbers),
            ("POST", f"{one}/release", self._release),
            ("PUT", "/v1/stock", self._report),
            ("GET", "/v1/numbers/([^/]+)", self._look_up),
            ("GET", "/v1/receipts/([^/]+)", self._receipt),
        ]

    def _caller(self, call: MockCall) -> str:
        """Return the system that calls. Raises UnauthenticatedError."""
        system = self.keys.get(bearer_key(call.headers))
        if system is None:
            raise unknown_key()
        return system

    def _active(self, call: MockCall) -> str:
        """Return the system that calls, unless it is suspended."""
        system = self._caller(call)
        if self.state == "suspended":
            raise suspended(system)
        return system

    # the caller -----------------------------------------------------------------------------------------
    def _me(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        system = self._caller(call)
        call.without_parameters()
        used = None if self.quota_days is None else sum(size for _, size in self._drawn(system, datetime.now(UTC)))
        quota = Quota(
            smallest_draw=self.smallest_draw,
            largest_draw=self.largest_draw,
            numbers=self.quota,
            days=self.quota_days,
            used=used,
        )
        report = self.reports[-1] if self.reports else None
        cover = report.free / report.used_per_day if report and report.used_per_day else None
        me = Me(
            system=system,
            name=system,
            role="system",
            environment=self.space.environment,
            state=self.state,  # type: ignore[arg-type]  # one of the documented states
            spaces=[
                msgspec.structs.replace(s, open=s.name not in self.closed)
                for s in (self.space, *self.others)
                if s.environment == self.space.environment
            ],
            quota=quota,
            stock=report,
            cover_days=cover,
            notices=self.notices,
            deadlines=self.deadlines,
            space=self.space.name,
        )
        return document(me)

    def _list_spaces(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        call.without_parameters()
        spaces = (self.space, *self.others)
        first = {space.environment: space.name for space in reversed(spaces)}
        items = [
            public_space(s, default=first[s.environment] == s.name, is_open=s.name not in self.closed)
            for s in sorted(spaces, key=lambda s: s.name)
        ]
        return document(SpaceList(items=items))

    def _list_pools(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        system = self._caller(call)
        call.without_parameters()
        own = [(name, pool) for name, pool in self.pools.items() if pool.system == system]
        items = [
            Pool(
                id=name,
                system=system,
                state="contested" if pool.contested else "active",
                first_at=pool.first_at,
                contact_at=pool.contact_at,
                contested_at=pool.contested_at,
                suspects=[],
            )
            for name, pool in sorted(own, key=lambda pair: pair[1].contact_at, reverse=True)
        ]
        return document(PoolList(items=items))

    def _report(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        system = self._active(call)
        report = decode_body(call.checked_body(), StockReport)
        as_of = stock_time(report.as_of)
        self._contact(call, system)()
        check_stock_figures(free=report.free, used_per_day=report.used_per_day, as_of=as_of, now=datetime.now(UTC))
        stored = msgspec.structs.replace(report, as_of=as_of)
        self.reports.append(stored)
        return document(stored)

    # draws ----------------------------------------------------------------------------------------------
    def _draw(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        system = self._caller(call)
        key = idempotency_key(call.headers)
        wish = decode_body(call.checked_body(), DrawRequest)
        check_figures(wish)
        self._contact(call, system, judge=False)
        check_draw(count=wish.count, usable=wish.usable, request_id=key, purpose=wish.purpose)
        commit = self._contact(call, system)
        earlier = next((s for s in self.series if s.system == system and s.request_id == key), None)
        if earlier is not None:
            if self.bodies[system, key] != wish:
                raise used_for_another()
            commit()
            return document(earlier, headers={"Location": f"/v1/series/{earlier.id}"})
        series = self._grant(system, key, wish)
        commit()
        self.bodies[system, key] = wish
        self.series.append(series)
        self.cursor = int(series.last) + 1
        return document(series, status=201, headers={"Location": f"/v1/series/{series.id}"})

    def _grant(self, system: str, key: str, wish: DrawRequest) -> Series:
        """Return the series that a draw gets; nothing is noted yet. Raises what stands against it."""
        check_new_purpose(wish.purpose)
        space = self._space_of(wish.space)
        count, now = wish.count if wish.count is not None else wish.usable or 0, datetime.now(UTC)
        unit: Unit = "usable" if wish.count is None else "count"
        if self.state == "suspended":
            raise suspended(system)
        if space.environment != self.space.environment:
            raise wrong_space(self.space.environment, space.environment, space.name)
        if space.name in self.closed:
            raise space_closed(space.name)
        _raise(Allowance(self.smallest_draw, self.largest_draw).refusal(count, unit))  # the quota needs the size
        if self.policy is not None:
            raise refusal_of(self.policy)
        scheme, first = scheme_of(space), self.cursor
        last = first + count - 1 if wish.count is not None else scheme.nth(first, count)
        if last is None or last > int(space.last):
            raise space_exhausted(space.name)
        drawn = self._drawn(system, now)
        _raise(self.allowance.refusal(count, unit, size=last - first + 1, drawn=drawn, at=now))
        identity = f"s{hashlib.sha256(f'{len(self.series)} {key}'.encode()).hexdigest()[:20]}"
        return Series(
            id=identity,
            space=space.name,
            first=scheme.format(first),
            last=scheme.format(last),
            size=last - first + 1,
            usable=scheme.count(first, last),
            state="granted",
            released_from=None,
            drawn_at=now.replace(microsecond=0),
            system=system,
            purpose=wish.purpose,
            request_id=key,
            receipt=f"/v1/receipts/{identity}",
        )

    def _space_of(self, name: str | None) -> Space:
        space = self.space if name is None else next((s for s in (self.space, *self.others) if s.name == name), None)
        if space is None:
            raise unknown_space(name)
        return space

    def _drawn(self, system: str, now: datetime) -> list[tuple[datetime, int]]:
        """Return when and how much the system drew within the quota's days."""
        since = now - timedelta(days=self.quota_days or 0)
        return [(s.drawn_at, s.size) for s in self.series if s.system == system and s.drawn_at >= since]

    # series and numbers ---------------------------------------------------------------------------------
    def _list(self, call: MockCall) -> MockReply:
        call.accept(JSON)
        system = self._caller(call)
        query = parse_query(call.query, ("cursor", "limit"))
        before = parse_cursor(query.get("cursor", ""))
        limit = parse_limit(query.get("limit", str(USUAL_PAGE)))
        self._contact(call, system)()
        numbered = [(n, s) for n, s in enumerate(self.series, 1) if s.system == system and n < (before or n + 1)]
        newest = numbered[::-1][: limit + 1]
        following = str(newest[limit - 1][0]) if len(newest) > limit else None
        return document(SeriesPage(items=[s for _, s in newest[:limit]], next=following))

    def _show(self, call: MockCall, identity: str) -> MockReply:
        form = call.accept(JSON, CSV)
        series = self._own_after_parameters(call, identity)
        if form == JSON:
            return document(series)
        text, name = series_file(series, self.scheme)
        return MockReply(200, text.encode(), CSV_TYPE, {"Content-Disposition": f'attachment; filename="{name}"'})

    def _numbers(self, call: MockCall, identity: str) -> MockReply:
        form = call.accept(TEXT, CSV, JSONL)
        series = self._own_after_parameters(call, identity)
        before, after = FRAMES[form]
        parts = blocks(self.scheme, int(series.first), held_to(series), prefix=before, suffix=after)
        body = b"".join(parts)
        return (
            MockReply(200, b"number\n" + body, CSV_TYPE)
            if form == CSV
            else MockReply(200, body, f"{form}; charset=utf-8")
        )

    def _release(self, call: MockCall, identity: str) -> MockReply:
        call.accept(JSON)
        system = self._active(call)
        wish = decode_release(call.checked_body())
        commit = self._contact(call, system)
        series = self._own(system, parse_series_id(identity))
        first, last = int(series.first), int(series.last)
        start = first
        if wish.from_ is not None:
            start = start_of_tail(wish.from_, first=first, last=last, length=self.space.length)
        if start <= held_to(series):
            self.releases.setdefault(series.id, []).append((start, held_to(series), datetime.now(UTC) + QUARANTINE))
            after = msgspec.structs.replace(
                series,
                state="released" if start == first else "partly_released",
                released_from=self.scheme.format(start),
            )
            self.series[self.series.index(series)] = series = after
        commit()
        return document(series)

    def _look_up(self, call: MockCall, text: str) -> MockReply:
        call.accept(JSON)
        self._caller(call)
        call.without_parameters()
        spaces = [self.space, *self.others]
        digits = parse_sample_number(text, {space.length for space in spaces})
        return document(information(digits, spaces=spaces, held=self._held, released=self._quarantine))

    def _held(self, number: int) -> Series | None:
        return next((s for s in self.series if int(s.first) <= number <= int(s.last)), None)

    def _quarantine(self, number: int) -> str | None:
        series = self._held(number)
        released = self.releases.get(series.id, []) if series else []
        until = next((until for first, last, until in released if first <= number <= last), None)
        return None if until is None else f"{until:%Y-%m-%d}"

    def _receipt(self, call: MockCall, identity: str) -> MockReply:
        form = call.accept(JOSE, TEXT)
        series = self._own_after_parameters(call, identity)
        return MockReply(200, signed_receipt(series).encode(), form)

    def _keys(self, call: MockCall) -> MockReply:
        form = call.accept(JSON, JWKS)
        return MockReply(200, msgspec.json.encode({"keys": signing_keys()}), form)

    def _own_after_parameters(self, call: MockCall, identity: str) -> Series:
        system = self._caller(call)
        call.without_parameters()
        return self._own(system, parse_series_id(identity))

    def _own(self, system: str, identity: str) -> Series:
        series = next((s for s in self.series if s.id == identity), None)
        if series is None:
            raise no_such_series()
        if series.system != system:
            raise not_owner()
        return series

    # the chain of tokens --------------------------------------------------------------------------------
    def _contact(self, call: MockCall, system: str, *, judge: bool = True) -> Callable[[], None]:
        """Judge Npn-Pool; what is returned moves the pool on, and is called when the rest went well."""
        text = single_header(call.headers, b"npn-pool")
        if text is None:
            return lambda: None
        pool_id, previous, new = parse_contact(text)
        pool = self.pools.get(pool_id)
        if judge and pool is not None and not pool.fits(system, previous, new):
            if pool.system != system:
                raise PoolCopiedError
            pool.contested_by = new if not pool.contested or pool.contested_by == new else ""
            pool.contested, pool.contested_at = True, datetime.now(UTC)
            raise PoolCopiedError(digest_of(pool.token))

        def commit() -> None:
            first = pool.first_at if pool else datetime.now(UTC)
            self.pools[pool_id] = MockPool(system, new, first_at=first)

        return commit


def _raise(refusal: RefusedError | None) -> None:
    if refusal is not None:
        raise refusal
