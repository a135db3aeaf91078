from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.charts import CHARTS, cost, error_rate, events_by_source, latency, tokens
from llm_analytics_hub.ui.drawing import label, legend, minus

from .conftest import NOW, MakeSnapshot


def at(minutes: int) -> str:
    return f"{NOW - timedelta(hours=1, minutes=-minutes):%Y-%m-%dT%H:%M:%SZ}"


def test_layers_add_up_to_all_events(make_snapshot: MakeSnapshot) -> None:
    shot = make_snapshot(
        sources=[{"source": "observatory", "events": 5}, {"source": "", "events": 2}],
        events=[{"time": at(0), "events": 10}, {"time": at(3), "events": 4}],
        events_by_source=[
            {"time": at(0), "source": "observatory", "events": 5},
            {"time": at(0), "source": "", "events": 2},
            {"time": at(3), "source": "observatory", "events": 4},
        ],
    )
    figure = events_by_source(shot)
    assert [name for name, _ in legend(figure)] == ["observatory", "unknown", "other"]
    assert sum(y or 0 for trace in figure["data"] for y in trace["y"]) == 14
    assert [trace["y"][0] for trace in figure["data"]] == [5, 2, 3]


def test_nothing_is_left_over_where_all_is_named(make_snapshot: MakeSnapshot) -> None:
    shot = make_snapshot(
        spenders=[{"model": "a"}, {"model": "b"}],
        calls=[{"time": at(0), "cost_usd": Decimal("0.3")}],
        cost_by_name=[
            {"time": at(0), "model": "a", "cost_usd": Decimal("0.1")},
            {"time": at(0), "model": "b", "cost_usd": Decimal("0.2")},
        ],
    )
    assert [name for name, _ in legend(cost(shot))] == ["a", "b"]


def test_cached_tokens_are_part_of_input(make_snapshot: MakeSnapshot) -> None:
    row = {"time": at(0), "input_tokens": 100, "cached_tokens": 30, "output_tokens": 7}
    figure = tokens(make_snapshot(calls=[row]))
    assert [trace["y"][0] for trace in figure["data"]] == [70, 30, 7]


def test_unknown_latency_is_a_gap_and_a_lone_value_a_mark(make_snapshot: MakeSnapshot) -> None:
    row = {"time": at(2), "latency_ms_p50": 1.0, "latency_ms_p95": 2.0, "latency_ms_p99": None}
    p50, _, p99 = latency(make_snapshot(calls=[row]))["data"]
    assert (p50["y"][1:4], p50["mode"], p50["connectgaps"]) == (
        [None, 1.0, None],
        "lines+markers",
        False,
    )
    assert set(p99["y"]) == {None}


def test_the_error_rate_is_in_per_cent(make_snapshot: MakeSnapshot) -> None:
    figure = error_rate(make_snapshot(calls=[{"time": at(0), "error_rate": 0.25}]))
    assert figure["data"][0]["y"][0] == 25


def test_an_error_rate_of_zero_is_drawn(make_snapshot: MakeSnapshot) -> None:
    assert error_rate(make_snapshot(calls=[{"time": at(0), "error_rate": 0.0}]))["data"]


def test_without_data_every_chart_says_why_it_is_empty(make_snapshot: MakeSnapshot) -> None:
    for chart in CHARTS:
        figure = chart.draw(make_snapshot())
        assert figure["data"] == []
        assert figure["layout"]["annotations"][0]["text"].startswith("No ")


def test_captions_name_unit_bucket_and_range(make_snapshot: MakeSnapshot) -> None:
    captions = {chart.name: chart.caption(make_snapshot().period) for chart in CHARTS}
    assert captions["latency"] == "Model call duration in ms per minute, last hour"


def test_names_from_the_data_are_no_markup() -> None:
    assert label('<a href="http://x.test">m</a>') == '&lt;a href="http://x.test"&gt;m&lt;/a&gt;'


amounts = st.none() | st.floats(0, 1e9)


@given(st.lists(st.tuples(amounts, amounts)))
def test_what_is_left_is_never_negative(pairs: list[tuple[float | None, float | None]]) -> None:
    rest = minus([whole for whole, _ in pairs], [part for _, part in pairs])
    assert all(value is None or value >= 0 for value in rest)
    assert [value is None for value in rest] == [whole is None for whole, _ in pairs]
