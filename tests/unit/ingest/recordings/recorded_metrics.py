"""The metric exports of the recordings, and what their token metrics add up to."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyarrow as pa

from .recorded import CASES, RECORDINGS, UNPACK, truth_of

METRIC_CASES = [case for case in CASES if truth_of(case)["counts"].get("metric_points")]
_TOKEN_TYPES = ("gen_ai.token.type", "token_type", "type")


def metric_bodies_of(case: str) -> Iterator[tuple[bytes, str]]:
    """The metric exports of a recording, unpacked, with their content types."""
    for number in range(1, truth_of(case)["counts"]["requests"] + 1):
        sent = json.loads((RECORDINGS / case / f"headers-{number}.json").read_text())
        if sent["path"].endswith(("/v1/metrics", "MetricsService/Export")):
            headers = {name.lower(): value for name, value in sent["headers"]}
            body = (RECORDINGS / case / f"request-{number}.bin").read_bytes()
            unpack = UNPACK.get(headers.get("content-encoding", ""), bytes)
            is_grpc = sent["transport"] == "grpc"
            content_type = "application/x-protobuf" if is_grpc else headers["content-type"]
            yield unpack(body), content_type


def totals_of(
    batches: Iterable[pa.RecordBatch], names: Iterable[str]
) -> dict[str, dict[str, float]]:
    """The sums of stored values of these metrics, by type of token; "?" where they name none."""
    totals: dict[str, defaultdict[str, float]] = {name: defaultdict(float) for name in names}
    for row in (row for batch in batches for row in batch.to_pylist()):
        if row["metric"] in totals:
            labels = dict(row["labels"])
            kind = next((labels[name] for name in _TOKEN_TYPES if name in labels), "?")
            totals[row["metric"]][kind] += row["value"]
    return {name: dict(found) for name, found in totals.items()}
