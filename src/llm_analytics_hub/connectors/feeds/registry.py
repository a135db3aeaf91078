"""What the registry is told: how much its assets are used, as their annotations."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from llm_analytics_hub.connectors.feeds.channel import Channel, Feed, FeedKind
from llm_analytics_hub.connectors.feeds.periods import (
    LONGEST_SLEEP_SECONDS,
    from_cursor,
    last_end,
    to_cursor,
)
from llm_analytics_hub.feedback.asset_usage import AssetUsage, usage_by_asset
from llm_analytics_hub.feedback.questions import Questions
from llm_analytics_hub.integrations.registry.outgoing import asset_update
from llm_analytics_hub.model.query import TimeRange

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNUSED = AssetUsage()

Usages = Mapping[str, AssetUsage]


class AnnotationFeed:
    """Tells the usage of the last day, up to the last whole period, of assets where it changed."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._told: dict[str, AssetUsage] | None = None

    async def tell(self) -> float:
        """See `Feed.tell`."""
        end = last_end(self._channel.link.clock.now(), self._channel.every)
        kept = from_cursor(await self._channel.link.cursor())
        if kept != end:
            told = await self._last_told(kept)
            await self._tell_changes(told, await self._usage(end))
            await self._channel.link.keep(to_cursor(end))
        return LONGEST_SLEEP_SECONDS

    async def _last_told(self, kept: datetime | None) -> dict[str, AssetUsage]:
        """What the registry knows; after a start, what it must have been told last."""
        if self._told is None:
            self._told = {} if kept is None else dict(await self._usage(kept))
        return self._told

    async def _tell_changes(self, told: dict[str, AssetUsage], found: Usages) -> None:
        for asset_id in sorted(told.keys() | found.keys()):
            usage = found.get(asset_id, UNUSED)
            if told.get(asset_id, UNUSED) == usage:
                continue
            await self._channel.outbox.send(
                asset_update(asset_id, asdict(usage)), asset_id=asset_id
            )
            told[asset_id] = usage
            if asset_id not in found:
                del told[asset_id]

    async def _usage(self, end: datetime) -> Usages:
        link = self._channel.link
        asked = Questions(link.sources.queries, link.tenant, TimeRange(end - DAY, end))
        return await asyncio.to_thread(usage_by_asset, asked)


def annotations(channel: Channel) -> Feed:
    """Updates for `PATCH /v1/assets/{asset_id}`."""
    return AnnotationFeed(channel)


FEEDS = {
    "annotations": FeedKind(HOUR, annotations, (HOUR, DAY), method="PATCH", is_by_asset=True),
}
