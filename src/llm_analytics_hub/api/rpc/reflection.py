"""Server reflection: tools such as grpcurl ask what there is, and need no `.proto` file.

Source: grpc.reflection.v1; the package has v1alpha, whose messages are the same on the wire.
"""

from collections.abc import Iterable, Sequence

import grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from llm_analytics_hub.api.rpc.schema import POOL

SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")


def reflection_handlers(services: Iterable[str]) -> Sequence[grpc.GenericRpcHandler]:
    """Handlers that describe `services`, by both names the service has."""
    servicer = reflection.aio.ReflectionServicer([*services, SERVICES[1]], pool=POOL)
    method = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return [
        grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": method})
        for name in SERVICES
    ]
