"""REST: a hub that polls by its settings, again after a restart."""

from pathlib import Path
from typing import Any

import pytest

from llm_analytics_hub.connectors.rest import RestSettings

from .conftest import OpenHub, until
from .rest_server import page, serving


async def test_a_hub_polls_by_its_settings(tmp_path: Path, open_connected: OpenHub) -> None:
    rows = [
        {"id": f"01K{number:023}", "asset_type": "model", "metadata": {"name": "a"},
         "updated_at": "2025-11-01T10:00:00Z"}
        for number in range(3)
    ]  # fmt: skip
    reply = page({"items": rows, "pagination": {"total": 3, "has_more": False}})
    async with serving(lambda _: reply) as service:
        chosen = {"kind": "rest", "module": "registry", "url": service.url, "every": 3600}
        for accepted in (3, 0):
            async with open_connected(tmp_path, assets=chosen) as hub:
                state = hub.state("assets")
                await until(lambda state=state: state.lag_seconds is not None)
                assert (state.accepted, state.duplicates) == (accepted, 3 - accepted)
                assert (len(hub.ids()), state.remote) == (3, f"127.0.0.1:{service.port}")


@pytest.mark.parametrize(
    ("module", "more", "missing"),
    [
        ("registry", {"url": "ftp://x"}, "must be http"),
        ("registry", {"url": "http://me:geheim@x"}, "no place for a password"),
        ("registry", {"url": "http://x/?a=b"}, "no parameters"),
        ("registry", {"pull": "costs"}, "the module registry has assets, no costs"),
        ("marketplace", {}, "names: the path /api/v1/usage/{service}"),
        ("registry", {"names": ["a"]}, "names: the path /v1/assets"),
        ("marketplace", {"names": [".."]}, "names"),
        ("marketplace", {"names": ["a/b"]}, "names"),
        ("registry", {"header": "X-API-Key"}, "secret"),
        ("registry", {"token": "a", "token_file": "b"}, "token_file"),
        ("registry", {"path": "/a?b"}, "path"),
    ],
)
def test_a_setting_that_is_wrong_is_named(module: str, more: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        RestSettings.model_validate({"module": module, "url": "http://x:1", **more})


def test_what_is_set_comes_before_what_the_module_has() -> None:
    more = {
        "path": "/v2/{name}/list",
        "names": ["a", "b"],
        "params": {"exclude_deprecated": "true"},
    }
    chosen = RestSettings.model_validate(
        {"module": "registry", "url": "https://reg.example/api/", **more}
    )
    assert chosen.paths == ["/v2/a/list", "/v2/b/list"]
    assert (chosen.url, chosen.remote) == ("https://reg.example/api", "reg.example")
