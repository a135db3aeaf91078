"""What the description of the API says of alerts: parameters, bodies, shapes, examples."""

from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
FLAG: Json = {"type": "boolean"}
OBJECT: Json = {"type": "object"}
MOMENT: Json = {"type": "string", "description": "UTC, with microseconds", "examples": ["2025-11-19T10:00:00.000000Z"]}  # fmt: skip
CURSOR: Json = {"type": ["string", "null"], "description": "of the next page; null on the last"}


def maybe(shape: Json) -> Json:
    """The shape, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def many(shape: Json) -> Json:
    """A list of it."""
    return {"type": "array", "items": shape}


def members(needed: Json, **more: Json) -> Json:
    """An object that has at least these."""
    return {"type": "object", "required": list(needed), "properties": {**needed, **more}}


def page(member: str, shape: Json, **more: Json) -> Json:
    """A page of a list."""
    return members({member: many(shape), "next_cursor": CURSOR, **more})


def answers(shape: Json, example: Json | None = None, status: int = 200) -> dict[int | str, Any]:
    """What an operation answers, for `responses` of its route."""
    media = {"schema": shape} | ({"example": example} if example else {})
    return {status: {"description": "the answer", "content": {"application/json": media}}}


def takes(schema: Json, example: Json, *, required: bool = True) -> Json:
    """A JSON body, for `openapi_extra` of a route."""
    media = {"schema": schema, "example": example}
    return {"requestBody": {"required": required, "content": {"application/json": media}}}


def changing(extra: Json | None = None, *, versioned: bool = True) -> Json:
    """What an operation that changes something takes: who, and what version of it is expected."""
    headers = [_USER, *([_IF_MATCH, _IF_NONE_MATCH] if versioned else [])]
    return {**(extra or {}), "parameters": headers}


def _header(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


_USER = _header("X-User", "who makes the change, for the audit; `api` if not said", {**TEXT, "pattern": "^[!-~]{1,100}$"})  # fmt: skip
_IF_MATCH = _header("If-Match", "the ETag that was read: 409 where it has changed since", {**TEXT, "pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']})  # fmt: skip
_IF_NONE_MATCH = _header("If-None-Match", "`*`: only where there is none yet", {**TEXT, "enum": ["*"]})  # fmt: skip

RULE_BODY: Json = {
    "type": "object",
    "description": "a rule as in a rule file, see docs/alerts.md; `name` may be left to the path",
    "required": ["kind"],
    "properties": {
        "name": TEXT,
        "kind": {
            "type": "string",
            "enum": ["match", "threshold", "change", "anomaly", "forecast", "burn_rate", "absence",
                     "health", "compound", "default"],
        },
    },
}  # fmt: skip
RULE_EXAMPLE: Json = {
    "kind": "threshold", "measure": "error_rate", "by": ["model"], "window": "5m",
    "warning": {"above": "1%"}, "critical": {"above": "5%"}, "for": "5m",
    "at_least": {"requests": 20}, "summary": "{{ labels.model }} fails in {{ value }} of its calls",
}  # fmt: skip
BUDGET_BODY: Json = {
    "type": "object",
    "description": "a budget as in a rule file, see docs/alerts.md; `name` may be left to the path",
    "required": ["amount", "period"],
    "properties": {
        "name": TEXT,
        "amount": {"type": ["string", "number"]},
        "period": {"type": "string", "enum": ["day", "week", "month", "year"]},
    },
}
BUDGET_EXAMPLE: Json = {
    "amount": "500 USD", "period": "month", "by": ["account_id"],
    "thresholds": ["80%", "95%", "100%"], "projected": True,
}  # fmt: skip

STATE = members(
    {"moment": maybe(MOMENT), "at": maybe(MOMENT), "took_ms": {"type": "number"}, "error": TEXT,
     "failures": WHOLE},
)  # fmt: skip
STATE["description"] = "the last evaluation; `at` is null before the first, and of match rules"

DEFINED = members(
    {"name": TEXT, "kind": TEXT, "version": WHOLE, "source": TEXT, "is_default": FLAG,
     "is_off": FLAG, "is_paused": FLAG, "active": WHOLE, "definition": OBJECT,
     "evaluation": STATE},
)  # fmt: skip
VERSION = members(
    {"version": WHOLE, "by": TEXT, "at": MOMENT, "action": TEXT, "definition": maybe(OBJECT)}
)
CHANGE = members({"id": TEXT, "kind": TEXT, "name": TEXT, **VERSION["properties"]})

ACKNOWLEDGEMENT = members({"by": TEXT, "note": TEXT, "at": MOMENT})
_SAID = {
    "fingerprint": TEXT, "rule": TEXT, "state": TEXT, "severity": maybe(TEXT), "labels": OBJECT,
    "value": maybe({"type": "number"}), "count": WHOLE,
}  # fmt: skip
ALERT = members(
    {**_SAID, "annotations": OBJECT, "since": MOMENT, "began": maybe(MOMENT),
     "fired": maybe(MOMENT), "resolved": maybe(MOMENT), "seen": maybe(MOMENT),
     "unit": maybe(TEXT), "limit": TEXT, "detail": OBJECT, "url": TEXT,
     "silenced_by": maybe(TEXT), "inhibited": FLAG, "acknowledged": maybe(ACKNOWLEDGEMENT)},
)  # fmt: skip
ALERT_EXAMPLE: Json = {
    "fingerprint": "2f1c9a0b7d3e4f58", "rule": "error-rate", "state": "firing",
    "severity": "critical",
    "labels": {"alertname": "error-rate", "model": "gpt-4o", "severity": "critical"},
    "value": 0.123, "count": 0, "annotations": {"summary": "gpt-4o fails in 12.3 % of its calls"},
    "since": "2025-11-19T10:00:00.000000Z", "began": "2025-11-19T09:55:00.000000Z",
    "fired": "2025-11-19T10:00:00.000000Z", "resolved": None,
    "seen": "2025-11-19T10:04:00.000000Z", "unit": "ratio", "limit": "5 %", "detail": {},
    "url": "", "silenced_by": None, "inhibited": False, "acknowledged": None,
}  # fmt: skip
TRANSITION = members({**_SAID, "id": TEXT, "at": MOMENT, "before": TEXT})

SILENCE = members(
    {"id": TEXT, "kind": TEXT, "state": TEXT, "match": many(TEXT), "starts": MOMENT,
     "ends": MOMENT, "by": TEXT, "reason": TEXT},
)  # fmt: skip
SILENCE_EXAMPLE: Json = {
    "match": ['alertname="error-rate"', 'model=~"gpt-4.*"'], "lasts": "2h",
    "reason": "the provider works on it",
}  # fmt: skip

ROUTED = members(
    {"route": TEXT, "channels": many(TEXT), "group_key": TEXT, "group_labels": OBJECT,
     "group_wait": TEXT, "group_interval": TEXT, "repeat_interval": TEXT,
     "escalations": many(members({"after": TEXT, "channels": many(TEXT)}))},
)  # fmt: skip
ROUTING = members(
    {"version": WHOLE, "source": TEXT, "by": maybe(TEXT), "at": maybe(MOMENT),
     "definition": OBJECT},
)  # fmt: skip
ROUTING_EXAMPLE: Json = {
    "route": {
        "channels": ["log"], "group_by": ["alertname"], "group_wait": "30s",
        "routes": [{"match": ['severity="critical"'], "repeat_interval": "1h"}],
    },
    "inhibit": [
        {"source": ['severity="critical"'], "target": ['severity="warning"'], "equal": ["model"]}
    ],
}  # fmt: skip

DELIVERY = members(
    {"id": TEXT, "channel": TEXT, "group_key": TEXT, "cause": TEXT, "at": MOMENT,
     "outcome": TEXT, "alerts": WHOLE, "tries": WHOLE, "error": TEXT, "payload": TEXT},
)  # fmt: skip
_GROUP = members(
    {"labels": OBJECT, "spent_usd": {"type": "number"}, "remaining_usd": {"type": "number"},
     "percent": {"type": "number"}, "projected_usd": maybe({"type": "number"})},
)  # fmt: skip
_SPENT = members(
    {"period": TEXT, "from": MOMENT, "to": MOMENT, "amount_usd": {"type": "number"},
     "groups": many(_GROUP), "left_out": WHOLE},
)  # fmt: skip
SPENDING: Json = {"anyOf": [_SPENT, members({"error": TEXT})]}
BUDGET = members({**DEFINED["properties"], "spending": maybe(SPENDING)})

FAULT = members({"name": TEXT, "list": TEXT, "index": WHOLE, "field": TEXT, "message": TEXT})
FIRING = members(
    {"labels": OBJECT, "state": TEXT, "severity": maybe(TEXT), "fired": MOMENT,
     "resolved": maybe(MOMENT), "value": maybe({"type": "number"}), "detail": OBJECT,
     "count": WHOLE, "notices": WHOLE},
)  # fmt: skip
CHECKED = members(
    {"name": TEXT, "kind": TEXT, "error": TEXT, "notices": WHOLE, "firings": many(FIRING),
     "left_out": WHOLE},
)  # fmt: skip
REPORT = members(
    {"time_range": members({"from": MOMENT, "to": MOMENT}), "step": TEXT, "moments": WHOLE,
     "questions": WHOLE, "rules": many(CHECKED)},
)  # fmt: skip
