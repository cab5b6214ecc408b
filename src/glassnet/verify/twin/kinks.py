"""Kinks, where rounding alone can decide a derivative: a ReLU near 0, a tie in a maximum.

Two engines that agree up to rounding may take different branches there, and both are right.
`with_branches_of` returns a network whose derivatives take the branches that another engine took,
so that the two can still be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.protocols import Array
from glassnet.core.trees import Tree
from glassnet.layers import INFERENCE, CallContext, Layer, LeakyReLU, ReLU
from glassnet.layers.activation import activation_op
from glassnet.layers.base import Shape
from glassnet.layers.regularizers import Regularizer
from glassnet.layers.shapes import one_or_tuple
from glassnet.ops import Pullback

FEW = 0.02  # at most this fraction of a layer's values may switch by rounding; more is an error

Outputs = Mapping[str, Array]  # of every layer call, by its path


@dataclass(frozen=True)
class Kink:
    """A layer call whose derivative depends on the sign of its output, or on the largest input."""

    place: str
    layer: Layer
    sources: tuple[str | None, ...]  # the calls whose outputs are its inputs; None is the data
    can_force_branch: bool  # the outputs alone determine which branches were taken

    def switched(self, a: Outputs, b: Outputs, near: float) -> bool:
        """True if a and b took different branches in a few places, where they are equal within
        `near`, relative to the largest value.
        """
        if _has_sign(self.layer):
            x = a[self.place], b[self.place]
            return by_rounding(x[0] > 0, x[1] > 0, *x, near)
        calls = [place for place in self.sources if place is not None]
        if len(calls) < len(self.sources):
            return False  # the data are the same for all engines
        inputs = [tuple(outputs[place] for place in calls) for outputs in (a, b)]
        masks = [_largest_mask(self.layer, x) for x in inputs]
        pairs = zip(masks[0], masks[1], inputs[0], inputs[1], strict=True)
        return any(by_rounding(*pair, near) for pair in pairs)


def find_kinks(network: Layer) -> tuple[Kink, ...]:
    """Return all layer calls in the network whose derivative jumps."""
    jumps = []

    def visit(path: str, layer: Layer, sources: Any) -> str:
        if _has_sign(layer) or layer.picks_largest:
            outputs_suffice = layer.applies_activation or layer.picks_largest
            inside = network.at(path) is layer  # else it merges the branches of the network there
            jumps.append(Kink(path, layer, as_tuple(sources), outputs_suffice and inside))
        return path

    network.trace(one_or_tuple([None] * network.inputs), visit)
    return tuple(jumps)


def with_branches_of(network: Layer, jumps: tuple[Kink, ...], outputs: Outputs) -> Layer:
    """Return the network with the derivatives of the branches that these outputs took."""
    places = {jump.place: jump for jump in jumps if jump.can_force_branch}
    for jump in places.values():
        network = network.with_layer(jump.place, _ForcedBranches(jump.layer, places, outputs))
    return network


def by_rounding(side_a: Array, side_b: Array, a: Array, b: Array, near: float) -> bool:
    """True if a few entries, but no more, switched sides and differ by no more than rounding."""
    switched = side_a != side_b
    limit = max(1.0, float(np.max(np.abs(a), initial=0.0))) * near
    small = (np.abs(a[switched] - b[switched]) <= limit).all()
    return bool(switched.any() and small and switched.mean() <= FEW)


@dataclass(frozen=True, eq=False)
class _ForcedBranches(Layer):
    """A layer whose pullback takes the branches of other outputs."""

    layer: Layer
    jumps: Mapping[str, Kink]  # by place
    outputs: Outputs

    @property
    def learns(self) -> bool:
        return self.layer.learns

    @property
    def activity_penalty(self) -> Regularizer | None:
        return self.layer.activity_penalty

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def weights(self, shape: Shape) -> Tree:
        return self.layer.weights(shape)

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return self.layer.output_mask(x, mask)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        jump = self.jumps.get(context.path)
        if jump is None or (None in jump.sources and self.layer.picks_largest):
            return self.layer.forward(params, x, context)
        if self.layer.picks_largest:
            there: Any = tuple(self.outputs[str(place)] for place in jump.sources)
            _, back = self.layer.forward(params, one_or_tuple(there), context)
            return self.layer.forward(params, x, context)[0], back
        activation = activation_op(vars(self.layer)["activation"])
        linear: Layer = replace(self.layer, activation="linear")  # type: ignore[call-arg]
        z, back = linear.forward(params, x, context)
        side = np.where(self.outputs[context.path] > 0, 1, -1).astype(z.dtype)
        _, back_activation = activation(side)
        return activation(z)[0], lambda dy: back(back_activation(dy))


def _has_sign(layer: Layer) -> bool:
    layers = (layer, *(part for _, part in layer.parts))
    return any(
        isinstance(part, ReLU | LeakyReLU)
        or getattr(part, "activation", None) in ("relu", "leaky_relu")
        for part in layers
    )


def _largest_mask(layer: Layer, x: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return for each input where it is the largest, and so the output."""
    y, back = layer.forward({}, one_or_tuple(x))
    dx, _ = back(np.ones_like(y))
    return tuple(d != 0 for d in as_tuple(dx))
