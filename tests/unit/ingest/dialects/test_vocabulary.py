import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.columns import TARGETS, words
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.vocabulary import (
    normalise_operation,
    normalise_provider,
    provider_of_model,
    without_lead,
)


@pytest.mark.parametrize(
    ("spelling", "provider"),
    [
        ("openai", "openai"),
        ("OpenAI", "openai"),
        ("openai.chat", "openai"),
        ("openai.responses", "openai"),
        ("anthropic.messages", "anthropic"),
        ("Anthropic", "anthropic"),
        ("az.ai.openai", "azure"),
        ("az.ai.inference", "azure"),
        ("azure", "azure"),
        ("gcp.vertex_ai", "google"),
        ("gcp.gemini", "google"),
        ("gcp.gen_ai", "google"),
        ("google_genai", "google"),
        ("gemini", "google"),
        ("aws.bedrock", "aws"),
        ("mistral_ai", "mistral"),
        ("deepseek", "deepseek"),
        ("langchain", None),
        ("langgraph", None),
        ("strands-agents", None),
        ("crewai", None),
        ("autogen", None),
        ("microsoft.agent_framework", None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_provider_has_one_name_and_a_framework_none(spelling: str, provider: str | None) -> None:
    assert normalise_provider(spelling) == provider


@settings(deadline=None)
@given(st.text())
@example("0\r/")
def test_normalising_a_provider_twice_is_normalising_it_once(spelling: str) -> None:
    once = normalise_provider(spelling)
    assert once is None or normalise_provider(once) == once


@settings(deadline=None)
@given(st.text())
def test_normalising_an_operation_twice_is_normalising_it_once(word: str) -> None:
    once = normalise_operation(word)
    assert normalise_operation(once) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["stop", "stop"], ["stop", "stop"]),
        ('["stop"]', ["stop"]),
        ("stop", ["stop"]),
        ("[stop", ["[stop"]),
        ([], None),
        ("", None),
        (7, None),
    ],
)
def test_finish_reasons_are_a_list_of_words(value: object, expected: list[str] | None) -> None:
    assert words(value) == expected


@pytest.mark.parametrize(
    "dialect", DIALECTS, ids=[f"{number}-{one.name}" for number, one in enumerate(DIALECTS)]
)
def test_every_table_names_targets_that_exist(dialect: Dialect) -> None:
    assert set(dialect.columns.values()) <= TARGETS.keys()


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o-mini", "openai"),
        ("o4-mini-2025-04-16", "openai"),
        ("text-embedding-3-small", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("models/gemini-2.5-flash", "google"),
        ("azure/gpt-4o", "azure"),
        ("vertex_ai/claude-sonnet-4-5", "google"),
        ("openrouter/anthropic/claude-sonnet-4-5", None),
        ("mistralai/Mistral-7B", None),
        ("llama3.1", None),
        ("", None),
    ],
)
def test_a_models_name_tells_who_serves_it_unless_many_may(
    model: str, provider: str | None
) -> None:
    assert provider_of_model(model) == provider


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("openai/gpt-4o", "gpt-4o"),
        ("gpt-4o", "gpt-4o"),
        ("mistralai/Mistral-7B", "mistralai/Mistral-7B"),
        ("openai/", "openai/"),
    ],
)
def test_a_gateways_lead_is_no_part_of_a_models_name(model: str, name: str) -> None:
    assert without_lead(model) == name
