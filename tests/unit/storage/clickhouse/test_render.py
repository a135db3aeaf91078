"""Questions as SQL, as text beside this file. To renew a snapshot, delete it and run twice."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llm_analytics_hub.model.aggregate import Reduce
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.letter import LetterFilter
from llm_analytics_hub.model.query import (
    All,
    Condition,
    EventFilter,
    Filter,
    Not,
    Op,
    Order,
    Query,
    TimeRange,
)
from llm_analytics_hub.model.query import Any as AnyOf
from llm_analytics_hub.model.rollup import rollup_for
from llm_analytics_hub.storage.clickhouse.letters import render_letters
from llm_analytics_hub.storage.clickhouse.lists import (
    render_contents,
    render_events,
    render_stored_keys,
)
from llm_analytics_hub.storage.clickhouse.render import render
from llm_analytics_hub.storage.clickhouse.rollup import render_rollup
from llm_analytics_hub.storage.clickhouse.statement import Statement

SNAPSHOTS = Path(__file__).parent / "snapshots"
RANGE = TimeRange(datetime(2025, 11, 1, 0, 2, tzinfo=UTC), datetime(2025, 11, 8, tzinfo=UTC))
INJECTION = "' OR 1=1 --\\{p0:String}\n`"


def question(*measures: str, where: Filter = All()) -> Query:  # noqa: B008 - a frozen value
    wanted = tuple(MEASURES[name] for name in measures)
    return Query("acme", wanted, (), where, RANGE, None, "UTC", (), 100)


BY_MODEL = replace(
    question("requests", "cost_usd"),
    dimensions=("model",),
    order_by=(Order("cost_usd", True), Order("model", False)),
)

FILTERS = (
    Condition("source", Op.IN, ("observatory", "costops")),
    AnyOf((Condition("latency_ms", Op.GT, (100.0,)), Condition("ttft_ms", Op.EXISTS, ()))),
    Not(Condition("attributes.n", Op.NE, (1.0,))),
    Condition("model", Op.PREFIX, ("gpt",)),
)

QUESTIONS = {
    "one_number": question("events"),
    "every_measure": question(*MEASURES),
    "by_model": BY_MODEL,
    "by_hour_in_berlin": replace(BY_MODEL, granularity="hour", time_zone="Europe/Berlin"),
    "by_attribute": replace(question("events"), dimensions=("attributes.team.name",)),
    "filtered": question("events", where=All(FILTERS)),
}
LISTS = {
    "events": EventFilter("acme"),
    "events_page": EventFilter(
        "acme", Condition("trace_id", Op.EQ, ("abc",)), RANGE, 10, (RANGE.end, "id-7", 7)
    ),
}


def check(name: str, statement: Statement) -> None:
    lines = [f"-- {key} = {value}" for key, value in statement.args.items()]
    text = "\n".join([statement.sql, *lines, ""])
    snapshot = SNAPSHOTS / f"{name}.sql"
    if not snapshot.exists():
        snapshot.write_text(text, "utf-8")
        pytest.fail(f"{snapshot.name} is new: read it, then run again")
    assert text == snapshot.read_text("utf-8")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_as_sql(name: str) -> None:
    check(name, render(QUESTIONS[name]))


@pytest.mark.parametrize("name", ["one_number", "by_model", "by_hour_in_berlin"])
def test_a_question_to_a_rollup_as_sql(name: str) -> None:
    query = QUESTIONS[name]
    rollup = rollup_for(query)
    assert rollup is not None
    check(f"rollup_{name}", render_rollup(query, rollup))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_as_sql(name: str) -> None:
    check(name, render_events(LISTS[name]))


def test_contents_as_sql() -> None:
    check("contents", render_contents("acme", ("a", "b")))


def test_letters_as_sql() -> None:
    check("letters", render_letters("acme", ("a", "b"), 5))


def test_filtered_letters_as_sql() -> None:
    where = LetterFilter("costops", "events", "late", "ahead", RANGE, (RANGE.end, "7f"))
    check("filtered_letters", render_letters("acme", (), 5, where))


def test_stored_keys_as_sql() -> None:
    check("stored_keys", render_stored_keys("acme", (1, 2**64 - 1)))


@pytest.mark.parametrize(
    "where",
    [
        *(Condition("model", op, (INJECTION,)) for op in Op),
        *(Condition(f"attributes.{INJECTION}", op, (INJECTION,)) for op in Op),
        Not(AnyOf((All((Condition("model", Op.EQ, (INJECTION,)),)),))),
    ],
)
def test_what_a_user_types_is_never_part_of_the_sql(where: Filter) -> None:
    query = replace(
        question("events", where=where),
        tenant=INJECTION,
        time_zone=INJECTION,
        granularity="hour",
        dimensions=("model",),
    )
    listed = EventFilter(INJECTION, where, RANGE, 1, (RANGE.end, INJECTION, 7))
    for statement in (
        render(query),
        render_events(listed),
        render_letters(INJECTION, (INJECTION,), 1),
        render_letters(INJECTION, (), 1, LetterFilter(*[INJECTION] * 4)),
        render_letters(INJECTION, (), 1, LetterFilter(before=(RANGE.end, INJECTION))),
        render_contents(INJECTION, (INJECTION,)),
    ):
        for piece in ("OR 1=1", "p0:String}\n"):
            assert piece not in statement.sql


def test_every_argument_has_its_place_in_the_sql() -> None:
    statement = render(QUESTIONS["filtered"])
    for name in statement.args:
        assert f"{{{name}:" in statement.sql


def test_every_reduction_of_the_catalogue_is_an_aggregate_of_sql() -> None:
    reductions = [m.aggregate for m in MEASURES.values() if isinstance(m.aggregate, Reduce)]
    assert {reduction.how for reduction in reductions} == {"sum", "avg", "min", "max", "last"}
