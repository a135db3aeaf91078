"""Who runs a model, by one name however a module spells it: `awsbedrock`, `selfhosted`."""

from llm_analytics_hub.ingest.dialects.vocabulary import normalise_provider
from llm_analytics_hub.integrations.reading import Reading, Rule, custom

SELF_HOSTED = "self-hosted"
_SELF_HOSTED = frozenset({"selfhosted", "self_hosted", "self hosted", SELF_HOSTED})


def provider(*paths: str) -> Rule:
    """The provider's one name, also out of `{"custom": "groq"}`; what is no name is left as it is."""

    def name(reading: Reading) -> object:
        said = next((value for path in paths if (value := custom(path)(reading)) is not None), None)
        return named(said) if isinstance(said, str) else said

    return name


def named(spelling: str) -> str:
    """The one name of a provider; a framework, which is none, keeps the name it has."""
    word = spelling.strip().lower()
    return SELF_HOSTED if word in _SELF_HOSTED else normalise_provider(word) or word
