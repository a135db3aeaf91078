"""Limits as people write them, {above: 5%}, and whether two of them go together."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm_analytics_hub.alerts.rules.amounts import Unit, amount_text, to_amount
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold, Thresholds

LEAST_FIRST = (Level.INFO, Level.WARNING, Level.CRITICAL)
_UP = (Side.ABOVE, Side.AT_LEAST)
HIGHEST_SCORE = 1_000


@dataclass(frozen=True)
class Limit:
    """On which side of what a value is bad."""

    side: Side
    value: float


def to_limit(given: object, unit: Unit | None) -> Limit:
    """A limit in `unit`; None leaves the unit unchecked. Raises: InvalidInputError."""
    sides = ", ".join(Side)
    if not isinstance(given, dict) or len(given) != 1:
        raise InvalidInputError(f"is one limit, such as {{above: 5}}; there are {sides}")
    word, amount = next(iter(given.items()))
    if word not in list(Side):
        raise InvalidInputError(f"no side {word!r:.40}; there are {sides}")
    return Limit(Side(word), to_amount(amount, unit))


def to_score(given: object) -> Limit:
    """How many robust standard deviations are bad: {score: 4}. Raises: InvalidInputError."""
    if not isinstance(given, dict) or list(given) != ["score"]:
        raise InvalidInputError("is a score, such as {score: 4}: that many standard deviations")
    score = given["score"]
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise InvalidInputError(f"score: {score!r:.40} is no number")
    if not 0 < score <= HIGHEST_SCORE:
        raise InvalidInputError(f"score: is more than 0 and at most {HIGHEST_SCORE}")
    return Limit(Side.AT_LEAST, float(score))


def check_order(less: tuple[str, Limit], more: tuple[str, Limit]) -> None:
    """A graver level begins further out, on the same side. Raises: InvalidInputError."""
    (name, inner), (graver, outer) = less, more
    is_up = outer.side in _UP
    if is_up != (inner.side in _UP):
        raise InvalidInputError(f"is on another side than {name}: make two rules of them")
    is_beyond = operator.gt if is_up else operator.lt
    if not is_beyond(outer.value, inner.value):
        word = "higher" if is_up else "lower"
        raise InvalidInputError(f"must be {word} than {name}: {graver} is the graver of the two")


def to_thresholds(limits: Mapping[Level, Limit | None]) -> Thresholds:
    """Limits by level, the gravest first."""
    found = ((level, limits.get(level)) for level in reversed(LEAST_FIRST))
    return tuple(Threshold(level, limit.side, limit.value) for level, limit in found if limit)


def limit_bodies(thresholds: Sequence[Threshold], unit: Unit) -> dict[str, object]:
    """Thresholds as people write them."""
    return {
        one.level.value: {one.side.value: amount_text(one.limit, unit)}
        for one in reversed(thresholds)
    }


def score_bodies(thresholds: Sequence[Threshold]) -> dict[str, object]:
    """Scores as people write them."""
    return {one.level.value: {"score": one.limit} for one in reversed(thresholds)}
