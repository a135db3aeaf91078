"""What a sender of OTLP metrics gets back."""

import msgspec
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)

from llm_analytics_hub.ingest.codecs.otlp_answer import JSON, PROTOBUF
from llm_analytics_hub.ingest.receipt import Receipt

_SHOWN = 5


def metrics_partial_success(receipt: Receipt, *, is_json: bool) -> tuple[bytes, str]:
    """The answer to a request that was taken, and its media type; repeats are no failure.

    Source: OTLP specification, "Partial Success".
    """
    rejected = len(receipt.rejected)
    reasons = "; ".join(
        f"data point {r.index}: {r.code}: {r.message}" for r in receipt.rejected[:_SHOWN]
    )
    if is_json:
        partial = {"rejectedDataPoints": str(rejected), "errorMessage": reasons}
        return msgspec.json.encode({"partialSuccess": partial if rejected else {}}), JSON
    partial_pb = ExportMetricsPartialSuccess(rejected_data_points=rejected, error_message=reasons)
    answer = ExportMetricsServiceResponse(partial_success=partial_pb if rejected else None)
    return answer.SerializeToString(), PROTOBUF
