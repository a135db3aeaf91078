"""The signature of webhooks: header `X-LLM-Gov-Signature`, `sha256=` and a hex HMAC of the body."""

import hashlib
import hmac

HEADER = "X-LLM-Gov-Signature"
_PREFIX = "sha256="


def verify_signature(body: bytes, header: str, secret: bytes) -> bool:
    """Whether `header` signs these very bytes with `secret`.

    Sign and verify before parsing: JSON written again is other bytes. Nothing is signed by an empty
    secret, or by an empty header. Takes equally long for every signature that is wrong.
    """
    algorithm, _, given = header.strip().partition("=")
    if not secret or f"{algorithm.lower()}=" != _PREFIX:
        return False
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest.encode(), given.strip().lower().encode())
