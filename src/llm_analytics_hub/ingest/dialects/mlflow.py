"""MLflow tracing: `mlflow.*`, every value the JSON of what was meant.

Source: recorded exports. Usage lacks the reasoning, which only the answer itself holds, and the
usage of embeddings. Users and sessions are not exported.
"""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, WHOLE, members_of

MLFLOW = Dialect(
    name="mlflow",
    marker_keys=frozenset({"mlflow.spanType"}),
    is_all_json=True,
    operation_keys=("mlflow.spanType",),
    operations={"chat_model": "chat", **shared.SPAN_KINDS},
    columns={
        "mlflow.llm.provider": "provider",
        "mlflow.llm.model": "response_model",
        "model": "request_model",
        **members_of("mlflow.chat.tokenUsage", WHOLE | DETAILS),
        **members_of("mlflow.spanOutputs", {f"usage.{path}": to for path, to in WHOLE.items()}),
        **members_of("mlflow.spanOutputs", {f"usage.{path}": to for path, to in DETAILS.items()}),
        "mlflow.spanOutputs#id": "response_id",
        "mlflow.llm.cost#total_cost": "reported_cost_usd",
        "mlflow.trace.user": "user_id",
        "mlflow.trace.session": "session_id",
        "user": "user_id",
        **shared.COLUMNS,
    },
    content={"tools": "tools", "mlflow.chat.tools": "tools", **shared.CONTENT},
    content_prefixes=shared.CONTENT_PREFIXES,
)
