"""Settings of channels: what is wrong is refused, what is secret is not shown."""

from datetime import UTC, datetime
from typing import Any

import pydantic
import pytest
from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.channels.channels import open_channels
from llm_analytics_hub.alerts.channels.kinds import ChannelName, ChannelSettings
from llm_analytics_hub.alerts.channels.posting import wait_of
from llm_analytics_hub.alerts.channels.templates import LinkTemplate
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import SettingsError

SETTINGS: "pydantic.TypeAdapter[Any]" = pydantic.TypeAdapter(dict[ChannelName, ChannelSettings])
LINK: "pydantic.TypeAdapter[str]" = pydantic.TypeAdapter(LinkTemplate)
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
HOOK = {"kind": "webhook", "url": "https://in.example/T0KEN"}
MAIL = {"kind": "email", "host": "mail", "sender": "a@b.c", "to": ["d@e.f"]}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kind": "pigeon"}, "pigeon"),
        ({**HOOK, "url": "ftp://in.example"}, "http:// or https://"),
        ({**HOOK, "url": "file:///etc/passwd"}, "http:// or https://"),
        ({**HOOK, "url": "https://"}, "http:// or https://"),
        ({**HOOK, "url": "https://u:p@in.example"}, "no place for a password"),
        ({**HOOK, "url": "https://in.example:99999"}, "[Pp]ort"),
        ({**HOOK, "url": "https://in.example/a b"}, "without blanks"),
        ({**HOOK, "url": "https://in.example/\r\nX: y"}, "printable"),
        ({**HOOK, "secret": "short"}, "16"),
        ({**HOOK, "headers": {"X-Key": "a\r\nEvil: b"}}, "printable"),
        ({**HOOK, "headers": {"Host": "other"}}, "set by the hub"),
        ({**HOOK, "headers": {"idempotency-key": "other"}}, "set by the hub"),
        ({**HOOK, "headers": {"a b": "c"}}, "pattern"),
        ({**HOOK, "tries": 0}, "greater than or equal to 1"),
        ({**HOOK, "timeout": "PT0S"}, "greater than"),
        ({**HOOK, "extra": 1}, "[Ee]xtra"),
        ({"kind": "alertmanager", "urls": []}, "at least 1"),
        ({"kind": "alertmanager", "urls": ["http://am"], "refresh": "PT0S"}, "greater than"),
        ({"kind": "apprise", "urls": []}, "at least 1"),
        ({"kind": "apprise", "urls": ["json://x"], "title": "{{ labels }}"}, "labels; there are"),
        ({"kind": "apprise", "urls": ["json://x"], "body": "{{ range(1) }}"}, "line 1"),
        ({**MAIL, "to": ["d@e.f\nBcc: g@h.i"]}, "pattern"),
        ({**MAIL, "sender": "nobody"}, "pattern"),
        ({**MAIL, "user": "me"}, "set together"),
        ({**MAIL, "user": "me", "password": "pw", "tls": "none"}, "starttls or tls only"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=said):
        SETTINGS.validate_python({"a": settings})


def test_a_name_is_one_that_routes_can_have() -> None:
    with pytest.raises(pydantic.ValidationError, match="pattern"):
        SETTINGS.validate_python({"Not One": {"kind": "log"}})


def test_what_is_secret_is_not_shown() -> None:
    read = SETTINGS.validate_python({
        "a": {**HOOK, "secret": "S" * 20, "headers": {"X-Key": "K3Y"}},
        "b": {"kind": "apprise", "urls": ["slack://T0KEN/b/c"]},
        "c": {**MAIL, "user": "me", "password": "PASSW0RD"},
        "d": {"kind": "alertmanager", "urls": ["http://am/T0KEN"], "headers": {"X": "K3Y"}},
    })  # fmt: skip
    shown = repr(read) + SETTINGS.dump_json(read).decode()
    for secret in ("T0KEN", "K3Y", "S" * 20, "PASSW0RD"):
        assert secret not in shown


@pytest.mark.parametrize("more", [HOOK, MAIL, {"kind": "alertmanager", "urls": ["http://am"]}])
def test_a_file_without_certificates_stops_the_start(more: dict[str, Any]) -> None:
    read = SETTINGS.validate_python({"a": {**more, "ca_file": "/nowhere.pem"}})
    with pytest.raises(SettingsError, match=r"alerts\.channels\.a: ca_file: /nowhere\.pem"):
        open_channels(read, ManualClock(NOW), CollectorRegistry())


@pytest.mark.parametrize(
    "link", ["", "https://hub.example", "http://h:8080/x/{tenant}/{rule}/{fingerprint}"]
)
def test_a_link_may_have_places(link: str) -> None:
    assert LINK.validate_python(link) == link


@pytest.mark.parametrize("link", ["hub.example", "javascript:1", "https://h/{name}", "https:///x"])
def test_a_link_to_nowhere_is_refused(link: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=r"it may have \{tenant\}"):
        LINK.validate_python(link)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0.0), ("7", 7.0), ("999999", 3600.0), ("-1", 0.0), ("soon", 0.0), ("٣", 0.0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0), ("Sun, 22 Nov 2020 12:01:00 GMT", 0.0),
        ("9" * 400, 3600.0),
    ],
)  # fmt: skip
def test_when_to_come_again_is_read_as_it_is_written(header: str, seconds: float) -> None:
    assert wait_of(header, NOW) == seconds
