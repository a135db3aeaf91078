"""How much each asset of the registry was used, as the query engine counts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from llm_analytics_hub.feedback.questions import Questions, same
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.query.body import MAX_ROWS


@dataclass(frozen=True)
class AssetUsage:
    """Model calls of an asset, their tokens and US dollars; None where nothing is known of them."""

    requests: int = 0
    tokens: int | None = 0
    cost_usd: Decimal | None = Decimal()


def usage_by_asset(asked: Questions) -> Mapping[str, AssetUsage]:
    """The usage of every asset that was used, by its id; of very many the 10,000 most used.

    Raises: UnavailableError.
    """
    where = [same("event_type", INFERENCE), {"field": "asset_id", "op": "exists"}]
    measures = ["requests", "total_tokens", "cost_usd"]
    rows = asked.top(measures, where, by=["asset_id"], limit=MAX_ROWS)
    return {
        row["asset_id"]: AssetUsage(row["requests"], row["total_tokens"], row["cost_usd"])
        for row in rows
    }
