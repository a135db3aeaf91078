"""Signatures of the dashboard's webhooks, over the bytes as they came."""

import hashlib
import hmac

import pytest

from llm_analytics_hub.integrations.governance_dashboard.signature import verify_signature

BODY = '{"event": "budget.exceeded",  "data": {"name": "é"}}'.encode()
DIGEST = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()


def test_a_known_signature_verifies() -> None:
    """RFC 4231, test case 2."""
    header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert verify_signature(b"what do ya want for nothing?", header, b"Jefe")


@pytest.mark.parametrize("header", [f"sha256={DIGEST}", f" SHA256={DIGEST.upper()} "])
def test_the_sender_s_signature_is_accepted(header: str) -> None:
    assert verify_signature(BODY, header, b"secret")


@pytest.mark.parametrize(
    "header",
    ["", DIGEST, f"sha1={DIGEST}", "sha256=", f"sha256={DIGEST[:-1]}", "sha256=é", "sha256"],
)
def test_any_other_header_is_refused(header: str) -> None:
    assert not verify_signature(BODY, header, b"secret")


def test_another_body_or_secret_is_refused() -> None:
    header = f"sha256={DIGEST}"
    assert not verify_signature(BODY.replace(b"  ", b" "), header, b"secret")
    assert not verify_signature(BODY, header, b"Secret")


def test_an_empty_secret_signs_nothing() -> None:
    signed_by_nobody = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not verify_signature(BODY, f"sha256={signed_by_nobody}", b"")
