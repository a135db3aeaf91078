"""The tree of all settings: flags, then `HUB_…` variables, then a file, then defaults.

The only module that reads the environment. Every fault is reported at once, before start.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariableError
from pydantic_settings.sources import PydanticBaseSettingsSource

from llm_analytics_hub.alerts.settings import AlertSettings
from llm_analytics_hub.api.key_pair import check_key_pair
from llm_analytics_hub.connectors.connector import ModuleName, TenantName
from llm_analytics_hub.connectors.kinds import AnyConnector
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.ingest.dead_letters import MAX_PAYLOAD
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.integrations.wires import Signature
from llm_analytics_hub.live.settings import LiveSettings
from llm_analytics_hub.model.stream import POLICIES, DeliveryPolicy
from llm_analytics_hub.normalize.capture import Capture, CaptureRules
from llm_analytics_hub.query.cache.opening import CacheSettings
from llm_analytics_hub.query.exports.settings import ExportSettings
from llm_analytics_hub.query.limits import QuestionSettings

PREFIX = "HUB_"
CLIENT_VARIABLES = frozenset({"HUB_URL", "HUB_TENANT"})
"""Read by the client commands, not by the server."""

LARGEST_GRPC_BYTES = 2**31 - 1

ConnectorName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
Port = Annotated[int, Field(ge=0, le=65535)]


class _Branch(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StorageSettings(_Branch):
    """The embedded store."""

    sync: bool = Field(
        False,
        description="flush every commit to the disk itself (power loss), not only to the system (kill -9)",
    )
    readers: int = Field(2, ge=1, le=16, description="questions answered at the same time")
    query_seconds: int = Field(
        30, ge=1, le=3600, description="longest time in the engine of one question, seconds"
    )
    block_rows: int = Field(
        50_000, ge=1, description="rows of the commit log applied to the tables together"
    )
    apply_after: timedelta = Field(
        timedelta(seconds=1), description="longest wait before they are applied"
    )
    waiting_rows: int = Field(
        400_000, ge=1, description="most rows in the commit log; beyond, senders get 429"
    )
    memory_bytes: int = Field(
        4 * 1024**3, ge=256 * 1024**2, description="most memory of the engine, bytes"
    )


class DeadLetterSettings(_Branch):
    """How much of what is refused is kept."""

    per_tenant_rows: int = Field(
        100_000,
        ge=0,
        le=10_000_000,
        description="most dead letters of a tenant; beyond, refusals are told and counted, not kept",
    )
    payload_characters: int = Field(
        MAX_PAYLOAD,
        ge=1_000,
        le=MAX_PAYLOAD,
        description="most characters of a payload; a longer one is cut, and cannot be replayed",
    )


class IngestSettings(_Branch):
    """The doors that take events."""

    wire_bytes: int = Field(32 * 1024**2, ge=1024, description="largest body as sent, bytes")
    plain_bytes: int = Field(64 * 1024**2, ge=1024, description="largest body unpacked, bytes")
    waiting_rows: int = Field(
        200_000, ge=1, description="most events waiting for commit; beyond, senders get 429"
    )
    group_rows: int = Field(20_000, ge=1, description="events committed together, about")
    grpc_bytes: int | None = Field(
        None,
        ge=1024,
        le=LARGEST_GRPC_BYTES,
        description="largest gRPC message, bytes; default: plain_bytes",
    )
    grpc_calls: int = Field(
        32, ge=1, le=10_000, description="gRPC calls read at the same time; further ones wait"
    )

    dead_letters: DeadLetterSettings = DeadLetterSettings()

    @property
    def grpc_message_bytes(self) -> int:
        """The largest gRPC message; gRPC itself has no room for more than 2 GiB."""
        return self.grpc_bytes or min(self.plain_bytes, LARGEST_GRPC_BYTES)


class StreamSettings(_Branch):
    """What a user changes about one stream; None keeps the default."""

    dedup_window: timedelta | None = Field(
        None,
        ge=timedelta(),
        description="how long a repeat is noticed; 0 = only in its own request",
    )
    retention: timedelta | None = Field(
        None, gt=timedelta(), description="how long events are kept"
    )


def _unread_off(value: object) -> object:
    """YAML reads a bare `off` as false."""
    return Capture.OFF if value is False else value


class NormalizeSettings(_Branch):
    """How raw events are read."""

    clock_skew: dict[str, timedelta] = Field(
        {}, description="by source: how far its clock is ahead"
    )
    document_sizes: frozenset[str] = Field(
        frozenset(), description="sources whose KB means 1024 bytes"
    )
    price_file: Path | None = Field(
        None, description="YAML with own token prices, before the package's"
    )
    rate_file: Path | None = Field(
        None, description="YAML with dated currency rates, in place of the shipped one"
    )
    contents: dict[str, Annotated[Capture, BeforeValidator(_unread_off)]] = Field(
        {"*": Capture.OFF},
        description="by tenant, * for all others: what is kept of prompts, completions and tools: off, metadata (counts and names, no text) or full",
    )
    contents_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        None,
        description="key of the hashes that metadata of contents have; none: they have no hash",
    )
    streams: dict[str, StreamSettings] = Field(
        {}, description="by stream: other windows and retentions"
    )

    def capture(self) -> CaptureRules:
        """What each tenant allows to be kept of contents."""
        secret = self.contents_secret
        key = None if secret is None else secret.get_secret_value().encode()
        return CaptureRules(self.contents, key)

    def policies(self) -> dict[str, DeliveryPolicy]:
        """The delivery policies with the user's changes. Raises: SettingsError."""
        unknown = self.streams.keys() - POLICIES.keys()
        if unknown:
            raise SettingsError(f"normalize.streams: no stream {', '.join(sorted(unknown))}")
        changes = {name: self.streams.get(name, StreamSettings()) for name in POLICIES}
        return {name: _changed(name, policy, changes[name]) for name, policy in POLICIES.items()}


def _changed(stream: str, policy: DeliveryPolicy, change: StreamSettings) -> DeliveryPolicy:
    window = change.dedup_window
    if window is not None and policy.dedup_window is None:
        raise SettingsError(
            f"normalize.streams.{stream}.dedup_window: this stream never counts an event twice"
        )
    return replace(
        policy,
        dedup_window=policy.dedup_window if window is None else window,
        retention=change.retention or policy.retention,
    )


class LogSettings(_Branch):
    """What is logged, on stderr."""

    level: str = Field("info", pattern="^(debug|info|warning|error)$", description="least level")
    json_lines: bool = Field(True, description="one JSON object a line; false: text for people")


class WebhookSettings(_Branch):
    """A webhook of a module that signs its messages."""

    module: ModuleName = Field(description="whose messages they are")
    tenant: TenantName = Field("default", description="whose events these are")
    secret: SecretStr = Field(min_length=16, description="what the module signs them with")

    @field_validator("module")
    @classmethod
    def _signs(cls, module: str) -> str:
        if integration(module).wires.signature is None:
            raise ValueError(f"{module} signs no webhooks; POST /api/v1/ingest/{module} takes them")
        return module

    @property
    def signature(self) -> Signature:
        """How the module signs."""
        found = integration(self.module).wires.signature
        assert found is not None  # noqa: S101 - checked above
        return found


class Settings(BaseSettings):
    """Everything that can be set about a hub."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data_dir: Path = Field(Path("hub-data"), description="folder of the embedded store")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8080, description="HTTP port; 0 picks a free one")
    metrics_port: Port = Field(9090, description="port of /metrics and /health; 0 = off")
    otlp_http_port: Port = Field(4318, description="port of OTLP over HTTP; 0 = off")
    otlp_grpc_port: Port = Field(4317, description="port of gRPC: OTLP, questions, health; 0 = off")
    otlp_tls_cert: FilePath | None = Field(
        None, description="PEM file with the certificate chain of OTLP over gRPC; none: no TLS"
    )
    otlp_tls_key: FilePath | None = Field(
        None, validate_default=True, description="PEM file with its private key, not encrypted"
    )
    ui: bool = Field(True, description="serve the page at /")
    storage: StorageSettings = StorageSettings()
    questions: QuestionSettings = QuestionSettings()
    ingest: IngestSettings = IngestSettings()
    normalize: NormalizeSettings = NormalizeSettings()
    cache: CacheSettings = CacheSettings()
    live: LiveSettings = LiveSettings()
    alerts: AlertSettings = AlertSettings()
    logs: LogSettings = LogSettings()
    exports: ExportSettings = ExportSettings()
    connectors: dict[ConnectorName, AnyConnector] = Field(
        {}, description="by a name of your choice: connections to the modules that the hub keeps up"
    )
    webhooks: dict[ConnectorName, WebhookSettings] = Field(
        {}, description="by the name in their path, /api/v1/webhooks/NAME: signed messages"
    )

    @field_validator("otlp_tls_key")
    @classmethod
    def _is_key_of_cert(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if "otlp_tls_cert" in info.data:  # else it has a fault of its own
            check_key_pair(info.data["otlp_tls_cert"], key)
        return key

    @classmethod
    def settings_customise_sources(  # noqa: D102 - `load_settings` has put them in order
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(
    flags: Mapping[str, Any], *, file: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """The settings of this start. Raises: SettingsError naming every fault."""
    environ = os.environ if environ is None else environ
    given = {name: value for name, value in flags.items() if value is not None}
    below = _from_file(file)
    faults = _unknown_variables(environ) + _unknown_members(below)
    known = {name: value for name, value in below.items() if name in Settings.model_fields}
    try:
        settings = Settings(**_merged(_merged(known, _from_environment(environ)), given))
        settings.normalize.policies()
    except ValidationError as error:
        faults += [_fault(item) for item in error.errors()]
    except UnreadableVariableError as error:
        faults.append(f"a HUB_ variable holds no JSON: {error}")
    except SettingsError as error:
        faults.append(error.message)
    if faults:
        raise SettingsError("\n".join(dict.fromkeys(faults)))
    return settings


def environment(name: str, default: str) -> str:
    """A variable of the client commands, such as HUB_URL."""
    return os.environ.get(name, default)


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        read = yaml.safe_load(file.read_text("utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {file} cannot be read: {error}") from error
    if not isinstance(read, dict):
        raise SettingsError(f"the settings file {file} holds no settings")
    return read


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The variables as a tree, not checked: what they say is wrong is told with all the rest."""
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): text for name, text in environ.items()}
    return source()


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    return [
        f"{name}: no such setting"
        for name in environ
        if name.startswith(PREFIX)
        and not name.startswith("HUB_TEST_")
        and name not in CLIENT_VARIABLES
        and name.split("__")[0].upper() not in known
    ]


def _unknown_members(read: Mapping[str, Any]) -> list[str]:
    return [f"{name}: no such setting" for name in read if name not in Settings.model_fields]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for name, value in above.items():
        lower = result.get(name)
        both = isinstance(lower, Mapping) and isinstance(value, Mapping)
        result[name] = _merged(lower, value) if both else value  # type: ignore[arg-type]
    return result


def _fault(item: Any) -> str:
    place = ".".join(str(part) for part in item["loc"])
    return f"{place}: {item['msg'].removeprefix('Value error, ')}"
