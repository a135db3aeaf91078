"""One metric point as a codec gives it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.model.metric import CUMULATIVE


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a point says: a number, or a distribution. None and () = not said."""

    value: float | None = None
    count: int | None = None
    min: float | None = None
    max: float | None = None
    bounds: tuple[float, ...] = ()
    buckets: tuple[int, ...] = ()
    levels: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """What all points of one metric in a request share; `identity` is a text of all that names it.

    The identity holds the whole resource too: two processes are two series.
    """

    name: str
    unit: str
    kind: str
    temporality: str
    is_monotonic: bool
    service: str | None
    environment: str | None
    scope: str
    identity: str

    @property
    def accumulates(self) -> bool:
        """Whether its points hold all that was counted since a start, and only rise."""
        return self.temporality == CUMULATIVE and (self.kind != "sum" or self.is_monotonic)


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One point; moments in microseconds since 1970 UTC, `started_at` 0 = not said."""

    instrument: Instrument
    labels: tuple[tuple[str, str], ...]
    started_at: int
    occurred_at: int
    numbers: Numbers


@dataclass(frozen=True)
class DecodedMetrics:
    """What the codec gives: sound points, refused ones, and how many were marked as not recorded.

    `places` says where in the request each point stood, None that point i stood at place i;
    `repaired` what is stored otherwise than it was sent.
    """

    points: Sequence[MetricPoint]
    refused: Sequence[Refused] = ()
    skipped: int = 0
    places: Sequence[int] | None = None
    repaired: Sequence[Rejection] = ()

    def place(self, number: int) -> int:
        """Where in the request a point stood."""
        return number if self.places is None else self.places[number]


@dataclass(frozen=True)
class MetricReceipt(Receipt):
    """The receipt of a metrics request; `skipped` points said that nothing was recorded."""

    skipped: int = 0
    repaired: list[Rejection] = field(default_factory=list)
