"""Token counts made whole: input with what the cache gave and took, output with reasoning.

Source: the canonical event, which counts as OpenAI and the GenAI conventions do. Anthropic's API
leaves the cache out of its input, Google's leaves the thoughts out of its output, and SDKs pass
on one or the other.
"""

from collections.abc import Sequence
from typing import cast

from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.draft import Draft

Counts = Sequence[object]
CACHE = ("cached_tokens", "cache_write_tokens")


def complete_tokens(draft: Draft, dialect: Dialect) -> None:
    """Fill `input_tokens` and `output_tokens` from their parts; drop totals that were too small."""
    _sum_parts(draft)
    _include_cache(draft, dialect)


def _sum_parts(draft: Draft) -> None:
    fields = draft.fields
    if "uncached_input_tokens" not in fields and "visible_output_tokens" not in fields:
        return
    columns = [_column(draft, name) for name in _PARTS]
    whole = [_whole(*row) for row in zip(_cache(draft), *columns, strict=True)]
    fields["input_tokens"] = [one for one, _ in whole]
    fields["output_tokens"] = [one for _, one in whole]
    for name in ("uncached_input_tokens", "visible_output_tokens"):
        fields.pop(name, None)


_PARTS = (
    "input_tokens",
    "uncached_input_tokens",
    "output_tokens",
    "visible_output_tokens",
    "reasoning_tokens",
    "total_tokens",
)


def _whole(
    cache: int,
    given_in: object,
    uncached: object,
    given_out: object,
    visible: object,
    reasoning: object,
    total: object,
) -> tuple[object, object]:
    """Input and output of one call; parts count only where no whole was given.

    A total settles whether a "part" was whole already: hand-made records of both kinds use the
    same names.
    """
    ins = [given_in] if isinstance(given_in, int) else _readings(uncached, cache)
    outs = [given_out] if isinstance(given_out, int) else _readings(visible, reasoning)
    pairs = [(one, other) for one in ins for other in outs]
    fitting = (pair for pair in pairs if sum(filter(None, pair)) == total)
    return next(fitting, pairs[0])


def _readings(part: object, more: object) -> list[int | None]:
    """What a part and the rest may make up, the likely one first."""
    if not isinstance(part, int):
        return [None]
    rest = more if isinstance(more, int) else 0
    return [part + rest, part] if part >= rest else [part + rest]


def _include_cache(draft: Draft, dialect: Dialect) -> None:
    """Add the cache to inputs that leave it out.

    Fewer input tokens than cached ones can only mean that the cache was left out.
    """
    given = draft.fields.get("input_tokens")
    if given is None or draft.fields.keys().isdisjoint(CACHE):
        return
    cache = _cache(draft)
    excludes = [False] * len(draft)
    if dialect.anthropic_input_excludes_cache:
        excludes = [provider == "anthropic" for provider in _column(draft, "provider")]
    rows = zip(given, cache, excludes, strict=True)
    short = [
        row
        for row, (tokens, more, leaves_out) in enumerate(rows)
        if more and isinstance(tokens, int) and (leaves_out or tokens < more)
    ]
    if short:
        _add_cache(draft, cache, short)


def _add_cache(draft: Draft, cache: Sequence[int], rows: Sequence[int]) -> None:
    """Add the cache to the input of `rows`; their totals, which left it out too, are unknown."""
    inputs, totals = list(draft.fields["input_tokens"]), list(_column(draft, "total_tokens"))
    for row in rows:
        inputs[row] = cast("int", inputs[row]) + cache[row]
        totals[row] = None
    draft.fields |= {"input_tokens": inputs, "total_tokens": totals}


def _cache(draft: Draft) -> list[int]:
    parts = [cast("Sequence[int | None]", draft.fields.get(name)) for name in CACHE]
    match [part for part in parts if part is not None]:
        case [part]:
            return [count or 0 for count in part]
        case [read, written]:
            return [(one or 0) + (other or 0) for one, other in zip(read, written, strict=True)]
    return [0] * len(draft)


def _column(draft: Draft, field: str) -> Counts:
    return draft.fields.get(field) or [None] * len(draft)
