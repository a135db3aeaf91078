import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from llm_analytics_hub.simulator import otlp

TEXTS = st.text(max_size=300)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(
    st.lists(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, NUMBERS), max_size=5), min_size=1, max_size=3),
    TEXTS,
)
def test_joined_bytes_are_what_the_generated_classes_make(processes, service):
    joined = otlp.export_request(
        otlp.process_spans(
            {"service.name": service},
            [
                Span(name=name, attributes=[otlp.number(key, count)]).SerializeToString()
                + otlp.text(key, text)
                for name, key, text, count in spans
            ],
        )
        for spans in processes
    )
    resource = Resource(
        attributes=[KeyValue(key="service.name", value=AnyValue(string_value=service))]
    )
    expected = ExportTraceServiceRequest(
        resource_spans=[
            ResourceSpans(
                resource=resource,
                scope_spans=[ScopeSpans(scope=otlp.SCOPE, spans=[span(*row) for row in spans])],
            )
            for spans in processes
        ]
    )
    assert ExportTraceServiceRequest.FromString(joined) == expected


def span(name, key, text, count):
    return Span(
        name=name,
        attributes=[
            KeyValue(key=key, value=AnyValue(int_value=count)),
            KeyValue(key=key, value=AnyValue(string_value=text)),
        ],
    )


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 70_000])
def test_lengths_of_every_size_are_read_back(length):
    body = otlp.export_request([otlp.process_spans({"service.name": "x" * length}, [])])
    resource = ExportTraceServiceRequest.FromString(body).resource_spans[0].resource
    assert len(resource.attributes[0].value.string_value) == length
