"""When a forecast reaches a total or a level: "when is the budget gone"."""

from typing import Any

import numpy as np

from llm_analytics_hub.query.analysis.body import Until
from llm_analytics_hub.query.analysis.forecast import MOST_STEPS, Forecast, Reached, reached
from llm_analytics_hub.query.analysis.numbers import Floats, to_json
from llm_analytics_hub.query.analysis.series import Series
from llm_analytics_hub.query.analysis.told import Asked, time_text


def tell_target(asked: Asked, series: Series, found: Forecast, until: Until) -> dict[str, Any]:
    """The buckets in which the target is reached: expected, at the earliest, at the latest.

    `state` is reached (in the past already), expected, possible (only the interval reaches it), or
    not_foreseen within `MOST_STEPS` buckets.
    """
    if until.total is not None:
        return _total(asked, series, found, until.total)
    assert until.level is not None  # noqa: S101 - the body has one of the two
    return _level(asked, series, found, until.level)


def _total(asked: Asked, series: Series, found: Forecast, target: float) -> dict[str, Any]:
    sums = np.cumsum(np.nan_to_num(series.values))
    so_far = float(sums[-1])
    head = {"total": to_json(target), "so_far": to_json(so_far)}
    if (sums >= target).any():
        return head | _past(asked, int(np.argmax(sums >= target)))
    return head | _ahead(asked, reached(found.sums(MOST_STEPS, so_far), target, from_below=True))


def _level(asked: Asked, series: Series, found: Forecast, target: float) -> dict[str, Any]:
    last = _last(series.values)
    head = {"level": to_json(target), "last": to_json(last)}
    if last == target:
        return head | _past(asked, len(series.values) - 1)
    band = found.values(MOST_STEPS)
    return head | _ahead(asked, reached(band, target, from_below=last < target))


def _last(values: Floats) -> float:
    return float(values[~np.isnan(values)][-1])


def _past(asked: Asked, place: int) -> dict[str, Any]:
    time = time_text(asked.buckets.starts[place])
    return {"state": "reached", "expected_at": time, "earliest_at": time, "latest_at": time}


def _ahead(asked: Asked, found: Reached) -> dict[str, Any]:
    times = asked.buckets.ahead(MOST_STEPS)
    steps = (found.expected, found.earliest, found.latest)
    moments = [None if step is None else time_text(times[step - 1]) for step in steps]
    state = "expected" if moments[0] else "possible" if moments[1] else "not_foreseen"
    names = ("expected_at", "earliest_at", "latest_at")
    return {
        "state": state,
        **dict(zip(names, moments, strict=True)),
        "looked_until": time_text(times[-1]),
    }
