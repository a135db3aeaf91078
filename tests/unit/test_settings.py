from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.normalize.capture import Capture
from llm_analytics_hub.settings import Settings, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub.yaml"


def faults(
    flags: Mapping[str, Any] | None = None, *, file: Path | None = None, **environ: str
) -> list[str]:
    """The places that a start with these settings complains about."""
    with pytest.raises(SettingsError) as caught:
        load_settings(flags or {}, file=file, environ=environ)
    return [line.split(": ")[0] for line in caught.value.message.splitlines()]


def test_without_a_word_everything_has_a_default() -> None:
    assert load_settings({}, environ={}) == Settings()
    assert (
        load_settings({"port": None}, environ={"PATH": "/bin", "OTHER_HUB_PORT": "1"}) == Settings()
    )


def test_a_flag_goes_before_a_variable_before_the_file_before_the_default(file: Path) -> None:
    file.write_text("port: 3\nmetrics_port: 3\notlp_http_port: 3\n")
    environ = {"HUB_PORT": "2", "HUB_METRICS_PORT": "2"}
    found = load_settings({"port": 1}, file=file, environ=environ)
    assert (found.port, found.metrics_port, found.otlp_http_port) == (1, 2, 3)
    assert found.host == Settings().host


def test_a_branch_is_put_together_from_all_of_them(file: Path) -> None:
    file.write_text("storage: {readers: 4, sync: false}\n")
    environ = {"HUB_STORAGE__SYNC": "true", "HUB_STORAGE__APPLY_AFTER": "PT2S"}
    storage = load_settings({}, file=file, environ=environ).storage
    assert (storage.readers, storage.sync, storage.apply_after) == (4, True, timedelta(seconds=2))
    assert storage.block_rows == Settings().storage.block_rows


def test_variables_hold_lists_and_trees_as_json_or_level_by_level() -> None:
    environ = {
        "HUB_NORMALIZE__DOCUMENT_SIZES": '["a", "b"]',
        "HUB_NORMALIZE__STREAMS__COST__RETENTION": "P30D",
        "HUB_NORMALIZE__CLOCK_SKEW": '{"sentinel": 90}',
    }
    normalize = load_settings({}, environ=environ).normalize
    assert normalize.document_sizes == {"a", "b"}
    assert normalize.policies()["cost"].retention == timedelta(days=30)
    assert normalize.clock_skew == {"sentinel": timedelta(seconds=90)}


def test_what_is_kept_of_contents_is_said_by_tenant(file: Path) -> None:
    variable = "HUB_NORMALIZE__CONTENTS_SECRET"
    file.write_text(
        "normalize: {contents: {'*': metadata, a: full, b: off}}"
    )  # YAML's off is false
    rules = load_settings({}, file=file, environ={variable: "x" * 16}).normalize.capture()
    assert [rules.of(tenant) for tenant in "abc"] == [Capture.FULL, Capture.OFF, Capture.METADATA]
    assert rules.key("a") is not None
    assert Settings().normalize.capture().of("a") is Capture.OFF
    assert faults(**{variable: "short"}) == ["normalize.contents_secret"]
    assert faults(HUB_NORMALIZE__CONTENTS='{"*": "some"}') == ["normalize.contents.*"]


@pytest.mark.parametrize("name", ["HUB_PROT", "HUB_", "HUB_STORAG__SYNC", "HUB_LOG_LEVEL"])
def test_a_misspelt_variable_is_refused(name: str) -> None:
    assert faults(**{name: "1"}) == [name]


@pytest.mark.parametrize("name", ["HUB_URL", "HUB_TENANT", "HUB_TEST_SERVICES"])
def test_variables_of_the_clients_and_the_tests_are_not_the_servers(name: str) -> None:
    assert load_settings({}, environ={name: "x"}) == Settings()


def test_every_fault_is_told_at_once(file: Path) -> None:
    file.write_text("colour: red\n7: x\nhost: [1]\nstorage: {readers: 99, speed: 1}\n")
    told = faults(
        {"metrics_port": 70_000},
        file=file,
        HUB_PROT="1",
        HUB_PORT="http",
        HUB_STORAGE__SYNK="true",
        HUB_LOGS__LEVEL="loud",
    )
    assert sorted(told) == sorted([
        "HUB_PROT", "colour", "7", "host", "port", "metrics_port", "storage.readers",
        "storage.speed", "storage.synk", "logs.level",
    ])  # fmt: skip


@pytest.mark.parametrize("text", ["[1]", "5", "{", "a: b: c", "\x00"])
def test_a_file_that_holds_no_settings_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match="settings file"):
        load_settings({}, file=file, environ={})


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_a_file_may_be_empty(file: Path, text: str) -> None:
    file.write_text(text)
    assert load_settings({}, file=file, environ={}) == Settings()


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, file=file, environ={})


@pytest.mark.parametrize("name", ["HUB_STORAGE", "HUB_NORMALIZE__CLOCK_SKEW"])
def test_a_tree_that_is_no_json_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="no JSON"):
        load_settings({}, environ={name: "{fast"})


@given(
    st.dictionaries(
        st.sampled_from(["HUB_PORT", "HUB_STORAGE", "HUB_STORAGE__SYNC", "HUB_NORMALIZE__STREAMS"]),
        st.text(max_size=9),
    )
)
def test_any_words_are_settings_or_refused(environ: dict[str, str]) -> None:
    with suppress(SettingsError):
        assert isinstance(load_settings({}, environ=environ), Settings)


def test_faults_of_certificate_and_key_are_told_with_all_others(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    missing, empty = str(tmp_path / "no.pem"), str(tmp_path / "empty.pem")
    assert faults(HUB_OTLP_TLS_CERT=missing, HUB_OTLP_TLS_KEY=missing, HUB_PORT="http") == [
        "port", "otlp_tls_cert", "otlp_tls_key"
    ]  # fmt: skip
    assert faults(HUB_OTLP_TLS_CERT=empty, HUB_OTLP_TLS_KEY=empty) == ["otlp_tls_key"]
    for name in ("HUB_OTLP_TLS_CERT", "HUB_OTLP_TLS_KEY"):
        assert faults(**{name: empty}) == ["otlp_tls_key"]


def test_a_grpc_message_may_be_as_large_as_a_body_unless_said() -> None:
    assert Settings().ingest.grpc_message_bytes == Settings().ingest.plain_bytes
    environ = {"HUB_INGEST__PLAIN_BYTES": str(2**40)}
    assert load_settings({}, environ=environ).ingest.grpc_message_bytes == 2**31 - 1
    environ = {"HUB_INGEST__GRPC_BYTES": "4096"}
    assert load_settings({}, environ=environ).ingest.grpc_message_bytes == 4096


def policies(**streams: Any) -> Mapping[str, Any]:
    return load_settings({"normalize": {"streams": streams}}, environ={}).normalize.policies()


def test_a_stream_keeps_what_is_not_changed() -> None:
    changed = policies(cost={"retention": "P10D"})
    assert changed["cost"].retention == timedelta(days=10)
    assert changed["cost"].dedup_window == POLICIES["cost"].dedup_window
    assert {name: changed[name] for name in changed if name != "cost"} == {
        name: POLICIES[name] for name in POLICIES if name != "cost"
    }


def test_a_window_may_be_nothing() -> None:
    assert policies(cost={"dedup_window": 0})["cost"].dedup_window == timedelta()


@pytest.mark.parametrize(
    "streams",
    [
        {"river": {"retention": "P1D"}},
        {"policy": {"dedup_window": "PT5M"}},
        {"cost": {"retention": 0}},
        {"cost": {"dedup_window": -1}},
        {"cost": {"window": 1}},
    ],
)
def test_a_stream_cannot_be_changed_to_nonsense(streams: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=rf"normalize.streams.*{next(iter(streams))}"):
        policies(**streams)
