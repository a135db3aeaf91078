"""A metric of another type than before is told, in one request or two, of its own service only."""

from dataclasses import replace

from llm_analytics_hub.ingest.metric_kinds import MetricKinds
from llm_analytics_hub.ingest.metric_point import Instrument, MetricPoint, Numbers

SUM = Instrument("m", "", "sum", "delta", True, "shop", None, "s", "m")
GAUGE = replace(SUM, kind="gauge")


def point(instrument: Instrument) -> MetricPoint:
    return MetricPoint(instrument, (), 0, 1, Numbers(1.0))


def changes(
    kinds: MetricKinds, *instruments: Instrument, tenant: str = "t"
) -> list[tuple[int, str]]:
    return kinds.changes(tenant, [point(one) for one in instruments])


def test_a_change_is_told_once_with_the_type_before() -> None:
    kinds = MetricKinds()
    assert changes(kinds, SUM, SUM, GAUGE, GAUGE) == [(2, "sum")]
    assert changes(kinds, GAUGE) == []
    assert changes(kinds, SUM) == [(0, "gauge")]


def test_metrics_of_another_name_service_scope_or_tenant_are_others() -> None:
    kinds = MetricKinds()
    changes(kinds, SUM)
    for name in ("name", "service", "scope"):
        assert changes(kinds, replace(GAUGE, **{name: "other"})) == []
    assert changes(kinds, GAUGE, tenant="other") == []


def test_the_metrics_not_sent_for_longest_are_forgotten() -> None:
    kinds = MetricKinds(remembered=2)
    for name in "abac":
        changes(kinds, replace(SUM, name=name))
    assert changes(kinds, replace(GAUGE, name="a")) == [(0, "sum")]
    assert changes(kinds, replace(GAUGE, name="b")) == []
