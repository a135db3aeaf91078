"""Requests to every path that tells of what was stored, and what comes back without what differs anyway."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from .planted import TRACE
from .questions import WEEK, ask, has

SPAN = {"from": "2025-11-11T00:00:00Z", "to": "2025-11-20T00:00:00Z"}
_OF_THE_MOMENT = {"elapsed_ms", "engine_ms", "rows_read", "rows_to_read", "cached", "id", "data", "letter_id", "percent", "last_event_at", "age_s"}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A request but for its tenant."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None

    def send(self, http: httpx.Client, tenant: str, **headers: str) -> httpx.Response:
        """What a tenant gets."""
        given = {"x-tenant": tenant, **headers}
        return http.request(
            self.method, self.path, params=self.params, json=self.json, headers=given
        )


def told(answer: httpx.Response) -> tuple[int, Any]:
    """Status and body, without times, costs and random ids."""
    kind = answer.headers.get("content-type", "")
    body = msgspec.json.decode(answer.content) if "json" in kind else answer.text
    return answer.status_code, _lasting(body)


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(one) for one in value]
    if isinstance(value, dict):
        return {name: _lasting(one) for name, one in value.items() if name not in _OF_THE_MOMENT}
    return value


def _get(path: str, **params: Any) -> Request:
    return Request("GET", f"/api/v1/{path}", params)


def _post(path: str, body: Any) -> Request:
    return Request("POST", f"/api/v1/{path}", {}, body)


def _sql(text: str, other: str = "") -> Request:
    return _post("sql", {"sql": text.replace("OTHER", other)})


def _graphql(document: str, other: str = "") -> Request:
    return _post("graphql", {"query": document.replace("OTHER", other)})


def requests(other: str) -> dict[str, Request]:
    """Requests by name; they ask for what `other`, another tenant, has wherever that can be said."""
    of_other = has("tenant", "eq", other)
    texts = [has("attributes.team.name", "contains", other), has("service", "prefix", other)]
    return {
        "events": _get("events", limit=5),
        "events of a source": _get("events", source="observatory", where=f"tenant={other}"),
        "events by words": _get("events", where=["latency_ms>50", f"model^={other}"], **SPAN),
        "events of an id": _get("events", event_id="shared-e7"),
        "an event of the other": _get("events", event_id=f"{other}-event"),
        "events of a trace": _get("events", trace_id=TRACE.format(2), asset_id="shared/asset2"),
        "events by a filter": _post("events/search", {"filters": {"or": [of_other, *texts]}}),
        "all but the own": _post("events/search", {"filters": {"not": has("tenant", "eq", "alpha")}}),
        "traces": _get("traces", limit=3, **SPAN),
        "traces of the other": _get("traces", where=f"tenant={other}", **SPAN),
        "a trace": _get(f"traces/{TRACE.format(1)}"),
        "a trace of the other": _get(f"traces/{other}-trace"),
        "assets": _get("assets"),
        "assets of an owner": _get("assets", owner=f"{other}-owner0"),
        "assets of a tag": _get("assets", tag=other, name_prefix=other),
        "an asset": _get("assets/shared/asset1"),
        "an asset of the other": _get(f"integrations/registry/assets/{other}/asset"),
        "versions": _get("assets/shared/asset1/versions"),
        "a content": _get("events/shared-e3/content"),
        "a content of the other": _get(f"events/{other}-event/content"),
        "points": _get("metrics/points", metric="gen_ai.load", **SPAN),
        "a quantile": _get("metrics/quantile", metric="gen_ai.load", **SPAN),
        "dead letters": _get("dead-letters", contains=other),
        "all dead letters": _get("dead-letters"),
        "a plan": _post("query/explain", ask("events", by=("tenant",), where=(of_other,))),
        "sql": _sql("SELECT * FROM events ORDER BY occurred_at, event_id"),
        "sql of assets": _sql("SELECT * FROM assets ORDER BY asset_id"),
        "sql of metrics": _sql("SELECT labels FROM metrics"),
        "sql of a rollup": _sql("SELECT model, sum(cost_usd) FROM rollup_day GROUP BY model ORDER BY model"),
        "sql of the other": _sql("SELECT count() FROM events WHERE service LIKE 'OTHER%' OR 1 = 1", other),
        "sql with a setting": _sql("SELECT count() FROM events SETTINGS log_comment = 'OTHER'", other),
        "sql of the tables": _sql("SELECT * FROM default.events"),
        "sql of the engine": _sql("SELECT * FROM system.query_log"),
        "sql by a union": _sql("SELECT model FROM events UNION ALL SELECT model FROM default.rollup_day"),
        "sql by a file": _sql("SELECT * FROM merge('default', '.*')"),
        "graphql events": _graphql("{ events(first: 5) { nodes { eventId model attributes } } }"),
        "graphql trace": _graphql('{ trace(id: "OTHER") { roots } }', TRACE.format(3)),
        "graphql asset": _graphql('{ asset(id: "shared/asset0") { assetName owner tags } }'),
        "graphql of the other": _graphql('{ trace(id: "OTHER-trace") { roots } asset(id: "OTHER/asset") { owner } }', other),
        "graphql metrics": _graphql('{ query(question: {measures: ["events"], dimensions: ["tenant", "service"], timeRange: {last: "30d"}}) { rows } }'),
        "short question": _get("query", measures="events,cost_usd", dimensions="tenant,service", where=f"tenant in alpha,{other}", **SPAN),
        "question of the other": _post("query", ask("events", "cost_usd", where=(of_other,))),
        "question by tenant": _post("query", ask("events", "cost_usd", by=("tenant", "asset.owner"))),
        "question of rollups": _post("query", ask("events", "cost_usd", by=("model",), granularity="day", time_range={"from": "2025-10-01", "to": "2025-11-20"})),
        "question with or": _post("query", ask("events", where={"or": [of_other, has("events.tenant", "eq", other)]})),
        "question of texts": _post("query", ask("events", by=("user_id",), where={"or": texts})),
        "analysis": _post("analyze", {"method": "trend", "query": {**ask("cost_usd", by=("service",), granularity="hour"), "time_range": WEEK}}),
        "observatory": _get("integrations/observatory/metrics", by="service", **SPAN),
        "history": _get("integrations/observatory/historical", granularity="day", by="service", **SPAN),
        "security": _get("integrations/sentinel/security-events", **SPAN),
        "violations": _get("integrations/policy-engine/violations", **SPAN),
        "compliance": _get("integrations/policy-engine/compliance/report", **SPAN),
        "usage": _get("integrations/costops/usage-baseline", organization_id=other, **SPAN),
        "market": _get("integrations/marketplace/analytics", **SPAN),
        "dashboard": _get("integrations/governance-dashboard/metrics", **SPAN),
        "audit": _get("integrations/governance-dashboard/audit-trail", **SPAN),
        "page of the market": Request("GET", "/services/shared/analytics"),
    }  # fmt: skip
