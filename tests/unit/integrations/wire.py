"""What the modules really send, and what is known of it: the samples beside the repository."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.codecs.hub_json import decode_events
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.normalize.money import Rate, RateTable
from llm_analytics_hub.normalize.normalizer import Arrival, Rules, normalize
from llm_analytics_hub.settings import NormalizeSettings

SAMPLES = (Path(__file__).resolve().parents[3] / "../shared/wire/samples").resolve()
ABSENT = "the samples (../shared/wire/samples beside the repository) are not here"
NOW = datetime(2025, 11, 21, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
SKEW = {"policy-engine": timedelta(milliseconds=50)}
SKEWED = replace(RULES, clock_skew=SKEW)
DOCUMENT_RATES = [
    Rate("EUR", date(2020, 1, 1), Decimal("1.08")),
    Rate("GBP", date(2020, 1, 1), Decimal("1.25")),
]
AT_DOCUMENT_RATES = replace(RULES, rates=RateTable(DOCUMENT_RATES))
DOORS = {
    "document/event_asset_registered.json": "registry",
    "document/event_violation_detected.json": "policy-engine",
    "document/event_marketplace_source.json": "marketplace",
    "document/mapper_registry_asset_source.json": "registry",
    "document/mapper_policy_violation_source.json": "policy-engine",
    "document/enriched_metric.json": "observatory",
    "other/incident_manager_sentinel_alert.json": "sentinel",
}
"""The doors of samples that are filed under no module."""
TYPES = {".json": "application/json", ".csv": "text/csv"}

Row = dict[str, Any]


@cache
def index() -> dict[str, Row]:
    """All samples by file, with transport, oddities and expectations; empty where they are absent."""
    file = SAMPLES / "INDEX.json"
    listed = json.loads(file.read_text())["samples"] if file.exists() else []
    return {sample["file"]: sample for sample in listed}


def body_of(file: str) -> bytes:
    """A sample as it stood on the wire."""
    return (SAMPLES / file).read_bytes()


def subject_of(sample: Row) -> str:
    """Subject, routing key, topic or path that a sample came under."""
    transport = sample["transport"]
    names = ("subject", "routing_key", "topic", "path")
    return next((str(transport[name]) for name in names if name in transport), "")


def door_of(file: str) -> str:
    """The module whose door a sample goes through; "hub" for the hub's own."""
    return DOORS.get(file) or str(index()[file]["module"])


def events_of(
    door: str, body: bytes, content_type: str, subject: str = "", rules: Rules = RULES
) -> list[Row]:
    """The canonical events of a payload, attributes read; nothing of it may be refused."""
    if door == "hub":
        decoded = decode_events(body, content_type, NOW)
    else:
        decoded = decode_native(INTEGRATIONS[door], body, content_type, NOW, subject)
    assert not decoded.refused
    done = normalize(decoded.rows, Arrival("t", NOW), rules)
    assert not done.faults
    return [
        row | {"attributes": json.loads(row["attributes"] or "{}")}
        for row in done.events.to_pylist()
    ]


def sample_events(file: str, rules: Rules = RULES) -> list[Row]:
    """The canonical events of a sample, by its own door."""
    content_type = TYPES[Path(file).suffix]
    subject = subject_of(index()[file])
    return events_of(door_of(file), body_of(file), content_type, subject, rules)
