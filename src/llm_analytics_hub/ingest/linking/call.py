"""Which observations are of one call, and which of them counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from llm_analytics_hub.ingest.linking.observation import Facts, Observation

_LATEST = 5_000_000
"""In µs, how far from a call a record of it may lie that says a moment only: written after the end."""


def same_call_by(one: Observation, other: Observation) -> str | None:
    """The rule that says two observations are of one call; None: they are two calls.

    `response_id`: the provider gave both the same id, and their times overlap; of one
    instrumentation their tokens must agree too, for some servers give every answer the same id.
    `parent`: one is the direct parent of the other, and another instrumentation's.
    `tokens`: equal input and output tokens of compatible models, at overlapping times, seen by two
    instrumentations in one service, where not both know the provider's id.
    `failure`: the same of two that failed without tokens, where both have the same parent.
    """
    if one["tenant"] != other["tenant"]:
        return None
    if one.response and one.response == other.response and _overlap(one, other):
        is_one = one.scope != other.scope or one.tokens == other.tokens
        return "response_id" if is_one else None
    if one.scope == other.scope or (one.response and other.response):
        return None
    if (one.span and one.span == other.parent) or (other.span and other.span == one.parent):
        return "parent"
    if one.tokens and one.tokens == other.tokens and _overlap(one, other) and _alike(one, other):
        return "tokens" if one.has_counts else "failure"
    return None


def _overlap(one: Observation, other: Observation) -> bool:
    slack = 0 if one.is_timed and other.is_timed else _LATEST
    return one.times[0] <= other.times[1] + slack and other.times[0] <= one.times[1] + slack


def _alike(one: Observation, other: Observation) -> bool:
    """A request names `gpt-4o` where the response says `gpt-4o-2024-08-06`."""
    shorter, longer = sorted((one.model, other.model), key=len)
    return one["service"] == other["service"] and longer.startswith(shorter)


@dataclass(eq=False)
class Call:
    """Observations of one call; `reasons` by event id say how each was linked."""

    members: list[Observation]
    reasons: dict[str, str] = field(default_factory=dict)

    def may_join(self, other: "Call", reason: str) -> bool:
        """Whether both may be one: an instrumentation sees a call once, unless an id says more."""
        if reason == "response_id":
            return True
        scopes = {member.scope for member in self.members}
        return scopes.isdisjoint(member.scope for member in other.members)

    def join(self, other: "Call", reason: str) -> None:
        """Take the members of another call in."""
        for member in (*self.members, *other.members):
            self.reasons.setdefault(member.event_id, reason)
        self.members += other.members
        self.reasons |= other.reasons

    def counted(self) -> Observation:
        """The member that counts, whatever order they came in.

        It knows most about tokens; of equals it knows how long the call took, has seen the
        provider's answer, as its id shows, and is the nearest to the wire, the innermost span.
        """
        parents = {member.parent for member in self.members} - {0}
        return min(
            self.members,
            key=lambda m: (
                -m.known_counts,
                not m.is_timed,
                not m.response,
                m.span in parents,
                -m.times[0],
                m.event_id,
            ),
        )

    def facts(self) -> Facts:
        """What the counting member knows, with its gaps filled from the others."""
        first = self.counted()
        others = sorted(self.members, key=lambda m: (m is not first, -m.known_counts, m.event_id))
        return tuple(
            _first_known(values) for values in zip(*(m.facts for m in others), strict=True)
        )


def _first_known(values: Sequence[object]) -> object:
    return next((value for value in values if value is not None), None)
