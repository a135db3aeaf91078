"""The key of a question: its text in the spec's form, how long an answer lives, what makes it old."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import msgspec

from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.cache.places import ASSETS, Place, days_of

FORMAT = "v1"
"""Part of every key: a hub that keeps answers in another form does not find these."""

SHARE_OF_RANGE = 300
"""A relative range slides: its answer may be as old as the range divided by this, no older."""

_EVERYTHING = "all"


class Kind(Enum):
    """What is asked: the form of the key and the longest life of the answer.

    Source: spec 001, "Cache Strategy".
    """

    METADATA = ("analytics:asset:{about}:metadata", timedelta(hours=1))
    METRICS = ("analytics:metrics:{about}:{span}", timedelta(minutes=5))
    COMPLIANCE = ("analytics:compliance:{about}", timedelta(minutes=15))
    REPORT = ("analytics:report:{about}", timedelta(hours=1))

    @property
    def ttl(self) -> timedelta:
        """How long an answer is kept at the longest."""
        return self.value[1]

    def key(self, about: str, span: str) -> str:
        """The spec's part of the key; the text of users in it is quoted and cut."""
        quoted = quote(about[:64], safe="")
        return self.value[0].replace("{about}", quoted).replace("{span}", span)


@dataclass(frozen=True)
class QuestionKey:
    """What is asked of whom, and which stored rows the answer is made of.

    `body` has JSON values only and must hold all that the answer depends on; `spans` are the ranges
    it reads, that of a comparison too. `is_relative`: they end at the time of asking.
    `reads_assets`: it joins what the registry told. `is_fresh` False: its answer may lack the newest
    events, so it is not kept. `about` is the asset or the report, empty for all.
    """

    tenant: str
    body: Mapping[str, Any]
    spans: tuple[TimeRange, ...] = ()
    is_relative: bool = False
    kind: Kind = Kind.METRICS
    about: str = ""
    reads_assets: bool = False
    is_fresh: bool = True

    @cached_property
    def text(self) -> str:
        """Of the spec's form, then the tenant and the hash of all that is asked."""
        spans = () if self.is_relative else [(span.start, span.end) for span in self.spans]
        asked = (self.tenant, self.kind.name, self.about, self.is_relative, spans, self.body)
        text = msgspec.json.encode(asked, order="deterministic")
        digest = blake2b(text, digest_size=16).hexdigest()
        known = self.kind.key(self.about or _EVERYTHING, self._span_text())
        return f"{known}:{self.tenant}:{FORMAT}:{digest}"

    @cached_property
    def places(self) -> frozenset[Place]:
        """Where a write makes the answer old."""
        found = {place for span in self.spans for place in days_of(span)}
        return frozenset(found | {ASSETS} if self.reads_assets else found)

    @property
    def ttl(self) -> timedelta:
        """How old an answer may be though nothing was written."""
        if not self.is_relative or not self.spans:
            return self.kind.ttl
        shortest = min(span.end - span.start for span in self.spans)
        return min(self.kind.ttl, shortest / SHARE_OF_RANGE)

    def _span_text(self) -> str:
        if not self.spans:
            return _EVERYTHING
        first = self.spans[0]
        if self.is_relative:
            return f"last-{round((first.end - first.start).total_seconds())}s"
        return f"{_stamp(first.start)}-{_stamp(first.end)}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
