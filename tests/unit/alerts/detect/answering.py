"""Answers to what detectors ask, made of values by bucket."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from llm_analytics_hub.alerts.detect.asking import Detector, Found, Wanted
from llm_analytics_hub.model.alerts.alert import Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_starts
from llm_analytics_hub.model.query import TimeRange

Values = Mapping[Labels, Callable[[datetime], float | None]]


def answered(wanted: Wanted, values: Values) -> Found:
    """Of every bucket the value of its start; None leaves the bucket out."""
    shape = wanted.shape
    assert shape.granularity is not None
    starts = bucket_starts(TimeRange(shape.start, shape.end), shape.granularity, shape.time_zone)
    times = list(starts)
    rows = [(g, t, of(t)) for g, of in values.items() for t in times if of(t) is not None]
    columns = {measure: [value for *_, value in rows] for measure in wanted.measures}
    return Found([g for g, *_ in rows], [t for _, t, _ in rows], columns)


def judged(detector: Detector, at: datetime, values: Values) -> Judgement:
    """What a detector says of such series."""
    wanted: Sequence[Wanted] = detector.wants(at)
    return detector.judge(at, [answered(one, values) for one in wanted])
