"""The model calls of the last while: where an observation finds others of its call."""

from llm_analytics_hub.ingest.linking.call import Call, same_call_by
from llm_analytics_hub.ingest.linking.observation import Observation

_Index = dict[int, Observation | list[Observation]]
"""Most keys have one observation, and a list for each would cost more than all else here."""

_CLOSEST = 16
"""How many observations that look alike are kept and compared: what is alike comes together."""


_NONE = (None, None, None, None)


class _Generation:
    """Observations by what they can be found by."""

    def __init__(self) -> None:
        self.by_span: _Index = {}
        self.by_parent: _Index = {}
        self.by_response: _Index = {}
        self.by_tokens: _Index = {}
        self.members: set[Observation] = set()

    def add(self, one: Observation) -> None:
        for index, key in self._places(one):
            if key and index.setdefault(key, one) is not one:
                index[key] = [*_listed(index[key])[-_CLOSEST:], one]
        self.members.add(one)

    def remove(self, one: Observation) -> None:
        self.members.discard(one)
        for index, key in self._places(one):
            if key in index and one in _listed(index[key]):
                index[key] = [other for other in _listed(index[key]) if other is not one]

    def _places(self, one: Observation) -> tuple[tuple[_Index, int], ...]:
        return (
            (self.by_span, one.span),
            (self.by_parent, one.parent),
            (self.by_response, one.response),
            (self.by_tokens, one.tokens),
        )

    def near(self, one: Observation) -> list[Observation]:
        """Those that may be of the same call; most often none."""
        found = (
            self.by_span.get(one.parent), self.by_parent.get(one.span),
            self.by_response.get(one.response), self.by_tokens.get(one.tokens),
        )  # fmt: skip
        if found == _NONE:
            return []
        return [other for some in found if some is not None for other in _listed(some)]


def _listed(found: Observation | list[Observation]) -> list[Observation]:
    return found if isinstance(found, list) else [found]


class CallRegister:
    """Remembers the latest calls, at least `remembered` and at most twice as many.

    Two generations: when the younger is full, the older is forgotten whole.
    """

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._young, self._old = _Generation(), _Generation()
        self._calls: dict[Observation, Call] = {}

    def __len__(self) -> int:
        return len(self._young.members) + len(self._old.members)

    def add(self, one: Observation) -> Call | None:
        """Remember an observation; the call it shares with others, None if it has its own."""
        if len(self._young.members) >= self._remembered:
            self._forget()
        near = self._young.near(one) + self._old.near(one)
        self._young.add(one)
        for other in near:
            reason = same_call_by(one, other)
            if reason is not None:
                self._join(one, other, reason)
        return self._calls.get(one)

    def remove(self, one: Observation) -> None:
        """Forget one that was not stored after all."""
        self._young.remove(one)
        self._old.remove(one)
        call = self._calls.pop(one, None)
        if call is not None:
            call.members.remove(one)

    def _join(self, one: Observation, other: Observation, reason: str) -> None:
        mine, theirs = self._call_of(one), self._call_of(other)
        if mine is not theirs and theirs.may_join(mine, reason):
            theirs.join(mine, reason)
            for member in theirs.members:
                self._calls[member] = theirs

    def _call_of(self, one: Observation) -> Call:
        return self._calls.get(one) or Call([one])

    def _forget(self) -> None:
        """Let the older generation go, and the calls none of whose members is left."""
        self._young, self._old = _Generation(), self._young
        self._calls = {
            one: call
            for one, call in self._calls.items()
            if not self._old.members.isdisjoint(call.members)
        }
