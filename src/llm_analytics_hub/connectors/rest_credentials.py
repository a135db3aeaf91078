"""Who a connector says it is, to a REST API or a WebSocket."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from llm_analytics_hub.connectors.connector import ConnectorSettings


class Credentials:
    """The headers that say who asks: a token, a token that another program renews, or a header."""

    def __init__(
        self,
        token: SecretStr | None,
        token_file: Path | None,
        header: str,
        secret: SecretStr | None,
    ) -> None:
        self._token = token.get_secret_value() if token else ""
        self._file = token_file
        self._own = {header: secret.get_secret_value()} if secret else {}

    async def headers(self) -> Mapping[str, str]:
        """For the next request. Raises: OSError where the file cannot be read."""
        if self._file is not None and not self._token:
            await self.is_renewed()
        bearer = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {**bearer, **self._own}

    async def is_renewed(self) -> bool:
        """Whether the file has another token by now, which is used from now on."""
        if self._file is None:
            return False
        before, text = self._token, await asyncio.to_thread(self._file.read_text)
        self._token = text.strip()
        return self._token != before


class CredentialSettings(ConnectorSettings):
    """What connectors have that must say who they are: a token, a file with one, or a header."""

    token: SecretStr | None = Field(None, description="bearer token")
    token_file: Path | None = Field(
        None, description="file with the bearer token, read again when it is refused"
    )
    header: str = Field(
        "", pattern="^[A-Za-z0-9-]*$", description="header of another kind of credential"
    )
    secret: SecretStr | None = Field(None, description="what that header says")

    @model_validator(mode="after")
    def _has_whole_credentials(self) -> Self:
        if bool(self.header) != bool(self.secret):
            raise ValueError("secret: it and its header are set together")
        if self.token and self.token_file:
            raise ValueError("token_file: set this or token, not both")
        return self

    @property
    def credentials(self) -> Credentials:
        """The headers of these settings."""
        return Credentials(self.token, self.token_file, self.header, self.secret)
