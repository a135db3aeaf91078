"""YAML as plain values, with the line that every part of them stands in."""

from collections.abc import Hashable
from typing import Any

import yaml

from llm_analytics_hub.errors import InvalidInputError

DEEPEST = 40
MOST_PARTS = 500_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Lines = dict[str, int]
"""By the path of a part, such as `rules.3.window`, its line, from 1."""


class YamlError(InvalidInputError):
    """A text that is no YAML the hub reads, and the line where that shows."""

    code = "invalid_yaml"

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(text: str) -> tuple[Any, Lines]:
    """The first document of a text and its lines; names are texts as written, `on` too.

    Raises: YamlError.
    """
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        reader = _Reader(loader)
        return (reader.value(node, "", DEEPEST) if node else None), reader.lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"is no YAML: {error.problem}", mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise YamlError(f"is no YAML that can be read: {error!s:.200}", 1) from error
    finally:
        loader.dispose()


class _Reader:
    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._left = MOST_PARTS
        self.lines: Lines = {}

    def value(self, node: yaml.Node, place: str, depth: int) -> Any:
        """The value of a node. An alias counts as often as it is used: few can stand for many."""
        line = node.start_mark.line + 1
        self.lines[place] = line
        self._left -= 1
        if depth == 0 or self._left < 0:
            raise YamlError(f"is too deep, or has more than {MOST_PARTS:,} parts", line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            parts = enumerate(node.value)
            return [self.value(part, _at(place, at), depth - 1) for at, part in parts]
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, place: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlError("a name is a text", line)
            if key.value in found:
                raise YamlError(f"{key.value!r:.80} is there twice", line)
            found[key.value] = self.value(value, _at(place, key.value), depth - 1)
            self.lines[_at(place, key.value)] = line
        return found


def _at(place: str, part: Hashable) -> str:
    return f"{place}.{part}" if place else str(part)
