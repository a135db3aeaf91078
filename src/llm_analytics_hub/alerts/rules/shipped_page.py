"""The shipped rules as a page: `python -m llm_analytics_hub.alerts.rules.shipped_page`."""

import sys

from llm_analytics_hub.alerts.rules.body import rule_body
from llm_analytics_hub.alerts.rules.shipped import shipped_documents, shipped_rules
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import Rule

_HEAD = """# Alert rules that are shipped

Generated from the shipped rules by `make reference`. Rules of kind `health` watch the hub itself and
belong to the tenant `default`; all others work for every tenant. A tenant switches one off with a
rule `{name: hub-cpu, kind: default, off: true}`, pauses or starts one with `paused`, and replaces
one with a rule of the same name.

| rule | kind | what it watches | info | warning | critical | for | labels | paused |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The page, as Markdown."""
    rules = shipped_rules("default")
    ordered = [rules[document.name] for document in shipped_documents()]
    return _HEAD + "".join(f"| {' | '.join(_cells(rule))} |\n" for rule in ordered)


def _cells(rule: Rule) -> list[str]:
    body = rule_body(rule)
    labels = ", ".join(f"{name}={value}" for name, value in rule.labels)
    limits = [_limit(body, level) for level in Level]
    held = str(body.get("for", ""))
    paused = "yes" if rule.is_paused else ""
    return [f"`{rule.name}`", rule.kind, _watched(body), *limits, held, labels, paused]


def _watched(body: dict[str, object]) -> str:
    name = body.get("metric") or body.get("measure")
    if name is None:
        return " and ".join(map(_comparison, body["where"]))  # type: ignore[call-overload]
    return f"`{name}`" + (f" over {body['window']}" if "window" in body else "")


def _comparison(part: dict[str, object]) -> str:
    value = part["value"]
    said = ", ".join(map(str, value)) if isinstance(value, list) else value
    return f"{part['field']} {part['op']} {said}"


def _limit(body: dict[str, object], level: Level) -> str:
    limit = body.get(level.value)
    if isinstance(limit, dict):
        return ", ".join(f"{word} {value}" for word, value in limit.items())
    return "each" if body.get("severity") == level.value else ""


if __name__ == "__main__":
    sys.stdout.write(page())
