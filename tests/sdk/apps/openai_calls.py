"""What an application does with an OpenAI client: one call of each kind.

Runs in the environment of the SDK under test, so it imports nothing before it is called: the
lines of the page come first.
"""

from functools import partial
from typing import Any

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def ask(client: Any, **with_each: str) -> None:
    """Six calls, one after the other, each with the options given; the last is refused with 429."""
    import openai

    create = partial(client.chat.completions.create, **with_each)
    create(model="gpt-4o", messages=said("How is the weather?"))
    usage = {"include_usage": True}
    exhaust(
        create(model="gpt-4o-mini", messages=said("And now?"), stream=True, stream_options=usage)
    )
    exhaust(create(model="gpt-4o-mini", messages=said("Be short."), stream=True))
    create(model="o3", messages=said("Look it up."), tools=[TOOL])
    client.embeddings.create(model="text-embedding-3-small", input="sunny", **with_each)
    try:
        create(model="gpt-4o", messages=said("Please refuse me."))
    except openai.RateLimitError:
        return
    raise AssertionError("the last call was not refused")


def said(text: str) -> list[dict[str, str]]:
    """A conversation of one message."""
    return [{"role": "user", "content": text}]


def exhaust(stream: Any) -> None:
    """Read a stream to its end."""
    for _ in stream:
        pass
