"""The examples of docs/grpc.md, run against a hub in order; they print what the page says."""

import asyncio
import contextlib
import io
import re
from pathlib import Path
from typing import Any

import httpx

from llm_analytics_hub.model.event import INFERENCE

PAGE = Path(__file__).resolve().parents[4] / "docs/grpc.md"
BLOCKS = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def run(code: str, names: dict[str, Any]) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - our own page
    return told.getvalue()


async def test_the_examples_of_the_page_print_what_it_says(
    address: str, client: httpx.AsyncClient
) -> None:
    client.headers["x-tenant"] = "docs"
    events = [
        {"event_id": f"call-{n}", "source": "observatory", "event_type": INFERENCE,
         "occurred_at": f"2025-11-19T0{n}:00:00Z", "provider": "openai", "cost_usd": "0.01",
         "model": "gpt-4o-mini" if n == 3 else "gpt-4o"}
        for n in range(4)
    ]  # fmt: skip
    answer = await client.post("/api/v1/events", json=events)
    assert answer.json()["accepted"] == 4, answer.text
    page = PAGE.read_text("utf-8").replace("127.0.0.1:4317", address)
    examples = BLOCKS.findall(page)
    assert len(examples) == page.count("```python") == 6
    names: dict[str, Any] = {}
    try:
        for code, text in examples:
            assert await asyncio.to_thread(run, code, names) == text
    finally:
        names["channel"].close()
