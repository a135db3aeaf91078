"""What is known now of the events' assets, beside the events: the join of questions that ask for it."""

from collections.abc import Callable

from llm_analytics_hub.model.asset import CURRENT
from llm_analytics_hub.model.catalogue import ASSET_DIMENSIONS, ASSET_PREFIX, METADATA_PREFIX


def with_assets(fields: set[str], tenant: str, bind: Callable[[str], str]) -> str:
    """The events; beside each the asset members that `fields` ask for, if they ask for any.

    `bind` gives the placeholder of a text. The members are columns of `assets`: `asset_column`.
    """
    asked = sorted(field for field in fields if field.startswith(ASSET_PREFIX))
    if not asked:
        return "events"
    members = sorted({_member(field) for field in asked})
    # Few values, often: grouped and compared by number.
    columns = ", ".join(f"toLowCardinality({_of_whole(name)}) AS known_{name}" for name in members)
    return (
        f"events LEFT ANY JOIN (SELECT a.asset_id AS of_asset, {columns} FROM assets AS a "
        f"WHERE a.tenant = {bind(tenant)} AND a.version = '' GROUP BY of_asset) AS assets "
        "ON events.asset_id = assets.of_asset"
    )


def asset_column(field: str) -> str:
    """The column that has a field, or, of a path, the JSON it leads into."""
    return f"assets.known_{_member(field)}"


def _member(field: str) -> str:
    return "annotations" if field.startswith(METADATA_PREFIX) else ASSET_DIMENSIONS[field]


def _of_whole(name: str) -> str:
    return f"max(a.{CURRENT if name == 'version' else name}).value"
