"""OTLP over gRPC with the client that exporters use: what HTTP promises, in the words of gRPC."""

import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from .conftest import SECONDS, HubProcess, StartHub, free_port
from .test_lifecycle import refusal

pytestmark = [pytest.mark.system, pytest.mark.slow]

RECORDING = Path(__file__).resolve().parents[2] / "../shared/otlp/otel-openai-v2/content-grpc"
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LIMIT = 200_000
GZIP = grpc.Compression.Gzip
# gRPC itself cancels calls that came in, and were given to nobody, when the server stops.
SEND_AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


def start(start_hub: StartHub, folder: Path, **environment: str) -> HubProcess:
    return start_hub(folder, free_port(), **environment)


@pytest.fixture(scope="module")
def hub(start_hub: StartHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    running = start(
        start_hub, tmp_path_factory.mktemp("grpc") / "data", HUB_INGEST__GRPC_BYTES=str(LIMIT)
    )
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def channel(hub: HubProcess) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(hub.grpc) as opened:
        yield opened


def request(*span_ids: bytes, **resource: str) -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    group = made.resource_spans.add()
    for key, value in resource.items():
        group.resource.attributes.add(key=key).value.string_value = value
    scope, now_ns = group.scope_spans.add(), int(datetime.now(UTC).timestamp() * 1e9)
    for span_id in span_ids:
        scope.spans.add(
            trace_id=os.urandom(16), span_id=span_id, name="chat",
            start_time_unix_nano=now_ns, end_time_unix_nano=now_ns + 10**6,
        )  # fmt: skip
    return made


def ids(count: int) -> list[bytes]:
    return [os.urandom(8) for _ in range(count)]


def export(channel: grpc.Channel, made: ExportTraceServiceRequest, **how: Any) -> Any:
    return TraceServiceStub(channel).Export(made, timeout=SECONDS, **how)


def refused(channel: grpc.Channel, body: bytes, **how: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(EXPORT)(body, timeout=SECONDS, **how)
    return caught.value


def status_of(error: grpc.RpcError) -> Status:
    trailer = dict(error.trailing_metadata())
    return Status.FromString(trailer["grpc-status-details-bin"])


def retry_seconds(error: grpc.RpcError) -> int:
    info = RetryInfo()
    (detail,) = status_of(error).details
    assert detail.Unpack(info)
    return int(info.retry_delay.seconds)


def stored(hub: HubProcess, tenant: str = "default") -> Counter[bytes]:
    """How often each span is in the store."""
    question = {
        "measures": ["events"], "dimensions": ["span_id"], "time_range": {"last": "1h"},
        "limit": 10_000,
    }  # fmt: skip
    answer = hub.client.post("/api/v1/query", json=question, headers={"x-tenant": tenant})
    assert answer.status_code == 200, answer.text
    return Counter({bytes.fromhex(span_id): count for span_id, count in answer.json()["rows"]})


@pytest.mark.parametrize("how", [{}, {"compression": GZIP}], ids=["plain", "gzip"])
def test_exported_spans_are_stored_before_the_answer(
    hub: HubProcess, channel: grpc.Channel, how: dict[str, Any]
) -> None:
    sent = ids(50)
    assert export(channel, request(*sent), **how) == ExportTraceServiceResponse()
    assert stored(hub).keys() >= set(sent)


def test_exported_log_records_are_stored_before_the_answer(
    hub: HubProcess, channel: grpc.Channel
) -> None:
    tenant, now_ns = "logs", int(datetime.now(UTC).timestamp() * 1e9)
    made = ExportLogsServiceRequest()
    records = made.resource_logs.add().scope_logs.add().log_records
    for number in range(50):
        records.add(observed_time_unix_nano=now_ns + number, event_name="shop.closed")
    records.add(event_name="without a time")
    for _ in range(2):
        answer = LogsServiceStub(channel).Export(
            made, timeout=SECONDS, metadata=[("x-tenant", tenant)]
        )
        assert answer.partial_success.rejected_log_records == 1
    question = {"measures": ["events"], "time_range": {"last": "1h"}}
    asked = hub.client.post("/api/v1/query", json=question, headers={"x-tenant": tenant})
    assert asked.json()["rows"] == [[50]]


def test_a_repeat_is_no_failure(hub: HubProcess, channel: grpc.Channel) -> None:
    made = request(*ids(2))
    answers = [export(channel, made) for _ in range(2)]
    assert answers == [ExportTraceServiceResponse()] * 2
    assert max(stored(hub).values()) == 1


def test_bad_spans_are_refused_alone_and_counted(hub: HubProcess, channel: grpc.Channel) -> None:
    sent = ids(2)
    partial = export(channel, request(sent[0], b"", sent[1])).partial_success
    assert partial.rejected_spans == 1
    assert partial.error_message.startswith("span 1: invalid_span_id: ")
    assert stored(hub).keys() >= set(sent)


def test_the_tenant_is_in_the_metadata(hub: HubProcess, channel: grpc.Channel) -> None:
    (sent,) = ids(1)
    export(channel, request(sent), metadata=[("x-tenant", "red")])
    assert stored(hub, "red") == {sent: 1}
    assert sent not in stored(hub)


REFUSED = {
    "garbage": ("undecodable", b"\xff" * 100, {}),
    "a length past the end": ("undecodable", b"\x0a\xff\xff\xff\xff\x0f", {}),
    "a tenant of another shape": ("invalid_tenant", b"", {"metadata": [("x-tenant", "No")]}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_and_stays_wrong_is_an_invalid_argument(
    hub: HubProcess, channel: grpc.Channel, name: str
) -> None:
    code, body, how = REFUSED[name]
    sample = ("hub_refused_requests_total", f'code="{code}",door="otlp"')
    before = hub.metrics().get(sample, 0)
    error = refused(channel, body, **how)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.details().startswith(f"{code}: ")
    assert (status_of(error).message, list(status_of(error).details)) == (error.details(), [])
    assert hub.metrics()[sample] == before + 1


@pytest.mark.parametrize(
    ("body", "how"),
    [(bytes(LIMIT + 1), {}), (bytes(1 << 28), {"compression": GZIP})],
    ids=["large", "bomb"],
)
def test_too_large_a_message_is_refused_for_good_and_counted(
    hub: HubProcess, channel: grpc.Channel, body: bytes, how: dict[str, Any]
) -> None:
    sample = ("hub_refused_requests_total", 'code="too_large",door="otlp"')
    before, memory = hub.metrics().get(sample, 0), peak_bytes(hub)
    error = refused(channel, body, **how)
    # Without a RetryInfo: an exporter may not send the same again.
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "grpc-status-details-bin" not in dict(error.trailing_metadata())
    # gRPC answers before it tells the hub; the time limit ends a test of a hub that never counts.
    while hub.metrics().get(sample, 0) == before:
        assert hub.process.poll() is None
    assert peak_bytes(hub) - memory < len(body) / 4 + 100 * LIMIT


def peak_bytes(hub: HubProcess) -> int:
    lines = Path(f"/proc/{hub.process.pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) * 1024


def test_a_full_hub_says_when_to_come_again(start_hub: StartHub, tmp_path: Path) -> None:
    full = {"HUB_STORAGE__WAITING_ROWS": "1", "HUB_STORAGE__APPLY_AFTER": "PT1H"}
    hub = start(start_hub, tmp_path / "data", **full)
    with grpc.insecure_channel(hub.grpc) as channel:
        first = ids(1)
        export(channel, request(*first))
        error = refused(channel, request(*ids(1)).SerializeToString())
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert status_of(error).code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert retry_seconds(error) >= 1
    assert stored(hub) == Counter(first)
    assert hub.stop() == 0


def test_more_calls_than_are_read_at_a_time_wait_for_their_turn(
    start_hub: StartHub, tmp_path: Path
) -> None:
    hub = start(start_hub, tmp_path / "data", HUB_INGEST__GRPC_CALLS="1")
    batches = [ids(20) for _ in range(40)]

    def send(batch: list[bytes]) -> None:
        with grpc.insecure_channel(hub.grpc, OWN_CONNECTION) as channel:
            export(channel, request(*batch))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, batches))
    assert stored(hub) == Counter(chain.from_iterable(batches))
    assert hub.stop() == 0


class Senders:
    """Exporters that send batches of new spans until the hub refuses, and what they were told."""

    def __init__(self, hub: HubProcess, count: int) -> None:
        self.acknowledged: set[bytes] = set()
        self.codes: set[grpc.StatusCode] = set()
        self.acks = threading.Semaphore(0)
        self._address = hub.grpc
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def _run(self) -> None:
        with grpc.insecure_channel(self._address, OWN_CONNECTION) as channel:
            try:
                while True:
                    batch = ids(20)
                    export(channel, request(*batch))
                    self.acknowledged.update(batch)
                    self.acks.release()
            except grpc.RpcError as error:
                self.codes.add(error.code())


def test_sigterm_under_load_loses_nothing_acknowledged(start_hub: StartHub, tmp_path: Path) -> None:
    hub = start(start_hub, tmp_path / "data")
    senders = Senders(hub, count=4)
    for _ in range(40):
        assert senders.acks.acquire(timeout=SECONDS)
    assert hub.stop() == 0
    senders.join()
    assert senders.codes <= SEND_AGAIN
    hub = start_hub(tmp_path / "data")
    # Not one more either: whatever was taken was also answered.
    assert stored(hub) == Counter(senders.acknowledged)
    assert hub.stop() == 0


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a certificate for 127.0.0.1 that signed itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        assert not os.environ.get("HUB_TEST_SERVICES"), "openssl is not installed"
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return {"HUB_OTLP_TLS_CERT": cert, "HUB_OTLP_TLS_KEY": key}


def test_with_a_certificate_only_tls_is_spoken(
    start_hub: StartHub, tmp_path: Path, tls: dict[str, str]
) -> None:
    hub = start(start_hub, tmp_path / "data", **tls)
    trusted = grpc.ssl_channel_credentials(Path(tls["HUB_OTLP_TLS_CERT"]).read_bytes())
    sent = ids(3)
    with grpc.secure_channel(hub.grpc, trusted) as channel:
        export(channel, request(*sent))
    with grpc.insecure_channel(hub.grpc) as channel:
        assert refused(channel, b"").code() == grpc.StatusCode.UNAVAILABLE
    assert stored(hub) == Counter(sent)
    assert hub.stop() == 0


def test_a_certificate_without_its_key_stops_the_start_with_all_faults(
    tmp_path: Path, tls: dict[str, str]
) -> None:
    cert = {"HUB_OTLP_TLS_CERT": tls["HUB_OTLP_TLS_CERT"]}
    code, said = refusal(tmp_path / "data", HUB_PORT="http", HUB_PROT="1", **cert)
    assert code == 2
    assert all(name in said for name in ("HUB_PROT", "otlp_tls_key: a certificate and its key"))


def test_a_grpc_port_that_is_taken_is_named(hub: HubProcess, tmp_path: Path) -> None:
    port = hub.grpc.rpartition(":")[2]
    code, said = refusal(tmp_path / "other", "--otlp-grpc-port", port)
    assert (code, f"cannot listen on 127.0.0.1:{port}" in said) == (2, True)
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(not RECORDING.exists(), reason="the recordings are not beside the repository")
def test_what_a_real_exporter_sent_becomes_its_events(
    hub: HubProcess, channel: grpc.Channel
) -> None:
    truth = json.loads((RECORDING / "expect.json").read_text())
    tenant = {"x-tenant": "recorded"}
    for file in sorted(RECORDING.glob("headers-*.json")):
        if json.loads(file.read_text())["path"] == EXPORT:
            body = file.with_name(file.name.replace("headers", "request")).with_suffix(".bin")
            answer = channel.unary_unary(EXPORT)(
                body.read_bytes(), timeout=SECONDS, metadata=tenant.items()
            )
            assert answer == b""
    question = {
        "measures": ["events", "input_tokens", "output_tokens"],
        "time_range": {"from": "2026-11-01", "to": "2026-12-01"},
    }
    rows = hub.client.post("/api/v1/query", json=question, headers=tenant).json()["rows"]
    sums = truth["truth_totals"]
    assert rows == [
        [truth["counts"]["spans"], sums["input_tokens_as_provider_counts"], sums["output_tokens"]]
    ]
