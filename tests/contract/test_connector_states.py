"""What is promised about the states of connectors, in memory and in every database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError, UnavailableError
from llm_analytics_hub.storage.connector_states import (
    LONGEST_CURSOR,
    LONGEST_NAME,
    ConnectorStates,
)

from .control_stores import NUMBERS

pytestmark = pytest.mark.slow

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NAMES = st.text(TEXT, min_size=1, max_size=LONGEST_NAME - 30)
STEPS = st.one_of(
    st.tuples(st.just("keep_cursor"), st.sampled_from("ab"), st.text(TEXT, max_size=50)),
    st.tuples(st.sampled_from(["pause", "resume"]), st.sampled_from("ab"), NAMES),
)


def test_a_name_nobody_used_runs_from_the_beginning(
    states: ConnectorStates, connector: str
) -> None:
    assert states.cursor(connector) is None
    assert not states.is_paused(connector)
    assert states.paused_by(connector) is None


def test_the_cursor_kept_last_comes_back_as_it_was_given(
    states: ConnectorStates, connector: str
) -> None:
    for cursor in ('{"page": 1}', "", '{"since":  "2025-11-19T10:00:00Z", "n": "Zoë 🙂"}'):
        states.keep_cursor(connector, cursor)
        assert states.cursor(connector) == cursor
    assert not states.is_paused(connector)


def test_pausing_and_resuming_leave_the_cursor(states: ConnectorStates, connector: str) -> None:
    states.keep_cursor(connector, "1")
    states.pause(connector, "anna")
    states.pause(connector, "boris")
    assert (states.is_paused(connector), states.paused_by(connector), states.cursor(connector)) == (
        True, "boris", "1",
    )  # fmt: skip
    states.keep_cursor(connector, "2")
    assert states.is_paused(connector)
    states.resume(connector, "carla")
    states.resume(connector, "carla")
    assert (states.is_paused(connector), states.paused_by(connector), states.cursor(connector)) == (
        False, None, "2",
    )  # fmt: skip


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=12), common=NAMES)
def test_any_steps_leave_what_they_say(
    states: ConnectorStates, steps: list[tuple[str, str, str]], common: str
) -> None:
    names = {key: f"{common}{next(NUMBERS)}{key}" for key in "ab"}
    cursors: dict[str, str] = {}
    pausers: dict[str, str | None] = {}
    for step, key, text in steps:
        getattr(states, step)(names[key], text)
        if step == "keep_cursor":
            cursors[key] = text
        else:
            pausers[key] = text if step == "pause" else None
    for key, name in names.items():
        assert states.cursor(name) == cursors.get(key)
        assert states.paused_by(name) == pausers.get(key)
        assert states.is_paused(name) == (pausers.get(key) is not None)


def test_threads_do_not_undo_each_others_steps(states: ConnectorStates, connector: str) -> None:
    def keep(number: int) -> None:
        for n in range(40):
            states.keep_cursor(f"{connector}-{number}", str(n))
            states.keep_cursor(connector, str(n))

    def pause() -> None:
        for n in range(40):
            states.resume(connector, "anna")
            states.pause(connector, str(n))

    with ThreadPoolExecutor() as threads:
        for done in [*(threads.submit(keep, number) for number in range(4)), threads.submit(pause)]:
            done.result()
    assert [states.cursor(f"{connector}-{number}") for number in range(4)] == ["39"] * 4
    assert states.cursor(connector) is not None
    assert states.paused_by(connector) == "39"


def test_text_up_to_the_limit_is_kept(states: ConnectorStates) -> None:
    connector, cursor = "ü" * LONGEST_NAME, "ü" * LONGEST_CURSOR
    states.keep_cursor(connector, cursor)
    states.pause(connector, connector)
    assert states.cursor(connector) == cursor
    assert states.paused_by(connector) == connector


CALLS: dict[str, Callable[[ConnectorStates, str], object]] = {
    "cursor": lambda states, text: states.cursor(text),
    "keep_cursor": lambda states, text: states.keep_cursor(text, "1"),
    "is_paused": lambda states, text: states.is_paused(text),
    "paused_by": lambda states, text: states.paused_by(text),
    "pause": lambda states, text: states.pause(text, "anna"),
    "resume": lambda states, text: states.resume(text, "anna"),
}
BY: dict[str, Callable[[ConnectorStates, str], object]] = {
    "pause by": lambda states, text: states.pause("own", text),
    "resume by": lambda states, text: states.resume("own", text),
}


@pytest.mark.parametrize("call", [*CALLS, *BY])
@pytest.mark.parametrize("text", ["", "x" * (LONGEST_NAME + 1), "a\0b", "\ud800"])
def test_a_name_that_is_none_is_refused(states: ConnectorStates, call: str, text: str) -> None:
    with pytest.raises(InvalidInputError):
        (CALLS | BY)[call](states, text)


@pytest.mark.parametrize("cursor", ["x" * (LONGEST_CURSOR + 1), "a\0b", "\ud800"])
def test_a_cursor_that_is_none_is_refused_and_changes_nothing(
    states: ConnectorStates, connector: str, cursor: str
) -> None:
    states.keep_cursor(connector, "1")
    with pytest.raises(InvalidInputError):
        states.keep_cursor(connector, cursor)
    assert states.cursor(connector) == "1"


def test_a_closed_store_is_unavailable_and_may_be_closed_again(
    own_states: ConnectorStates, connector: str
) -> None:
    own_states.close()
    own_states.close()
    for call in CALLS.values():
        with pytest.raises(UnavailableError, match="closed"):
            call(own_states, connector)
