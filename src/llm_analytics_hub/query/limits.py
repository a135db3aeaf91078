"""What the questions of a tenant may use of the store, and how many run at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.errors import SaturatedError
from llm_analytics_hub.model.query import QueryLimits


class LimitSettings(BaseModel):
    """What answering one question may use; 0 is without limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seconds: int = Field(30, ge=1, le=3600, description="longest time in the engine, seconds")
    memory_bytes: int = Field(2 * 1024**3, ge=16 * 1024**2, description="most memory, bytes")
    rows_read: int = Field(2_000_000_000, ge=0, description="most rows read from the tables")
    bytes_read: int = Field(0, ge=0, description="most bytes read from the tables, unpacked")
    at_once: int = Field(8, ge=1, le=1000, description="questions of a tenant at the same time")
    wait_seconds: float = Field(
        10, ge=0, le=600, description="longest wait for its turn, seconds; then 429"
    )

    @property
    def limits(self) -> QueryLimits:
        """The part of them that the store keeps."""
        return QueryLimits(self.seconds, self.memory_bytes, self.rows_read, self.bytes_read)


class QuestionSettings(LimitSettings):
    """Limits of all tenants' questions, and of some tenants'."""

    tenants: dict[str, LimitSettings] = Field(
        default={}, description="other limits, by tenant; what is not said is as by default"
    )

    def of(self, tenant: str) -> LimitSettings:
        """The limits of a tenant's questions."""
        return self.tenants.get(tenant, self)


class Turnstile:
    """Lets so many questions of a tenant run at once; the next ones wait, but not for ever.

    Safe for many threads. It remembers only tenants that are asking.
    """

    def __init__(self, settings: QuestionSettings) -> None:
        self._settings = settings
        self._running: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        """A place among the running questions. Raises: SaturatedError if none gets free in time."""
        allowed = self._settings.of(tenant)
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._running[tenant] < allowed.at_once, allowed.wait_seconds
            ):
                text = f"{allowed.at_once} questions of this tenant are being answered already"
                raise SaturatedError(f"{text}: ask again when one is done")
            self._running[tenant] += 1
        try:
            yield
        finally:
            with self._changed:
                self._running[tenant] -= 1
                self._running += Counter()  # forgets the tenants that ask nothing
                self._changed.notify_all()
