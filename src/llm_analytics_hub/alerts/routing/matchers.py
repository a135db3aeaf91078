"""Comparisons of labels: from text to values, and from values to what runs fast."""

import re
from collections.abc import Callable, Mapping, Sequence

from llm_analytics_hub.alerts.routing.patterns import COMPARED, to_pattern
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.routing import Matcher, Matchers, MatchOp

LONGEST = 1000
_MATCHER = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]{0,99})\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\n])')

Predicate = Callable[[Mapping[str, str]], bool]


def to_matcher(text: str) -> Matcher:
    """The comparison in a text such as `severity="critical"`. Raises: InvalidInputError."""
    found = _MATCHER.fullmatch(text) if len(text) <= LONGEST else None
    if not found:
        raise InvalidInputError(
            f'{text[:80]!r} is no matcher: write label="value", with = != =~ or !~'
        )
    matcher = Matcher(found[1], MatchOp(found[2]), _unquoted(found[3]))
    if matcher.op in (MatchOp.LIKE, MatchOp.UNLIKE):
        to_pattern(matcher.value)
    return matcher


def shown(matcher: Matcher) -> str:
    """A comparison as `to_matcher` reads it."""
    escaped = re.sub(r'(["\\])', r"\\\1", matcher.value).replace("\n", r"\n")
    return f'{matcher.label}{matcher.op}"{escaped}"'


def compiled(matchers: Matchers) -> Predicate:
    """Whether all of them hold of labels, as a function."""
    tests = [_test(matcher) for matcher in matchers]
    if len(tests) == 1:
        return tests[0]
    return lambda labels: all(test(labels) for test in tests)


def _test(matcher: Matcher) -> Predicate:
    label, value = matcher.label, matcher.value
    wanted = matcher.op in (MatchOp.IS, MatchOp.LIKE)
    if matcher.op in (MatchOp.IS, MatchOp.IS_NOT):
        return lambda labels: (labels.get(label, "") == value) == wanted
    fits = to_pattern(value).fullmatch
    return lambda labels: (fits(labels.get(label, ""), 0, COMPARED) is not None) == wanted


def _unquoted(value: str) -> str:
    """A value without its quotes; bare words need none."""
    if not value.startswith('"') and not re.search(r'[\s"{}]', value):
        return value
    found = _QUOTED.fullmatch(value)
    if not found:
        raise InvalidInputError(f'{value[:80]!r} is not one text in quotes: "…"')
    # Other backslashes stay: "\d+" is the pattern that it looks like.
    return _ESCAPED.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], found[1])


def values_of(labels: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """The values of some labels; one that is not there is ''."""
    return tuple(labels.get(name, "") for name in names)
