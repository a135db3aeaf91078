"""The catalogue of the hub's own metrics, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """All metrics of one hub; each hub in a process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.events = self._counter(
            "hub_events", "events by what became of them", ("tenant", "source", "outcome")
        )
        self.metric_points = self._counter(
            "hub_metric_points", "metric points by what became of them", ("tenant", "outcome")
        )
        self.refused = self._counter(
            "hub_refused_events", "refused events and metric points by door and reason",
            ("door", "code"),
        )  # fmt: skip
        self.repaired = self._counter(
            "hub_repaired_events",
            "what was repaired about events and metric points, by door and reason",
            ("door", "code"),
        )
        self.refused_requests = self._counter(
            "hub_refused_requests", "requests refused whole, by door and reason", ("door", "code")
        )
        self.shed = self._counter(
            "hub_shed_events", "events sent back because the hub was full, by door", ("door",)
        )
        self.contents_dropped = self._counter(
            "hub_contents_dropped", "prompts and completions not kept: the tenant does not allow it",
            ("tenant",),
        )  # fmt: skip
        self.dead_letters_dropped = self._counter(
            "hub_dead_letters_dropped", "refused events not kept: the tenant has all the letters it may",
            ("tenant",),
        )  # fmt: skip
        self.requests = self._counter(
            "hub_http_requests", "requests", ("route", "method", "status")
        )
        self.request_seconds = self._histogram(
            "hub_http_request_seconds", "until an answer begins", ("route",)
        )
        self.commit_seconds = self._histogram(
            "hub_commit_seconds", "dedup and commit of a group", ()
        )
        self.query_seconds = self._histogram(
            "hub_query_seconds", "duration of questions", ("door",)
        )
        self.waiting_requests = Gauge(
            "hub_ingest_waiting_requests", "requests waiting for commit", registry=self.registry
        )
        self.ingest_lag = Gauge(
            "hub_ingest_lag_seconds", "arrival minus occurrence of the newest event, by source",
            ("source",), registry=self.registry,
        )  # fmt: skip
        self.store_waiting_rows = Gauge(
            "hub_store_waiting_rows", "rows in the commit log, not in the tables yet",
            registry=self.registry,
        )  # fmt: skip
        self.dedup_keys = Gauge(
            "hub_dedup_keys", "event keys remembered to notice repeats", registry=self.registry
        )

        self.cache_requests = self._counter(
            "hub_cache_requests", "looks for an answer in a layer of the cache: hit, miss, stale, error",
            ("layer", "outcome"),
        )  # fmt: skip
        self.cache_bytes = Gauge(
            "hub_cache_bytes", "answers kept in memory", registry=self.registry
        )
        self.cache_entries = Gauge(
            "hub_cache_entries", "number of answers kept in memory", registry=self.registry
        )
        self.cache_evictions = Counter(
            "hub_cache_evictions", "answers forgotten because memory for them was full",
            registry=self.registry,
        )  # fmt: skip

        self.connector_failures = self._counter(
            "hub_connector_failures", "connections that failed or ended, by connector",
            ("connector",),
        )  # fmt: skip
        self.connector_up = self._gauge(
            "hub_connector_up", "1 while the other side of a connector answers", ("connector",)
        )
        self.connector_lag = self._gauge(
            "hub_connector_lag_seconds", "how far a connector is behind its other side",
            ("connector",),
        )  # fmt: skip

        self.live_subscribers = Gauge(
            "hub_live_subscribers", "who reads the live stream now", registry=self.registry
        )
        self.live_passed_over = self._counter(
            "hub_live_passed_over", "events that listeners of the live stream were too slow for", ()
        )
        self.live_failures = self._counter(
            "hub_live_failures", "calls of listeners of the live stream that failed", ()
        )

    def events_of(self, tenant: str, source: str, outcome: str) -> int:
        """How many events of a source came to that outcome since the hub started."""
        labels = {"tenant": tenant, "source": source, "outcome": outcome}
        return int(self.registry.get_sample_value("hub_events_total", labels) or 0)

    def _counter(self, name: str, help_text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str, labels: tuple[str, ...]) -> Gauge:
        return Gauge(name, help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str, labels: tuple[str, ...]) -> Histogram:
        return Histogram(name, help_text, labels, buckets=_SECONDS, registry=self.registry)
