"""Log records to columns of raw events, by the tables of their dialect."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import cast

import msgspec

from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.log_record import LogRecord
from llm_analytics_hub.ingest.dialects.logs import BODY, LOGGED_CALLS, NO_CALL, LoggedCall
from llm_analytics_hub.ingest.dialects.mapper import (
    MODEL_CALL,
    Words,
    by_operation,
    finished,
    forget_many,
    said_operation,
)
from llm_analytics_hub.ingest.dialects.plan import Plan, make_plan
from llm_analytics_hub.ingest.dialects.span import Spans
from llm_analytics_hub.ingest.dialects.vocabulary import EVENT_TYPES
from llm_analytics_hub.normalize.raw_columns import RawColumns

RECORDED = "log.recorded"
LOGGED = "#log"
"""Ends the scope of a call that a log tells of: its instrumentation may write a span of it too."""

# The attribute first: Codex puts a place in its source code where the name belongs.
NAMES = ("event.name", "event_name")
SEVERITIES = ("debug", "debug", "info", "medium", "high", "critical")
"""By fours of OTLP's numbers from 1: trace, debug, info, warn, error, fatal."""

_encode = msgspec.json.Encoder().encode


class LogMapper:
    """Maps log records; remembers the reading plans of the latest shapes. For many threads."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._dialects = dialects
        self._plans: dict[tuple[str, ...], Plan] = {}

    def map(self, logs: Spans) -> Iterator[tuple[Spans, RawColumns]]:
        """The canonical raw columns of `logs`, for those of one event and operation by themselves.

        A record has no `span_id`, being no span; `parent_span_id` is the span it was written in,
        by which a call finds the span that tells of it too.
        """
        for name, group in _by_event(logs):
            call = _call_of(name, group)
            plan = self._plan(call, group)
            for words, part in by_operation(group, plan):
                yield part, _columns(part, plan, words, has_failed=call.has_failed)

    def _plan(self, call: LoggedCall, logs: Spans) -> Plan:
        shape = (call.event, logs.scope, *logs.attributes)
        plan = self._plans.get(shape)
        if plan is None:
            forget_many(self._plans)
            plan = make_plan(call.dialects or self._dialects, logs.scope, shape[2:])
            self._plans[shape] = plan
        return plan


def _call_of(name: str, logs: Spans) -> LoggedCall:
    """How records of one event tell of a call; NO_CALL if they do not."""
    is_traced = bool(logs.spans[0].trace_id)
    found = (call for call in LOGGED_CALLS if call.tells(name, logs.scope, is_traced=is_traced))
    return next(found, NO_CALL)


def _by_event(logs: Spans) -> Iterator[tuple[str, Spans]]:
    """Records of one event, with a body or none, in traces or not: each kind by itself."""
    keys = [
        (record.name, record.body is not None, bool(record.trace_id)) for record in _named(logs)
    ]
    for key in dict.fromkeys(keys):
        name, has_body, _ = key
        group = logs.where([one == key for one in keys])
        if has_body:
            bodies = [cast("LogRecord", record).body for record in group.spans]
            group = replace(group, attributes={**group.attributes, BODY: bodies})
        yield name, group


def _named(logs: Spans) -> Sequence[LogRecord]:
    """The records, with the names of their events put right."""
    records = cast("Sequence[LogRecord]", logs.spans)
    columns = [logs.attributes[key] for key in NAMES if key in logs.attributes]
    for record, *said in zip(records, *columns, strict=True):
        names = (word for word in said if isinstance(word, str) and word)
        record.name = next(names, record.name)
    return records


def _columns(logs: Spans, plan: Plan, words: Words, *, has_failed: bool) -> RawColumns:
    key, operation = said_operation(plan, words)
    is_call = EVENT_TYPES.get(operation or "") == MODEL_CALL
    ids = _event_ids(logs)
    if is_call:
        logs = replace(logs, scope=logs.scope + LOGGED)
    draft = Draft(logs, plan.members)
    if is_call and key:
        draft.rest.pop(key, None)
    _identify(draft, ids, MODEL_CALL if is_call else RECORDED)
    if has_failed and is_call:
        draft.fields["level"] = ["ERROR"] * len(draft)
    return finished(draft, plan, operation if is_call else None, is_call=is_call)


def _identify(draft: Draft, ids: Sequence[str], event_type: str) -> None:
    records, size = cast("Sequence[LogRecord]", draft.spans.spans), len(draft)
    draft.fields |= {
        "source": ["observatory"] * size,
        "stream": ["observatory"] * size,
        "event_id": ids,
        "event_type": [event_type] * size,
        "original_type": [record.name or None for record in records],
        "severity": [_severity(record.severity) for record in records],
        "occurred_at": [record.start for record in records],
        "latency_ms": [None] * size,
        "status": ["unset"] * size,
        "trace_id": [record.trace_id or None for record in records],
        "parent_span_id": [record.parent_span_id or None for record in records],
    }


def _severity(number: int) -> str | None:
    return SEVERITIES[(number - 1) // 4] if 1 <= number <= 4 * len(SEVERITIES) else None


def _event_ids(logs: Spans) -> list[str]:
    """An id made of all a record says: OTLP gives none, and a record sent again is a repeat.

    Records equal to the nanosecond count as one.
    """
    sender = (logs.scope, logs.resource.columns, logs.resource.rest, list(logs.attributes))
    common = blake2b(_encode(sender), digest_size=16)
    rows = (
        zip(*logs.attributes.values(), strict=True) if logs.attributes else [()] * len(logs.spans)
    )
    made = []
    for record, row in zip(cast("Sequence[LogRecord]", logs.spans), rows, strict=True):
        one = common.copy()
        place = (record.trace_id, record.parent_span_id, record.start, record.name, record.severity)
        one.update(_encode((place, row)))
        made.append(f"log:{one.hexdigest()}")
    return made
