"""Signed messages: who knows the secret can tell that the hub sent them, and when."""

import hmac
from datetime import datetime

HEADER = "X-Hub-Signature"


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The header's value, `t=<unix seconds>,v1=<hex>`.

    v1 is the HMAC-SHA256 of `<t>.<body>`. The receiver computes the same, compares in constant time,
    and refuses what is older than some minutes, so that nobody sends an old message again.
    """
    seconds = int(at.timestamp())
    digest = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256")
    return f"t={seconds},v1={digest.hex()}"
