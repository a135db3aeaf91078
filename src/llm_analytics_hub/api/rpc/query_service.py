"""`llm_analytics_hub.query.v1.QueryService`: what the REST API answers, as messages."""

from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import grpc
from google.protobuf.json_format import ParseDict

from llm_analytics_hub.api.rpc.answers import (
    NAMED,
    in_pieces,
    to_arrow_pieces,
    to_asset,
    to_event,
    to_response,
    to_spans,
)
from llm_analytics_hub.api.rpc.calls import Calls
from llm_analytics_hub.api.rpc.live import Live, frames_of
from llm_analytics_hub.api.rpc.questions import question_of, span_of, where_of
from llm_analytics_hub.errors import InvalidQueryError, about
from llm_analytics_hub.live.frames import from_cursor
from llm_analytics_hub.live.matching import check_live
from llm_analytics_hub.model.asset import AssetFilter
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.catalog import catalog
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

SERVICE = "llm_analytics_hub.query.v1.QueryService"
MAX_LISTED = 1_000_000
PAGE_ROWS = 500
"""Rows that are read at a time: what is held for a caller that is slow."""

Message = Any
Json = dict[str, Any]
_USUAL = 100


@dataclass(frozen=True)
class QueryDoor:
    """The methods of the service. Safe for many threads.

    A question ends once its caller is `gone`; a list ends behind the page that is being read.
    """

    queries: QueryService
    lists: EventLists
    assets: AssetLists
    live: Live

    def handler(self, calls: Calls) -> grpc.GenericRpcHandler:
        """What the server calls."""
        methods = {
            "Query": calls.ask(NAMED("QueryRequest"), self.query),
            "QueryArrow": calls.stream(NAMED("QueryRequest"), self.query_arrow),
            "ListEvents": calls.stream(NAMED("ListEventsRequest"), self.list_events),
            "GetTrace": calls.stream(NAMED("GetTraceRequest"), self.get_trace),
            "ListAssets": calls.stream(NAMED("ListAssetsRequest"), self.list_assets),
            "StreamEvents": calls.stream(NAMED("StreamEventsRequest"), self.stream_events),
            "GetCatalog": calls.ask(NAMED("GetCatalogRequest"), self.get_catalog),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def query(self, tenant: str, request: Message, gone: Cancellation) -> Message:
        """A QueryResponse. Raises: InvalidQueryError, UnavailableError."""
        body = question_of(request)
        return to_response(self.queries.answer(body, tenant=tenant, door="grpc", cancellation=gone))

    def query_arrow(self, tenant: str, request: Message, gone: Cancellation) -> Iterator[Message]:
        """ArrowPieces. Raises: as `query`."""
        body = question_of(request)
        yield from to_arrow_pieces(
            self.queries.answer(body, tenant=tenant, door="grpc", cancellation=gone)
        )

    def list_events(self, tenant: str, request: Message, gone: Cancellation) -> Iterator[Message]:
        """EventsPages. Raises: InvalidQueryError."""
        where, span = where_of(request), span_of(request)

        def page(rows: int, cursor: str | None) -> Json:
            return self.lists.page(EventFilter(tenant, where, span, rows), cursor)

        for found in _pages(page, request):
            pieces = list(in_pieces(map(to_event, found["events"])))
            for piece in pieces[:-1]:
                yield NAMED("EventsPage")(events=piece)
            yield NAMED("EventsPage")(events=pieces[-1], next_cursor=found["next_cursor"] or "")

    def get_trace(self, tenant: str, request: Message, gone: Cancellation) -> Iterator[Message]:
        """TracePieces. Raises: NotFoundError."""
        trace = self.lists.trace(tenant, request.trace_id.lower())
        for piece in in_pieces(to_spans(trace["roots"])):
            yield NAMED("TracePiece")(
                trace_id=trace["trace_id"], span_count=trace["spans"], spans=piece
            )

    def list_assets(self, tenant: str, request: Message, gone: Cancellation) -> Iterator[Message]:
        """AssetsPages. Raises: InvalidQueryError."""
        wanted = AssetFilter(
            tenant,
            asset_type=request.asset_type or None,
            status=request.status or None,
            owner=request.owner or None,
            tag=request.tag or None,
            name_prefix=request.name_prefix or None,
        )

        def page(rows: int, cursor: str | None) -> Json:
            return self.assets.page(replace(wanted, limit=rows), cursor)

        for found in _pages(page, request):
            pieces = list(in_pieces(map(to_asset, found["assets"])))
            for piece in pieces[:-1]:
                yield NAMED("AssetsPage")(assets=piece)
            yield NAMED("AssetsPage")(assets=pieces[-1], next_cursor=found["next_cursor"] or "")

    def stream_events(
        self, tenant: str, request: Message, gone: Cancellation
    ) -> AsyncGenerator[Message, None]:
        """StreamFrames. Raises: InvalidQueryError; as `Subscriptions.frames`."""
        after = from_cursor(request.cursor) if request.cursor else None
        with about("filters"):
            where = check_live(where_of(request))
        return frames_of(self.live, tenant, where, after)

    def get_catalog(self, tenant: str, request: Message, gone: Cancellation) -> Message:
        """The Catalog; the same for every tenant."""
        # What the catalogue says beyond the messages is for the doors that show it.
        return ParseDict(catalog(), NAMED("Catalog")(), ignore_unknown_fields=True)


def _pages(page: Callable[[int, str | None], Json], request: Message) -> Iterator[Json]:
    """Pages until `limit` is reached or nothing is left. Raises: InvalidQueryError."""
    left = most(request.limit)
    cursor = request.cursor or None
    while left:
        rows = min(left, PAGE_ROWS)
        found = page(rows, cursor)
        yield found
        cursor = found["next_cursor"]
        left = left - rows if cursor else 0


def most(limit: int, usual: int = _USUAL, largest: int = MAX_LISTED) -> int:
    """How many are asked for, `usual` of them if nothing is said. Raises: InvalidQueryError."""
    if not 0 <= limit <= largest:
        raise InvalidQueryError(f"limit: it is 1 to {largest}, or 0 for {usual}")
    return limit or usual
