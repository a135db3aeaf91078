"""How much of prompts, completions and tools a tenant allows to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

EVERYONE = "*"


class Capture(StrEnum):
    """What is kept of an event's content."""

    OFF = "off"
    METADATA = "metadata"
    FULL = "full"


@dataclass(frozen=True)
class CaptureRules:
    """What each tenant allows; `*` speaks for those not named, and where it is not there: off.

    `secret` keys the hashes of contents that are not kept; without one there are no hashes.
    """

    by_tenant: Mapping[str, Capture] = field(default_factory=dict)
    secret: bytes | None = field(default=None, repr=False)

    def of(self, tenant: str) -> Capture:
        """What `tenant` allows."""
        return self.by_tenant.get(tenant, self.by_tenant.get(EVERYONE, Capture.OFF))

    def key(self, tenant: str) -> bytes | None:
        """The key of a tenant's hashes: no tenant's are comparable with another's."""
        if self.secret is None:
            return None
        secret = blake2b(self.secret, digest_size=32).digest()
        return blake2b(tenant.encode(errors="replace"), key=secret, digest_size=32).digest()
