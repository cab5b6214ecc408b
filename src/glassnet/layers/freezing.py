"""`trainable`: which layers training changes, and which it leaves as they are.

As in Keras, each layer has its own flag. Setting it also sets those of the layers inside; a layer
inside can be set again afterwards. If the whole network is not trainable, nothing in it is trained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, dataclass_transform

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import ADDED
from glassnet.core.trees import Tree, items, join_path

if TYPE_CHECKING:
    from glassnet.layers.base import Layer


_LISTED = 12  # how many paths an error lists


class Trainable:
    """The attribute `trainable` of a layer, which can be set."""

    def __get__(self, layer: Any, owner: type) -> bool:
        return True if layer is None else vars(layer).get("trainable", True)  # the field's default

    def __set__(self, layer: Any, value: bool) -> None:
        vars(layer)["trainable"] = value

    def assign(self, layer: Any, value: Any) -> None:
        """Set it for the layer and the layers inside; `layer.trainable = value` calls this."""
        if value not in (True, False):
            what = f"must be True or False, got {value!r:.80}."
            raise GlassnetError(what, where=f"layer {layer.name!r}: trainable")
        for _, inner in layer.walk():
            vars(inner)["trainable"] = bool(value)


if TYPE_CHECKING:
    # To type checkers, fields of frozen dataclasses can't be set, except those of a class whose own
    # metaclass is a `dataclass_transform`. The metaclass of `Freezable` is none.

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    class _Transform(type): ...

    class _Flag(metaclass=_Transform):
        trainable: bool = field(default=True, kw_only=True)

    class _Type(_Transform): ...

    @dataclass(frozen=True)
    class _Settable(_Flag, metaclass=_Type): ...
else:

    @dataclass(frozen=True)
    class _Settable:
        trainable: bool = field(
            default=True, kw_only=True, compare=False, repr=False, metadata=ADDED
        )


class Freezable(_Settable):
    """The field of all layers that says if training changes their weights.

    A layer that is not trainable is frozen: its weights are neither trained, decayed, constrained,
    averaged nor penalized. A frozen BatchNormalization works as in inference. Dropout is not
    affected. The flags are read when the first training after `compile` starts.
    """


setattr(Freezable, "trainable", Trainable())  # noqa: B010 (after `dataclass` has read the field)


def frozen_layers(network: "Layer") -> frozenset[str]:
    """Return the paths of the layers in which training changes nothing, those inside included."""
    frozen: set[str] = set()

    def trains(path: str, layer: "Layer") -> bool:
        """Return True if training changes a weight of the layer; collect the path otherwise."""
        own = network.trainable and layer.trainable
        inner = [trains(join_path(path, name), part) for name, part in layer.parts]
        trained = any(inner) or (own and layer.learns and (not inner or layer.defines_weights))
        if (layer.learns and not trained) if inner else not own:
            frozen.add(path)
        return trained

    trains("", network)
    return frozenset(frozen)


ALL_BUT_HEAD = "all-but-head"


def freeze(network: "Layer", patterns: str | Sequence[str], head: str) -> list[str]:
    """Freeze the layers that the patterns name, with all layers inside them; return their paths.

    A pattern is one of paths or of a name in them, such as "conv2d*" or "encoder/*"; or it is
    "all-but-head", for all layers but the one at the path `head`. Raises GlassnetError, and
    freezes nothing, if a pattern matches no layer with weights.
    """
    layers = {path: layer for path, layer in network.walk() if path and layer.learns}
    chosen: list[str] = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        if pattern == ALL_BUT_HEAD:
            chosen += [p for p in layers if not f"{head}/".startswith(f"{p}/")
                       and not p.startswith(f"{head}/")]  # fmt: skip
            continue
        matching = [path for path in layers if matches_path(pattern, path)]
        if not matching:
            names = ", ".join(list(layers)[:_LISTED])
            more = f" and {len(layers) - _LISTED} more" if len(layers) > _LISTED else ""
            raise GlassnetError(
                f"no layer with weights matches {pattern!r}.",
                where="freeze",
                fix=f"There are {names}{more}; or write {ALL_BUT_HEAD}.",
            )
        chosen += matching
    for path in chosen:
        layers[path].trainable = False
    return [path for path in layers if any(f"{path}/".startswith(f"{p}/") for p in chosen)]


def matches_path(pattern: str, path: str) -> bool:
    """True if the pattern is that of the path, or of a name in it, or is the path itself after a /:
    "dense" is also a name in "encoder/dense", "/dense" is not.
    """
    names = (path, *path.split("/"))
    return pattern == f"/{path}" or any(fnmatchcase(name, pattern) for name in names)


def trained_paths(weights: Tree, frozen: frozenset[str]) -> tuple[str, ...]:
    """Return the paths of the weights that are trained, from the tree of their `Weight`s."""
    trainable = (path for path, weight in items(weights) if weight.trainable)
    return tuple(path for path in trainable if frozen.isdisjoint(_layers_of(path)))


def frozen_paths(weights: Tree, frozen: frozenset[str]) -> dict[str, str]:
    """Return the paths of the weights in frozen layers, statistics included, and for each of them
    the outermost frozen layer that it is in.
    """
    layers = {
        path: next((p for p in _layers_of(path) if p in frozen), None) for path, _ in items(weights)
    }
    return {path: layer for path, layer in layers.items() if layer is not None}


def _layers_of(path: str) -> Iterator[str]:
    """Yield the paths of all layers that a weight is in, the network's first."""
    yield ""
    for index, letter in enumerate(path):
        if letter == "/":
            yield path[:index]
