"""Trees: nested dicts whose leaves are arrays, such as parameters, gradients and moments.

A leaf's path joins the keys on the way to it: `{"dense": {"kernel": k}}` has `k` at "dense/kernel".
The order is that of insertion: the order in which a network uses its parameters.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from glassnet.core.protocols import Array as Array

Tree = dict[str, Any]  # of arrays and such trees: written out, each `params["kernel"]` needs a cast


def items(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the (path, leaf) pairs, depth first."""
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from items(value, f"{path}/")
        else:
            yield path, value


def join_path(path: str, name: str) -> str:
    """Return `path/name`; either may be "", the path of the whole tree."""
    return f"{path}/{name}" if path and name else path or name


def leaves(tree: Tree) -> list[Any]:
    """Return the leaves, depth first."""
    return [leaf for _, leaf in items(tree)]


def from_items(pairs: Mapping[str, Any]) -> Tree:
    """Return the tree with these leaves by path: the inverse of `items`."""
    tree: Tree = {}
    for path, leaf in pairs.items():
        *branches, name = path.split("/")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
        node[name] = leaf
    return tree


def map_leaves(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Return the tree of `function(leaf, *leaves of `rest` at the same path)`."""
    return {
        key: map_leaves(function, value, *(other[key] for other in rest))
        if isinstance(value, dict)
        else function(value, *(other[key] for other in rest))
        for key, value in tree.items()
    }
