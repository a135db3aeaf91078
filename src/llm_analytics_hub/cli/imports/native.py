"""A file in the shapes of one of the platform's modules, sent whole to that module's door."""

import gzip
from pathlib import Path

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.imports.run import Tally
from llm_analytics_hub.errors import InvalidInputError

_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
}


def send_native(hub: HubClient, module: str, path: Path, name: str) -> Tally:
    """What became of the documents of a file; each counts once, however often it is sent.

    Raises: InvalidInputError for a name that does not tell what the file holds, UndecodableError,
    TooLargeError, NotFoundError for a module that is none.
    """
    tally = Tally()
    tally.count(hub.send_native(module, _body(path, name), _content_type(name)))
    return tally


def _content_type(name: str) -> str:
    suffix = Path(name.removesuffix(".gz")).suffix
    if name == "stdin":
        return _TYPES[".ndjson"]
    if suffix not in _TYPES:
        message = f"{name}: a module's file is one of {', '.join(_TYPES)}, also .gz"
        raise InvalidInputError(message, code="unknown_format")
    return _TYPES[suffix]


def _body(path: Path, name: str) -> bytes:
    try:
        return gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    except (EOFError, gzip.BadGzipFile) as error:
        raise InvalidInputError(f"{name} is no whole gzip file", code="undecodable") from error
