"""Spans to columns of raw events, by the tables of their dialect."""

from collections.abc import Iterator, Sequence

from llm_analytics_hub.ingest.dialects.contents import read_contents
from llm_analytics_hub.ingest.dialects.dialect import SPAN_NAME, Dialect
from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.failures import mark_failures
from llm_analytics_hub.ingest.dialects.members import Members, unquoted
from llm_analytics_hub.ingest.dialects.plan import INSIDE, Plan, make_plan
from llm_analytics_hub.ingest.dialects.providers import name_providers
from llm_analytics_hub.ingest.dialects.shared import RESOURCE_CONTENT
from llm_analytics_hub.ingest.dialects.span import Spans
from llm_analytics_hub.ingest.dialects.times import complete_times
from llm_analytics_hub.ingest.dialects.tokens import complete_tokens
from llm_analytics_hub.ingest.dialects.vocabulary import EVENT_TYPES, normalise_operation
from llm_analytics_hub.normalize.raw_columns import RawColumns

STATUSES = {0: "unset", 1: "ok", 2: "error"}
SPAN_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
MODEL_CALL = "inference.completed"
MOST_PLANS = 1_000

Words = tuple[str | None, ...]


class SpanMapper:
    """Maps spans; remembers the reading plans of the latest shapes of span. For many threads."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._dialects = dialects
        self._plans: dict[tuple[str, ...], Plan] = {}

    def map(self, spans: Spans) -> Iterator[tuple[Spans, RawColumns]]:
        """The canonical raw columns of `spans`, for those of each operation by themselves.

        Units: occurred_at ns since 1970 UTC, durations ms. Token counts, TTFT and reported cost
        are read from model calls only. The sender's own attributes win over `scope`, `span_kind`
        and the other names under which the hub adds what has no column.
        """
        if not spans.spans:
            return
        plan = self._plan(spans)
        if plan.dialect.is_all_json:
            spans = unquoted(spans)
        for words, group in by_operation(spans, plan):
            yield group, _columns(Draft(group, plan.members), plan, words)

    def _plan(self, spans: Spans) -> Plan:
        shape = (spans.scope, *spans.attributes)
        plan = self._plans.get(shape)
        if plan is None:
            forget_many(self._plans)
            plan = self._plans[shape] = make_plan(self._dialects, spans.scope, shape[1:])
        return plan


def forget_many(plans: dict[tuple[str, ...], Plan]) -> None:
    """Keep plans within MOST_PLANS: senders may make up as many shapes as they like."""
    if len(plans) >= MOST_PLANS:
        plans.clear()


def by_operation(spans: Spans, plan: Plan) -> Iterator[tuple[Words, Spans]]:
    """Spans with the words for their operation, one for each key of the plan; None: none usable."""
    if not plan.operation_keys:
        yield (), spans
        return
    said = [_said(spans, plan, key) for key in plan.operation_keys]
    rows: list[Words] = list(zip(*said, strict=True))
    distinct = dict.fromkeys(rows)
    for words in distinct:
        alone = len(distinct) == 1
        yield words, spans if alone else spans.where([row == words for row in rows])


def _said(spans: Spans, plan: Plan, key: str) -> Words:
    column = spans.attributes.get(key)
    if column is not None:
        return tuple(word if isinstance(word, str) and word else None for word in column)
    if key == SPAN_NAME:
        first = (span.name.partition(" ")[0] for span in spans.spans)
        return tuple(word if word in plan.dialect.operations else None for word in first)
    name = key.partition(INSIDE)[2].rpartition(".")[2]
    members = Members(spans, plan.members).column(key)
    return tuple(None if member is None else name for member in members)


def said_operation(plan: Plan, words: Words) -> tuple[str | None, str | None]:
    """The attribute that names the operation, None where none does, and the operation."""
    for key, word in zip(plan.operation_keys, words, strict=True):
        if word is not None:
            known = plan.dialect.operations.get(word.lower())
            return key, known or normalise_operation(word)
    return None, plan.dialect.default_operation


def _columns(draft: Draft, plan: Plan, words: Words) -> RawColumns:
    key, operation = said_operation(plan, words)
    event_type = EVENT_TYPES.get(operation or "", "span.completed")
    if key is not None:
        draft.rest.pop(key, None)
    _identify(draft, event_type)
    return finished(draft, plan, operation, is_call=event_type == MODEL_CALL)


def finished(draft: Draft, plan: Plan, operation: str | None, *, is_call: bool) -> RawColumns:
    """The columns of a draft whose events have their ids, types and times."""
    if operation:
        draft.fields["operation"] = [operation] * len(draft)
    draft.fields.update(
        {name: [value] * len(draft) for name, value in draft.spans.resource.columns.items()}
    )
    _annotate(draft, plan.label)
    draft.read(plan.columns)
    if is_call:
        draft.read(plan.call_columns)
        name_providers(draft, plan.dialect)
        complete_tokens(draft, plan.dialect)
        complete_times(draft, plan.dialect)
    read_contents(draft, plan, is_call=is_call)
    mark_failures(draft)
    columns = {**draft.fields, "attributes": draft.attributes()}
    return RawColumns(columns, len(draft), has_others=False)


def _identify(draft: Draft, event_type: str) -> None:
    spans, size = draft.spans.spans, len(draft)
    draft.fields |= {
        "source": ["observatory"] * size,
        "stream": ["observatory"] * size,
        "event_id": [f"{span.trace_id}:{span.span_id}" for span in spans],
        "event_type": [event_type] * size,
        "original_type": [span.name for span in spans],
        "occurred_at": [span.start for span in spans],
        "latency_ms": [
            (span.end - span.start) / 1e6 if span.end >= span.start else None for span in spans
        ],
        "status": [STATUSES.get(span.status, "unset") for span in spans],
        "trace_id": [span.trace_id for span in spans],
        "span_id": [span.span_id for span in spans],
        "parent_span_id": [span.parent_span_id or None for span in spans],
    }


def _annotate(draft: Draft, label: str) -> None:
    """Add what has no column and is no attribute of the span itself."""
    of_all, spans = draft.spans, draft.spans.spans
    if of_all.scope:
        draft.constants["scope"] = of_all.scope
    kinds = {span.kind for span in spans}
    if len(kinds) > 1:
        draft.extras["span_kind"] = [SPAN_KINDS.get(span.kind) for span in spans]
    elif (kind := SPAN_KINDS.get(kinds.pop())) is not None:
        draft.constants["span_kind"] = kind
    if any(span.links for span in spans):
        draft.extras["links"] = [span.links or None for span in spans]
    rest = of_all.resource.rest.items()
    if resource := {key: value for key, value in rest if key not in RESOURCE_CONTENT}:
        draft.constants["resource"] = resource
    draft.constants["dialect"] = label
