"""A walk through a list, page by page: each stored, then remembered, until there is no more."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_memory import Memory, Progress
from llm_analytics_hub.connectors.rest_pages import (
    Page,
    Window,
    claims_more,
    following,
    is_all_known,
    parameters,
    read_page,
    times_of,
)
from llm_analytics_hub.connectors.rest_reader import RestReader, StatusError
from llm_analytics_hub.connectors.rest_refusals import Refusals
from llm_analytics_hub.errors import UnavailableError, UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.payload import Payload
from llm_analytics_hub.integrations.wires import Pull

log = structlog.get_logger(__name__)

_EVER = datetime(1990, 1, 1, tzinfo=UTC)

FRUITLESS_PAGES = 2
"""In a row, without rows or with rows that this walk has seen, after which a list is over."""


class Walker:
    """Walks the lists of one service. For one event loop."""

    def __init__(
        self,
        reader: RestReader,
        link: Link,
        integration: Integration,
        pull: Pull,
        limit: int,
        overlap: timedelta,
        refusals: Refusals,
    ) -> None:
        self._reader = reader
        self._link = link
        self._integration = integration
        self._pull = pull
        self._limit = limit
        self._overlap = overlap
        self._refusals = refusals

    async def walk(self, path: str, memory: Memory, look_back: timedelta) -> None:
        """Read a list from where it was left to its end. Raises: what `RestReader.get` raises.

        A place in it that is there no more, such as a cursor that is too old, ends the walk: the
        next one begins where this one did.
        """
        now = self._link.clock.now()
        progress = memory.of(path) or Progress(since=now - look_back if self._pull.since else _EVER)
        try:
            await self._pages(path, memory, progress, now)
        except StatusError as error:
            stopped = memory.of(path)
            if not error.is_about_place or stopped is None or not stopped.place:
                raise
            self._link.fault(error)
            await self._link.keep(memory.note(path, Progress(since=stopped.since)))

    async def _pages(self, path: str, memory: Memory, progress: Progress, now: datetime) -> None:
        window, seen, fruitless = Window(progress.since, now), set[int](), 0
        place, newest = progress.place, progress.newest
        while True:
            page = await self._take(path, place, window)
            fingerprint = page.fingerprint
            fruitless = fruitless + 1 if not page.rows or fingerprint in seen else 0
            seen.add(fingerprint)
            times = times_of(page, self._pull.newest) if page.is_list else (now,)
            newest = max((newest or progress.since, *(min(time, now) for time in times)))
            there = following(self._pull, self._limit, page, place)
            if fruitless >= FRUITLESS_PAGES:
                self._note_end(path, page, place)
            elif there and not self._is_known(times, page, progress.since):
                place = there
                await self._link.keep(memory.note(path, Progress(progress.since, newest, place)))
                continue
            since = max(progress.since, newest - self._overlap)
            await self._link.keep(memory.note(path, Progress(since)))
            return

    async def _take(self, path: str, place: str, window: Window) -> Page:
        """A page, after its events are stored.

        As an import: what is shown by every poll is known for as long as it is kept, where the
        windows of the streams (registry: five minutes) would be over by the next.
        """
        asked = parameters(self._pull, self._limit, place, window)
        body = await self._reader.get(path, {**self._pull.params, **asked})
        page = self._read(path, body)
        if page.rows and (new := self._refusals.without(page, body)):
            payload = Payload(new, "application/json", path)
            receipt = await self._link.store([payload], is_import=True)
            if receipt.rejected:
                self._refusals.note(page.rows)
        else:
            self._link.alive()
        return page

    def _read(self, path: str, body: bytes) -> Page:
        try:
            document = decode_json(body)
        except UndecodableError as error:
            raise UnavailableError(f"GET {path} was answered with what is no JSON") from error
        if isinstance(document, dict):
            message = Message(document, self._link.clock.now(), path)
            if self._integration.is_error(message):
                raise UnavailableError(f"GET {path} was answered with an error of the module")
        return read_page(document, self._integration.pages)

    def _is_known(self, times: Sequence[datetime], page: Page, since: datetime) -> bool:
        """Whether a list that takes no time has come to what an earlier walk read."""
        return not self._pull.since and is_all_known(times, page, since)

    def _note_end(self, path: str, page: Page, place: str) -> None:
        if claims_more(self._pull, self._limit, page, place):
            text = f"GET {path} says that there is more, and shows no more"
            self._link.fault(UnavailableError(text))
            log.warning("list without end", connector=self._link.state.name, path=path)
