import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ingest.dedup import DedupWindow

KEYS = st.lists(
    st.sampled_from([0, 1, 2, 3, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1), max_size=20
)
STEPS = st.lists(st.tuples(KEYS, st.integers(0, 50), st.integers(1, 100)), max_size=15)


def keys(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


def until(*seconds: int) -> np.ndarray:
    return np.array(seconds, np.int64)


@given(STEPS)
def test_it_knows_what_a_dictionary_would_know(steps: list[tuple[list[int], int, int]]) -> None:
    window, known, now = DedupWindow(), dict[int, int](), 0
    for batch, pause, lifetime in steps:
        now += pause
        expected = [
            known.get(key, 0) > now or key in batch[:place] for place, key in enumerate(batch)
        ]
        repeats = window.repeats(keys(*batch), now)
        assert repeats.tolist() == expected
        fresh = keys(*batch)[~repeats]
        window.remember(fresh, np.full(len(fresh), now + lifetime), now)
        known |= {int(key): now + lifetime for key in fresh}


def test_a_key_counts_until_its_moment_and_not_at_it() -> None:
    window = DedupWindow()
    window.remember(keys(7), until(100), 0)
    assert window.repeats(keys(7), 99).tolist() == [True]
    assert window.repeats(keys(7), 100).tolist() == [False]


def test_of_two_moments_the_later_counts() -> None:
    window = DedupWindow()
    window.remember(keys(7, 7), until(100, 50), 0)
    window.remember(keys(7), until(60), 0)
    assert window.repeats(keys(7), 99).tolist() == [True]
    assert len(window) == 1


def test_keys_whose_time_is_over_are_forgotten() -> None:
    window = DedupWindow()
    for second in range(1_000):
        window.remember(keys(second), until(second + 10), second)
    assert len(window) < 50


def test_there_are_few_runs_to_search_however_many_keys() -> None:
    window = DedupWindow()
    for number in range(4_000):
        window.remember(keys(number), until(10**9), 0)
    assert len(window) == 4_000
    assert len(window._runs) < 10
    assert window.repeats(np.arange(4_001, dtype=np.uint64), 1).sum() == 4_000


def test_nothing_is_no_repeat() -> None:
    window = DedupWindow()
    window.remember(keys(), until(), 0)
    assert window.repeats(keys(), 0).tolist() == []
    window.remember(keys(1), until(0), 5)
    assert len(window) == 0
