"""What an application does with Pydantic AI: runs of an agent, and an embedding.

Runs in the environment of the SDK under test, so it imports nothing before it is called.
"""

from typing import Any


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def ask(agent: Any, **with_each: str) -> None:
    """A run, a streamed run, a run with a tool (two calls), an embedding, a run refused with 429."""
    from pydantic_ai import Agent, Embedder, ModelHTTPError

    agent.run_sync("How is the weather?", **with_each)
    with agent.run_stream_sync(
        "And now?", model="openai-chat:gpt-4o-mini", **with_each
    ) as streamed:
        streamed.get_output()
    Agent("openai-chat:o3", tools=[weather]).run_sync("Look it up.", **with_each)
    Embedder("openai:text-embedding-3-small").embed_query_sync("sunny")
    try:
        agent.run_sync("Please refuse me.", **with_each)
    except ModelHTTPError:
        return
    raise AssertionError("the last call was not refused")
