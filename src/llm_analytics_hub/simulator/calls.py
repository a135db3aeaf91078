"""The model calls of a stretch of time, as columns: the traffic that everything else follows from.

Latency is log-normal around a model's own speed; part of a prompt comes from the provider's cache;
a failed call has no tokens and costs nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from llm_analytics_hub.simulator import story as plot
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, SERVICES, USERS
from llm_analytics_hub.simulator.scene import Flags, Floats, Integers, Scene

ERROR_TYPES = ("rate_limit_exceeded", "timeout", "server_error", "context_length_exceeded")
ERROR_SHARES = (0.35, 0.25, 0.3, 0.1)
INCIDENT_ERROR_SHARES = (0.1, 0.5, 0.4, 0.0)
STAGING_SHARE = 0.08

PROVIDERS = tuple(sorted({model.provider for model in MODELS}))
ACCOUNT_NAMES = [account.name for account in ACCOUNTS]
MODEL_NAMES = [model.name for model in MODELS]
SERVICE_NAMES = [service.name for service in SERVICES]
ACCOUNT_OF_USER = np.arange(len(USERS)) % len(ACCOUNTS)


def _column(things: tuple[Any, ...], member: str) -> Floats:
    return np.array([getattr(thing, member) for thing in things], dtype=np.float64)


def _proportions(weights: NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(weights / weights.sum(), dtype=np.float64)


PROVIDER_OF_MODEL = np.array([PROVIDERS.index(model.provider) for model in MODELS])
USER_SHARES = _proportions(1.0 / np.arange(8, 8 + len(USERS)) ** 0.8)
SERVICE_WEIGHTS = _column(SERVICES, "weight")
MODEL_LADDER = np.cumsum(
    [[service.models.get(name, 0.0) for name in MODEL_NAMES] for service in SERVICES], axis=1
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Columns of equal length, a row per call; calls of one trace stand together, in order.

    `trace` counts the traces from 0, `at_us` is when the trace began; `user`, `service`, `model`
    and `error` (-1 = none) are positions in the catalogue's tuples and in `ERROR_TYPES`.
    """

    trace: Integers
    at_us: Integers
    user: Integers
    service: Integers
    model: Integers
    error: Integers
    is_staging: Flags
    is_released: Flags
    ttft_ms: Floats
    latency_ms: Floats
    input_tokens: Integers
    cached_tokens: Integers
    output_tokens: Integers
    reasoning_tokens: Integers
    cost_usd: Floats

    @property
    def account(self) -> Integers:
        """The position of the account that pays."""
        return ACCOUNT_OF_USER[self.user]


def draw_calls(scene: Scene, name: str, calls_per_trace: Integers, services: list[int]) -> Calls:
    """Calls of `len(calls_per_trace)` traces of the given services, drawn with the dice `name`."""
    dice = scene.dice(name)
    traces = len(calls_per_trace)
    begins = scene.moments(dice, traces)
    users = dice.choice(len(USERS), traces, p=USER_SHARES)
    chosen = dice.choice(services, traces, p=_proportions(SERVICE_WEIGHTS[services]))
    models = _choose_models(scene, dice, begins, users, chosen)
    is_staging = dice.random(traces) < STAGING_SHARE

    trace = np.repeat(np.arange(traces), calls_per_trace)
    return _measure(
        scene, dice, trace, begins[trace], users[trace], chosen[trace], models[trace],
        is_staging[trace],
    )  # fmt: skip


def _choose_models(
    scene: Scene, dice: Generator, at_us: Integers, users: Integers, services: Integers
) -> Integers:
    ladder = MODEL_LADDER[services]
    models = (dice.random((len(services), 1)) * ladder[:, -1:] >= ladder).sum(axis=1)
    account = ACCOUNT_NAMES.index(plot.DRIFT_ACCOUNT)
    drifts = (ACCOUNT_OF_USER[users] == account) & (at_us >= scene.story.drift_begins_us)
    ramp = (at_us - scene.story.drift_begins_us) / plot.DRIFT_RAMP_US
    drifts &= dice.random(len(services)) < plot.DRIFT_SHARE * np.clip(ramp, 0.0, 1.0)
    return np.where(drifts, MODEL_NAMES.index(plot.DRIFT_MODEL), models)


def _measure(
    scene: Scene,
    dice: Generator,
    trace: Integers,
    at_us: Integers,
    user: Integers,
    service: Integers,
    model: Integers,
    is_staging: Flags,
) -> Calls:
    count = len(trace)
    in_incident = _in_incident(scene, at_us, model)
    error = _draw_errors(dice, model, in_incident)
    is_ok = error < 0
    prompt = _around(dice, _column(SERVICES, "input_tokens")[service], 0.45)
    answer = _around(dice, _column(SERVICES, "output_tokens")[service], 0.5)
    thinks = _column(MODELS, "reasoning_share")[model] * dice.uniform(0.5, 1.5, count)
    cached = prompt * _draw_cache(dice, service)
    input_tokens, cached_tokens = _whole(prompt, is_ok), _whole(cached, is_ok)
    output_tokens = _whole(answer * (1.0 + thinks), is_ok)
    reasoning_tokens = _whole(answer * thinks, is_ok)

    slowdown = np.where(in_incident, plot.INCIDENT_SLOWDOWN, 1.0)
    is_released, factor = _releases(scene, at_us, service)
    slowdown *= factor
    ttft = _around(dice, _column(MODELS, "ttft_ms")[model], 0.35) * slowdown
    writing = _around(dice, _column(MODELS, "ms_per_token")[model], 0.2) * output_tokens * slowdown
    timed_out = error == ERROR_TYPES.index("timeout")
    latency = np.where(timed_out, 30_000.0, ttft + writing)
    return Calls(
        trace=trace, at_us=at_us, user=user, service=service, model=model, error=error,
        is_staging=is_staging, is_released=is_released,
        ttft_ms=ttft.round(3), latency_ms=latency.round(3),
        input_tokens=input_tokens, cached_tokens=cached_tokens,
        output_tokens=output_tokens, reasoning_tokens=reasoning_tokens,
        cost_usd=_price(model, input_tokens, cached_tokens, output_tokens),
    )  # fmt: skip


def _in_incident(scene: Scene, at_us: Integers, model: Integers) -> Flags:
    incident = scene.story.incident
    is_provider = PROVIDER_OF_MODEL[model] == PROVIDERS.index(plot.INCIDENT_PROVIDER)
    return np.asarray(
        is_provider & (at_us >= incident.begins_us) & (at_us < incident.ends_us), dtype=np.bool_
    )


def _draw_errors(dice: Generator, model: Integers, in_incident: Flags) -> Integers:
    count = len(model)
    rate = np.where(in_incident, plot.INCIDENT_ERROR_RATE, _column(MODELS, "error_rate")[model])
    kind = np.where(
        in_incident,
        dice.choice(len(ERROR_TYPES), count, p=INCIDENT_ERROR_SHARES),
        dice.choice(len(ERROR_TYPES), count, p=ERROR_SHARES),
    )
    return np.where(dice.random(count) < rate, kind, -1)


def _draw_cache(dice: Generator, service: Integers) -> Floats:
    count = len(service)
    is_hit = dice.random(count) < _column(SERVICES, "cache_hit_rate")[service]
    return np.where(is_hit, dice.uniform(0.3, 0.9, count), 0.0)


def _around(dice: Generator, median: Floats, sigma: float) -> Floats:
    return np.asarray(median * dice.lognormal(0.0, sigma, len(median)), dtype=np.float64)


def _whole(tokens: Floats, is_ok: Flags) -> Integers:
    return np.where(is_ok, tokens, 0.0).astype(np.int64)


def _releases(scene: Scene, at_us: Integers, service: Integers) -> tuple[Flags, Floats]:
    is_released = np.zeros(len(at_us), dtype=np.bool_)
    factor = np.ones(len(at_us))
    for release in scene.story.releases:
        runs_it = (service == SERVICE_NAMES.index(release.service)) & (at_us >= release.at_us)
        is_released |= runs_it
        factor[runs_it] *= release.latency_factor
    return is_released, factor


def _price(model: Integers, prompt: Integers, cached: Integers, answer: Integers) -> Floats:
    fresh_usd = (prompt - cached) * _column(MODELS, "input_usd")[model]
    cached_usd = cached * _column(MODELS, "cached_usd")[model]
    answer_usd = answer * _column(MODELS, "output_usd")[model]
    return np.asarray((fresh_usd + cached_usd + answer_usd) / 1e6, dtype=np.float64)
