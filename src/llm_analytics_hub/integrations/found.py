"""What was read of a request so far: rows, their places in it, and what was refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from llm_analytics_hub.errors import HubError
from llm_analytics_hub.ingest.dead_letters import payload_of
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Document
from llm_analytics_hub.integrations.reading import Row

Reader: TypeAlias = Callable[[Integration, Document, datetime, str], list[Row]]
"""From a document, its time of arrival and subject to rows. Raises: HubError for one to be refused."""


class Found:
    """Collects what the messages of one module say."""

    def __init__(self, integration: Integration, received_at: datetime, reader: Reader) -> None:
        self._integration = integration
        self._received_at = received_at
        self._reader = reader
        self._rows: list[Row] = []
        self._places: list[int] = []
        self._refused: list[Refused] = []
        self._repaired: list[Rejection] = []

    @property
    def decoded(self) -> Decoded:
        """All of it."""
        return Decoded(self._rows, self._places, self._refused, repaired=self._repaired)

    def read(self, place: int, document: Document, subject: str) -> None:
        """The rows of a document, or its refusal: whole, to be read again."""
        try:
            rows = self._reader(self._integration, document, self._received_at, subject)
        except HubError as error:
            rejection = Rejection(place, error.code, error.message)
            self.refuse(rejection, payload_of(document), subject)
        except RecursionError:
            rejection = Rejection(place, "attributes_too_deep", "nested too deeply to be read")
            self.refuse(rejection, payload_of(document), subject)
        else:
            self._rows += rows
            self._places += [place] * len(rows)

    def refuse(self, rejection: Rejection, payload: str, subject: str) -> None:
        """A document or a whole body; kept without capture if it can hold no prompts."""
        plain = "" if self._integration.has_contents else payload
        self._refused.append(Refused(rejection, payload, plain, subject, self._received_at))

    def join(self, decoded: Decoded, place: int | None = None) -> None:
        """What another decoder read, all of it from one place where that is given."""
        self._rows += map(dict, decoded.rows)
        rows = range(len(decoded.rows))
        self._places += [decoded.place(row) if place is None else place for row in rows]
        self._repaired += [_moved(one, place) for one in decoded.repaired]
        self._refused += [
            replace(letter, rejection=_moved(letter.rejection, place)) for letter in decoded.refused
        ]


def _moved(rejection: Rejection, place: int | None) -> Rejection:
    return rejection if place is None else replace(rejection, index=place)
