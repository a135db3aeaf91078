"""The observatory: agents as OpenTelemetry traces by the GenAI semantic conventions.

A trace is a root `invoke_agent` span over its `chat` spans, with an `execute_tool` span between
two of them: twice as many spans as model calls.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from llm_analytics_hub.simulator import otlp
from llm_analytics_hub.simulator.calls import ERROR_TYPES, Calls
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, SERVICES, USERS
from llm_analytics_hub.simulator.observatory import environment_of, session_of, version_of
from llm_analytics_hub.simulator.scene import Scene

Process = tuple[int, bool, bool]  # service, is staging, is released

FAILED = Status(code=Status.STATUS_CODE_ERROR)
TOOL_MS = (40.0, 900.0)


@dataclass(frozen=True, slots=True)
class Trace:
    """One agent run: the process it ran in, when, and its encoded spans, the root last."""

    process: Process
    begins_us: int
    ends_us: int
    spans: list[bytes]


@dataclass(frozen=True, slots=True)
class _Call:
    model: int
    error: int
    ttft_ms: float
    latency_ms: float
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    tool_ms: float
    tool_draw: float


def agent_traces(scene: Scene, calls: Calls) -> list[Trace]:
    """The traces of the agents' calls, in order of their beginning."""
    count = len(calls.trace)
    trace_ids = scene.dice("trace ids").bytes(16 * count)
    span_ids = _span_ids(scene.dice("span ids").bytes(2 * 8 * count))
    traces = []
    for index, group in groupby(_rows(scene, calls), key=lambda row: row[0]):
        rows = list(group)
        _, at_us, user, service, is_staging, is_released = rows[0][:6]
        run = _Run(trace_ids[16 * index : 16 * index + 16], span_ids, at_us, user, service)
        process = (service, is_staging, is_released)
        traces.append(run.play(process, [_Call(*row[6:]) for row in rows]))
    return traces


def _span_ids(digits: bytes) -> Iterator[bytes]:
    return (digits[at : at + 8] for at in range(0, len(digits), 8))


def _rows(scene: Scene, calls: Calls) -> Iterator[tuple[Any, ...]]:
    count = len(calls.trace)
    dice = scene.dice("tools")
    columns = (
        calls.trace, calls.at_us, calls.user, calls.service, calls.is_staging, calls.is_released,
        calls.model, calls.error, calls.ttft_ms, calls.latency_ms, calls.input_tokens,
        calls.cached_tokens, calls.output_tokens, calls.reasoning_tokens,
        dice.uniform(*TOOL_MS, count), dice.random(count),
    )  # fmt: skip
    return zip(*(np.asarray(column).tolist() for column in columns), strict=True)


class _Run:
    """One agent run while it is being written down; its clock goes on with every span."""

    def __init__(
        self, trace_id: bytes, span_ids: Iterator[bytes], begins_us: int, user: int, service: int
    ) -> None:
        self._trace_id = trace_id
        self._span_ids = span_ids
        self._root_id = next(span_ids)
        self._begins_us = begins_us
        self._now_ns = begins_us * 1000
        self._service = SERVICES[service]
        self._who = (
            otlp.shared_text("gen_ai.agent.name", self._service.name)
            + otlp.shared_text("user.id", USERS[user])
            + otlp.shared_text("account.id", ACCOUNTS[user % len(ACCOUNTS)].name)
            + otlp.text("gen_ai.conversation.id", session_of(user, begins_us))
        )

    def play(self, process: Process, calls: list[_Call]) -> Trace:
        spans = [self._chat(calls[0])]
        for call in calls[1:]:
            spans += [self._tool(call), self._chat(call)]
        ends_us = self._now_ns // 1000 + 1
        spans.append(self._root(ends_us, has_failed=calls[-1].error >= 0))
        return Trace(process, self._begins_us, ends_us, spans)

    def _root(self, ends_us: int, *, has_failed: bool) -> bytes:
        root = Span(
            trace_id=self._trace_id,
            span_id=self._root_id,
            name=f"invoke_agent {self._service.name}",
            kind=Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=self._begins_us * 1000,
            end_time_unix_nano=ends_us * 1000,
            status=FAILED if has_failed else None,
        )
        operation = otlp.shared_text("gen_ai.operation.name", "invoke_agent")
        return bytes(root.SerializeToString()) + operation + self._who

    def _chat(self, call: _Call) -> bytes:
        model, has_failed = MODELS[call.model], call.error >= 0
        chat = self._child(
            f"chat {model.name}", call.latency_ms, [] if has_failed else _usage(call)
        )
        chat.kind = Span.SPAN_KIND_CLIENT
        shared = [
            otlp.shared_text("gen_ai.operation.name", "chat"),
            otlp.shared_text("gen_ai.provider.name", model.provider),
            otlp.shared_text("gen_ai.request.model", model.name),
        ]
        if has_failed:
            chat.status.CopyFrom(FAILED)
            shared.append(otlp.shared_text("error.type", ERROR_TYPES[call.error]))
        else:
            shared.append(otlp.shared_text("gen_ai.response.model", model.name))
            shared.append(otlp.finish_reason("stop"))
        return b"".join((chat.SerializeToString(), *shared, self._who))

    def _tool(self, call: _Call) -> bytes:
        tool = self._service.tools[int(call.tool_draw * len(self._service.tools))]
        span = self._child(f"execute_tool {tool}", call.tool_ms, [])
        operation = otlp.shared_text("gen_ai.operation.name", "execute_tool")
        name = otlp.shared_text("gen_ai.tool.name", tool)
        return bytes(span.SerializeToString()) + operation + name + self._who

    def _child(self, name: str, took_ms: float, attributes: list[KeyValue]) -> Span:
        begins_ns = self._now_ns
        self._now_ns += round(took_ms * 1e6)
        return Span(
            trace_id=self._trace_id,
            span_id=next(self._span_ids),
            parent_span_id=self._root_id,
            name=name,
            kind=Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=begins_ns,
            end_time_unix_nano=self._now_ns,
            attributes=attributes,
        )


def _usage(call: _Call) -> list[KeyValue]:
    usage = [
        otlp.number("gen_ai.usage.input_tokens", call.input_tokens),
        otlp.number("gen_ai.usage.output_tokens", call.output_tokens),
        otlp.number("gen_ai.usage.cache_read.input_tokens", call.cached_tokens),
        otlp.fraction("gen_ai.response.time_to_first_chunk", call.ttft_ms / 1000),
    ]
    if MODELS[call.model].reasoning_share:
        usage.append(otlp.number("gen_ai.usage.reasoning.output_tokens", call.reasoning_tokens))
    return usage


def export_traces(traces: Iterable[Trace]) -> bytes:
    """The traces as an OTLP `ExportTraceServiceRequest`, one resource per process."""
    by_process: dict[Process, list[bytes]] = {}
    for trace in traces:
        by_process.setdefault(trace.process, []).extend(trace.spans)
    return otlp.export_request(
        otlp.process_spans(_resource(*process), spans) for process, spans in by_process.items()
    )


def _resource(service_index: int, is_staging: bool, is_released: bool) -> dict[str, str]:
    service = SERVICES[service_index]
    return {
        "service.name": service.name,
        "service.version": version_of(is_released),
        "deployment.environment.name": environment_of(is_staging),
        "cloud.region": service.region,
    }
