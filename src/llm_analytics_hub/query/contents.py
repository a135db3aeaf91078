"""Prompts, completions and tools of an event, put together from the pieces they are stored as."""

from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op
from llm_analytics_hub.normalize.capture import Capture, CaptureRules
from llm_analytics_hub.normalize.manifest import put_together, references
from llm_analytics_hub.storage.interface import EventReader

_NAMESAKES = 20
"""Events of one id that are looked through: ids are unique only within a source and a stream."""

_WHY_NONE = {
    Capture.OFF: "nothing of contents is kept for this tenant (normalize.contents: off)",
    Capture.METADATA: "of contents only metadata is kept for this tenant, in the event's "
    "attributes.content_facts (normalize.contents: metadata)",
    Capture.FULL: "it brought none, or came when none was kept",
}


class EventContents:
    """Reads the content of one event. Safe for many threads."""

    def __init__(self, reader: EventReader, capture: CaptureRules) -> None:
        self._reader = reader
        self._capture = capture

    def of_event(self, tenant: str, where: Mapping[str, str]) -> dict[str, Any]:
        """The content of the newest event of these members that has one, and which event it is.

        Raises: NotFoundError, code `not_found` where there is no such event, `no_content` where it
        has none, `content_lost` where a piece of it is not in the store.
        """
        equal = All(tuple(Condition(name, Op.EQ, (value,)) for name, value in where.items()))
        found = self._reader.events(EventFilter(tenant, equal, limit=_NAMESAKES)).to_pylist()
        if not found:
            raise NotFoundError(f"no event {where['event_id'][:64]!r}")
        event = next((row for row in found if row["content_id"] is not None), None)
        if event is None:
            raise NotFoundError(f"no content: {self._why_none(tenant)}", code="no_content")
        known = {name: event[name] for name in ("event_id", "source", "stream", "content_id")}
        return {**known, "content": self._whole(tenant, event["content_id"])}

    def _why_none(self, tenant: str) -> str:
        return _WHY_NONE[self._capture.of(tenant)]

    def _whole(self, tenant: str, content_id: str) -> object:
        try:
            manifest = self._reader.contents(tenant, [content_id])[content_id]
            names = references(manifest)
            return put_together(manifest, self._reader.contents(tenant, names) if names else {})
        except KeyError as error:
            message = f"of content {content_id} the piece {error.args[0]} is not in the store"
            raise NotFoundError(message, code="content_lost") from error
