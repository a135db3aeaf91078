"""What a template may hold, so that none runs for ever, grows without end or reaches the process.

Jinja's sandbox keeps templates from Python's insides, not from loops over millions or texts that
double with each line. So only these parts of the language are taken; every loop is counted, and
every text that is put together is measured.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import pass_context

from llm_analytics_hub.alerts.channels.numbers import humanised

MOST_STEPS = 10_000
"""Rounds of all loops of one filling together."""

MOST_CHARACTERS = 50_000
"""Of one text that comes out, or that is made on the way."""

STEPS = "_steps"

_TAKEN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Pos, nodes.CondExpr, nodes.If, nodes.For, nodes.Assign, nodes.Add,
    nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.List,
    nodes.Tuple, nodes.Slice, nodes.Keyword,
)  # fmt: skip

_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float",
    "forceescape", "int", "items", "last", "length", "list", "lower", "reverse", "round", "sort",
    "string", "title", "tojson", "trim", "truncate", "unique", "upper", "urlencode",
)  # fmt: skip


class NotAllowedError(Exception):
    """A part of the language that is not taken, at a line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class TooMuchError(Exception):
    """A filling took too many steps, or its text is too long."""


class Steps:
    """Counts the rounds of the loops of one filling."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def count(self, items: Iterable[object]) -> Iterator[object]:
        """The same items. Raises: TooMuchError."""
        for item in items:
            self.left -= 1
            if self.left < 0:
                raise TooMuchError(f"its loops have more than {MOST_STEPS} rounds")
            yield item


class BoundedEnvironment(SandboxedEnvironment):
    """Jinja's sandbox without functions, macros and blocks, and with bounds on all that is left."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, cache_size=0)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.filters |= {"humanise": humanised, "join": _joined, "replace": _replaced}
        self.filters |= {"_counted": _counted, "_measured": _measured, "_flat": _flat}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: D102
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise TypeError(f"{operator} is for numbers; texts are put together with ~")
        return super().call_binop(context, operator, left, right)

    def bounded(self, source: str) -> nodes.Template:
        """The template's tree, with counters in it. Raises: NotAllowedError, TemplateSyntaxError."""
        tree = self.parse(source)
        for node in tree.find_all(nodes.Node):
            self._check(node)
        _add_counters(tree)
        return tree

    def _check(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Call):
            raise NotAllowedError("functions and methods cannot be called here", node.lineno)
        if isinstance(node, nodes.Filter):
            self._check_filter(node)
        loops_itself = isinstance(node, nodes.For) and node.recursive
        if loops_itself or not isinstance(node, _TAKEN):
            raise NotAllowedError(f"{type(node).__name__} is not taken here", node.lineno)

    def _check_filter(self, node: nodes.Filter) -> None:
        if node.name not in self.filters or node.name.startswith("_"):
            known = ", ".join(sorted(name for name in self.filters if name[0] != "_"))
            raise NotAllowedError(f"no filter {node.name!r}; there are {known}", node.lineno)


def _add_counters(node: nodes.Node) -> None:
    """Have every loop below counted and every joined text measured."""
    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [_with_counters(one) for one in value])
        else:
            setattr(node, name, _with_counters(value))


def _with_counters(node: Any) -> Any:
    if not isinstance(node, nodes.Node):
        return node
    _add_counters(node)
    if isinstance(node, nodes.For):
        node.iter = _filtered(node.iter, "_counted")
    if isinstance(node, nodes.List) or (isinstance(node, nodes.Tuple) and node.ctx == "load"):
        return _filtered(node, "_flat")
    return _filtered(node, "_measured") if isinstance(node, nodes.Concat) else node


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    # What a For goes over is an expression, though its type says any node.
    made = nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)
    made.environment = node.environment
    return made


@pass_context
def _counted(context: Context, items: Iterable[object]) -> Iterator[object]:
    # `parent` has what was given; what a template sets lies elsewhere and cannot hide it.
    steps: Steps = context.parent[STEPS]
    return steps.count(items)


def _measured(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise TooMuchError(f"a text in it has more than {MOST_CHARACTERS} characters")
    return text


def _flat(items: Sequence[object]) -> Sequence[object]:
    # A list that holds one twice, which holds another twice, … is small until it is written out.
    if not all(item is None or isinstance(item, str | int | float) for item in items):
        raise TypeError("a list takes texts and numbers only")
    return items


def _joined(items: Iterable[object], by: str = "") -> str:
    parts: list[str] = []
    size = 0
    for item in items:
        part = str(item)
        size += len(part) + len(by)
        if size > MOST_CHARACTERS:
            raise TooMuchError(f"a text in it has more than {MOST_CHARACTERS} characters")
        parts.append(part)
    return by.join(parts)


def _replaced(text: str, old: str, new: str) -> object:
    text, old, new = str(text), str(old), str(new)
    grown = len(text) + text.count(old) * max(len(new) - len(old), 0)
    if grown > MOST_CHARACTERS:
        raise TooMuchError(f"a text in it has more than {MOST_CHARACTERS} characters")
    return text.replace(old, new)
