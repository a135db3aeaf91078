"""The state as the values of the controls in the header, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from llm_analytics_hub.ui.period import SPANS
from llm_analytics_hub.ui.state import (
    COST_CUTS,
    CUSTOM,
    DEFAULT,
    RANGES,
    Between,
    State,
    between_of,
    one_of,
    picks_of,
    seconds_of,
)

Values = Mapping[str, Any]


def controls_of(state: State, zone: ZoneInfo) -> dict[str, Any]:
    """The value of each control; times as the viewer's clock shows them."""
    between = state.between
    return {
        "range": state.range_name,
        "from": _to_picker(between.start, zone) if between else None,
        "to": _to_picker(between.end, zone) if between else None,
        "refresh": str(state.refresh_seconds),
        "tenant": state.tenant,
        "source": list(state.sources),
        "model": list(state.models),
        "environment": list(state.environments),
        "cost-by": state.cost_by,
    }


def state_of(values: Values, before: State, now: datetime, zone: ZoneInfo) -> State:
    """The state that the controls show, after a viewer changed one of them.

    A range that ends before it starts changes nothing; "custom" begins with the range before.
    """
    is_custom = values["range"] == CUSTOM
    return State(
        last=one_of(RANGES, values["range"], before.last),
        between=_between(values, before, now, zone) if is_custom else None,
        refresh_seconds=seconds_of(values["refresh"]),
        tenant=(values["tenant"] or "").strip() or DEFAULT.tenant,
        sources=picks_of(values["source"]),
        models=picks_of(values["model"]),
        environments=picks_of(values["environment"]),
        cost_by=one_of(COST_CUTS, values["cost-by"], DEFAULT.cost_by),
    )


def _between(values: Values, before: State, now: datetime, zone: ZoneInfo) -> Between:
    picked = between_of(_from_picker(values["from"], zone), _from_picker(values["to"], zone))
    whole_now = now.replace(microsecond=0)
    return picked or before.between or Between(whole_now - SPANS[before.last], whole_now)


def _to_picker(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def _from_picker(text: str | None, zone: ZoneInfo) -> datetime | None:
    try:
        local = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return local.replace(tzinfo=zone, microsecond=0).astimezone(UTC)
