"""Which contents are in the store already, so that resent histories are not written again."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

import pyarrow as pa

_Name = tuple[str, str]


class StoredContents:
    """Ids of contents stored lately. Owned by one thread.

    Only to spare work: what it has forgotten is written again, and the store keeps one of each.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._weeks: dict[_Name, date] = {}

    def missing(self, contents: pa.RecordBatch) -> pa.RecordBatch:
        """The rows whose content is not stored, or is forgotten in an earlier week than they are."""
        if not self._weeks or not contents.num_rows:
            return contents
        known = (self._weeks.get(name, date.min) >= week for name, week in _named(contents))
        return contents.filter(pa.array([not one for one in known]))

    def stored(self, contents: pa.RecordBatch) -> None:
        """Remember rows that are in the store now."""
        self._weeks.update(_named(contents))
        for name in list(islice(self._weeks, max(0, len(self._weeks) - self._most))):
            del self._weeks[name]


def _named(contents: pa.RecordBatch) -> Iterator[tuple[_Name, date]]:
    columns = (contents[name].to_pylist() for name in ("tenant", "content_id", "expires_on"))
    for tenant, name, expires in zip(*columns, strict=True):
        yield (tenant, name), expires - timedelta(days=expires.weekday())
