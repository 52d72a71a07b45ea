"""Figures of the background work, for Prometheus."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from npn.chores import Rounds


@dataclass(frozen=True, slots=True)
class RoundFigures(Collector):
    """How the background work goes at the moment it is asked."""

    rounds: Rounds

    def collect(self) -> Iterable[Metric]:
        """Return the figures."""
        failures = CounterMetricFamily("npn_chore_failed", "Background work that failed, by name", labels=["chore"])
        success = GaugeMetricFamily(
            "npn_chore_last_success_timestamp_seconds", "When background work last went well", labels=["chore"]
        )
        for work in self.rounds.all():
            failures.add_metric([work.name], work.failures)
            if work.succeeded_at is not None:
                success.add_metric([work.name], work.succeeded_at)
        yield failures
        yield success
