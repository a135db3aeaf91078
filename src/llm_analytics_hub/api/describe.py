"""OpenAPI of the routes that are plain for speed: described by hand, served with the rest."""

from typing import Any

from fastapi import FastAPI

from llm_analytics_hub.integrations.catalog import INTEGRATIONS

_EXAMPLE = {
    "source": "observatory",
    "event_type": "inference.completed",
    "event_id": "7f1c9a52-4d5e-4f3b-9a3c-0e6a6b9f2d11",
    "occurred_at": "2025-11-19T10:00:00.123456Z",
    "provider": "openai",
    "model": "gpt-4o",
    "input_tokens": 1200,
    "output_tokens": 320,
    "latency_ms": 843.2,
    "status": "ok",
}
_RECEIPT: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "duplicates", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "description": "events stored"},
        "duplicates": {"type": "integer", "description": "events stored before"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEMS = {
    "400": {"description": "the body cannot be read"},
    "413": {"description": "the body is too large"},
    "415": {"description": "unknown content type or encoding"},
    "429": {"description": "full; send again after `Retry-After` seconds"},
    "503": {"description": "the store is away; nothing was stored, send again"},
}


def add_ingest(app: FastAPI) -> None:
    """Add the ingest routes to the description of `app`."""
    generated = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generated()
            schema["paths"].setdefault("/api/v1/events", {})["post"] = _events()
            schema["paths"]["/api/v1/ingest/{module}"] = {"post": _native()}
            for signal, (name, item) in _SIGNALS.items():
                schema["paths"][f"/v1/{signal}"] = {"post": _otlp(signal, name, item)}
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def _events() -> dict[str, Any]:
    media = {"schema": {"oneOf": [{"type": "object"}, {"type": "array"}]}, "example": [_EXAMPLE]}
    lines = {"schema": {"type": "string", "description": "one event a line"}}
    return {
        "tags": ["ingest"],
        "summary": "Send events",
        "description": "Canonical events, the historic envelopes, or CloudEvents; one or many. "
        "Answered after everything accepted is stored. Bodies may be gzip, deflate or zstd.",
        "parameters": [TENANT, _DEDUPLICATE],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": media,
                "application/x-ndjson": lines,
                "application/cloudevents+json": {"schema": {"type": "object"}},
                "application/cloudevents-batch+json": {"schema": {"type": "array"}},
            },
        },
        "responses": {
            "200": {
                "description": "what became of each event",
                "content": {"application/json": {"schema": _RECEIPT}},
            },
            **_PROBLEMS,
        },
    }


def _native() -> dict[str, Any]:
    ids = {"type": "array", "items": {"type": "string"}, "description": "of all that is stored"}
    answer = {**_RECEIPT, "properties": {**_RECEIPT["properties"], "event_ids": ids}}
    body = {"schema": {"oneOf": [{"type": "object"}, {"type": "array"}]}}
    lines = {"schema": {"type": "string"}}
    return {
        "tags": ["ingest"],
        "summary": "Send what a module of the platform sends",
        "description": "An object, an array, a page of rows, lines or CSV in the module's own shapes.",
        "parameters": [_MODULE, _SUBJECT, TENANT, _DEDUPLICATE],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": body,
                "application/x-ndjson": lines,
                "text/csv": lines,
            },
        },
        "responses": {
            "200": {
                "description": "what became of each document",
                "content": {"application/json": {"schema": answer}},
            },
            "404": {"description": "there is no such module"},
            **_PROBLEMS,
        },
    }


_SIGNALS = {
    "traces": ("Trace", "spans"),
    "logs": ("Logs", "records"),
    "metrics": ("Metrics", "data points"),
}


def _otlp(signal: str, name: str, items: str) -> dict[str, Any]:
    return {
        "tags": ["ingest"],
        "summary": f"Send OTLP {signal}",
        "description": f"An Export{name}ServiceRequest; the answer tells rejected {items} as partial success.",
        "parameters": [TENANT],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
                "application/json": {"schema": {"type": "object"}},
            },
        },
        "responses": {"200": {"description": f"Export{name}ServiceResponse"}, **_PROBLEMS},
    }


TENANT = {
    "name": "X-Tenant", "in": "header", "required": False,
    "schema": {"type": "string", "default": "default"},
}  # fmt: skip
_MODULE = {
    "name": "module", "in": "path", "required": True,
    "schema": {"type": "string", "enum": list(INTEGRATIONS)},
}  # fmt: skip
_SUBJECT = {
    "name": "subject", "in": "query", "required": False,
    "description": "the NATS subject, routing key or topic it came under",
    "schema": {"type": "string"},
}  # fmt: skip
_DEDUPLICATE = {
    "name": "deduplicate", "in": "query", "required": False,
    "description": "`always`: an import; its ids are remembered as long as its events are kept",
    "schema": {"type": "string", "enum": ["window", "always"], "default": "window"},
}  # fmt: skip
