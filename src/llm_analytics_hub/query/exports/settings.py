"""What can be set about exports, and where they may be sent."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class _Destination(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tenants: frozenset[str] | None = Field(
        None, description="tenants that may send there; none: all. Each has a folder of its own"
    )


class FolderDestination(_Destination):
    """A folder of the hub's machine."""

    kind: Literal["folder"]
    path: Path = Field(description="folder; it must exist")


class S3Destination(_Destination):
    """A bucket of S3 or of what speaks its protocol."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=1, pattern="^[^/]+$", description="its name; it must exist")
    prefix: str = Field("", description="what every key begins with, such as analytics/")
    endpoint: str | None = Field(
        None, description="address of the server, such as https://s3.example.org; none: AWS"
    )
    region: str | None = Field(None, description="region of the bucket")
    access_key: SecretStr | None = Field(
        None, description="name of the key; none: what the machine has, as AWS's tools find it"
    )
    secret_key: SecretStr | None = Field(None, description="the key itself")

    @field_validator("endpoint")
    @classmethod
    def _is_address(cls, endpoint: str | None) -> str | None:
        if endpoint and (urlsplit(endpoint).scheme not in {"http", "https"}):
            raise ValueError("write it as https://host or http://host:port")
        return endpoint

    @model_validator(mode="after")
    def _has_whole_key(self) -> "S3Destination":
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key come together")
        return self


AnyDestination = Annotated[FolderDestination | S3Destination, Field(discriminator="kind")]
DestinationName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]


class ExportSettings(BaseModel):
    """Files made of events and answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(1, ge=1, le=2, description="exports made at the same time")
    kept_per_tenant: int = Field(
        20, ge=1, le=1000, description="most exports of a tenant, waiting and done; then 409"
    )
    bytes_per_tenant: int = Field(
        10 * 1024**3, ge=1024, description="most bytes on disk of a tenant's exports"
    )
    keep: timedelta = Field(
        timedelta(days=7), gt=timedelta(), description="how long an export is kept"
    )
    chunk_rows: int = Field(
        20_000, ge=1, le=200_000, description="rows read at a time; a restart goes on after them"
    )
    destinations: dict[DestinationName, AnyDestination] = Field(
        {}, description="by a name that requests use: where files may be sent"
    )
