"""Which statements a reader by SQL may run: the engine's own syntax tree, node by node.

The tree is what `EXPLAIN AST` shows, a line a node. Every node, function and table has to be on a
list; what is on none is refused, so that a new version of the engine brings no new way in. The text
of an identifier may hold line breaks and so look like nodes: that can only add lines, and then the
numbers of children do not add up.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources

from llm_analytics_hub.errors import InvalidQueryError

TABLE_FUNCTIONS = frozenset({"numbers", "values"})
"""Tables made of nothing but their arguments."""

NO_SELECT = "only SELECT can be asked here, WITH and UNION included"
MOST_NODES = 2_000
"""More than anybody writes by hand; the engine needs seconds to read some thousands."""

_NODES = frozenset({
    "SelectWithUnionQuery", "SelectQuery", "SelectIntersectExceptQuery", "ExpressionList", "Subquery",
    "WithElement", "TablesInSelectQuery", "TablesInSelectQueryElement", "TableExpression",
    "TableIdentifier", "TableJoin", "ArrayJoin", "Function", "Identifier", "Literal", "Asterisk",
    "QualifiedAsterisk", "ColumnsListMatcher", "ColumnsRegexpMatcher", "QualifiedColumnsListMatcher",
    "QualifiedColumnsRegexpMatcher", "ColumnsTransformerList", "ColumnsExceptTransformer",
    "ColumnsReplaceTransformer", "ColumnsReplaceTransformer::Replacement", "OrderByElement",
    "InterpolateElement", "WindowDefinition", "WindowListElement",
})  # fmt: skip
_INSTEAD = {
    "Set": "SETTINGS is not for readers: leave it out",
    "ColumnsApplyTransformer": "APPLY is not for readers: name the columns",
    "SampleRatio": "SAMPLE is not for these views: take a shorter time range",
}
_COMBINATORS = (
    "If", "Array", "Map", "Distinct", "OrNull", "OrDefault", "Merge", "State", "ForEach",
    "Resample", "SimpleState", "MergeState", "ArgMin", "ArgMax",
)  # fmt: skip
_DATABASE = re.compile(
    r"(system|information_schema|default|sql_views|_temporary_and_external_tables)\.", re.IGNORECASE
)
_CHILDREN = re.compile(r" \(children (\d+)\)$")
_ALIAS = re.compile(r" \(alias .*\)$", re.DOTALL)


def is_allowed(function: str) -> bool:
    """Whether a reader may call `function`, in upper or lower case."""
    return _is_known(function.lower())


def check_tree(lines: Sequence[str], no_names: Collection[str] = ()) -> None:
    """Raise InvalidQueryError, which says what to change, unless the statement may be run.

    `no_names`, in lower case, are no names of columns: a function that takes a function takes its
    name, too, and would call it.
    """
    if not lines or not lines[0].startswith("SelectWithUnionQuery "):
        raise refused(NO_SELECT)
    if len(lines) > MOST_NODES:
        raise refused("the statement has too many parts: bind long lists as {name:Array(String)}")
    parsed = [_parsed(line) for line in lines]
    if sum(children for _, _, children in parsed) != len(parsed) - 1:
        raise refused("a name has characters that no name here has")
    before = ""
    for kind, text, children in parsed:
        _check(kind, text, children, before)
        if kind == "Identifier" and text.lower() in no_names:
            raise refused(f"{text} is a function that is not for readers: choose another name")
        before = kind


def _parsed(line: str) -> tuple[str, str, int]:
    """Kind, text and number of children of a node."""
    found = _CHILDREN.search(line)
    text = _ALIAS.sub("", _CHILDREN.sub("", line)).lstrip(" ")
    kind, _, rest = text.partition(" ")
    return kind, rest, int(found[1]) if found else 0


def _check(kind: str, text: str, children: int, before: str) -> None:
    if kind not in _NODES:
        raise refused(_INSTEAD.get(kind, f"{kind} is not for readers: ask with SELECT"))
    if kind == "SelectWithUnionQuery" and children != 1:
        raise refused("FORMAT and INTO OUTFILE are not for readers: leave them out")
    if kind == "TableIdentifier" and "." in text:
        raise refused(f"table {text}: name one of the views, without a database")
    if kind == "Identifier" and _DATABASE.match(text):
        raise refused(f"{text}: name columns by their view or alias, without a database")
    if kind == "Function":
        _check_function(text, is_table=before == "TableExpression")


def _check_function(name: str, *, is_table: bool) -> None:
    if is_table and name not in TABLE_FUNCTIONS:
        known = ", ".join(sorted(TABLE_FUNCTIONS))
        raise refused(f"table function {name} is not for readers; there are {known}")
    if not is_table and not _is_known(name.lower()):
        raise refused(f"function {name} is not for readers (docs/sql.md)")


def _is_known(name: str) -> bool:
    scalars = _functions()
    while name not in scalars:
        shorter = next((name.removesuffix(c) for c in _ENDINGS if name.endswith(c)), None)
        if not shorter:
            return False
        name = shorter
    return True


_ENDINGS = sorted((ending.lower() for ending in _COMBINATORS), key=len, reverse=True)


@cache
def _functions() -> frozenset[str]:
    text = (resources.files(__package__) / "sql_functions.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(name.lower() for line in lines for name in line.split())


def refused(message: str) -> InvalidQueryError:
    """The error of a statement that may not be run."""
    return InvalidQueryError(message, code="sql_refused")
