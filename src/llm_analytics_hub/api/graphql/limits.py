"""How much a document may ask: checked before it is parsed, and before it is validated.

The parser and the rules of validation recurse, and some of the rules compare every field with every
other; so both are given only what they can do in milliseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    VariableNode,
)
from graphql.language import Lexer, TokenKind

from llm_analytics_hub.errors import InvalidQueryError

MAX_CHARACTERS = 50_000
MAX_TOKENS = 4_000
MAX_BRACKETS = 40
MAX_NUMBER = 64
MAX_DEPTH = 20
MAX_FIELDS = 500
MAX_VALUES = 200_000
MAX_QUESTIONS = 20
USUAL_ROWS = 100

ASKING = frozenset({"versions", "baseline", "curve", "clusters", "report"})
"""Fields below the root that ask the store a question of their own."""

PAGED = frozenset({"events", "assets", "violations", "metrics", "versions"})
"""Fields whose `first` says how often what is selected of them may come."""

_OPEN = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSE = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})
_NUMBERS = frozenset({TokenKind.INT, TokenKind.FLOAT})


def too_complex(text: str) -> InvalidQueryError:
    """The refusal of a document, code `too_complex`."""
    return InvalidQueryError(text, code="too_complex")


def check_text(text: str) -> None:
    """Raises: InvalidQueryError for a document that is too long or too deep to be parsed.

    Raises: GraphQLSyntaxError.
    """
    if len(text) > MAX_CHARACTERS:
        raise too_complex(f"a document has at most {MAX_CHARACTERS} characters; use variables")
    lexer, open_brackets = Lexer(Source(text)), 0
    for read in range(MAX_TOKENS + 1):
        token = lexer.advance()
        if token.kind is TokenKind.EOF:
            return
        open_brackets += (token.kind in _OPEN) - (token.kind in _CLOSE)
        if open_brackets > MAX_BRACKETS:
            raise too_complex(f"a document has at most {MAX_BRACKETS} brackets inside each other")
        if token.kind in _NUMBERS and token.end - token.start > MAX_NUMBER:
            raise too_complex(f"a number has at most {MAX_NUMBER} characters")
        if read == MAX_TOKENS:
            raise too_complex(f"a document has at most {MAX_TOKENS} tokens; use variables")


def check_values(variables: object) -> None:
    """Raises: InvalidQueryError for variables that are nested too deep to be read."""
    level = [variables]
    for _ in range(MAX_BRACKETS):
        level = [inside for value in level for inside in _inside(value)]
        if not level:
            return
    raise too_complex(f"variables are nested at most {MAX_BRACKETS} deep")


def _inside(value: object) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


@dataclass
class Cost:
    """What operations ask for, summed up; to be used for one request."""

    fields: int = 0
    values: int = 0
    questions: int = 0

    def add(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        """Count what every operation of `document` asks for; fragments as often as they are used.

        Raises: InvalidQueryError, code `too_complex`, as soon as it is too much.
        """
        fragments, used = _fragments(document), set[str]()
        for one in document.definitions:
            if isinstance(one, OperationDefinitionNode):
                walk = _Walk(self, fragments, used, _numbers(one, variables))
                walk.all_of(one.selection_set, 1, 1)
        # Validation reads also what nobody uses.
        for name in fragments.keys() - used:
            _Walk(self, fragments, used, {}).all_of(fragments[name].selection_set, 2, 0)

    def count(self, times: int, *, asks: bool) -> None:
        """Count a field that comes `times` times. Raises: InvalidQueryError."""
        self.fields += 1
        self.values += times
        self.questions += times if asks else 0
        if self.fields > MAX_FIELDS:
            raise too_complex(f"a request has at most {MAX_FIELDS} fields, fragments spread out")
        if self.values > MAX_VALUES:
            raise too_complex(f"an answer has at most {MAX_VALUES} values: ask for a shorter list")
        if self.questions > MAX_QUESTIONS:
            raise too_complex(f"a request asks at most {MAX_QUESTIONS} questions of the store")


@dataclass(frozen=True)
class _Walk:
    """Goes through an operation; a fragment that contains itself is left to validation."""

    cost: Cost
    fragments: Mapping[str, FragmentDefinitionNode]
    used: set[str]
    numbers: Mapping[str, Any]
    inside: tuple[str, ...] = ()

    def all_of(self, selected: SelectionSetNode | None, depth: int, times: int) -> None:
        if depth > MAX_DEPTH:
            raise too_complex(f"fields are nested at most {MAX_DEPTH} deep")
        for one in selected.selections if selected else ():
            if isinstance(one, FieldNode):
                self._field(one, depth, times)
            elif isinstance(one, InlineFragmentNode):
                self.cost.count(0, asks=False)
                self.all_of(one.selection_set, depth, times)
            elif isinstance(one, FragmentSpreadNode):
                self._fragment(one.name.value, depth, times)

    def _field(self, field: FieldNode, depth: int, times: int) -> None:
        is_known = not field.name.value.startswith("__")
        asks = is_known and (depth == 1 or field.name.value in ASKING)
        self.cost.count(times, asks=asks)
        if field.selection_set:
            self.all_of(field.selection_set, depth + 1, times * self._rows(field))

    def _fragment(self, name: str, depth: int, times: int) -> None:
        self.cost.count(0, asks=False)
        self.used.add(name)
        if name in self.fragments and name not in self.inside:
            inner = replace(self, inside=(*self.inside, name))
            inner.all_of(self.fragments[name].selection_set, depth, times)

    def _rows(self, field: FieldNode) -> int:
        """How often what is selected of a field may come: as often as its `first` says."""
        if field.name.value not in PAGED:
            return 1
        first = next(
            (one.value for one in field.arguments or () if one.name.value == "first"), None
        )
        said: Any = None
        if isinstance(first, IntValueNode):
            said = int(first.value)
        elif isinstance(first, VariableNode):
            said = self.numbers.get(first.name.value)
        return max(said, 1) if isinstance(said, int) else USUAL_ROWS


def _fragments(document: DocumentNode) -> Mapping[str, FragmentDefinitionNode]:
    found = (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
    return {one.name.value: one for one in found}


def _numbers(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Variables and their defaults, as far as they are whole numbers."""
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode)
    }
    return defaults | {name: value for name, value in given.items() if value is not None}
