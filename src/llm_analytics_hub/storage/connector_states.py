"""What a connector must know after a restart: where it stopped, and whether it may run."""

from typing import Protocol

from llm_analytics_hub.errors import InvalidInputError

LONGEST_NAME = 200
"""Characters of a connector's name, and of the name of who pauses it."""

LONGEST_CURSOR = 65_536
"""Characters of a cursor; remotes choose parts of it."""


class ConnectorStates(Protocol):
    """The state of each connector, by name; all methods may be called from any thread.

    A name nobody has used is that of a connector that runs and starts from the beginning. Every
    method blocks, and raises UnavailableError when the store cannot be read or written (retry), and
    InvalidInputError for a name or cursor that is too long or is no text.
    """

    def cursor(self, name: str, /) -> str | None:
        """The cursor that was kept last, as it was given; None where there is none."""
        ...

    def keep_cursor(self, name: str, cursor: str, /) -> None:
        """Keep `cursor` (JSON; the store does not read it) in place of the one before, then return.

        What was kept survives kill -9. It says nothing about whether the connector is paused. Call
        it after the events before the cursor are committed, never earlier.
        """
        ...

    def is_paused(self, name: str, /) -> bool:
        """Whether the connector must not run."""
        ...

    def paused_by(self, name: str, /) -> str | None:
        """Who paused it last; None while it may run."""
        ...

    def pause(self, name: str, by: str, /) -> None:
        """Let the connector run no more, also after a restart; the cursor stays. Idempotent."""
        ...

    def resume(self, name: str, by: str, /) -> None:
        """Let it run again from its cursor; one that runs goes on. Idempotent."""
        ...

    def close(self) -> None:
        """Release the store; further calls raise UnavailableError. Idempotent."""
        ...


def check_name(name: str) -> None:
    """Pass a name that every store can keep. Raises: InvalidInputError."""
    if not name:
        raise InvalidInputError("a name must not be empty")
    check_text(name, LONGEST_NAME, "a name")


def check_cursor(cursor: str) -> None:
    """Pass a cursor that every store can keep. Raises: InvalidInputError."""
    check_text(cursor, LONGEST_CURSOR, "a cursor")


def check_text(text: str, longest: int, what: str) -> None:
    """Pass a text that every store can keep; `what` names it. Raises: InvalidInputError."""
    if len(text) > longest:
        raise InvalidInputError(f"{what} has at most {longest} characters, not {len(text)}")
    # PostgreSQL keeps no NUL, and half a surrogate pair has no UTF-8.
    try:
        is_text = b"\0" not in text.encode()
    except UnicodeEncodeError:
        is_text = False
    if not is_text:
        raise InvalidInputError(f"{what} must be text, without NUL and lone surrogates")
