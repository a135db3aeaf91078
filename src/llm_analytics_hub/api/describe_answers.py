"""What the description of the API says of answers: their shapes, whose they are, and how errors look."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from llm_analytics_hub.api.answer_shapes import OTHERS, SHAPES, STATUSES, WHOLE
from llm_analytics_hub.api.describe import TENANT

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "description": "what is wrong, and what to change (RFC 9457)",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "a stable word for programs"},
        "detail": {"type": "string", "description": "what is wrong, and how to mend it"},
        "field": {"type": "string", "description": "the member of the request that is wrong"},
    },
}
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSED = {"description": "the request is wrong: see `field` and `detail`", "content": _CONTENT}
_UNKNOWN = {"description": "there is no such thing in this tenant", "content": _CONTENT}
_ELSE = {"description": "any other error: see `code`", "content": _CONTENT}
_FULL = {
    "description": "full; ask again after `Retry-After` seconds",
    "content": _CONTENT,
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}},
}
_OTHER_ERRORS = ("/v1/", "/api/v1/graphql")
"""Doors with errors of their own: OTLP and GraphQL say how they look."""


def add_answers(app: FastAPI) -> None:
    """Complete the description of `app`: tenants, shapes of answers, problem documents."""
    generated = app.openapi

    def described() -> Json:
        is_new = app.openapi_schema is None
        schema = generated()
        return completed(schema) if is_new else schema

    app.openapi = described  # type: ignore[method-assign]


def completed(schema: Json) -> Json:
    """`schema` with what every operation has in common; it is changed in place."""
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    parts |= {"Problem": PROBLEM, **SHAPES}
    for path, method, operation in _operations(schema):
        _add_tenant(operation)
        answers = operation["responses"]
        answers.pop("422", None)  # the framework's own guess: here that is a 400
        if not path.startswith(_OTHER_ERRORS):
            _add_problems(path, answers)
        _add_shape(f"{method.upper()} {path}", answers)
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    return schema


def _operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _add_tenant(operation: Json) -> None:
    given = operation.setdefault("parameters", [])
    if all(one["name"] != TENANT["name"] for one in given):
        given.append(TENANT)


def _add_problems(path: str, answers: Json) -> None:
    for status, answer in answers.items():
        if status >= "400":
            answer.setdefault("content", _CONTENT)
    answers.setdefault("400", _REFUSED)
    if "{" in path:
        answers.setdefault("404", _UNKNOWN)
    answers.setdefault("429", _FULL)
    answers["default"] = _ELSE


def _add_shape(name: str, answers: Json) -> None:
    shape, others = WHOLE.get(name), OTHERS.get(name, {})
    if shape or others:
        json = {"schema": {"$ref": f"#/components/schemas/{shape}"}}
        content = {"application/json": json} if shape else {}
        answers["202" if "202" in answers else "200"]["content"] = {**content, **others}
    answers |= STATUSES.get(name, {})
