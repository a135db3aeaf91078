"""Signed webhooks: a POST of JSON to any address."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, Field, SecretStr

from llm_analytics_hub.alerts.channels.addresses import WebAddress
from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.posting import Poster, check_ca_file
from llm_analytics_hub.alerts.channels.signature import HEADER, signature
from llm_analytics_hub.alerts.channels.webhook_body import webhook_body
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.alerts.routing import Notice

KEY_HEADER = "Idempotency-Key"
_OWN = frozenset({
    "content-type", "content-length", "transfer-encoding", "host", "connection",
    HEADER.lower(), KEY_HEADER.lower(),
})  # fmt: skip


def _free_name(name: str) -> str:
    if name.lower() in _OWN:
        raise ValueError(f"the header {name} is set by the hub")
    return name


def _one_line(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or len(text) > 4000:
        raise ValueError("must be printable ASCII characters, at most 4000")
    return value


HeaderName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"), AfterValidator(_free_name)
]
HeaderValue = Annotated[SecretStr, AfterValidator(_one_line)]


class WebhookChannelSettings(ChannelBase):
    """A POST for each notice, signed where there is a secret."""

    kind: Literal["webhook"] = "webhook"
    url: WebAddress = Field(description="where to POST; kept secret, as it may hold a token")
    secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        None, description="key of the signature in X-Hub-Signature; none: not signed"
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        {}, max_length=50, description="more headers, such as Authorization; kept secret"
    )
    ca_file: Path | None = Field(
        None, description="certificates of authorities to trust; default: the public ones"
    )

    def open(self, name: str, given: Surroundings, /) -> "WebhookChannel":
        """The channel. Raises: SettingsError for a `ca_file` that holds no certificates."""
        check_ca_file(self.ca_file)
        return WebhookChannel(name, self, given.clock)


class _Named(msgspec.Struct):
    id: str


class WebhookChannel:
    """POSTs notices to one address, over a connection that is kept."""

    def __init__(self, name: str, chosen: WebhookChannelSettings, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._secret = chosen.secret.get_secret_value() if chosen.secret else ""
        own = {key: value.get_secret_value() for key, value in chosen.headers.items()}
        self._headers = {**own, "Content-Type": "application/json"}
        self._poster = Poster(
            chosen.url.get_secret_value(), clock, timeout_seconds=chosen.timeout_seconds,
            ca_file=chosen.ca_file,
        )  # fmt: skip

    def prepare(self) -> None:
        """Load what it needs."""
        self._poster.prepare()

    def payload(self, notice: Notice) -> str:
        """The body."""
        return webhook_body(self.name, notice).decode()

    def send(self, notice: Notice) -> None:
        """POST it. Raises: ChannelError."""
        self._post(webhook_body(self.name, notice))

    def send_again(self, payload: str) -> None:
        """POST what `payload` made, with the key it had. Raises: ChannelError."""
        self._post(payload.encode())

    def close(self) -> None:
        """Close the connection."""
        self._poster.close()

    def _post(self, body: bytes) -> None:
        key = msgspec.json.decode(body, type=_Named).id
        self._poster.post(body, {**self._headers, KEY_HEADER: key, **self._signed(body)})

    def _signed(self, body: bytes) -> Mapping[str, str]:
        if not self._secret:
            return {}
        return {HEADER: signature(self._secret, body, self._clock.now())}
