"""`LowRankLayer`: the base of the layers whose kernels can be adapted by low-rank products (LoRA).

With adapters, a kernel is not trained; the trained product lora_kernel_a @ lora_kernel_b is added
to it, times lora_alpha / lora_rank. Source: Hu et al. 2021, "LoRA: Low-rank adaptation of large
language models".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import as_weight, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import ADDED
from glassnet.core.trees import Array, Tree, join_path
from glassnet.layers import weight_store
from glassnet.layers.base import Layer, Weight
from glassnet.layers.initializers import InitializerLike, Zeros, get
from glassnet.ops import Pullback
from glassnet.ops.low_rank import low_rank

_enabled_by_hand = count()
_AFFINE = ("kernel", "bias")


@dataclass(frozen=True)
class LowRankLayer(Layer):
    """A layer whose kernels have adapters of rank `lora_rank`, if it is set.

    `lora_alpha` scales them; None means the rank, a factor of 1. `enable_lora` sets both in a layer
    that has weights already.
    """

    lora_rank: int | None = field(default=None, kw_only=True, repr=False, metadata=ADDED)
    lora_alpha: float | None = field(default=None, kw_only=True, repr=False, metadata=ADDED)

    adapted_weight: ClassVar[str] = "kernel"  # the name of what is adapted

    def __post_init__(self) -> None:
        where = type(self).__name__
        if self.lora_rank is None:
            for name, default in _defaults(self).items():
                if getattr(self, name) != default:
                    what, fix = "is set, but there is no lora_rank.", "Set lora_rank, too."
                    raise GlassnetError(what, where=f"{where}: {name}", fix=fix)
            return
        rank = whole_number(self.lora_rank, f"{where}: lora_rank", 1)
        object.__setattr__(self, "lora_rank", rank)
        if self.lora_alpha is None:
            object.__setattr__(self, "lora_alpha", float(rank))
        elif isinstance(self.lora_alpha, int | float) and not self.lora_alpha > 0:
            what = f"must be above 0, got {self.lora_alpha}: adapters would have no effect."
            raise GlassnetError(what, where=f"{where}: lora_alpha")
        if getattr(self, constraint := f"{self.adapted_weight}_constraint") is not None:
            raise GlassnetError(
                f"has a {constraint}, which its low-rank adapters would not respect.",
                where=where,
                fix=f"Leave out lora_rank or the {constraint}.",
            )

    @property
    def lora_enabled(self) -> bool:
        """True if the layer has adapters."""
        return self._adapted.lora_rank is not None

    @property
    def lora_scale(self) -> float:
        """The factor lora_alpha / lora_rank; 0.0 without adapters."""
        layer = self._adapted
        return (layer.lora_alpha or 0.0) / layer.lora_rank if layer.lora_rank else 0.0

    @property
    def lora_places(self) -> tuple[str, ...]:
        """Where in its tree of weights adapters can be: "" for the tree itself."""
        return ("",)

    @property
    def _adapted(self) -> "LowRankLayer":
        """The layer itself; of the variant for one call, the layer that is called."""
        layer: LowRankLayer = vars(self).get("_called", self)
        return layer

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
    ) -> None:
        """Add adapters of this rank, in place, to a layer that has weights, as in Keras.

        The kernel is not trained from now on, its bias still is. All models with the layer have the
        adapters; compile them again if they were trained before. By default they start as a product
        of 0: outputs stay the same. Raises if the layer has adapters already, or no weights yet:
        then pass lora_rank to its constructor.
        """
        adapted = replace(self, lora_rank=rank, lora_alpha=lora_alpha)
        add_adapters([(self, adapted)], rng_by_hand(), a_initializer, b_initializer)

    def merge_lora(self) -> None:
        """Add the adapters to the kernels, in place, and remove them: outputs stay the same.

        The kernels are trained again. Models that were trained before need a new compile.
        """
        tree, weights = _idle_trees(self, "merge_lora")
        if not self.lora_enabled:
            raise GlassnetError("has no adapters.", where=f"layer {self.name!r}: merge_lora")
        a, _ = self.lora_names
        for place in self.lora_places:
            inner, specs = _at(tree, place), _at(weights, place)
            penalty = specs[a].regularizer
            inner[self.adapted_weight] = _merged_kernel(self, inner)
            kernel = replace(specs[self.adapted_weight], trainable=True, regularizer=penalty)
            specs[self.adapted_weight] = kernel
            for name in self.lora_names:
                del inner[name], specs[name]
        for name, default in _defaults(self).items():
            object.__setattr__(self, name, default)

    @property
    def lora_names(self) -> tuple[str, str]:
        """The names of an adapter's two weights, (a, b)."""
        return f"lora_{self.adapted_weight}_a", f"lora_{self.adapted_weight}_b"

    def with_adapters(self, weights: Tree, place: str = "") -> Tree:
        """Return the specifications of the weights at a place with those of its adapters, if it
        has some.
        """
        rank = self._adapted.lora_rank
        if rank is None or place not in self.lora_places:
            return weights
        kernel: Weight = weights[self.adapted_weight]
        a, b = self.lora_names
        return {
            **weights,
            self.adapted_weight: replace(kernel, trainable=False, regularizer=None),
            a: Weight((*kernel.shape[:-1], rank), get("he_uniform"), kernel.regularizer),
            b: Weight((rank, kernel.shape[-1]), Zeros(), kernel.regularizer),
        }

    def affine(
        self,
        product: Callable[..., Any],
        params: Tree,
        x: Array,
        wrt_x: bool = True,
        frozen: bool = False,
    ) -> tuple[Array, Pullback]:
        """Return product(x, kernel) + bias, with adapters if the tree has some, and the pullback
        dy -> (dx, grads); grads lack the kernel's if the layer is `frozen`.
        """
        kernel, bias = params["kernel"], params.get("bias")
        if "lora_kernel_a" not in params:
            names: tuple[str, ...] = _AFFINE
            y, back = product(x, kernel, bias, wrt_x, not frozen)
        else:
            names = (*self.lora_names, "bias")
            y, back = low_rank(
                x, params[names[0]], params[names[1]], bias, kernel=kernel,
                scale=self.lora_scale, product=product, wrt_x=wrt_x,
            )  # fmt: skip

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, *grads = back(dy)
            pairs = zip(names, grads, strict=False)
            return dx, {name: grad for name, grad in pairs if grad is not None}

        return y, pullback


def rng_by_hand() -> np.random.Generator:
    """Return other random numbers at each call."""
    return np.random.default_rng((next(_enabled_by_hand), 2))


def add_adapters(
    pairs: Iterable[tuple[LowRankLayer, LowRankLayer]],
    rng: np.random.Generator,
    a_initializer: InitializerLike,
    b_initializer: InitializerLike,
) -> None:
    """Give each layer, in place, the adapters that the second of the pair, its copy, has; raise and
    change none if one can't have them.
    """
    changes = [
        (layer, adapted, _adapters(layer, adapted, rng, a_initializer, b_initializer))
        for layer, adapted in pairs
    ]
    for layer, adapted, new in changes:
        for tree, more in new:
            tree.update(more)
        for name in _defaults(layer):
            object.__setattr__(layer, name, getattr(adapted, name))


def _adapters(
    layer: LowRankLayer, adapted: LowRankLayer, rng: np.random.Generator, *initializers: Any
) -> list[tuple[Tree, Tree]]:
    """Return the trees that change, each with its new entries."""
    where = f"layer {layer.name!r}: enable_lora"
    tree, weights = _idle_trees(layer, "enable_lora")
    if layer.lora_enabled:
        fix = "Call merge_lora() first, which adds them to the kernel."
        raise GlassnetError("has adapters already.", where=where, fix=fix)
    if not layer.trainable:
        fix = "Set its trainable = True: enable_lora freezes the kernel, which is most of it."
        raise GlassnetError("is frozen: adapters would not be trained.", where=where, fix=fix)
    draws = [get(value, where=where) for value in initializers]
    new: list[tuple[Tree, Tree]] = []
    for place in adapted.lora_places:
        inner, specs = _at(tree, place), adapted.with_adapters(_at(weights, place), place)
        dtype, drawn = str(inner[layer.adapted_weight].dtype), {}
        for name, draw in zip(layer.lora_names, draws, strict=True):
            shape = specs[name].shape
            drawn[name] = as_weight(draw(rng, shape), shape, dtype, where)
        new += [(inner, drawn), (_at(weights, place), specs)]
    return new


def adapters_of(network: Layer) -> dict[str, tuple[Any, ...]]:
    """Return (rank, alpha, paths in the layer of the weights that are adapted) for each layer with
    adapters, by its path.
    """
    return {
        path: (
            layer.lora_rank,
            layer.lora_alpha,
            tuple(join_path(place, layer.adapted_weight) for place in layer.lora_places),
        )
        for path, layer in network.walk()
        if isinstance(layer, LowRankLayer) and layer.lora_enabled
    }


def merged(layer: Layer, params: Tree) -> tuple[Layer, Tree]:
    """Return the layer without adapters and its weights, to which they are added; both are copies
    where something differs.
    """
    if isinstance(layer, LowRankLayer) and layer.lora_enabled:
        tree = params
        for place in layer.lora_places:
            inner = dict(_at(params, place))
            inner[layer.adapted_weight] = _merged_kernel(layer, inner)
            for name in layer.lora_names:
                del inner[name]
            tree = {**tree, place: inner} if place else inner
        return replace(layer, **_defaults(layer)), tree
    parts = {name: merged(part, params[name]) for name, part in layer.parts if adapters_of(part)}
    if not parts:
        return layer, params
    network = layer.with_parts({name: part for name, (part, _) in parts.items()})
    return network, params | {name: tree for name, (_, tree) in parts.items()}


def _defaults(layer: LowRankLayer) -> dict[str, Any]:
    """Return the values of the fields for adapters in a layer without any."""
    return {f.name: f.default for f in fields(layer) if f.name.startswith("lora_")}


def _merged_kernel(layer: LowRankLayer, weights: Tree) -> Array:
    """Return kernel + scale · a @ b, computed in float64."""
    kernel = weights[layer.adapted_weight]
    a, b = (np.asarray(weights[name], np.float64) for name in layer.lora_names)
    total: Array = (kernel + layer.lora_scale * (a @ b)).astype(kernel.dtype)
    return total


def _idle_trees(layer: LowRankLayer, method: str) -> tuple[Tree, Tree]:
    """Return the trees of a layer's weights and their specifications; raise if it has none yet, or
    while it is trained.
    """
    tree, weights = weight_store.entry_of(layer)
    where = f"layer {layer.name!r}: {method}"
    if tree is None:
        raise GlassnetError(
            "has no weights yet.",
            where=where,
            fix="Build a model with it first, or pass lora_rank to the layer's constructor.",
        )
    if weight_store.in_training(tree):
        fix = "Change weights before or after `fit`; a callback can only read them."
        raise GlassnetError("is being trained.", where=where, fix=fix)
    return tree, weights


def _at(tree: Tree, place: str) -> Tree:
    inner: Tree = tree[place] if place else tree
    return inner
