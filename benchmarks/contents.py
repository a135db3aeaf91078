"""What agents that resend their history cost on disk: contents whole, and in pieces (ADR 009).

python -m benchmarks.contents
"""

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import thread_time
from typing import Any

import msgspec
import pyarrow as pa

from llm_analytics_hub.model.event import CONTENT_SCHEMA
from llm_analytics_hub.normalize.manifest import content_id, take_apart
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.migrate import migrate
from llm_analytics_hub.storage.interface import Table

SESSIONS, CALLS = 100, 20
EXPIRES_ON = date(2099, 1, 5)
SIZE = (
    "SELECT sum(bytes_on_disk) AS disk, sum(rows) AS rows FROM system.parts "
    "WHERE active AND table = 'contents'"
)

Pieces = dict[str, bytes]
dice = random.Random(5)
WORDS = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 9))) for _ in range(6000)]  # fmt: skip


def text(size: int) -> str:
    """Words, few of them often, of `size` characters together."""
    words: list[str] = []
    while sum(map(len, words)) < size:
        words.append(WORDS[int(dice.paretovariate(0.6)) % len(WORDS)])
    return " ".join(words)


SYSTEM = {"role": "system", "parts": [{"type": "text", "content": text(3000)}]}
TOOLS = json.dumps([{"name": f"t{n}", "description": text(500)} for n in range(8)])


def session(number: int) -> Iterator[dict[str, Any]]:
    """The contents of an agent's calls, each with all that came before it."""
    history = [SYSTEM, {"role": "user", "parts": [{"type": "text", "content": text(400)}]}]
    for call in range(CALLS):
        name = f"call_{number}_{call}"
        asked = {"type": "tool_call", "id": name, "name": "search", "arguments": {"q": text(100)}}
        said = {"role": "assistant", "parts": [asked]}
        yield {
            "input_messages": json.dumps(history),
            "output_messages": json.dumps([said]),
            "tools": TOOLS,
        }
        result = {"type": "tool_call_response", "id": name, "result": text(dice.randint(20, 3000))}
        history += [said, {"role": "tool", "parts": [result]}]


def whole(content: object) -> Pieces:
    """A content as one text."""
    body = msgspec.json.encode(content)
    return {content_id(body): body}


def measure(
    name: str, contents: list[list[dict[str, Any]]], split: Callable[[Any], Pieces]
) -> None:
    """Store all contents in the order of the calls; print their size on disk, merged."""
    engine, seconds = EmbeddedEngine(Path(tempfile.mkdtemp()), readers=1), 0.0
    migrate(engine)
    for number, calls in enumerate(zip(*contents, strict=True)):
        bodies: Pieces = {}
        for content in calls:
            start = thread_time()
            pieces = split(content)
            seconds += thread_time() - start
            bodies |= pieces
        engine.insert(Table.CONTENTS, batch(bodies), str(number))
    engine.command("OPTIMIZE TABLE contents FINAL")
    (found,) = engine.query(SIZE)[0].to_pylist()
    engine.close()
    each_ms = seconds * 1000 / (SESSIONS * CALLS)
    disk = f"{found['disk'] / 1e6:.2f} MB on disk"
    print(f"{name}: {disk}, {found['rows']} rows, {each_ms:.2f} ms a call")


def batch(bodies: Pieces) -> pa.RecordBatch:
    """Contents of one tenant."""
    rows = [{"tenant": "t", "content_id": name, "body": body.decode(), "expires_on": EXPIRES_ON}
            for name, body in bodies.items()]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, CONTENT_SCHEMA)


if __name__ == "__main__":
    made = [list(session(number)) for number in range(SESSIONS)]
    sent = sum(len(msgspec.json.encode(content)) for calls in made for content in calls)
    print(f"sent: {sent / 1e6:.1f} MB in {SESSIONS * CALLS} calls")
    measure("whole", made, whole)
    measure("in pieces", made, take_apart)
