"""A dialect: how one family of instrumentations writes a GenAI span, as data.

A dialect is tables, no code: which attribute holds which canonical field, which holds prompts and
completions, which word names the operation. Several spellings of one fact are listed in order of
trust; the first that holds a usable value is taken and none is ever added to another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

SPAN_NAME = "<span name>"
"""Among operation keys: the first word of the span's name, where `operations` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The tables of one dialect.

    Attributes:
        name: as shown to users in `attributes["dialect"]`, before the version.
        versions: (version, attribute key that gives it away); the first key present decides,
            and the first version stands where none is.
        scopes: a span belongs here if its instrumentation scope starts with one of these, or
        marker_keys: if it carries one of these attributes, or
        marker_prefixes: if it carries any attribute that starts so,
        lacks: and none of these.
        is_all_json: every value is the JSON of what was meant: `"chat"` in quotes, `0.2` as text.
        operation_keys: attributes that name the operation, most trusted first, or SPAN_NAME, or a
            member of an attribute (`key#path`): its own name is the word where it is there.
        operations: the dialect's own words for operations, lower case, to the canonical ones.
        default_operation: what a span of this dialect is when it does not say.
        columns: attribute key to a target of `columns.TARGETS`: a canonical field, or a field in
            a unit or role that needs a step (`ttft_seconds`, `response_model`).
        content: attribute key to its name in `content`.
        content_prefixes: prefix of indexed attributes (`gen_ai.prompt.0.role`) to that name.
        first_token_events: span events whose first occurrence is the first token.
        anthropic_input_excludes_cache: its input count of Anthropic calls leaves the cache out.
        is_timed: its spans are as long as the calls they tell of.
    """

    name: str
    versions: tuple[tuple[str, str], ...] = (("1", ""),)
    scopes: tuple[str, ...] = ()
    marker_keys: frozenset[str] = frozenset()
    marker_prefixes: tuple[str, ...] = ()
    lacks: frozenset[str] = frozenset()
    is_all_json: bool = False
    operation_keys: tuple[str, ...] = ()
    operations: Mapping[str, str] = field(default_factory=dict)
    default_operation: str | None = None
    columns: Mapping[str, str]
    content: Mapping[str, str] = field(default_factory=dict)
    content_prefixes: Mapping[str, str] = field(default_factory=dict)
    first_token_events: frozenset[str] = frozenset()
    anthropic_input_excludes_cache: bool = False
    is_timed: bool = True

    def matches(self, scope: str, keys: Collection[str]) -> bool:
        """Whether a span of this instrumentation scope and these attributes is written so."""
        if not self.lacks.isdisjoint(keys):
            return False
        if scope.startswith(self.scopes) or not self.marker_keys.isdisjoint(keys):
            return True
        prefixes = self.marker_prefixes
        return bool(prefixes) and any(key.startswith(prefixes) for key in keys)

    def version(self, keys: Collection[str]) -> str:
        """The version of the dialect that these attributes show."""
        shown = (version for version, key in self.versions if key in keys)
        return next(shown, self.versions[0][0])
