"""What can be known of a content whose text is not kept: how much of what, never a word of it.

Names of roles are taken from a list and names of tools only if they look like one, so that no text
gets through as a name.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b

import msgspec

ATTRIBUTE = "content_facts"
"""The attribute under which the facts of an event's content are kept."""

# The same messages often come under several names: the first of each kind that is there counts.
_DIALOGUES = ("messages", "events")
_INPUTS = ("input_messages", "request", "input", "input_text", "trace_input", "body")
_OUTPUTS = ("output_messages", "response", "output", "output_object", "trace_output")
_SECOND_HAND = "span_events"
_NO_MESSAGES = frozenset({
    "tools", "tool_choice", "tool_parameters", "request_parameters", "output_schema",
    "embedding", "embeddings", "new_messages", "prompt_template", "command_args", "command_line",
})  # fmt: skip
_ROLES = {
    **{role: role for role in ("system", "developer", "user", "assistant", "tool")},
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "function": "tool",
}
_MESSAGE_TYPES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
"""What LangChain writes in place of roles."""
_ATTACHED = frozenset({
    "image", "image_url", "input_image", "audio", "input_audio", "video", "file", "input_file",
    "document", "blob", "media",
})  # fmt: skip
_CALLS = frozenset({"tool_call", "tool-call", "tool_use", "function_call"})
_ARGUMENTS = frozenset({"arguments", "args", "input"})
_LABELS = frozenset({"role", "type", "id", "finish_reason", "name", "toolName", "toolCallId"})
_EVENT_ROLE = re.compile(r"gen_ai\.(?:(system|user|assistant|tool)\.message|choice)")
_TOOL = re.compile(r"[A-Za-z_][\w.:/-]{0,127}", re.ASCII)
_encode = msgspec.json.Encoder(order="deterministic", decimal_format="string").encode

Facts = dict[str, object]


def content_facts(content: object, key: bytes | None) -> Facts:
    """Messages by role, characters, tools called, attachments and the hash of a content.

    Characters are those of all texts but roles, names and ids. What was not there is left out.
    The hash is keyed: a short prompt would be found by hashing guesses. It tells equal contents
    of one tenant apart from others and nothing else; without `key` there is none.
    """
    parts = _told_once(content)
    found = _Found()
    found.read(parts)
    facts: Facts = {
        "messages": dict(found.roles),
        "characters": found.characters,
        "tool_calls": list(found.tools),
        "attachments": found.attachments,
    }
    if key is not None:
        facts["hash"] = _keyed_hash(parts, key)
    return {name: fact for name, fact in facts.items() if fact}


def _keyed_hash(parts: list[object], key: bytes) -> str | None:
    try:
        return blake2b(_encode(parts), key=key, digest_size=16).hexdigest()
    except (RecursionError, TypeError, ValueError, OverflowError):
        return None  # no JSON text can hold it


def _told_once(content: object) -> list[object]:
    """The values of a content without those that say again what others say."""
    if not isinstance(content, dict):
        return [content]
    chosen = [name for names in (_DIALOGUES, _INPUTS, _OUTPUTS)
              if (name := next((one for one in names if content.get(one)), None))]  # fmt: skip
    if chosen[:1] and chosen[0] in _DIALOGUES:
        chosen = chosen[:1]
    again = {*_DIALOGUES, *_INPUTS, *_OUTPUTS, *_NO_MESSAGES} - set(chosen)
    if chosen:
        again.add(_SECOND_HAND)
    return [
        _timeless(value) if name == _SECOND_HAND else value
        for name, value in content.items()
        if name not in again
    ]


def _timeless(events: object) -> object:
    """Span events as messages, without their times: these would make every hash another."""
    if not isinstance(events, list):
        return events
    return [_message_of(event) if isinstance(event, dict) else event for event in events]


def _message_of(event: Mapping[str, object]) -> object:
    carried, named = event.get("attributes"), _EVENT_ROLE.fullmatch(str(event.get("name")))
    if named is None or not isinstance(carried, dict):
        return carried
    return {"role": named[1] or "assistant", **carried}


class _Found:
    """What was counted so far."""

    def __init__(self) -> None:
        self.roles: Counter[str] = Counter()
        self.tools: dict[str, None] = {}
        self.characters = 0
        self.attachments = 0

    def read(self, content: object) -> None:
        """Count all that is in `content`, JSON in texts included."""
        waiting = [content]
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                inner = _json_in(value)
                self.characters += len(value) if inner is None else 0
                value = inner
            if isinstance(value, dict):
                waiting.extend(self._members(value))
            elif isinstance(value, list):
                waiting.extend(reversed(value))

    def _members(self, value: dict[str, object]) -> Iterator[object]:
        if (role := _role(value)) is not None:
            self.roles[role] += 1
        kind = value.get("type")
        kind = kind if isinstance(kind, str) else None
        if kind in _ATTACHED or "inline_data" in value:
            self.attachments += 1
            return
        if kind in _CALLS or not _ARGUMENTS.isdisjoint(value):
            self._called(value.get("name", value.get("toolName")))
        yield from (below for name, below in reversed(value.items()) if name not in _LABELS)

    def _called(self, name: object) -> None:
        if isinstance(name, str) and _TOOL.fullmatch(name):
            self.tools[name] = None


def _role(value: Mapping[str, object]) -> str | None:
    """The role of a message, None for what is no message."""
    role, kind = value.get("role"), value.get("type")
    if isinstance(role, str):
        return _ROLES.get(role, "other")
    return _MESSAGE_TYPES.get(kind) if isinstance(kind, str) else None


def _json_in(text: str) -> object:
    """The list or object that a text is the JSON of, None where it is none."""
    if text[:1] not in ("[", "{"):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
