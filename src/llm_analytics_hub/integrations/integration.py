"""What all integrations have in common: shapes of messages, each with its table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.envelopes import from_envelope
from llm_analytics_hub.ingest.submission import Decoded, Refused
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.patterns import Patterns
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, read, renamed
from llm_analytics_hub.integrations.wires import Wires

Match = Callable[[Message], bool]
Translate = Callable[[Message], Iterable[Row]]


@dataclass(frozen=True)
class Shape:
    """A kind of message that a module writes: how it is known, and the raw events it makes."""

    name: str
    matches: Match
    events: Translate


@dataclass(frozen=True)
class Integration:
    """A module: the shapes of its messages, tried in order, and where its replies hold rows.

    `pages` are the members that hold the rows of a page, as paths; `sinks` the paths, of other
    services, at which the hub takes this module's messages in their stead. `csv` reads a file of
    its own making: a document for each row, or why it is refused. `whole` decodes bodies, by their
    content type, that another codec of the hub reads; it answers None for all others. `spelling`
    gives a document the spelling that the shapes expect, where a module has several. A refused
    document of a module whose messages `has_contents`, prompts or answers, is kept for tenants only
    that keep those.
    """

    name: str
    shapes: Sequence[Shape]
    pages: Sequence[str] = ()
    sinks: Sequence[str] = ()
    csv: Callable[[str], Iterable[Document | Refused]] | None = None
    whole: Callable[[bytes, str], Decoded | None] = lambda _body, _content_type: None
    spelling: Callable[[Document], Document] = lambda document: document
    has_contents: bool = True
    is_error: Match = field(default=lambda _: False)
    wires: Wires = field(default=Wires())
    patterns: Patterns = field(default_factory=Patterns, init=False, compare=False, repr=False)

    def events_of(self, message: Message) -> list[Row]:
        """The raw events of a message; one that is of no known shape is kept as it is.

        Raises: InvalidInputError, code `error_reply`, for the module's way to say that it failed.
        """
        if self.is_error(message):
            text = "this is an error reply of the module, no event"
            raise InvalidInputError(text, code="error_reply")
        ours = replace(message, document=self.spelling(message.document))
        tried = [*((shape, ours) for shape in self.shapes), (PLATFORM_EVENT, message)]
        found = (shape.events(told) for shape, told in tried if shape.matches(told))
        rows = next(found, [_unknown(self.name, message)])
        return [{"source": self.name, **row} for row in rows]


_AS_SENT: Columns = {}


def by_table(
    columns: Columns, *, names: Columns = _AS_SENT, opened: Sequence[str] = ()
) -> Translate:
    """One event for each message, by a table; what no field takes joins the attributes.

    `names` are attributes under other names than they were sent; `opened` are objects whose members
    become attributes by themselves.
    """

    def translate(message: Message) -> Iterable[Row]:
        reading = Reading(message.document)
        row = read(reading, columns)
        renamed(reading, names)
        reading.open(*opened)
        return [with_rest(row, reading.rest)]

    return translate


def with_rest(row: Row, rest: Row) -> Row:
    """A row with what is left of its document as attributes."""
    attributes = {name: value for name, value in rest.items() if value is not None}
    return {**row, "attributes": attributes} if attributes else row


def has(*names: str) -> Match:
    """Whether a document has all of these members."""
    wanted = frozenset(names)
    return lambda message: wanted <= message.document.keys()


def says(**members: object) -> Match:
    """Whether members of a document have these values."""
    return lambda message: all(
        message.document.get(name) == value for name, value in members.items()
    )


PLATFORM_EVENT = Shape(
    "event as the documents describe it",
    has("eventType", "data"),
    lambda message: [dict(from_envelope(message.document))],
)
"""No module sends it; whoever follows the documents does."""

_TIMES = ("timestamp", "occurred_at", "created_at", "createdAt", "time", "ts")
_TYPES = ("event_type", "eventType", "event", "type")


def _unknown(module: str, message: Message) -> Row:
    reading = Reading(message.document)
    known: Mapping[str, object] = {
        "occurred_at": reading.take(*_TIMES),
        "original_type": reading.take(*_TYPES),
        "event_id": reading.take("event_id", "eventId", "id"),
    }
    found = {name: value for name, value in known.items() if value is not None}
    return with_rest({"event_type": f"{module}.message", **found}, reading.rest)
