"""What an application does with LiteLLM: one call of each kind.

Runs in the environment of the SDK under test, so it imports nothing before it is called.
"""

from functools import partial
from typing import Any

from openai_calls import TOOL, exhaust, said


def ask(litellm: Any, **with_each: str) -> None:
    """Six calls, one after the other, each with the options given; the last is refused with 429."""
    create = partial(litellm.completion, **with_each)
    create(model="gpt-4o", messages=said("How is the weather?"))
    usage = {"include_usage": True}
    mini = partial(create, model="gpt-4o-mini", stream=True)
    exhaust(mini(messages=said("And now?"), stream_options=usage))
    exhaust(mini(messages=said("Be short.")))
    create(model="o3", messages=said("Look it up."), tools=[TOOL])
    litellm.embedding(model="text-embedding-3-small", input=["sunny"], **with_each)
    try:
        create(model="gpt-4o", messages=said("Please refuse me."))
    except litellm.RateLimitError:
        return
    raise AssertionError("the last call was not refused")
