"""Units: durations become milliseconds, sizes bytes, rates per second, percentages ratios.

A spelling of three letters or more is read in any case; shorter symbols are read as written. A
unit that has no row here keeps its name and its value. "m" has none on purpose: it is metres,
minutes or months.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.column import Fault, each, excerpt, float_column, text_column
from llm_analytics_hub.normalize.number import read_number

_LONGEST_UNIT: Final = 63  # OpenTelemetry metrics API, "Instrument unit"
_SHORTEST_WORD: Final = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """How a value reaches its canonical unit: value * `times` / `over`.

    Both, because one factor would not do: 57 / 100 is 0.57, and 57 * 0.01 is not.
    """

    unit: str
    times: float = 1.0
    over: float = 1.0


_SCALES: Final = {
    Scale("ms", over=1e6): "ns nsec nanos nanosecond nanoseconds",
    Scale("ms", over=1e3): "us \u00b5s \u03bcs usec micros microsecond microseconds",
    Scale("ms"): "ms msec millis millisecond milliseconds",
    Scale("ms", times=1e3): "s sec secs second seconds",
    Scale("ms", times=60e3): "min mins minute minutes",
    Scale("ms", times=3600e3): "h hr hrs hour hours",
    Scale("ms", times=86400e3): "d day days",
    Scale("bytes"): "B By byte bytes",
    Scale("per_second"): "per_second /s /sec /second 1/s Hz hertz count/second",
    Scale("per_second", over=60.0): "per_minute /min /minute 1/min count/minute",
    Scale("per_second", over=3600.0): "per_hour /h /hour 1/h count/hour",
    Scale("ratio"): "ratio fraction",
    Scale("ratio", over=100.0): "% pct percent percentage",
    Scale("USD"): "USD {USD}",
    Scale("USD", over=100.0): "cent cents USD_cent USD_cents",
}

_PREFIXES: Final = (("k", "kilo"), ("M", "mega"), ("G", "giga"), ("T", "tera"), ("P", "peta"))


def _sizes(document_step: float) -> Iterable[tuple[Scale, str]]:
    """Multiples of a byte; `document_step` is what documents mean by a K, 1000 or 1024."""
    for power, (prefix, word) in enumerate(_PREFIXES, start=1):
        letter = prefix.upper()
        yield Scale("bytes", times=1000.0**power), f"{prefix}By"
        yield Scale("bytes", times=1024.0**power), f"{letter}iB {letter}iBy {word[:2]}bibytes"
        loose = f"{letter}B {letter.lower()}b {word}byte {word}bytes"
        yield Scale("bytes", times=document_step**power), loose
    yield Scale("bytes", times=1000.0), "kB"


def _spellings(rows: Iterable[tuple[Scale, str]]) -> dict[str, Scale]:
    table: dict[str, Scale] = {}
    for scale, spellings in rows:
        for spelling in spellings.split():
            is_word = len(spelling) >= _SHORTEST_WORD
            table[spelling.lower() if is_word else spelling] = scale
    return table


_SI: Final = _spellings([*_SCALES.items(), *_sizes(1000.0)])
_DOCUMENT: Final = _spellings([*_SCALES.items(), *_sizes(1024.0)])


def convert(value: float, unit: str, *, document_sizes: bool = False) -> tuple[float, str]:
    """The value in its canonical unit, and that unit: ms, bytes, per_second, ratio or USD.

    A unit that is not known keeps its own name, and the value is as it was. `document_sizes`
    reads KB, MB, GB, TB as powers of 1024, as the platform's documents do, instead of 1000.
    Raises: InvalidInputError, code `not_finite` (also if the result is), `invalid_unit`.
    """
    scale = _scale_of(unit, document_sizes)
    converted = value * scale.times / scale.over
    if not math.isfinite(converted):
        raise InvalidInputError(f"not a finite number: {excerpt(value)}", code="not_finite")
    return converted, scale.unit


def to_milliseconds(amount: float, unit: str) -> float:
    """A duration in milliseconds.

    Raises: InvalidInputError, code `unknown_unit` if `unit` is no unit of time.
    """
    return _convert_to("ms", amount, unit)


def to_bytes(amount: float, unit: str, *, document_sizes: bool = False) -> float:
    """A size in bytes; for `document_sizes` see `convert`.

    Raises: InvalidInputError, code `unknown_unit` if `unit` is no unit of size.
    """
    return _convert_to("bytes", amount, unit, document_sizes=document_sizes)


def convert_units(
    values: Sequence[object], units: Sequence[object], *, document_sizes: bool = False
) -> tuple[pa.Array, pa.Array, list[Fault]]:
    """Values as float64 and their units as strings, each row like `convert`; and the faults.

    Shapes: n values, n units -> n, n. A null value has a unit still; no unit and blank are null.
    Faults: `invalid_value` for what is no number, `not_finite`, `invalid_unit` for what is no
    printable text of up to 63 characters; both columns are null there.
    """
    converted = _convert_columns(values, units, document_sizes)
    if converted is not None:
        return *converted, []
    pairs, faults = each(
        zip(values, units, strict=True), lambda pair: _convert_row(*pair, document_sizes)
    )
    numbers, names = zip(*(pair or (None, None) for pair in pairs), strict=True)
    return pa.array(numbers, pa.float64()), pa.array(names, pa.string()), faults


def _convert_columns(
    values: Sequence[object], units: Sequence[object], document_sizes: bool
) -> tuple[pa.Array, pa.Array] | None:
    """All rows at once, the scale looked up once for each distinct unit; None if a row is bad."""
    numbers, spelled = float_column(values), text_column(units)
    if numbers is None or spelled is None:
        return None
    distinct = spelled.fill_null("").dictionary_encode()
    try:
        scales = [_scale_of(unit, document_sizes) for unit in distinct.dictionary.to_pylist()]
    except InvalidInputError:
        return None
    rows = distinct.indices.to_numpy()
    times = np.array([scale.times for scale in scales])[rows]
    over = np.array([scale.over for scale in scales])[rows]
    with np.errstate(over="ignore"):
        converted = numbers.fill_null(0.0).to_numpy() * times / over
    if not np.isfinite(converted).all():
        return None
    names = pa.array([scale.unit or None for scale in scales], pa.string())
    is_null = numbers.is_null().to_numpy(zero_copy_only=False)
    return pa.array(converted, mask=is_null), names.take(distinct.indices)


def _convert_row(
    value: object, unit: object, document_sizes: bool
) -> tuple[float | None, str | None]:
    if not isinstance(unit, str | None):
        raise InvalidInputError(f"not a unit: {excerpt(unit)}", code="invalid_unit")
    if value is None:
        return None, _scale_of(unit or "", document_sizes).unit or None
    number = read_number(value)
    if number is None:
        raise InvalidInputError(f"not a number: {excerpt(value)}", code="invalid_value")
    converted, name = convert(float(number), unit or "", document_sizes=document_sizes)
    return converted, name or None


def _convert_to(target: str, amount: float, unit: str, *, document_sizes: bool = False) -> float:
    converted, name = convert(amount, unit, document_sizes=document_sizes)
    if name != target:
        raise InvalidInputError(f"not a unit of {target}: {excerpt(unit)}", code="unknown_unit")
    return converted


def _scale_of(unit: str, document_sizes: bool) -> Scale:
    name = unit.strip()
    if len(name) > _LONGEST_UNIT or not name.isprintable():
        raise InvalidInputError(f"not a unit: {excerpt(unit)}", code="invalid_unit")
    table = _DOCUMENT if document_sizes else _SI
    known = table.get(name.lower() if len(name) >= _SHORTEST_WORD else name)
    return known or Scale(name)
