"""Who used what: the members that records of usage and of costs have in common."""

from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import Columns, Reading


def model(reading: Reading) -> object:
    """The name of a model, which may be an object: `{name, version, context_window}`."""
    if isinstance(reading.see("model"), dict):
        return reading.take("model.name")
    return reading.take("model", "model_id", "modelId")


PARTIES: Columns = {
    "provider": provider("provider"),
    "model": model,
    "account_id": ("organization_id", "organizationId"),
    "user_id": ("user_id", "userId"),
}
"""What the documents call an account is an organization here."""
