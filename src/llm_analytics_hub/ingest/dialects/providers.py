"""The model and the provider of a call, where the dialect says neither outright."""

from llm_analytics_hub.ingest.dialects.dialect import SPAN_NAME, Dialect
from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.vocabulary import provider_of_model, without_lead


def name_providers(draft: Draft, dialect: Dialect) -> None:
    """Fill providers that nobody named from the names of the models; take leads off the names."""
    _take_answers(draft)
    if SPAN_NAME in dialect.operation_keys:
        _take_names(draft)
    models = draft.fields.get("model")
    if models is None:
        return
    known = draft.fields.get("provider") or [None] * len(draft)
    if None in known:
        draft.fields["provider"] = [
            provider_of_model(model) if provider is None and isinstance(model, str) else provider
            for provider, model in zip(known, models, strict=True)
        ]
    if any("/" in model for model in set(models) if isinstance(model, str)):
        draft.fields["model"] = [
            without_lead(model) if isinstance(model, str) else model for model in models
        ]


def _take_answers(draft: Draft) -> None:
    """Prefer the model that answered; the one that was asked for stays an attribute."""
    answers = draft.fields.pop("answering_model", None)
    if answers is None or not any(answers):
        return
    asked = draft.fields.get("model") or [None] * len(draft)
    pairs = list(zip(asked, answers, strict=True))
    draft.fields["model"] = [answer or model for model, answer in pairs]
    draft.extras.setdefault(
        "gen_ai.request.model",
        [model if answer and model != answer else None for model, answer in pairs],
    )


def _take_names(draft: Draft) -> None:
    """Take models that no attribute names from the names of spans: `chat gpt-4o`."""
    models = draft.fields.get("model") or [None] * len(draft)
    operations = draft.fields.get("operation") or [None] * len(draft)
    draft.fields["model"] = [
        (_after(span.name, operation) if model is None else model)
        for model, operation, span in zip(models, operations, draft.spans.spans, strict=True)
    ]


def _after(name: str, operation: object) -> str | None:
    first, _, rest = name.partition(" ")
    return rest if rest and first == operation else None
