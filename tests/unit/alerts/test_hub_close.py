"""How a hub ends: each part is closed, also where one before it fails to."""

from dataclasses import fields
from typing import Any

import pytest

from llm_analytics_hub.bootstrap.hub import Hub


class Part:
    """A part of a hub that notes that it was closed."""

    def __init__(self, name: str, closed: list[str]) -> None:
        self._name, self._closed = name, closed

    def close(self) -> None:
        self._closed.append(self._name)
        if self._name == "alerting":
            raise ValueError("a defect")


def test_a_part_that_fails_to_close_leaves_no_other_open() -> None:
    closed: list[str] = []
    parts: dict[str, Any] = {one.name: Part(one.name, closed) for one in fields(Hub)}
    with pytest.raises(ValueError, match="a defect"):
        Hub(**parts).close()
    assert closed == ["intake", "live", "alerting", "exports", "store", "states", "control"]
