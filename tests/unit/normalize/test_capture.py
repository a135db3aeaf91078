from llm_analytics_hub.normalize.capture import Capture, CaptureRules


def test_a_tenant_has_its_own_rule_or_that_of_all_or_none() -> None:
    rules = CaptureRules({"a": Capture.FULL, "*": Capture.METADATA})
    assert (rules.of("a"), rules.of("b")) == (Capture.FULL, Capture.METADATA)
    assert CaptureRules({"a": Capture.FULL}).of("b") is Capture.OFF
    assert CaptureRules().of("a") is Capture.OFF


def test_keys_are_a_tenants_own_and_come_from_the_secret() -> None:
    rules = CaptureRules({}, b"secret")
    assert rules.key("a") == CaptureRules({}, b"secret").key("a")
    assert len({rules.key("a"), rules.key("b"), CaptureRules({}, b"other").key("a")}) == 3
    assert CaptureRules().key("a") is None


def test_the_secret_is_not_shown() -> None:
    assert "secret-text" not in repr(CaptureRules({}, b"secret-text"))
