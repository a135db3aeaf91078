"""Indexed attributes (`gen_ai.prompt.0.role`) put back into the lists they were flattened from."""

from collections.abc import Iterable


def nest(leaves: Iterable[tuple[tuple[str, ...], object]]) -> dict[str, object]:
    """The tree of `leaves`, each a path and its value; branches numbered throughout are lists.

    A leaf in the way of a branch is kept in it under the empty name. Gaps in the numbers close.
    """
    root: dict[str, object] = {}
    for path, value in leaves:
        branch = root
        for step in path[:-1]:
            below = branch.get(step)
            if not isinstance(below, _Branch):
                below = _Branch() if step not in branch else _Branch({"": below})
                branch[step] = below
            branch = below
        at = branch.get(path[-1])
        if isinstance(at, _Branch):
            at[""] = value
        else:
            branch[path[-1]] = value
    return {name: _listed(below) for name, below in root.items()}


class _Branch(dict[str, object]):
    """A dict made here, as opposed to a dict that is a leaf's value."""


def _listed(node: object) -> object:
    if not isinstance(node, _Branch):
        return node
    listed = {step: _listed(below) for step, below in node.items()}
    if all(step.isdecimal() for step in listed):
        return [listed[step] for step in sorted(listed, key=int)]
    return listed
