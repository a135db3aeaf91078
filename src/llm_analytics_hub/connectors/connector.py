"""A connection to another service, and what is set about it."""

from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.integrations.wires import Wires


class Connector(Protocol):
    """Does its work until it is cancelled, or raises: the supervisor calls it again, later.

    What it took and did not `store` must come again by itself when it is called again, or be held
    until it is stored: what comes without a way to ask again is read into memory that is bounded.
    """

    async def run(self, link: Link) -> None:
        """Work. Raises whatever is wrong with the other side."""
        ...


def _known_module(name: str) -> str:
    try:
        return integration(name).name
    except NotFoundError as error:
        raise ValueError(error.message) from None


ModuleName = Annotated[str, AfterValidator(_known_module)]
TenantName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]


class ConnectorSettings(BaseModel):
    """What every kind of connector has; each kind adds a `kind` of its own and its particulars.

    `module` says whose messages they are; what is left out of the particulars is as that module's
    public code has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    module: ModuleName = Field(description="the module at the other end")
    tenant: TenantName = Field("default", description="whose events these are")

    @property
    def remote(self) -> str:
        """Host and port of the other side, no secret: connectors of one remote share a circuit."""
        raise NotImplementedError

    @property
    def wires(self) -> Wires:
        """What the module's public code says about its wires."""
        return integration(self.module).wires

    def connector(self) -> Connector:
        """The connector itself, not connected yet."""
        raise NotImplementedError
