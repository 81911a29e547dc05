"""Query strings as PHP reads them: brackets make trees, in every spelling the contract allows."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

Params = dict[str, Any]
"""name → text or a tree of the same kind."""


def pairs_of(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def tree_of(pairs: list[tuple[str, str]]) -> Params:
    """`a[b][]=1&a[b][]=2` → {"a": {"b": {"0": "1", "1": "2"}}}; of equal plain names the last one counts."""
    tree: Params = {}
    for name, value in pairs:
        branch, steps = tree, _steps(name)
        for step in steps[:-1]:
            key = step or str(len(branch))
            below = branch.get(key)
            if not isinstance(below, dict):
                below = branch[key] = {}
            branch = below
        branch[steps[-1] or str(len(branch))] = value
    return tree


def texts(node: Any) -> list[str]:
    """Every value under a node: bare, listed or joined by commas."""
    if isinstance(node, dict):
        return [text for below in node.values() for text in texts(below)]
    return [part for part in str(node).split(",") if part]


def replaced(pairs: list[tuple[str, str]], **values: object) -> str:
    """The query string with some parameters set anew, the others as they were."""
    kept = [(name, value) for name, value in pairs if name not in values]
    return urlencode(kept + [(name, str(value)) for name, value in values.items()])


def _steps(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]"):
        return [name]
    return [head, *rest[:-1].split("][")]
