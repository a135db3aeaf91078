"""The model calls of the last while: where an observation finds others of its call."""

from collections.abc import Iterable, Iterator, Sequence

from llm_analytics_hub.ingest.linking.call import Call, same_call_by
from llm_analytics_hub.ingest.linking.observation import Observation
from llm_analytics_hub.ingest.linking.observations import Observations

_Index = dict[int, int | list[int]]
"""Serials by key. Most keys have one, and a list for each would cost more than all else here."""

_CLOSEST = 16
"""How many observations that look alike are kept and compared: what is alike comes together."""

_PLACES = 2**32 - 1  # the bits of a serial that are the place in its batch


class CallRegister:
    """Remembers the latest calls, at least `remembered` and at most a batch more than twice as many.

    Two generations: when the younger is full, the older is forgotten whole.
    """

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._young, self._old = _Generation(), _Generation()
        self._calls: dict[Observation, Call] = {}

    def __len__(self) -> int:
        return self._young.size + self._old.size

    def add(self, batch: Observations) -> list[Call]:
        """Remember the calls of a batch; its calls that others saw too."""
        if self._young.size >= self._remembered:
            self._forget()
        shared = self._young.add(batch)
        before = self._old.alike(batch)
        places = sorted({*self._young.company(batch, shared), *self._old.company(batch, before)})
        for place in places:
            self._link(batch.one(place))
        linked = [self._calls.get(batch.one(place)) for place in places]
        return list({id(call): call for call in linked if call is not None}.values())

    def call_of(self, one: Observation) -> Call:
        """The call that an observation is of."""
        return self._calls.get(one) or Call([one])

    def remove(self, batch: Observations) -> None:
        """Forget a batch that was not stored after all."""
        self._young.remove(batch)
        for place in range(len(batch)):
            call = self._calls.pop(batch.one(place), None)
            if call is not None:
                call.members.remove(batch.one(place))

    def _link(self, one: Observation) -> None:
        near = [*self._young.near(one), *self._old.near(one)]
        for other in sorted(near, key=lambda other: other.serial):
            reason = same_call_by(one, other)
            if reason is not None:
                self._join(one, other, reason)

    def _join(self, one: Observation, other: Observation, reason: str) -> None:
        mine, theirs = self.call_of(one), self.call_of(other)
        if mine is not theirs and theirs.may_join(mine, reason):
            theirs.join(mine, reason)
            for member in theirs.members:
                self._calls[member] = theirs

    def _forget(self) -> None:
        """Let the older generation go, and the calls none of whose members is left."""
        self._young, self._old = _Generation(), self._young
        self._calls = {
            one: call
            for one, call in self._calls.items()
            if any(self._old.has(member) for member in call.members)
        }


class _Generation:
    """Calls by what they can be found by."""

    def __init__(self) -> None:
        self.size = 0
        self._batches: dict[int, Observations] = {}
        self._spans: _Index = {}
        self._parents: _Index = {}
        self._responses: _Index = {}
        self._tokens: _Index = {}

    def add(self, batch: Observations) -> set[int]:
        """Note the calls of a batch, its places with a scope; the keys that others have, too."""
        self._batches[batch.base] = batch
        serials = [batch.base + place for place, scope in enumerate(batch.scopes) if scope]
        self.size += len(serials)
        shared: set[int] = set()
        for index, keys in self._keyed(batch):
            chosen = keys if len(serials) == len(batch) else _with_scope(keys, batch.scopes)
            for key, serial in zip(chosen, serials, strict=True):
                if key and (found := index.setdefault(key, serial)) is not serial:
                    index[key] = [*_listed(found)[1 - _CLOSEST :], serial]
                    shared.add(key)
        return shared

    def remove(self, batch: Observations) -> None:
        """Forget a batch again."""
        if self._batches.pop(batch.base, None) is None:
            return
        self.size -= sum(1 for scope in batch.scopes if scope)
        own = range(batch.base, batch.base + len(batch))
        for index, keys in self._keyed(batch):
            for key in set(keys) & index.keys():
                left = [serial for serial in _listed(index[key]) if serial not in own]
                index[key] = left

    def has(self, one: Observation) -> bool:
        """Whether an observation came in this generation."""
        return one.serial & ~_PLACES in self._batches

    def alike(self, batch: Observations) -> set[int]:
        """The responses and tokens of a batch that are known here."""
        tokens: set[int] = self._tokens.keys() & batch.tokens.tolist()
        return tokens | (self._responses.keys() & batch.responses)

    def company(self, batch: Observations, shared: set[int]) -> Iterator[int]:
        """The places of a batch for whose calls `near` may find something; most often none.

        They are near by their trace, or by one of the responses and tokens `shared` with others.
        """
        parents, spans = batch.parents.tolist(), batch.spans.tolist()
        yield from _places(parents, self._spans.keys() & parents, batch)
        yield from _places(spans, self._parents.keys() & spans, batch)
        yield from _places(batch.responses, shared, batch)
        yield from _places(batch.tokens.tolist(), shared, batch)

    def near(self, one: Observation) -> Iterator[Observation]:
        """Those that came before `one` and may be of its call."""
        for index, key in (
            (self._spans, one.parent), (self._parents, one.span),
            (self._responses, one.response), (self._tokens, one.tokens),
        ):  # fmt: skip
            for serial in _listed(index.get(key, [])):
                if serial < one.serial:
                    yield self._batches[serial & ~_PLACES].one(serial & _PLACES)

    def _keyed(self, batch: Observations) -> tuple[tuple[_Index, Sequence[int]], ...]:
        return (
            (self._spans, batch.spans.tolist()),
            (self._parents, batch.parents.tolist()),
            (self._responses, batch.responses),
            (self._tokens, batch.tokens.tolist()),
        )


def _listed(found: int | list[int]) -> list[int]:
    return found if isinstance(found, list) else [found]


def _with_scope(keys: Sequence[int], scopes: Sequence[str]) -> Sequence[int]:
    return [key for key, scope in zip(keys, scopes, strict=True) if scope]


def _places(keys: Iterable[int], found: set[int], batch: Observations) -> Iterator[int]:
    if found:
        for place, key in enumerate(keys):
            if key in found and batch.scopes[place]:
                yield place
