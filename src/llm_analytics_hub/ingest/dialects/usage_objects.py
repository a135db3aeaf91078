"""Members of the usage objects that providers answer with, for SDKs that pass them on as JSON."""

# OpenAI's chat completions, its responses, and Anthropic's messages.
DETAILS = {
    "prompt_tokens_details.cached_tokens": "cached_tokens",
    "input_tokens_details.cached_tokens": "cached_tokens",
    "cache_read_input_tokens": "cached_tokens",
    "prompt_tokens_details.cache_write_tokens": "cache_write_tokens",
    "input_tokens_details.cache_write_tokens": "cache_write_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
    "completion_tokens_details.reasoning_tokens": "reasoning_tokens",
    "output_tokens_details.reasoning_tokens": "reasoning_tokens",
}

WHOLE = {
    "prompt_tokens": "input_tokens",
    "input_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "output_tokens": "output_tokens",
    "total_tokens": "total_tokens",
}


def members_of(key: str, members: dict[str, str]) -> dict[str, str]:
    """Columns for `members` of the JSON text in the attribute `key`."""
    return {f"{key}#{path}": target for path, target in members.items()}
