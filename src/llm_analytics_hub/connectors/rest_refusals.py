"""Rows that were refused: shown again by the next poll, and no second dead letter."""

import json
from collections.abc import Sequence

import xxhash

from llm_analytics_hub.connectors.rest_pages import Page

MOST = 10_000
"""Rows that are remembered, eight bytes of each; the oldest are forgotten."""


class Refusals:
    """Remembers the rows of pages in which some were refused; of which, the receipt does not say."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: dict[int, None] = {}

    def without(self, page: Page, body: bytes) -> bytes:
        """A page without rows that are remembered; empty where none is left."""
        if not self._rows:
            return body
        left = [row for row in page.rows if _fingerprint(row) not in self._rows]
        if len(left) == len(page.rows):
            return body
        return json.dumps(left).encode() if left else b""

    def note(self, rows: Sequence[object]) -> None:
        """Remember the rows of a page in which some were refused."""
        for row in rows:
            fingerprint = _fingerprint(row)
            self._rows.pop(fingerprint, None)
            self._rows[fingerprint] = None
        for oldest in list(self._rows)[: -self._most]:
            del self._rows[oldest]


def _fingerprint(row: object) -> int:
    return xxhash.xxh3_64_intdigest(json.dumps(row).encode())
