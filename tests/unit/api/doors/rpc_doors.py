"""The gRPC service: a question in members, as a Struct, and answered as Arrow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import grpc
import pyarrow as pa
from google.protobuf.json_format import ParseDict

from llm_analytics_hub.api.rpc.answers import NAMED

from .door import Body, Cell, Told
from .http_doors import table_rows

SERVICE = "/llm_analytics_hub.query.v1.QueryService"
_REQUEST = NAMED("QueryRequest")
_GROUPS = {"and": "all_of", "or": "any_of"}


@dataclass(frozen=True)
class Rpc:
    """`Query`."""

    channel: grpc.Channel
    as_struct: bool = False

    @property
    def name(self) -> str:
        return "gRPC, Struct" if self.as_struct else "gRPC"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        call = self.channel.unary_unary(
            f"{SERVICE}/Query", _REQUEST.SerializeToString, NAMED("QueryResponse").FromString
        )
        said = {"question": dict(body)} if self.as_struct else message_of(body)
        answer = call(ParseDict(said, _REQUEST()), metadata=(("x-tenant", tenant),), timeout=60)
        columns = [(one.name, one.type, one.unit or None) for one in answer.columns]
        return Told([tuple(map(_cell, row.values)) for row in answer.rows], columns)


@dataclass(frozen=True)
class RpcArrow:
    """`QueryArrow`."""

    channel: grpc.Channel
    name: str = "gRPC, Arrow"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        call = self.channel.unary_stream(
            f"{SERVICE}/QueryArrow", _REQUEST.SerializeToString, NAMED("ArrowPiece").FromString
        )
        request = ParseDict(message_of(body), _REQUEST())
        pieces = list(call(request, metadata=(("x-tenant", tenant),), timeout=60))
        columns = [(one.name, one.type, one.unit or None) for one in pieces[0].columns]
        stream = b"".join(piece.ipc for piece in pieces)
        return Told(table_rows(pa.ipc.open_stream(stream).read_all()), columns)


def message_of(body: Body) -> dict[str, Any]:
    """A question's body as the members of a QueryRequest, as JSON."""
    filters = {name: _filters(body[name]) for name in ("filters", "having") if name in body}
    return {**body, **filters}


def _filters(given: Any) -> list[dict[str, Any]]:
    return [_filter(one) for one in (given if isinstance(given, list) else [given])]


def _filter(one: Mapping[str, Any]) -> dict[str, Any]:
    for word, member in _GROUPS.items():
        if word in one:
            return {member: {"filters": _filters(one[word])}}
    return {"negated": _filter(one["not"])} if "not" in one else {"condition": dict(one)}


def _cell(value: Any) -> Cell:
    match value.WhichOneof("kind"):
        case None:
            return None
        case "time":
            return value.time.ToDatetime(UTC)
        case "decimal":
            return Decimal(value.decimal)
        case kind:
            found: Cell = getattr(value, kind)
            return found
