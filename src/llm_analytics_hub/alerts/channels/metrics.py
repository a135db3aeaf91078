"""What is counted about messages and their delivery."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class ChannelMetrics:
    """The metrics of channels, in the registry of the hub's other ones."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "hub_alert_deliveries", "notices by channel and what became of them",
            ("channel", "outcome"), registry=registry,
        )  # fmt: skip
        self.retries = Counter(
            "hub_alert_delivery_retries", "tries that failed and were not the last",
            ("channel",), registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "hub_alert_delivery_seconds", "from when a channel was given a notice until it was taken",
            ("channel",), buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "hub_alert_delivery_waiting", "notices that wait in a channel",
            ("channel",), registry=registry,
        )  # fmt: skip
        self.template_errors = Counter(
            "hub_alert_template_errors", "texts that could not be filled in; a plain one was sent",
            ("template",), registry=registry,
        )  # fmt: skip
