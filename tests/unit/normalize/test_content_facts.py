import json
from typing import Any

import pytest

from llm_analytics_hub.normalize.content_facts import content_facts

KEY = b"a key"
CALL = {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"city": "Ulm"}}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "parts": [{"type": "text", "content": "be terse"}]},
    {"role": "user", "parts": [{"type": "text", "content": "hello"},
                               {"type": "blob", "mime_type": "image/png", "data": "aaaa"}]},
    {"role": "assistant", "parts": [CALL]},
]  # fmt: skip


@pytest.mark.parametrize("messages", [MESSAGES, json.dumps(MESSAGES)], ids=["native", "text"])
def test_messages_characters_tools_and_attachments_are_counted(messages: object) -> None:
    assert content_facts({"input_messages": messages}, None) == {
        "messages": {"system": 1, "user": 1, "assistant": 1},
        "characters": len("be terse" + "hello" + "Ulm"),
        "tool_calls": ["get_weather"],
        "attachments": 1,
    }


def test_what_is_told_twice_counts_once() -> None:
    once = {"input_messages": MESSAGES, "output_messages": [{"role": "assistant", "content": "x"}]}
    again = {
        "input": json.dumps({"messages": MESSAGES}),
        "output": "x",
        "tools": "[{}]",
        "span_events": [{"name": "e", "time": 1, "attributes": {"content": "hello"}}],
    }
    assert content_facts({**again, **once}, KEY) == content_facts(once, KEY)
    assert content_facts({"messages": MESSAGES, "output": "x"}, None) == content_facts(
        {"messages": MESSAGES}, None
    )


@pytest.mark.parametrize(
    "call",
    [
        {"type": "function", "id": "1", "function": {"name": "find", "arguments": "{}"}},
        {"type": "tool_use", "id": "1", "name": "find", "input": {}},
        {"tool_call": {"function": {"name": "find", "arguments": "{}"}}},
        {"function_call": {"name": "find", "args": {}}},
        {"type": "tool-call", "toolCallId": "1", "toolName": "find", "input": {}},
        {"type": "function_call", "name": "find", "arguments": "{}"},
    ],
)
def test_a_tool_call_is_known_in_every_spelling(call: dict[str, Any]) -> None:
    content = {"output_messages": [{"role": "assistant", "content": [call, call]}]}
    assert content_facts(content, None)["tool_calls"] == ["find"]


def test_a_tool_that_was_only_offered_is_not_called() -> None:
    offered = {"type": "function", "function": {"name": "find", "parameters": {}}}
    assert content_facts({"request": {"tools": [offered]}}, None).get("tool_calls") is None


def test_span_events_name_the_roles_of_their_messages() -> None:
    names = ("gen_ai.user.message", "gen_ai.choice", "exception")
    events = [{"name": name, "attributes": {"content": "x"}} for name in names]
    facts = content_facts({"span_events": events}, None)
    assert facts == {"messages": {"user": 1, "assistant": 1}, "characters": 3}


@pytest.mark.parametrize(("kind", "role"), [("human", "user"), ("ai", "assistant")])
def test_the_message_types_of_langchain_are_roles(kind: str, role: str) -> None:
    facts = content_facts({"input": [{"type": kind, "content": "x"}]}, None)
    assert facts == {"messages": {role: 1}, "characters": 1}


def test_no_text_gets_through_as_a_name() -> None:
    words = "my password is hunter2"
    content = {
        "input_messages": [
            {"role": words, "type": words, "id": words, "content": words},
            {"type": "tool_call", "name": words, "arguments": {words: words}},
        ],
        words: words,
    }
    facts = content_facts(content, KEY)
    assert facts["messages"] == {"other": 1}
    assert not any(word in json.dumps(facts) for word in words.split())


def test_the_hash_is_of_the_content_and_the_key_and_not_of_the_time() -> None:
    def hash_of(text: str, key: bytes = KEY, time: int = 1) -> object:
        event = {"name": "e", "time": time, "attributes": {"content": text}}
        return content_facts({"span_events": [event]}, key)["hash"]

    assert hash_of("a") == hash_of("a", time=2)
    assert len({hash_of("a"), hash_of("b"), hash_of("a", b"other")}) == 3
    assert "hash" not in content_facts({"input": "a"}, None)


@pytest.mark.parametrize("odd", ["text", ["a", "b"], 5, {"b": "\ud800"}, {"role": 5}, None])
def test_any_content_has_facts(odd: object) -> None:
    facts = content_facts(odd, KEY)
    assert facts.keys() <= {"messages", "characters", "tool_calls", "attachments", "hash"}
