"""A server that answers as OpenAI does and writes down what it answered: the truth of a test."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

REFUSE = "refuse me"
"""A prompt with these words is answered 429, and the client told not to try again."""

DATED = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "o3": "o3-2025-04-16",
}
"""The model that answers, by the model that was asked for."""


@dataclass(frozen=True)
class Answer:
    """What one call was and what it would be billed; None: there was no usage, or it was not sent."""

    kind: str
    model: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class FakeOpenAI(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1; every answer has token numbers of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self._thread = Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def usage(self) -> dict[str, Any]:
        """OpenAI's usage object of the next chat answer."""
        nth = len(self.answers) + 1
        prompt, completion = 1000 + 17 * nth, 100 + 7 * nth
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 300 + nth, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 40 + nth, "audio_tokens": 0},
        }

    def record(self, kind: str, model: str, usage: dict[str, Any] | None) -> str:
        """Write an answer down; its id."""
        said = usage or {}
        details = said.get("prompt_tokens_details", {})
        self.answers.append(
            Answer(
                kind,
                model,
                said.get("prompt_tokens"),
                said.get("completion_tokens"),
                details.get("cached_tokens"),
                said.get("completion_tokens_details", {}).get("reasoning_tokens"),
            )
        )
        return f"chatcmpl-{len(self.answers):04d}"


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: FakeOpenAI

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", "0"))
        asked = json.loads(self.rfile.read(size))
        if REFUSE in json.dumps(asked):
            self._refuse(asked)
        elif self.path.endswith("/embeddings"):
            self._embed(asked)
        elif self.path.endswith("/chat/completions"):
            self._chat(asked)
        else:
            self._send(404, {"error": {"message": f"no {self.path}"}})

    def _refuse(self, asked: dict[str, Any]) -> None:
        self.server.record("refused", asked["model"], None)
        error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
        self._send(429, {"error": error})

    def _embed(self, asked: dict[str, Any]) -> None:
        usage = {"prompt_tokens": 5000 + len(self.server.answers)}
        self.server.record("embeddings", asked["model"], usage)
        total = {**usage, "total_tokens": usage["prompt_tokens"]}
        vector = {"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 1.0]}
        self._send(
            200, {"object": "list", "data": [vector], "model": asked["model"], "usage": total}
        )

    def _chat(self, asked: dict[str, Any]) -> None:
        usage, model = self.server.usage(), DATED.get(asked["model"], asked["model"])
        if not asked.get("stream"):
            call_id = self.server.record("tool" if asked.get("tools") else "chat", model, usage)
            self._send(200, _completion(call_id, model, asked, usage))
            return
        told = usage if (asked.get("stream_options") or {}).get("include_usage") else None
        call_id = self.server.record("stream" if told else "stream without usage", model, told)
        self._stream(_chunks(call_id, model, told))

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, chunks: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _completion(
    call_id: str, model: str, asked: dict[str, Any], usage: dict[str, Any]
) -> dict[str, Any]:
    has_result = any(message["role"] == "tool" for message in asked["messages"])
    wants_tool = bool(asked.get("tools")) and not has_result
    message: dict[str, Any] = {"role": "assistant", "content": "Sunny."}
    if wants_tool:
        call = {"name": asked["tools"][0]["function"]["name"], "arguments": '{"city": "Oslo"}'}
        tools = [{"id": "call-1", "type": "function", "function": call}]
        message = {"role": "assistant", "content": None, "tool_calls": tools}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "tool_calls" if wants_tool else "stop",
    }
    return {**_head(call_id, model, "chat.completion"), "choices": [choice], "usage": usage}


def _chunks(call_id: str, model: str, usage: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    head = _head(call_id, model, "chat.completion.chunk")
    deltas: Sequence[dict[str, str]] = [
        {"role": "assistant", "content": ""},
        {"content": "Sun"},
        {"content": "ny."},
    ]
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    if usage:
        yield {**head, "choices": [], "usage": usage}


def _head(call_id: str, model: str, kind: str) -> dict[str, Any]:
    return {"id": call_id, "object": kind, "created": 1763719200, "model": model}
