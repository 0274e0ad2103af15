"""/metrics for Prometheus: counts, sizes and latencies. No name of an app, a task or a person is a label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from coach.engine import meters

if TYPE_CHECKING:
    from coach.engine.runtime import Runtime

TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The registry of one server: request latencies as they come, the store's numbers when somebody looks."""

    def __init__(self, runtime: Runtime) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "coach_api_request_seconds", "Latency of requests to Coach's own API.", ["route", "status"], registry=self.registry
        )
        self.registry.register(_Store(runtime))

    def observe(self, route: str, status: int, elapsed_s: float) -> None:
        """`route` is the pattern that matched, "" where none did: paths that somebody makes up must not become labels."""
        self._seconds.labels(route or "none", str(status)).observe(elapsed_s)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)


class _Store(Collector):
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> list[Metric]:
        return []  # else registering would read the store

    def collect(self) -> Iterator[Metric]:
        seen = meters.read(self._runtime)
        yield CounterMetricFamily("coach_events_recorded", "Events that were ever recorded.", seen.events)
        yield CounterMetricFamily("coach_tracker_gaps", "Times when this tracker had to break off.", seen.gaps)
        yield CounterMetricFamily("coach_tracker_errors", "Errors of this tracker's probes and writes.", seen.errors)
        yield GaugeMetricFamily("coach_tracker_on", "1 while a process tracks.", seen.tracking)
        yield GaugeMetricFamily("coach_store_bytes", "Size of the database with its log.", seen.store_bytes)
        yield GaugeMetricFamily("coach_tasks_open", "Pending tasks.", seen.open_tasks)
        nudges = GaugeMetricFamily("coach_nudges", "Nudges by what became of them.", labels=["status"])
        for status, number in seen.nudges:
            nudges.add_metric([status], number)
        yield nudges
