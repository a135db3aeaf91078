"""Senders over gRPC: several calls at a time over one channel, as a busy exporter has them."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time, sleep

import grpc

from benchmarks.senders import ATTEMPTS, LONGEST_WAIT_SECONDS, TIMEOUT_SECONDS, Sent

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

Export = Callable[..., bytes]


def free_port() -> int:
    """A port that nothing listens on: the hub's gRPC port 0 means off."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def send_all_calls(address: str, bodies: Sequence[bytes], calls: int = 8) -> Sent:
    """Send all `bodies` over one channel, so many at a time, each again while the hub is full."""
    sent = Sent()
    with grpc.insecure_channel(address) as channel, ThreadPoolExecutor(calls) as pool:
        grpc.channel_ready_future(channel).result(TIMEOUT_SECONDS)
        export: Export = channel.unary_unary(EXPORT)
        sent.began, started = perf_counter(), process_time()
        list(pool.map(lambda body: _send(export, body, sent), bodies))
        sent.ended = perf_counter()
        sent.client_seconds = process_time() - started
    return sent


def _send(export: Export, body: bytes, sent: Sent) -> None:
    for _ in range(ATTEMPTS):
        try:
            sent.answers.append(export(body, timeout=TIMEOUT_SECONDS))
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise
            sent.refused.append(body)
            sleep(LONGEST_WAIT_SECONDS)
        else:
            return
    raise AssertionError(f"the hub stayed full for {ATTEMPTS} attempts")
