"""The signature of Sentinel's webhook, on bytes as they come."""

import hmac
import json
from typing import Any

import pytest

from llm_analytics_hub.integrations.sentinel.signature import verify_signature

SECRET = b"shared"
COMPACT = '{"event_type":"anomaly.detected","timestamp":"2025-11-19T10:00:21Z","data":%s}'
SIGNED = COMPACT % '{"alert_id":"3b77","root_cause":"\\u00fc, \\"signature\\":1.50"}'


def signature(text: str, secret: bytes = SECRET) -> str:
    return hmac.new(secret, text.encode(), "sha256").hexdigest()


def with_signature(text: str, value: str) -> bytes:
    return f'{text[:-1]},"signature":"{value}"}}'.encode()


def verified(body: bytes, header: str, secret: bytes = SECRET) -> bool:
    return verify_signature(body, header, secret)


def test_a_signature_is_of_the_bytes_without_itself() -> None:
    header = signature(SIGNED)
    assert verified(with_signature(SIGNED, header), header)
    assert verified(SIGNED.encode(), header)
    assert verified(with_signature(SIGNED, header) + b"\n", f" {header.upper()} ")


def test_a_known_signature_of_a_known_body() -> None:
    body = b'{"event_type":"anomaly.detected","data":{},"signature":"00"}'
    known = "5fe249976a4d79a6f2497c448b7de07d31ca558166693dce7f2a0342137f2d9f"
    assert verified(body, known)


def changes() -> dict[str, Any]:
    header = signature(SIGNED)
    body = with_signature(SIGNED, header)
    return {
        "another body": (body.replace(b"3b77", b"3b78"), header, SECRET),
        "another secret": (body, header, b"other"),
        "another header": (body, signature("x"), SECRET),
        "no header": (body, "", SECRET),
        "half a header": (body, header[:32], SECRET),
        "no ASCII": (body, "é\udc80", SECRET),
        "read and written again": (json.dumps(json.loads(body)).encode(), header, SECRET),
        "an empty secret": (body, signature(SIGNED, b""), b""),
        "another member after it": (body[:-1] + b',"x":1}', header, SECRET),
    }


@pytest.mark.parametrize("name", list(changes()))
def test_a_signature_of_something_else_is_refused(name: str) -> None:
    assert not verified(*changes()[name])


def test_a_member_of_the_data_called_signature_is_part_of_what_is_signed() -> None:
    inner = COMPACT % '{"alert_id":"3b77","signature":"abc"}'
    header = signature(inner)
    assert verified(with_signature(inner, header), header)
    assert verified(inner.encode(), header)
    assert not verified(inner.replace("abc", "abd").encode(), header)
