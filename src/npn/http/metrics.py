"""Figures for Prometheus: what was drawn, how long it took, how much of each space is used, the witness's state."""

from collections import Counter as Counted
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from npn.db import Database
from npn.db.standby import standbys
from npn.errors import UnavailableError, codes
from npn.instants import danish_day
from npn.ledger.clock import current_clocks
from npn.ledger.places import is_on_same_device
from npn.ledger.service import Ledger
from npn.registry.draws import GrantedSeries
from npn.registry.service import Registry
from npn.stock.cover import Colour
from npn.stock.picture import Pictures
from npn.systems.authorities import Authorities, good_until
from npn.transport.expiry import Expiries

__all__ = ["CONTENT_TYPE", "Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_STANDBYS = ("sync", "quorum", "potential", "async", "unknown")  # PostgreSQL's words
_WITNESS = ("sound", codes.WITNESS_BEHIND, codes.WITNESS_MISSING, codes.WITNESS_WRONG, "unknown")


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        """Start at nought, in its own registry, so that two services in one process don't mix."""
        self.registry = CollectorRegistry()
        r = self.registry
        self.draws = Counter("npn_draws", "Draws answered with a series", ["space", "outcome"], registry=r)
        self.numbers = Counter("npn_numbers_granted", "Numbers granted", ["space"], registry=r)
        self.usable = Counter("npn_usable_numbers_granted", "Usable numbers granted", ["space"], registry=r)
        self.refusals = Counter("npn_refusals", "Answers that were problems, by code", ["code"], registry=r)
        self.batch_size = Histogram("npn_allocator_batch_size", "Draws in one transaction", registry=r, buckets=_SIZES)
        self.batch_seconds = Histogram(
            "npn_allocator_batch_seconds", "Seconds one transaction took", registry=r, buckets=_SECONDS
        )
        self.requests = Histogram(
            "npn_http_request_seconds",
            "Seconds from a request's headers to its answer's end",
            ["route", "method", "status"],
            registry=r,
            buckets=_SECONDS,
        )
        self.cursor = Gauge("npn_space_cursor", "The next number the space will grant", ["space"], registry=r)
        self.used = Gauge("npn_space_used_ratio", "Share of the space behind its cursor", ["space"], registry=r)
        self.days_left = Gauge(
            "npn_space_days_left", "Forecast days until the space is exhausted", ["space"], registry=r
        )
        self.cover = Gauge("npn_system_cover_days", "Days a system's stock lasts", ["system", "source"], registry=r)
        self.unusual = Gauge(
            "npn_unusual_draws", "Draws of 30 days many times a system's normal", ["system"], registry=r
        )
        self.rule = Gauge("npn_systems_by_cover", "Systems by the six months' rule", ["colour"], registry=r)
        self.standbys = Gauge("npn_database_standbys", "Standbys streaming from the primary", ["state"], registry=r)
        self.same_device = Gauge("npn_witness_same_device", "1 where database and witness share a device", registry=r)
        self.witness = Gauge("npn_witness_state", "1 for the state the witness is in", ["state"], registry=r)
        self.clock = Gauge("npn_clock_difference_seconds", "Seconds that the database's clock is ahead", registry=r)
        self.plain = Counter("npn_plain_http_calls", "Calls over plain HTTP, by system", ["system"], registry=r)
        self.certificate_days = Gauge(
            "npn_certificate_days_left",
            "Days until the system's last certificate expires",
            ["system"],
            registry=r,
        )
        self.own_days = Gauge(
            "npn_tls_certificate_days_left", "Days until the server's own certificate expires", ["path"], registry=r
        )
        self.overdue = Gauge(
            "npn_revocation_list_overdue", "1 for a revocation list that is past its date", ["path"], registry=r
        )
        self._timers: dict[tuple[str, str, int], Histogram] = {}

    def batch(self, size: int, seconds: float) -> None:
        """Count one transaction of the allocator."""
        self.batch_size.observe(size)
        self.batch_seconds.observe(seconds)

    def granted(self, answer: GrantedSeries) -> None:
        """Count one draw that was answered."""
        space = answer.series.space
        if answer.repeated:
            self.draws.labels(space, "repeated").inc()
            return
        self.draws.labels(space, "granted").inc()
        self.numbers.labels(space).inc(answer.series.size)
        self.usable.labels(space).inc(answer.series.usable)

    def request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (route, method, status)
        timer = self._timers.get(key)
        if timer is None:
            timer = self._timers[key] = self.requests.labels(route, method, str(status))
        timer.observe(seconds)

    def certificates(self, expiries: Expiries, authorities: Authorities, own: str) -> None:
        """Set how long each system's last certificate and our `own` file are good for, and which lists are overdue."""
        now = expiries.ledger.clock()
        self.own_days.clear()
        if own:
            with suppress(OSError, ValueError):  # what was loaded before goes on, and the log tells of the file
                self.own_days.labels(own).set((good_until(Path(own)) - now) / timedelta(days=1))
        self.certificate_days.clear()
        try:
            last = {
                revocations.system: revocations for revocations in expiries.all()
            }  # ordered by expiry: the last one stays
        except UnavailableError:
            return
        for system, expiry in last.items():
            self.certificate_days.labels(system).set(expiry.days(now))
        for revocations in authorities.lists:
            self.overdue.labels(revocations.path).set(float(revocations.is_overdue(now)))

    def text(self, registry: Registry, ledger: Ledger, pictures: Pictures) -> bytes:
        """Return all figures, those of the database as they are now; where it is away, without them."""
        try:
            for space in registry.spaces():
                self.cursor.labels(space.name).set(space.cursor)
                self.used.labels(space.name).set((space.cursor - space.first) / (space.last - space.first + 1))
        except UnavailableError:
            self.cursor.clear()
            self.used.clear()
        self._replication(ledger.database)
        self._stock(pictures)
        self._witness_is(_states(ledger))
        with suppress(UnavailableError):
            self.clock.set(current_clocks(ledger).difference.total_seconds())
        self.same_device.set(float(is_on_same_device(ledger.database, ledger.witness)))
        return generate_latest(self.registry)

    def _replication(self, database: Database) -> None:
        """Count the primary's standbys; with SQLite, or the database away, there is no figure."""
        self.standbys.clear()
        if database.dialect != "postgresql":
            return
        try:
            states = standbys(database)
        except UnavailableError:
            return
        for state in {*_STANDBYS, *states}:
            self.standbys.labels(state).set(states.get(state, 0))

    def _stock(self, pictures: Pictures) -> None:
        """Set the forecasts; a space that does not end, and a cover nobody knows, have no figure."""
        self.days_left.clear()
        self.cover.clear()
        self.rule.clear()
        self.unusual.clear()
        try:
            picture = pictures.latest()
        except UnavailableError:
            return
        today = danish_day(picture.at)
        for space, forecast in picture.forecasts.items():
            if forecast.ends is not None:
                self.days_left.labels(space).set((forecast.ends - today).days)
        for cover in picture.covers.values():
            if cover.days is not None:
                self.cover.labels(cover.system, cover.source.value).set(cover.days)
        for system, many in Counted(system_id.system for system_id in picture.unusual).items():
            self.unusual.labels(system).set(many)
        judged = Counted(cover.colour for cover in picture.covers.values())
        for colour in Colour:
            self.rule.labels(colour.value).set(judged[colour])

    def _witness_is(self, now: Iterable[str]) -> None:
        for state in _WITNESS:
            self.witness.labels(state).set(float(state in now))


def _states(ledger: Ledger) -> tuple[str, ...]:
    try:
        ledger.check()
    except UnavailableError as error:
        return (error.code if error.code in _WITNESS else "unknown",)
    return ("sound",)
