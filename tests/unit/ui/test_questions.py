from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.model.query import All, Condition, Op
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.parse import parse_question
from llm_analytics_hub.ui.period import period_of
from llm_analytics_hub.ui.questions import (
    DRAWN,
    INCIDENT,
    Scope,
    first_questions,
    second_questions,
)
from llm_analytics_hub.ui.state import COST_CUTS, RANGES, State

NOW = datetime(2025, 11, 19, 12, tzinfo=UTC)
OF_CALLS = ("calls", "calls_now", "calls_before", "unpriced", "models", "spenders")
IS_CALL = Condition("event_type", Op.EQ, ("inference.completed",))


def scope_of(state: State) -> Scope:
    return Scope(state, period_of(state, NOW, ZoneInfo("Europe/Berlin")))


scopes = st.builds(
    State,
    last=st.sampled_from(sorted(RANGES)),
    sources=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    models=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    cost_by=st.sampled_from(COST_CUTS),
).map(scope_of)
answers = {
    "sources": [{"source": name} for name in ("observatory", "")],
    "spenders": [{"model": f"m{n}", "provider": f"p{n}"} for n in range(20)],
}


@given(scopes)
def test_every_question_can_be_asked(scope: Scope) -> None:
    bodies = first_questions(scope) | second_questions(scope, answers)
    for body in bodies.values():
        parse_question(body, tenant="default", now=NOW)


@given(scopes)
def test_cost_and_tokens_are_read_from_calls_alone(scope: Scope) -> None:
    bodies = first_questions(scope) | second_questions(scope, answers)
    for name in (*OF_CALLS, "cost_by_name"):
        where = parse_question(bodies[name], tenant="default", now=NOW).query.where
        assert isinstance(where, All)
        assert IS_CALL in where.parts


@given(scopes)
def test_the_viewers_picks_are_in_every_question_but_the_options(scope: Scope) -> None:
    for name, body in first_questions(scope).items():
        if name.endswith("_options") or name == "last_minute":
            assert body["filters"] == []
        else:
            assert body["filters"][: len(scope.filters)] == scope.filters


def test_only_the_largest_get_a_course_of_their_own() -> None:
    body = second_questions(scope_of(State()), answers)["cost_by_name"]
    assert body["filters"][-1]["value"] == [f"m{n}" for n in range(DRAWN)]


def test_nothing_more_is_asked_where_nothing_was_found() -> None:
    assert second_questions(scope_of(State()), {"sources": [], "spenders": []}) == {}


def test_incidents_are_a_filter() -> None:
    assert to_filter([INCIDENT])
