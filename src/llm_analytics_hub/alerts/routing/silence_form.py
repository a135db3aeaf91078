"""Silences and maintenance windows as JSON: who wants quiet about what, why, and for how long."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llm_analytics_hub.alerts.routing.bodies import Matching
from llm_analytics_hub.alerts.routing.durations import shown as shown_span
from llm_analytics_hub.alerts.routing.durations import to_duration
from llm_analytics_hub.alerts.routing.faults import body_of, refusal
from llm_analytics_hub.alerts.routing.matchers import shown, to_matcher
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.routing import Silence
from llm_analytics_hub.query.ranges import to_moment

CODE = "invalid_silence"
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=366)


class SilenceBody(BaseModel):
    """Quiet about what matches, from `starts` (now if not given) until `ends` or for `lasts`."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["silence", "maintenance"] = "silence"
    match: Matching = Field(min_length=1, examples=[['alertname="gpu_hot"']])
    starts: str | None = Field(None, examples=["2026-01-31T22:00:00Z"])
    ends: str | None = None
    lasts: str | None = Field(None, examples=["2h"])
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


def parse_silence(
    body: Mapping[str, Any],
    tenant: str,
    by: str,
    now: datetime,
    *,
    id: str = "",  # noqa: A002 - what the value calls it
    earlier: Silence | None = None,
) -> Silence:
    """The silence of a JSON body; `earlier` is what it takes the place of.

    Raises: InvalidInputError, code `invalid_silence`: a line for each fault, with its place.
    """
    asked = body_of(SilenceBody, _texts(body), CODE)
    starts = _moment("starts", asked.starts) or (earlier.starts if earlier else now)
    # What is past stays as it was: a silence does not begin before somebody asked for it.
    starts = max(starts, earlier.starts if earlier and earlier.starts < now else now)
    ends = _ends(asked, max(starts, now))
    for place, text in _faults(starts, ends, now):
        raise refusal([(place, text)], CODE)
    match = tuple(map(to_matcher, asked.match))
    return Silence(tenant, id, asked.kind, match, starts, ends, by, asked.reason)


def to_text(silence: Silence) -> str:
    """A silence as it is kept."""
    kept = {
        "kind": silence.kind,
        "match": [shown(matcher) for matcher in silence.match],
        "starts": silence.starts.isoformat(),
        "ends": silence.ends.isoformat(),
        "by": silence.by,
        "reason": silence.reason,
    }
    return json.dumps(kept, ensure_ascii=False)


def from_text(text: str, tenant: str, id: str) -> Silence:  # noqa: A002
    """A silence that was kept. Raises: ValueError, KeyError, InvalidInputError if it is not one."""
    kept = json.loads(text)
    starts, ends = (datetime.fromisoformat(kept[name]) for name in ("starts", "ends"))
    match = tuple(map(to_matcher, kept["match"]))
    return Silence(tenant, id, kept["kind"], match, starts, ends, kept["by"], kept["reason"])


def _texts(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body whose moments are texts: YAML reads them as what they are."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in body.items()
    }


def _moment(place: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return to_moment(text)
    except InvalidInputError as error:
        raise refusal([(place, error.message)], CODE) from error


def _ends(asked: SilenceBody, starts: datetime) -> datetime:
    if (asked.ends is None) == (asked.lasts is None):
        raise refusal([("ends", "give either ends or lasts: a silence has an end")], CODE)
    if asked.lasts is None:
        ends = _moment("ends", asked.ends)
        assert ends is not None  # noqa: S101 - one of the two is given
        return ends
    try:
        return starts + to_duration(asked.lasts, timedelta(minutes=1), LONGEST)
    except InvalidInputError as error:
        raise refusal([("lasts", error.message)], CODE) from error


def _faults(starts: datetime, ends: datetime, now: datetime) -> list[tuple[str, str]]:
    faults = []
    if starts > now + FURTHEST:
        faults.append(("starts", f"that is over {shown_span(FURTHEST)} from now"))
    if ends <= max(starts, now):
        faults.append(("ends", "a silence ends after it starts, and after now"))
    if ends - starts > LONGEST:
        faults.append(("ends", f"a silence lasts at most {shown_span(LONGEST)}"))
    return faults
