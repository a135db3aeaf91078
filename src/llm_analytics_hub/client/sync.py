"""The client that waits for its answers."""

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx

from llm_analytics_hub.client.call import Call
from llm_analytics_hub.client.connection import DEFAULT_URL, TIMEOUT_SECONDS, parts_of, settings_of
from llm_analytics_hub.client.download import Download
from llm_analytics_hub.client.exchange import Exchange, Outcome
from llm_analytics_hub.client.exports import Course, Step
from llm_analytics_hub.client.methods import Questions, Waiting
from llm_analytics_hub.client.watch import Frame, Watch

T = TypeVar("T")


class Hub(Questions, Waiting):
    """A connection to one hub, as one tenant; safe for many threads.

    Every method raises the hub's own errors (`llm_analytics_hub.errors`): what its problem document
    says, with `code`, `detail` and `field`, or UnavailableError when nothing answers. A hub that is
    busy is asked again as it wishes.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        tenant: str = "default",
        token: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        hint: str = "",
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """`timeout` is seconds for one try. `transport` replaces the network, `pause` waits.

        `hint` ends the advice to name another address. Raises: InvalidInputError for no address.
        """
        self._exchange = Exchange(url, hint)
        self.url = self._exchange.url
        self._gave_up = threading.Event()
        self._pause = pause or self._gave_up.wait
        self._http = httpx.Client(
            **settings_of(self.url, tenant, token, timeout), transport=transport
        )

    def do(self, call: Call[T]) -> T:
        """What a call reads, after as many tries as it takes."""
        return self._carried(call, lambda: self._http.request(**parts_of(call)))

    def run(self, course: Course) -> dict[str, Any]:
        """What a course comes to, after all its steps."""
        answer: dict[str, Any] | None = None
        try:
            while True:
                answer = self._taken(course.send(answer))
        except StopIteration as done:
            return cast("dict[str, Any]", done.value)

    def follow(self, watch: Watch) -> Iterator[Frame]:
        """What comes of what is watched, over as many connections as it takes."""
        reader = watch.reader(self._exchange)
        while True:
            try:
                with self._http.stream(**reader.request()) as answer:
                    outcome: Outcome = answer
                    if answer.is_success:
                        for piece in answer.iter_bytes():
                            yield from reader.frames(piece)
                    else:
                        answer.read()
            except httpx.TransportError as error:
                outcome = error
            self._pause(reader.wait(outcome))

    def give_up(self) -> None:
        """End all waiting for a busy hub: the calls under way fail now."""
        self._exchange.gave_up = True
        self._gave_up.set()

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _carried(self, call: Call[T], send: Callable[[], httpx.Response]) -> T:
        steps = self._exchange.steps(call)
        outcome: Outcome | None = None
        try:
            while True:
                wait = steps.send(outcome)
                if wait is None:
                    outcome = _tried(send)
                else:
                    self._pause(wait)
        except StopIteration as done:
            return cast("T", done.value)

    def _taken(self, step: Step) -> dict[str, Any] | None:
        if isinstance(step, Call):
            return self.do(step)
        if isinstance(step, Download):
            self._fetch(step)
        else:
            self._pause(step)
        self._exchange.check()
        return None

    def _fetch(self, file: Download) -> None:
        try:
            self._carried(file.call, lambda: self._streamed(file))
            file.finish()
        finally:
            file.clean_up()

    def _streamed(self, file: Download) -> httpx.Response:
        with self._http.stream("GET", file.path, headers=file.headers) as answer:
            if not answer.is_success:
                answer.read()
                return answer
            file.begin(answer)
            for piece in answer.iter_bytes():
                file.take(piece)
        return answer


def _tried(send: Callable[[], httpx.Response]) -> Outcome:
    try:
        return send()
    except httpx.TransportError as error:
        return error
