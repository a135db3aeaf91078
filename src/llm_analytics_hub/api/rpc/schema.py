"""Messages and services of the hub's `.proto` files, from what the compiler made of them (ADR 014)."""

from collections.abc import Callable
from importlib import resources
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

COMPILED = "hub.binpb"

_IMPORTED = (Struct, Timestamp)
"""What our files import must be in the pool before they are."""

POOL = descriptor_pool.Default()
"""Where all services are described, those of other packages as well: reflection reads it."""


def compiled() -> FileDescriptorSet:
    """The files as they were compiled."""
    folder = resources.files("llm_analytics_hub.api.proto")
    return FileDescriptorSet.FromString((folder / COMPILED).read_bytes())


for _file in compiled().file:
    POOL.AddSerializedFile(_file.SerializeToString())


def messages_of(package: str) -> Callable[[str], type[Any]]:
    """From the name of a message of `package` to its class. Raises: KeyError for a name that is none."""

    def named(name: str) -> type[Any]:
        descriptor = POOL.FindMessageTypeByName(f"{package}.{name}")
        made: type[Any] = message_factory.GetMessageClass(descriptor)
        return made

    return named
