"""Layers that only move numbers."""

import math
from dataclasses import dataclass

from glassnet.configs import register
from glassnet.layers.base import INFERENCE, Call, Layer, Shape
from glassnet.ops import Pullback
from glassnet.trees import Array, Tree


@register("layer")
@dataclass(frozen=True)
class Flatten(Layer):
    """y[i] = all numbers of x[i] in one row.   x (N, ...) -> y (N, n)."""

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def forward(self, params: Tree, x: Array, call: Call = INFERENCE) -> tuple[Array, Pullback]:
        def pullback(dy: Array) -> tuple[Array, Tree]:
            return dy.reshape(x.shape), {}

        return x.reshape(x.shape[0], math.prod(x.shape[1:])), pullback
