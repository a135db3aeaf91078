"""Silences and maintenance windows of each tenant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from llm_analytics_hub.alerts.routing.matchers import shown
from llm_analytics_hub.alerts.routing.silence_book import SilenceBook
from llm_analytics_hub.api.alerts.work.shown import Json, moment, shown_version
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.model.alerts.routing import Silence


class SilenceDesk:
    """Looks at silences, makes, changes and ends them."""

    def __init__(self, book: SilenceBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def all(self, tenant: str, state: str | None) -> Json:
        """Those in a state, or all: the ones that ended in the last five days, too."""
        found = [self._shown(one) for one in self._book.all(tenant)]
        return {"silences": [one for one in found if state in (None, one["state"])]}

    def one(self, tenant: str, silence_id: str) -> Json:
        """One of them. Raises: NotFoundError."""
        return self._shown(self._book.get(tenant, silence_id))

    def versions(self, tenant: str, silence_id: str) -> Json:
        """Every version of one, the newest first. Raises: NotFoundError."""
        found = self._book.versions(tenant, silence_id)
        if not found:
            raise NotFoundError(f"there is no silence {silence_id[:80]!r}")
        return {"versions": [shown_version(one) for one in found]}

    def create(self, tenant: str, body: Mapping[str, Any], by: str) -> Json:
        """A new one. Raises: InvalidInputError, SaturatedError."""
        return self._shown(self._book.create(tenant, body, by))

    def edit(self, tenant: str, silence_id: str, body: Mapping[str, Any], by: str) -> Json:
        """Another version of one. Raises: as `create`; NotFoundError; ConflictError once it ended."""
        return self._shown(self._book.edit(tenant, silence_id, body, by))

    def expire(self, tenant: str, silence_id: str, by: str) -> Json:
        """One, ended now. Raises: NotFoundError; ConflictError if it has ended."""
        return self._shown(self._book.expire(tenant, silence_id, by))

    def _shown(self, one: Silence) -> Json:
        return {
            "id": one.id,
            "kind": one.kind,
            "state": _state(one, self._clock.now()),
            "match": [shown(matcher) for matcher in one.match],
            "starts": moment(one.starts),
            "ends": moment(one.ends),
            "by": one.by,
            "reason": one.reason,
        }


def _state(one: Silence, now: datetime) -> str:
    if one.ends <= now:
        return "expired"
    return "active" if one.starts <= now else "pending"
