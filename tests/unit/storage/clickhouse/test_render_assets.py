"""SQL about assets: what a user types is never part of it, and a tenant is always bound."""

from datetime import UTC, datetime

import pytest

from llm_analytics_hub.model.asset import AssetFilter, VersionFilter
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, Query, TimeRange
from llm_analytics_hub.model.rollup import rollup_for
from llm_analytics_hub.storage.clickhouse.assets import render_assets, render_versions
from llm_analytics_hub.storage.clickhouse.lists import render_events
from llm_analytics_hub.storage.clickhouse.render import render
from llm_analytics_hub.storage.clickhouse.statement import Statement

NOW = datetime(2025, 11, 8, tzinfo=UTC)
RANGE = TimeRange(datetime(2025, 11, 1, tzinfo=UTC), NOW)
TYPED = "' OR 1=1 --\\{p0:String}\n`"


def question(*dimensions: str, where: Condition | All = All(), tenant: str = TYPED) -> Query:  # noqa: B008 - a frozen value
    wanted = (MEASURES["events"],)
    return Query(tenant, wanted, dimensions, where, RANGE, None, "UTC", (), 100)


def test_a_question_joins_the_newest_of_its_own_tenants_assets() -> None:
    statement = render(question("asset.version", "asset.metadata.team", tenant="acme"))
    assert statement.sql == (
        "SELECT assets.known_version AS `asset.version`, "
        "multiIf(JSONExtractString(assets.known_annotations, {p0:String}) != '', "
        "JSONExtractString(assets.known_annotations, {p0:String}), "
        "JSONExtractRaw(assets.known_annotations, {p0:String}) IN ('null', '\"\"'), '', "
        "JSONExtractRaw(assets.known_annotations, {p0:String})) AS `asset.metadata.team`, "
        "count() AS `events` FROM events LEFT ANY JOIN (SELECT a.asset_id AS of_asset, "
        "toLowCardinality(max(a.annotations).value) AS known_annotations, "
        "toLowCardinality(max(a.current_version).value) AS known_version FROM assets AS a "
        "WHERE a.tenant = {p1:String} AND a.version = '' GROUP BY of_asset) AS assets "
        "ON events.asset_id = assets.of_asset WHERE events.tenant = {p2:String} "
        "AND toStartOfHour(events.occurred_at) >= toStartOfHour({p3:DateTime64(6, 'UTC')}) "
        "AND toStartOfHour(events.occurred_at) <= toStartOfHour({p4:DateTime64(6, 'UTC')}) "
        "AND events.occurred_at >= {p3:DateTime64(6, 'UTC')} "
        "AND events.occurred_at < {p4:DateTime64(6, 'UTC')} "
        "AND 1 GROUP BY `asset.version`, `asset.metadata.team` LIMIT 100"
    )
    assert (statement.args["p1"], statement.args["p2"]) == ("acme", "acme")


def test_a_question_that_names_no_asset_reads_events_alone() -> None:
    assert "JOIN" not in render(question("model", "asset_id", "attributes.asset.owner")).sql


def test_no_rollup_answers_for_assets() -> None:
    assert rollup_for(question("model")) is not None
    assert rollup_for(question("asset.owner")) is None
    assert rollup_for(question(where=Condition("asset.owner", Op.EQ, ("x",)))) is None


@pytest.mark.parametrize(
    "statement",
    [
        render_assets(AssetFilter(*[TYPED] * 7, after=TYPED)),
        render_versions(VersionFilter(TYPED, TYPED, before=(NOW, TYPED))),
        render(question(where=Condition("asset.owner", Op.EQ, (TYPED,)))),
        render(question(where=Condition(f"asset.metadata.{TYPED}", Op.IN, (TYPED,)))),
        render_events(EventFilter(TYPED, Condition("asset.tags", Op.CONTAINS, (TYPED,)))),
    ],
)
def test_what_a_user_types_is_never_part_of_the_sql(statement: Statement) -> None:
    assert "1=1" not in statement.sql
    assert "1=1" in "".join(statement.args.values())
