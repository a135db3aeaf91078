"""What the viewer asked to see, as a value, and its two forms: the URL and the controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode

RANGES: Mapping[str, str] = MappingProxyType(
    {"1h": "last hour", "6h": "last 6 hours", "24h": "last 24 hours", "7d": "last 7 days",
     "30d": "last 30 days"}
)  # fmt: skip
REFRESH_SECONDS = (0, 5, 30, 60)
COST_CUTS = ("model", "provider")
CUSTOM = "custom"
MAX_PICKED = 50


@dataclass(frozen=True)
class Between:
    """A time range fixed by the viewer: aware, UTC, whole seconds, start before end."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class State:
    """The whole state of the page; an empty filter lets everything through."""

    last: str = "24h"
    between: Between | None = None
    refresh_seconds: int = 30
    tenant: str = "default"
    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    cost_by: str = "model"

    @property
    def range_name(self) -> str:
        """The name of the range on its control."""
        return CUSTOM if self.between else self.last

    @property
    def picked(self) -> dict[str, tuple[str, ...]]:
        """Field to the values the viewer picked; fields without a pick are absent."""
        picks = {"source": self.sources, "model": self.models, "environment": self.environments}
        return {field: values for field, values in picks.items() if values}


DEFAULT = State()


def to_search(state: State) -> str:
    """The query string of `state`, "?" included; what is as usual is left out."""
    pairs: list[tuple[str, str]] = []
    if state.between:
        pairs += [("from", _to_text(state.between.start)), ("to", _to_text(state.between.end))]
    elif state.last != DEFAULT.last:
        pairs.append(("range", state.last))
    if state.refresh_seconds != DEFAULT.refresh_seconds:
        pairs.append(("refresh", str(state.refresh_seconds)))
    if state.tenant != DEFAULT.tenant:
        pairs.append(("tenant", state.tenant))
    pairs += [(field, value) for field, values in state.picked.items() for value in values]
    if state.cost_by != DEFAULT.cost_by:
        pairs.append(("cost_by", state.cost_by))
    return f"?{urlencode(pairs)}" if pairs else ""


def from_search(search: str | None) -> State:
    """The state in a query string; a part that cannot be read is as usual."""
    values = parse_qs((search or "").removeprefix("?"), errors="replace")
    one = {name: found[0] for name, found in values.items()}
    between = between_of(_to_moment(one.get("from")), _to_moment(one.get("to")))
    return State(
        last=one_of(RANGES, one.get("range"), DEFAULT.last),
        between=between,
        refresh_seconds=seconds_of(one.get("refresh")),
        tenant=one.get("tenant", DEFAULT.tenant),
        sources=picks_of(values.get("source")),
        models=picks_of(values.get("model")),
        environments=picks_of(values.get("environment")),
        cost_by=one_of(COST_CUTS, one.get("cost_by"), DEFAULT.cost_by),
    )


def between_of(start: datetime | None, end: datetime | None) -> Between | None:
    """The range from `start` to `end`, or None where that is no range."""
    return Between(start, end) if start and end and start < end else None


def one_of(known: Mapping[str, str] | tuple[str, ...], value: str | None, usual: str) -> str:
    """`value` if it is a known one, else the usual one."""
    return value if value is not None and value in known else usual


def seconds_of(value: str | None) -> int:
    """Seconds between two refreshes, 0 = off."""
    known = {str(seconds): seconds for seconds in REFRESH_SECONDS}
    return known.get(value or "", DEFAULT.refresh_seconds)


def picks_of(values: list[str] | None) -> tuple[str, ...]:
    """What was picked, each once, in the order of picking."""
    return tuple(dict.fromkeys(value for value in values or () if value))[:MAX_PICKED]


def _to_text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _to_moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    # A range without a zone is UTC, so that a link shows everybody the same hours.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
