"""Bodies of rules that are right, one of each kind, and any of them by chance."""

from typing import Any

from hypothesis import strategies as st

Body = dict[str, Any]

SENTINEL = [{"field": "source", "op": "eq", "value": "sentinel"}]
RULES: list[Body] = [
    {
        "name": "prompt-injection", "kind": "match", "by": ["service"], "severity": "critical",
        "where": [*SENTINEL, {"field": "event_type", "op": "prefix", "value": "threat."}],
        "resolve_after": "10m", "labels": {"team": "security"},
        "summary": "{{ labels.service }}: {{ value }}",
    },
    {
        "name": "error-rate", "kind": "threshold", "measure": "error_rate", "by": ["model"],
        "window": "5m", "warning": {"above": "1%"}, "critical": {"above": "5%"}, "for": "5m",
        "at_least": {"requests": 20}, "no_data": "keep",
    },
    {
        "name": "slow", "kind": "threshold", "measure": "latency_ms_p95",
        "warning": {"above": "500ms"}, "critical": {"above": "1s"},
    },
    {
        "name": "cost-jump-2", "kind": "change", "measure": "cost_usd", "by": ["account_id"],
        "window": "1h", "against": "previous_day", "warning": {"above": "50%"},
    },
    {
        "name": "odd-traffic", "kind": "anomaly", "measure": "requests", "window": "15m",
        "history": "14d", "warning": {"score": 4}, "critical": {"score": 6}, "direction": "both",
    },
    {
        "name": "disk-full-soon", "kind": "forecast", "measure": "cost_usd", "window": "1h",
        "history": "7d", "horizon": "3d", "warning": {"above": "500 USD"},
    },
    {
        "name": "slo", "kind": "burn_rate", "measure": "error_rate", "objective": "99%",
        "windows": [
            {"long": "1h", "short": "5m", "factor": 14.4, "severity": "critical"},
            {"long": "6h", "short": "30m", "factor": 6, "severity": "warning"},
        ],
    },
    {
        "name": "sentinel-silent", "kind": "absence", "where": SENTINEL, "for": "10m",
        "severity": "warning",
    },
    {
        "name": "cpu", "kind": "health", "metric": "cpu_percent", "warning": {"above": 70},
        "critical": {"above": 85}, "for": "5m",
    },
    {
        "name": "bad-deploy", "kind": "compound", "on": ["model"], "severity": "critical",
        "when": {"all": ["error-rate", {"not": {"any": ["slow", "slo"]}}]}, "every": "5m",
    },
]  # fmt: skip
BUDGET: Body = {
    "name": "team-a", "amount": "500 USD", "period": "month", "by": ["account_id"],
    "where": SENTINEL, "thresholds": ["80%", "95%", "100%"], "projected": True,
    "time_zone": "Europe/Berlin",
}  # fmt: skip


def rule(name: str, /, **changed: Any) -> Body:
    """The rule of that name, changed; a member that is None is taken out."""
    body = next(one for one in RULES if one["name"] == name) | changed
    return {key: value for key, value in body.items() if value is not None}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["5m", "5%", "1 s", "requests", "model", "asset.name", "{{ x", "all", "a"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["above", "at", "field", "op", "value", "all", "not", "x"])
                      | st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip

_MEMBERS = sorted({member for one in [*RULES, BUDGET] for member in one} | {"every", "known", "x"})
_KINDS = [one["kind"] for one in RULES]


@st.composite
def broken(draw: st.DrawFn) -> Body:
    """A body that was right, with a few members of any kind."""
    body = dict(draw(st.sampled_from([*RULES, BUDGET])))
    for member in draw(st.lists(st.sampled_from(_MEMBERS), min_size=1, max_size=3)):
        body[member] = draw(json_values | st.sampled_from(_KINDS))
    return body


_levels = st.sampled_from(["info", "warning", "critical"])
_minutes = st.sampled_from(["1m", "5m", "90m", "2h", "24h", "7d"])
_durations = st.sampled_from(["0s", "45s", "3600s", "10m", "2d"])
_dimensions = st.lists(
    st.sampled_from(["model", "service", "attributes.a b.c", "status"]), max_size=3, unique=True
)
_where = st.lists(
    st.sampled_from([
        {"field": "source", "value": "ä\u2028\""}, {"not": {"field": "model", "op": "exists"}},
        {"or": [{"field": "latency_ms", "op": "gt", "value": 1.5e300}]},
    ]), min_size=1, max_size=3,
)  # fmt: skip
_numbers = st.floats(1e-300, 1e300) | st.integers(0, 10**18)
_shares = st.floats(0, 1) | st.sampled_from(["0.1%", "33.3 %", "1e-7%", 0.07])


def _limits(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Body]:
    sides = st.sampled_from(["above", "at_least", "below", "at_most"])
    one = st.tuples(_levels, sides, values)
    return one.map(lambda drawn: {drawn[0]: {drawn[1]: drawn[2]}})


_timed = st.fixed_dictionaries({}, optional={
    "every": _minutes.filter(lambda span: span != "7d"), "for": _durations,
    "resolve_after": _durations, "no_data": st.sampled_from(["ok", "keep", "alert"]),
})  # fmt: skip
_common = st.fixed_dictionaries({"name": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)}, optional={
    "labels": st.dictionaries(st.from_regex(r"l_[a-z]{1,5}", fullmatch=True), st.just("ö"), max_size=2),
    "summary": st.sampled_from(["", "plain", "{{ value }}"]), "paused": st.booleans(),
})  # fmt: skip
_watched = st.fixed_dictionaries({}, optional={
    "by": _dimensions, "where": _where, "at_least": st.just({"events": "3"}),
})  # fmt: skip


def _of(kind: str, *parts: st.SearchStrategy[Body]) -> st.SearchStrategy[Body]:
    return st.tuples(_common, *parts).map(
        lambda drawn: {key: value for part in drawn for key, value in part.items()} | {"kind": kind}
    )


_has = st.fixed_dictionaries
_measured = st.one_of(
    st.tuples(_has({"measure": st.just("value_sum")}), _limits(_numbers)),
    st.tuples(_has({"measure": st.just("error_rate")}), _limits(_shares)),
    st.tuples(_has({"measure": st.just("latency_ms_p95")}), _limits(_numbers)),
).map(lambda drawn: drawn[0] | drawn[1])
_window = _has({}, optional={"window": _minutes})
_series = _has({"window": st.sampled_from(["5m", "1h"]), "history": st.just("14d")})

right_rules = st.one_of(
    _of("threshold", _watched, _timed, _measured, _window),
    _of("change", _watched, _timed, _has({"measure": st.just("cost_usd")}), _limits(_shares),
        _has({"absolute": st.just(False), "against": st.just("previous_week")})),
    _of("anomaly", _watched, _timed, _series, _has({
        "measure": st.just("users"), "critical": st.floats(1e-5, 999).map(lambda z: {"score": z}),
        "least_change": _shares, "direction": st.sampled_from(["up", "down"]),
    })),
    _of("forecast", _watched, _timed, _series, _measured, _has({"horizon": st.just("3d")})),
    _of("match", _has({"where": _where, "by": _dimensions, "severity": _levels}),
        _has({}, optional={"resolve_after": _durations.filter(lambda span: span != "0s")})),
    _of("absence", _has({"where": _where, "by": _dimensions, "for": st.just("61m"),
                         "severity": _levels, "known": st.just("8d")})),
    _of("burn_rate", _watched, _timed, _has({
        "measure": st.just("denial_rate"), "objective": st.floats(0.9, 0.9999),
        "windows": st.just([{"long": "2h", "short": "1m", "factor": 2.5, "severity": "info"}]),
    })),
    _of("health", _limits(st.floats(0, 100)), _has({
        "metric": st.just("disk_percent"), "for": st.just("7m"), "resolve_after": _durations,
    })),
    _of("compound", _timed.map(lambda drawn: {k: v for k, v in drawn.items() if k != "no_data"}),
        _has({"when": st.just({"not": {"any": ["zz9-a", "zz9-b"]}}), "on": _dimensions})),
)  # fmt: skip
right_budgets = _of(
    "budget",
    _has({
        "amount": st.floats(1e-9, 1e11) | st.just("12.5 usd"),
        "period": st.sampled_from(["day", "week", "month", "year"]),
        "by": _dimensions, "where": _where, "projected": st.sampled_from([True, False, "info"]),
        "thresholds": st.floats(0.001, 9).map(lambda at: [{"at": at, "severity": "info"}, "950%"]),
    }),
)  # fmt: skip
