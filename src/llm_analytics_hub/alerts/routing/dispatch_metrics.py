"""What is counted about who is told what."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from llm_analytics_hub.alerts.routing.round import Round


class DispatchMetrics:
    """The metrics of dispatching, in the registry of the hub's other ones."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.notices = Counter(
            "hub_alert_notices", "notices given to channels, by why", ("cause",), registry=registry
        )
        self.quiet = Counter(
            "hub_alert_quiet_alerts", "alerts that nobody is told of, by why: silenced, inhibited",
            ("outcome",), registry=registry,
        )  # fmt: skip
        self.groups = Gauge("hub_alert_groups", "groups of alerts", registry=registry)

    def count(self, done: Round, groups: int) -> None:
        """What was done at one moment."""
        self.groups.set(groups)
        for outcome, number in done.quiet.items():
            self.quiet.labels(outcome.value).inc(number)
        for plan in done.planned:
            self.notices.labels(plan.notice.cause.value).inc()
