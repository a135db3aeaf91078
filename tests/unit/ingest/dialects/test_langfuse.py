import json

import pytest

from .spans import START, row

GENERATION = {"langfuse.observation.type": "generation"}
USAGE = "langfuse.observation.usage_details"
COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (  # what OpenAI answered: whole
            {
                "prompt_tokens": 4562,
                "completion_tokens": 2118,
                "total_tokens": 6680,
                "prompt_tokens_details": {"cached_tokens": 1122, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 324},
            },
            [4562, 2118, 1122, 324],
        ),
        (  # the responses API: whole
            {
                "input_tokens": 4679,
                "output_tokens": 2181,
                "input_tokens_details": {"cached_tokens": 1149},
                "output_tokens_details": {"reasoning_tokens": 333},
            },
            [4679, 2181, 1149, 333],
        ),
        (  # LangChain and JavaScript: input without cache, output without reasoning
            {
                "input": 3550,
                "output": 1900,
                "total": 6800,
                "input_cached_tokens": 1155,
                "output_reasoning_tokens": 195,
            },
            [4705, 2095, 1155, 195],
        ),
        (  # written by hand, whole: the total says so
            {"input": 5524, "output": 2636, "total": 8160, "input_cached_tokens": 1344},
            [5524, 2636, 1344, None],
        ),
        (  # written by hand after Anthropic: the total leaves the cache out, as the input does
            {"input": 10, "output": 5, "total": 15, "cache_read_input_tokens": 90},
            [100, 5, 90, None],
        ),
        (  # less output than reasoning can only leave it out, whatever the total says
            {"input": 3, "output": 5, "total": 8, "output_reasoning": 9},
            [3, 14, None, 9],
        ),
        ({"input": 9515, "output": 4785}, [9515, 4785, None, None]),
        ({"input": None, "output": "NaN"}, [None, None, None, None]),
    ],
)
def test_each_shape_of_usage_gives_whole_counts(
    usage: dict[str, object], counts: list[int | None]
) -> None:
    call = row({**GENERATION, USAGE: json.dumps(usage)})
    assert [call.get(field) for field in COUNTS] == counts


def test_usage_stays_as_it_came_beside_the_counts() -> None:
    text = '{"input": 5, "input_audio_tokens": 1}'
    assert row({**GENERATION, USAGE: text})["attributes"] == {"dialect": "langfuse/3", USAGE: text}


@pytest.mark.parametrize("usage", ["", "none", "[1", "{", '{"input": {"a": 1}}', 7, None, "[]"])
def test_usage_that_is_none_is_unknown(usage: object) -> None:
    assert "input_tokens" not in row({**GENERATION, USAGE: usage})


def test_the_first_token_comes_at_a_moment_in_quotes() -> None:
    at = {"langfuse.observation.completion_start_time": '"2026-11-21T20:26:38.250000Z"'}
    assert row({**GENERATION, **at})["ttft_ms"] == pytest.approx(250.0)
    assert START == 1_795_292_798_000_000_000


def test_a_moment_before_the_start_or_none_at_all_is_unknown() -> None:
    for moment in ('"2020-01-01T00:00:00Z"', "soon", 5):
        at = {"langfuse.observation.completion_start_time": moment}
        assert row({**GENERATION, **at}).get("ttft_ms") is None


def test_a_level_marks_a_failure_that_the_status_does_not() -> None:
    failed = row(
        {
            **GENERATION,
            "langfuse.observation.level": "ERROR",
            "langfuse.observation.status_message": "Error: 429 Rate limit reached",
        }
    )
    assert (failed["status"], failed["error_type"]) == ("error", "429")
    assert failed["attributes"]["status_message"] == "Error: 429 Rate limit reached"
    warned = row({**GENERATION, "langfuse.observation.level": "WARNING"})
    assert (warned["status"], warned.get("error_type")) == ("unset", None)


def test_the_model_names_the_provider_and_the_cost_is_theirs() -> None:
    call = row(
        {
            **GENERATION,
            "langfuse.observation.model.name": "gpt-4o-mini-2024-07-18",
            "langfuse.observation.cost_details": '{"input": 0.01, "total": 0.0168}',
            "user.id": "u",
            "session.id": "s",
        }
    )
    assert (call["provider"], call["model"]) == ("openai", "gpt-4o-mini-2024-07-18")
    assert call["attributes"]["reported_cost_usd"] == 0.0168
    assert (call["user_id"], call["session_id"]) == ("u", "s")


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        ("generation", "inference.completed"),
        ("embedding", "inference.completed"),
        ("tool", "tool.completed"),
        ("agent", "agent.completed"),
        ("retriever", "retrieval.completed"),
        ("span", "span.completed"),
    ],
)
def test_the_type_of_an_observation_is_its_operation(kind: str, event_type: str) -> None:
    assert row({"langfuse.observation.type": kind})["event_type"] == event_type
