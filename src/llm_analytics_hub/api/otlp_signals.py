"""The signals of OTLP: how the requests of each are decoded, and what of them is counted in answers."""

from collections.abc import Callable
from dataclasses import dataclass

from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_logs, decode_otlp_traces
from llm_analytics_hub.ingest.codecs.otlp_answer import DATA_POINTS, LOG_RECORDS, SPANS, Counted
from llm_analytics_hub.ingest.codecs.otlp_metrics import decode_otlp_metrics
from llm_analytics_hub.ingest.metric_point import DecodedMetrics
from llm_analytics_hub.ingest.submission import Decoded

OtlpCodec = Callable[[bytes, str], Decoded | DecodedMetrics]
"""From a body and its content type to its events or points; raises InvalidInputError for what is none."""


@dataclass(frozen=True)
class Signal:
    """One signal, whatever its requests come by.

    `path` is its route on HTTP, `service` that of gRPC, which has one method, Export.
    Source: opentelemetry-proto, `collector/`; OTLP/HTTP.
    """

    path: str
    service: str
    decode: OtlpCodec
    counted: Counted


def _signal(name: str, service: str, decode: OtlpCodec, counted: Counted) -> Signal:
    package = f"opentelemetry.proto.collector.{service.lower().removesuffix('service')}.v1"
    return Signal(f"/v1/{name}", f"{package}.{service}", decode, counted)


TRACES = _signal("traces", "TraceService", decode_otlp_traces, SPANS)
LOGS = _signal("logs", "LogsService", decode_otlp_logs, LOG_RECORDS)
METRICS = _signal("metrics", "MetricsService", decode_otlp_metrics, DATA_POINTS)
SIGNALS = (TRACES, LOGS, METRICS)
