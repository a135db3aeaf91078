"""The cache as it is set: in memory, with Redis beside it where there is one."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.cache.layers import AnswerLayer, MemoryLayer, RedisLayer
from llm_analytics_hub.query.cache.redis_link import RedisLink, connect
from llm_analytics_hub.query.cache.redis_versions import SharedVersions
from llm_analytics_hub.query.cache.turns import RedisTurns
from llm_analytics_hub.query.cache.versions import OwnVersions
from llm_analytics_hub.telemetry.metrics import Metrics

IN_MEMORY_BESIDE_REDIS = timedelta(seconds=59)
"""Spec 001, "Caching Layers": less than a minute in memory. A hub that has nothing but memory keeps
answers there as long as Redis would."""


class CacheSettings(BaseModel):
    """Answers kept for who asks the same again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    memory_bytes: int = Field(
        64 * 1024**2, ge=0, description="most memory for kept answers, bytes; 0 keeps none there"
    )
    answer_bytes: int = Field(
        1024**2, ge=1024, description="largest answer that is kept, bytes of its columns"
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis that hubs on one store share answers and their age through: redis:// or rediss://",
    )
    redis_seconds: float = Field(
        0.25, gt=0, le=10, description="longest wait for that Redis, seconds"
    )


def open_cache(settings: CacheSettings, clock: Clock, metrics: Metrics) -> AnswerCache:
    """The cache of a hub that starts: no answer of before holds.

    It opens without its Redis, too. Raises: SettingsError for a URL that is none.
    """
    if settings.redis_url is None:
        memory = MemoryLayer(settings.memory_bytes, clock, metrics)
        most = settings.answer_bytes
        return AnswerCache(memory, OwnVersions(), clock, metrics, most_bytes=most)
    return _shared(settings, settings.redis_url.get_secret_value(), clock, metrics)


def _shared(settings: CacheSettings, url: str, clock: Clock, metrics: Metrics) -> AnswerCache:
    try:
        link = RedisLink(connect(url, settings.redis_seconds), clock)
    except ValueError as error:
        raise SettingsError(
            "cache.redis_url: it begins with redis://, rediss:// or unix://"
        ) from error
    versions = SharedVersions(link)
    # A hub that was killed may have stored what it did not tell. Sent again it is a repeat, told to no one.
    versions.touched_all()
    shared: Sequence[AnswerLayer] = (RedisLayer(link, clock),)
    return AnswerCache(
        MemoryLayer(settings.memory_bytes, clock, metrics, IN_MEMORY_BESIDE_REDIS),
        versions,
        clock,
        metrics,
        shared=shared,
        turns=RedisTurns(link),
        most_bytes=settings.answer_bytes,
    )
