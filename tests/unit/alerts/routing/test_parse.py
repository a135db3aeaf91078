"""Routing as people write it: what it means, and every fault with its place."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.routing.durations import shown as shown_span
from llm_analytics_hub.alerts.routing.durations import to_duration
from llm_analytics_hub.alerts.routing.matchers import compiled, shown, to_matcher
from llm_analytics_hub.alerts.routing.parse import default_routing, parse_routing
from llm_analytics_hub.alerts.routing.patterns import to_pattern
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.routing import Escalation, Matcher, MatchOp

CHANNELS = ["ops", "pager", "boss"]
BODY = {
    "route": {
        "channels": ["ops"],
        "group_by": ["alertname", "service"],
        "group_interval": "1m30s",
        "escalate": [{"after": "15m", "channels": ["boss"]}],
        "routes": [
            {
                "match": ['severity="critical"', 'team=~"sec.*"'],
                "channels": ["pager"],
                "continue": True,
                "repeat_interval": "1h",
            },
            {"match": ["env!=prod"], "channels": ["boss"], "name": "tests"},
        ],
    },
    "inhibit": [{"source": ["alertname=down"], "target": ['host!~"db.*"'], "equal": ["host"]}],
}


def test_a_route_has_what_it_says_and_else_what_the_one_above_says() -> None:
    root = parse_routing(BODY, "acme", CHANNELS).root
    critical, tests = root.routes
    assert critical.match[1] == Matcher("team", MatchOp.LIKE, "sec.*")
    assert (critical.channels, critical.goes_on) == (("pager",), True)
    assert critical.group_by == root.group_by == ("alertname", "service")
    assert critical.group_interval == timedelta(seconds=90)
    assert (critical.repeat_interval, root.repeat_interval) == (timedelta(hours=1), timedelta(hours=4))  # fmt: skip
    assert critical.escalations == (Escalation(timedelta(minutes=15), ("boss",)),)
    # Who is told anyway is no escalation.
    assert tests.escalations == ()


def test_routes_are_called_by_their_matchers_so_that_their_groups_keep_their_keys() -> None:
    root = parse_routing(BODY, "acme").root
    assert [one.name for one in (root, *root.routes)] == [
        "root", 'root/{severity="critical", team=~"sec.*"}', "tests",
    ]  # fmt: skip


def test_all_faults_are_told_with_their_places() -> None:
    body = {
        "route": {
            "channels": ["nobody"],
            "group_wait": "5 minutes",
            "routes": [{"match": ["a=~(b+)+", "severity"], "group_by": ["...", "a"]}],
        },
        "inhibit": [{"source": [], "target": ["a=b"]}],
        "receivers": [],
    }
    with pytest.raises(InvalidInputError) as raised:
        parse_routing(body, "acme", CHANNELS)
    places = [line.partition(": ")[0] for line in raised.value.message.splitlines()]
    assert places == [
        "route.channels[0]", "route.group_wait", "route.routes[0].match[0]",
        "route.routes[0].match[1]", "inhibit[0].source", "receivers",
    ]  # fmt: skip
    assert (raised.value.code, raised.value.field) == ("invalid_routing", "route.channels[0]")
    assert "there are boss, ops, pager" in raised.value.message


@pytest.mark.parametrize(
    ("route", "place"),
    [
        ({}, "route.channels"),
        ({"channels": ["ops"], "match": ["a=b"]}, "route"),
        ({"channels": ["ops"], "continue": True}, "route"),
        ({"channels": ["ops"], "group_by": ["...", "a"]}, "route"),
        ({"channels": ["ops"], "group_by": ["a b"]}, "route.group_by[0]"),
        ({"channels": ["ops"], "group_interval": "1ms"}, "route.group_interval"),
        ({"channels": ["ops"], "repeat_interval": "99999999w"}, "route.repeat_interval"),
        ({"channels": ["ops"], "escalate": [{"after": "1m", "channels": ["ops"]}]},
         "route.escalate[0].channels"),
        ({"channels": ["ops"], "routes": [{"name": "a"}, {"name": "a"}]}, "route.routes[0].name"),
        ({"channels": ["ops"], "routes": [{"continue": "yes"}]}, "route.routes[0].continue"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place(route: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        parse_routing({"route": route}, "acme", CHANNELS)
    assert raised.value.field == place


def test_a_tree_has_a_bounded_depth_and_size() -> None:
    deep: dict[str, object] = {"channels": ["ops"]}
    for _ in range(5_000):
        deep = {"channels": ["ops"], "routes": [deep]}
    with pytest.raises(InvalidInputError, match="levels of routes"):
        parse_routing({"route": deep}, "acme")
    wide = {"channels": ["ops"], "routes": [{"routes": [{}] * 90}] * 90}
    with pytest.raises(InvalidInputError, match="over 500 routes"):
        parse_routing({"route": wide}, "acme")


def test_without_routing_every_channel_is_told_of_each_rule_at_once() -> None:
    root = default_routing(["pager", "ops"]).root
    assert (root.channels, root.group_by) == (("ops", "pager"), ("alertname",))
    assert root.group_wait == timedelta(0)
    assert default_routing([]).root.channels == ("log",)


@given(st.text(max_size=50), st.sampled_from(MatchOp))
def test_a_matcher_comes_back_from_its_text(value: str, op: MatchOp) -> None:
    matcher = Matcher("service.name", op, value)
    try:
        assert to_matcher(shown(matcher)) == matcher
    except InvalidInputError:
        assert op in (MatchOp.LIKE, MatchOp.UNLIKE)


@given(st.sampled_from(["", "a", "ab", "b"]), st.sampled_from(MatchOp), st.sampled_from(["", "a", "a.*", "a|b"]))  # fmt: skip
def test_compiled_matchers_say_what_their_value_says(value: str, op: MatchOp, wanted: str) -> None:
    matcher = Matcher("x", op, wanted)
    labels = {"x": value} if value else {}
    assert compiled((matcher,))(labels) == matcher.matches(labels)
    assert compiled((matcher, matcher))(labels) == matcher.matches(labels)


@pytest.mark.parametrize(
    ("text", "value"),
    [('a=~"\\d+"', "\\d+"), ('a=~"x\\\\.y"', "x\\.y"), ('a="say \\"hi\\""', 'say "hi"'), ("a=b", "b")],
)  # fmt: skip
def test_quotes_and_backslashes(text: str, value: str) -> None:
    assert to_matcher(text).value == value


@pytest.mark.parametrize("text", ["", "a", "a=b c", 'a="b', 'a="b"c"', "1a=b", "a==b", "a=~(", "x" * 2000])  # fmt: skip
def test_what_is_no_matcher_is_refused(text: str) -> None:
    if text == "a==b":
        assert to_matcher(text).value == "=b"
        return
    with pytest.raises(InvalidInputError):
        to_matcher(text)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a*)*b", "(ab|cd)*", "(a?){20}", "a?" * 20, ".*a.*b.*c.*d", "(a|ab)(c|bcd)" * 5,
     "(a)\\1", "(?=a)b", "(?<!a)b", "(?>a)", "a*+", "x" * 300, "[", "a{99999999999}"],
)  # fmt: skip
def test_patterns_that_may_be_slow_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidInputError):
        to_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["", "a|b|c", "sec.*", ".*-prod-.*", "(?i)web[0-9]+(-[a-z]+)?", "x{3}", "(a|b)*", "^a$"]
)  # fmt: skip
def test_plain_patterns_pass(pattern: str) -> None:
    assert to_pattern(pattern).pattern == pattern


@given(st.integers(0, 10**12))
def test_a_duration_comes_back_from_its_text(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)
    assert to_duration(shown_span(span), timedelta(0), timedelta.max) == span


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["ops", "5m", "a=b"]),
       lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["route", "routes", "match", "channels", "group_by", "escalate", "after", "inhibit", "source"]), one, max_size=4), max_leaves=10))  # fmt: skip
def test_any_body_is_routing_or_refused(body: object) -> None:
    with suppress(InvalidInputError):
        parse_routing({"route": body} if not isinstance(body, dict) else body, "acme", CHANNELS)
