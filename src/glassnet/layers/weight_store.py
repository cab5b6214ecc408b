"""The store of weights: one tree for each layer object, shared by all models that contain it.

Layers are configuration and hold no weights. The store maps each layer object to its tree of
arrays; the tree of a network holds the trees of the layers inside it, the same dicts and not
copies. Models with a layer in common therefore share its weights, as in Keras: training one model
trains the others. A layer's tree lives as long as the layer.
"""

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items, join_path, leaves

if TYPE_CHECKING:
    from glassnet.layers.base import Layer
    from glassnet.layers.weighted_layer import WeightedLayer

_trees: dict[int, Tree] = {}  # by the id of the layer: equal layers are not shared
_weights: dict[int, Tree] = {}  # of the same layers: the trees of `Weight`s
_in_training: set[int] = set()  # the ids of trees


def stored_tree(network: "Layer", drawn: Tree, weights: Tree) -> Tree:
    """Return the network's tree in the store; layers without weights get those in `drawn`.

    `weights` is the tree of `Weight`s that describe them. Raises GlassnetError, and stores nothing,
    if a layer has weights of other shapes or dtype.
    """
    _check(network, drawn, "")
    return _store(network, drawn, weights)


def shares_leaves(a: Tree, b: Tree) -> bool:
    """True if some of the arrays in the two trees are the same objects."""
    return not {*map(id, leaves(a))}.isdisjoint(map(id, leaves(b)))


def in_training(tree: Tree) -> bool:
    """True if some of the weights are being trained, by whatever model."""
    return not _in_training.isdisjoint(_ids(tree))


def set_in_training(tree: Tree, value: bool) -> None:
    """Mark these weights as being trained, or not."""
    (_in_training.update if value else _in_training.difference_update)(_ids(tree))


def _ids(tree: Tree) -> Iterator[int]:
    """Yield the ids of the tree and of the trees in it."""
    yield id(tree)
    for value in tree.values():
        if isinstance(value, dict):
            yield from _ids(value)


def write(tree: Tree, new: Tree) -> None:
    """Set the arrays of a stored tree to those in `new`, for all models that share them."""
    for name, value in new.items():
        if isinstance(value, dict):
            write(tree[name], value)
        else:
            tree[name] = value


def entry_of(layer: "WeightedLayer") -> tuple[Tree | None, Tree]:
    """The layer's tree, None if it has no weights yet, and the tree of `Weight`s."""
    return _trees.get(id(layer)), _weights.get(id(layer), {})


def set_entry(layer: "Layer", tree: Tree, weights: Tree) -> None:
    """Make these the trees of a layer that has none."""
    _trees[id(layer)], _weights[id(layer)] = tree, weights
    weakref.finalize(layer, _drop, id(layer)).atexit = False


def _drop(key: int) -> None:
    _trees.pop(key, None)
    _weights.pop(key, None)


def forget(network: "Layer") -> None:
    """Take their weights from the network and the layers inside."""
    for _, layer in network.walk():
        _drop(id(layer))


def _store(layer: "Layer", drawn: Tree, weights: Tree) -> Tree:
    if (tree := _trees.get(id(layer))) is None:
        tree = dict(drawn)
        for name, part in _lasting_parts(layer):
            if name in drawn:
                tree[name] = _store(part, drawn[name], weights[name])
                weights[name] = _weights[id(part)]
        set_entry(layer, tree, weights)
    return tree


def _check(layer: "Layer", drawn: Tree, path: str) -> None:
    if (tree := _trees.get(id(layer))) is None:
        for name, part in _lasting_parts(layer):
            if name in drawn:
                _check(part, drawn[name], join_path(path, name))
        return
    weights, new = dict(items(tree)), dict(items(drawn))
    for name, array in new.items():
        if name in weights and weights[name].shape != array.shape:
            problem = f"has the shape {weights[name].shape}, but here it would be {array.shape}."
            fix = "Use it on inputs of the size that it was built for"
        elif name not in weights or weights[name].dtype != array.dtype:
            problem = f"is not a weight of dtype {array.dtype} there."
            fix = f'Use Model(..., dtype="{next(iter(weights.values())).dtype}")'
        else:
            continue
        raise GlassnetError(
            f"already has weights, and its {name!r} {problem}",
            where=f"layer {path!r}" if path else "Model",
            fix=f"{fix}, or use layer.clone(weights=False), which will have its own.",
        )


def _lasting_parts(layer: "Layer") -> Iterator[tuple[str, "Layer"]]:
    """Yield the layers inside that are the same objects each time: only those can be shared."""
    for (name, part), (_, again) in zip(layer.parts, layer.parts, strict=True):
        if part is again:
            yield name, part
