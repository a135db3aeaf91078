"""The observatory: model calls of plain services as hub JSON events."""

import numpy as np

from llm_analytics_hub.simulator import story as plot
from llm_analytics_hub.simulator.calls import ERROR_TYPES, Calls
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, SERVICES, USERS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times

SESSION_US = 2 * 3600 * 1_000_000


def session_of(user: int, at_us: int) -> str:
    """The session of a user: a new one every two hours."""
    return f"session-{user + 1:04d}-{at_us // SESSION_US}"


def version_of(is_released: bool) -> str:
    """The version of a service that runs before or after its release."""
    return plot.VERSION_AFTER if is_released else plot.VERSION_BEFORE


def environment_of(is_staging: bool) -> str:
    """The environment's name."""
    return "staging" if is_staging else "production"


def inference_events(scene: Scene, calls: Calls) -> list[Event]:
    """One `inference.completed` per call, in order of time; a failed call has no tokens."""
    count = len(calls.at_us)
    columns = zip(
        scene.uuids("inference", count),
        scene.hex_ids("inference traces", count, 32),
        iso_times(calls.at_us),
        *(
            np.asarray(column).tolist()
            for column in (
                calls.at_us, calls.user, calls.service, calls.model, calls.account, calls.error,
                calls.is_staging, calls.is_released, calls.ttft_ms, calls.latency_ms,
                calls.input_tokens, calls.cached_tokens, calls.output_tokens,
                calls.reasoning_tokens,
            )
        ),
        strict=True,
    )  # fmt: skip
    return [_inference(*row) for row in columns]


def _inference(
    event_id: str,
    trace_id: str,
    occurred_at: str,
    at_us: int,
    user: int,
    service_index: int,
    model_index: int,
    account: int,
    error: int,
    is_staging: bool,
    is_released: bool,
    ttft_ms: float,
    latency_ms: float,
    input_tokens: int,
    cached_tokens: int,
    output_tokens: int,
    reasoning_tokens: int,
) -> Event:
    service, model, is_ok = SERVICES[service_index], MODELS[model_index], error < 0
    return Event(
        event_id=event_id,
        event_type="inference.completed",
        source="observatory",
        occurred_at=occurred_at,
        severity="info" if is_ok else "medium",
        environment=environment_of(is_staging),
        service=service.name,
        region=service.region,
        asset_id=service.asset_id,
        asset_version=version_of(is_released),
        model=model.name,
        provider=model.provider,
        operation="chat",
        status="ok" if is_ok else "error",
        error_type=None if is_ok else ERROR_TYPES[error],
        user_id=USERS[user],
        session_id=session_of(user, at_us),
        account_id=ACCOUNTS[account].name,
        trace_id=trace_id,
        latency_ms=latency_ms,
        ttft_ms=ttft_ms if is_ok else None,
        input_tokens=input_tokens if is_ok else None,
        output_tokens=output_tokens if is_ok else None,
        cached_tokens=cached_tokens if is_ok else None,
        reasoning_tokens=reasoning_tokens if is_ok and model.reasoning_share else None,
        attributes={"finish_reason": "stop" if is_ok else "error"},
    )
