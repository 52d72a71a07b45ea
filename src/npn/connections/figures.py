"""Figures of the connections, for Prometheus."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from npn.connections.capacity import Capacity, ConnectionStage


@dataclass(frozen=True, slots=True)
class ConnectionFigures(Collector):
    """What a capacity holds at the moment it is asked."""

    capacity: Capacity

    def collect(self) -> Iterable[Metric]:
        """Return the figures."""
        now = GaugeMetricFamily("npn_connections", "Connections, by what they wait for", labels=["stage"])
        for stage in ConnectionStage:
            now.add_metric([stage.name.lower()], self.capacity.count(stage))
        yield now
        yield GaugeMetricFamily("npn_connections_limit", "Connections there may be at once", value=self.capacity.limit)
        ended = CounterMetricFamily("npn_connections_ended", "Connections ended at the limit", labels=["how"])
        ended.add_metric(["evicted"], self.capacity.evicted)
        ended.add_metric(["refused"], self.capacity.refused)
        yield ended
