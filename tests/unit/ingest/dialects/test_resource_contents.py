"""What a process was told on its command line is a content, whoever writes of it."""

from typing import Any

import pytest

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.log_mapper import LogMapper
from llm_analytics_hub.ingest.dialects.log_record import log_record
from llm_analytics_hub.ingest.dialects.mapper import SpanMapper
from llm_analytics_hub.ingest.dialects.span import Resource, by_shape
from llm_analytics_hub.normalize.raw_columns import as_rows

from .spans import START, span

LOG = log_record("", "", "gemini_cli.api_request", START, 0, 0, None)
CALL = {"gen_ai.operation.name": "chat"}


def rows(
    told: Any, attributes: dict[str, Any], resource: dict[str, object]
) -> list[dict[str, Any]]:
    (shape,) = by_shape("sdk", Resource({}, resource), 0, [(told, attributes)] * 2)
    mapper = LogMapper(DIALECTS) if told is LOG else SpanMapper(DIALECTS)
    ((_, columns),) = mapper.map(shape)
    return list(as_rows(columns))


@pytest.mark.parametrize("told", [span(), LOG], ids=["span", "log"])
def test_a_command_line_is_a_content(told: Any) -> None:
    resource: dict[str, object] = {
        "host.name": "h",
        "process.command_args": ["gemini", "-p", "secret"],
        "process.command_line": "gemini -p secret",
    }
    for row in rows(told, CALL, resource):
        assert row["attributes"]["resource"] == {"host.name": "h"}
        assert row["content"] == {
            "command_args": ["gemini", "-p", "secret"],
            "command_line": "gemini -p secret",
        }


def test_a_resource_with_nothing_else_is_not_told() -> None:
    for row in rows(span(), {**CALL, "gen_ai.prompt": "p"}, {"process.command_args": ["x"]}):
        assert "resource" not in row["attributes"]
        assert row["content"] == {"input_messages": "p", "command_args": ["x"]}
