"""When a request is sent, sent again, or given up: the rules, without the sending and the waiting."""

from collections.abc import Generator
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec

from llm_analytics_hub.client.call import ATTEMPTS, Call
from llm_analytics_hub.client.errors import error_of
from llm_analytics_hub.errors import HubError, InvalidInputError, UnavailableError

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

T = TypeVar("T")
Outcome = httpx.Response | httpx.TransportError


class Exchange:
    """What a client knows of one hub while it talks to it: whether it ever answered.

    A busy hub (429, 503) is asked again as it wishes, 8 times in all; so is one that went away, but
    not one that never answered. `hint` ends the advice of a message: how to name another address.
    """

    def __init__(self, url: str, hint: str = "") -> None:
        """Raises: InvalidInputError for a `url` without its scheme."""
        if httpx.URL(url).scheme not in {"http", "https"}:
            raise InvalidInputError(f"{url!r} is no address: write it as http://host:port")
        self.url = url.rstrip("/")
        self.gave_up = False
        self._hint = hint
        self._has_answered = False

    def steps(self, call: Call[T]) -> Generator[float | None, Outcome | None, T]:
        """Yields None for "send it and tell me what came", or the seconds to wait before.

        Returns what the answer says. Raises: the hub's own errors; UnavailableError when nothing
        answers, or something that is no hub.
        """
        silences = 0
        for attempt in range(ATTEMPTS):
            outcome = yield None
            if isinstance(outcome, httpx.Response):
                self._has_answered = True
                if outcome.status_code not in BUSY or outcome.status_code in call.expects:
                    return self._read(call, outcome)
            elif not isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout):
                silences += 1
            is_last = attempt == ATTEMPTS - 1 or silences >= call.silences
            if is_last or not self._has_answered or self.gave_up:
                break
            yield wait_seconds(outcome, attempt)
        raise self.tired(outcome)

    def check(self) -> None:
        """Raises: UnavailableError once waiting is over."""
        if self.gave_up:
            raise UnavailableError(f"the hub at {self.url} was not waited for", code="gave_up")

    def failure(self, answer: httpx.Response) -> HubError:
        """The error that an answer tells."""
        return error_of(answer) or self._no_hub(f"status {answer.status_code}")

    def _read(self, call: Call[T], answer: httpx.Response) -> T:
        if not answer.is_success and answer.status_code not in call.expects:
            raise self.failure(answer)
        try:
            return call.read(answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._no_hub("its answer makes no sense") from error

    def _no_hub(self, sign: str) -> HubError:
        return not_a_hub(self.url, sign, self._hint)

    def tired(self, outcome: Outcome | None) -> HubError:
        """The error for a hub that is not tried any more after this."""
        if isinstance(outcome, httpx.Response):
            stays = UnavailableError(f"the hub at {self.url} stays unavailable")
            return error_of(outcome) or stays
        if self._has_answered:
            return UnavailableError(f"the hub at {self.url} went away ({type(outcome).__name__})")
        return UnavailableError(
            f"no hub answers at {self.url}: start one with `analytics-hub serve`, "
            f"or name its address{self._hint}"
        )


def not_a_hub(url: str, sign: str, hint: str = "") -> HubError:
    """The error for an answer that no hub gives; `sign` says what showed it."""
    message = f"what answers at {url} is no hub ({sign}): name the hub's address{hint}"
    return UnavailableError(message, code="not_a_hub")


def wait_seconds(outcome: Outcome | None, attempt: int) -> float:
    """How long to wait after a try, the first of which is 0."""
    wished = outcome.headers.get("Retry-After", "") if isinstance(outcome, httpx.Response) else ""
    seconds = float(wished) if wished.isdigit() else FIRST_WAIT_SECONDS * 2**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)
