"""Bodies as plain JSON: of bounded size and depth, with nothing in them that cannot be stored."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError

MOST_PARTS = 20_000
MOST_CHARACTERS = 200_000
DEEPEST = 32
_NO_TEXT = re.compile("[\ud800-\udfff\0]")  # half a pair: JSON can carry it, UTF-8 cannot


def plain(body: object) -> dict[str, Any]:
    """A copy of a body that is an object of JSON. Raises: InvalidRuleError."""
    if not isinstance(body, Mapping):
        raise _invalid("", "is an object: {name: ..., kind: ...}")
    copy: dict[str, Any] = _plain(body, "", DEEPEST, [MOST_PARTS, MOST_CHARACTERS])
    return copy


def canonical(body: object) -> str:
    """JSON text of a body: equal bodies are equal texts."""
    return json.dumps(
        body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _plain(value: object, place: str, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        raise _invalid(place, f"is too deep, or has more than {MOST_PARTS:,} parts")
    if isinstance(value, Mapping):
        return {
            _text(key, place, left): _plain(inside, _at(place, key), depth - 1, left)
            for key, inside in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(one, _at(place, at), depth - 1, left) for at, one in enumerate(value)]
    return _scalar(value, place, left)


def _scalar(value: object, place: str, left: list[int]) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not -sys.float_info.max <= value <= sys.float_info.max:
            raise _invalid(place, "a number is finite and fits a double")
        return value
    if isinstance(value, str):
        return _text(value, place, left)
    raise _invalid(place, f"a {type(value).__name__} is no JSON: put it in quotes")


def _text(value: object, place: str, left: list[int]) -> str:
    if not isinstance(value, str):
        raise _invalid(place, f"the name {value!r:.40} is no text: put it in quotes")
    left[1] -= len(value)
    if left[1] < 0:
        raise _invalid(place, f"the body is longer than {MOST_CHARACTERS:,} characters")
    if _NO_TEXT.search(value):
        raise _invalid(place, "has a character that no text can hold")
    return value


def _at(place: str, part: object) -> str:
    return f"{place}.{part!s:.80}" if place else f"{part!s:.80}"


def _invalid(place: str, message: str) -> InvalidRuleError:
    return InvalidRuleError([Fault(place, message)])
