"""Where rounding alone can decide a derivative: next to 0 in a ReLU, between equals in a maximum.

Two engines that compute the same to the last digits but one may then take two different branches,
and both are right. `decided` makes a network whose derivatives take the branches that another
engine took, so that the two can be compared nonetheless.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.protocols import Array
from glassnet.core.trees import Tree
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.layers.activation import activation_op
from glassnet.layers.base import Shape, one_or_tuple
from glassnet.ops import Pullback

FEW = 0.02  # of a layer's numbers may have switched by rounding; more is a fault

Outputs = Mapping[str, Array]  # of every layer call, by its path


@dataclass(frozen=True)
class Kink:
    """A layer call whose derivative jumps: by its output's sign, or by which input is largest."""

    place: str
    layer: Layer
    given: tuple[str | None, ...]  # the calls whose outputs it takes; None is the data
    can_be_decided: bool  # whether the outputs alone say which branches were taken

    def switched(self, a: Outputs, b: Outputs, near: float) -> bool:
        """Whether a and b are on two sides of a jump in a few places, where they are equal to
        within `near` of the largest number.
        """
        if _has_sign(self.layer):
            x = a[self.place], b[self.place]
            return by_rounding(x[0] > 0, x[1] > 0, *x, near)
        known = [place for place in self.given if place is not None]
        if len(known) < len(self.given):
            return False  # the data are the same for all engines
        inputs = [tuple(seen[place] for place in known) for seen in (a, b)]
        taken = [_taken(self.layer, x) for x in inputs]
        pairs = zip(taken[0], taken[1], inputs[0], inputs[1], strict=True)
        return any(by_rounding(*pair, near) for pair in pairs)


def kinks(network: Layer) -> tuple[Kink, ...]:
    """All layer calls in the network whose derivative jumps."""
    jumps = []

    def visit(path: str, layer: Layer, sources: Any) -> str:
        if _has_sign(layer) or layer.picks_largest:
            told = layer.applies_activation or layer.picks_largest
            inside = network.at(path) is layer  # else it merges the branches of the network there
            jumps.append(Kink(path, layer, as_tuple(sources), told and inside))
        return path

    network.trace(one_or_tuple([None] * network.inputs), visit)
    return tuple(jumps)


def decided(network: Layer, jumps: tuple[Kink, ...], seen: Outputs) -> Layer:
    """The same network, with the derivatives that belong to outputs `seen` elsewhere."""
    places = {jump.place: jump for jump in jumps if jump.can_be_decided}
    for jump in places.values():
        network = network.with_layer(jump.place, _Decided(jump.layer, _Seen(places, seen)))
    return network


def by_rounding(side_a: Array, side_b: Array, a: Array, b: Array, near: float) -> bool:
    """Whether only a few entries are on other sides, and those differ by no more than rounding."""
    apart = side_a != side_b
    limit = max(1.0, float(np.max(np.abs(a), initial=0.0))) * near
    small = (np.abs(a[apart] - b[apart]) <= limit).all()
    return bool(apart.any() and small and apart.mean() <= FEW)


@dataclass(frozen=True)
class _Seen:
    jumps: Mapping[str, Kink]
    outputs: Outputs


@dataclass(frozen=True, eq=False)
class _Decided(Layer):
    """A layer whose pullback is that of the outputs seen elsewhere."""

    layer: Layer
    seen: _Seen

    @property
    def learns(self) -> bool:
        return self.layer.learns

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def weights(self, shape: Shape) -> Tree:
        return self.layer.weights(shape)

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return self.layer.output_mask(x, mask)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        jump = self.seen.jumps.get(context.path)
        if jump is None or (None in jump.given and self.layer.picks_largest):
            return self.layer.forward(params, x, context)
        if self.layer.picks_largest:
            there: Any = tuple(self.seen.outputs[str(place)] for place in jump.given)
            _, back = self.layer.forward(params, one_or_tuple(there), context)
            return self.layer.forward(params, x, context)[0], back
        activation = activation_op(vars(self.layer)["activation"])
        linear: Layer = replace(self.layer, activation="linear")  # type: ignore[call-arg]
        z, back = linear.forward(params, x, context)
        side = np.where(self.seen.outputs[context.path] > 0, 1, -1).astype(z.dtype)
        _, back_activation = activation(side)
        return activation(z)[0], lambda dy: back(back_activation(dy))


def _has_sign(layer: Layer) -> bool:
    layers = (layer, *(part for _, part in layer.parts))
    return any(getattr(one, "activation", None) in ("relu", "leaky_relu") for one in layers)


def _taken(layer: Layer, x: tuple[Array, ...]) -> tuple[Array, ...]:
    """Which of the inputs' numbers are the largest, and so the outputs."""
    y, back = layer.forward({}, one_or_tuple(x))
    dx, _ = back(np.ones_like(y))
    return tuple(d != 0 for d in as_tuple(dx))
