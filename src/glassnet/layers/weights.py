"""Weights from a layer's fields: how they are initialized, penalized and constrained.

For a `kernel`: the fields `kernel_initializer`, `kernel_regularizer`, `kernel_constraint`.
"""

from dataclasses import fields
from typing import Any

from glassnet.core.trees import Tree
from glassnet.layers import constraints, initializers, regularizers
from glassnet.layers.base import Layer, Shape, Weight
from glassnet.layers.initializers import Initializer


def check_weights(layer: Layer) -> None:
    """Check these fields, and replace the names of penalties and constraints by the objects."""
    where = type(layer).__name__
    for name in (field.name for field in fields(layer)):
        value = getattr(layer, name)
        if name.endswith("_initializer"):
            part = initializers.get(value, where=where)
            if not isinstance(value, str):
                object.__setattr__(layer, name, part)
        elif name.endswith("_regularizer"):
            object.__setattr__(layer, name, regularizers.get(value, where=where))
        elif name.endswith("_constraint"):
            object.__setattr__(layer, name, constraints.get(value, where=where))


def weight(layer: Layer, kind: str, shape: Shape, draw: Initializer | None = None) -> Weight:
    """Return the layer's weight of this kind and shape; `draw` replaces its initializer."""
    constraint = constraints.get(getattr(layer, f"{kind}_constraint", None))
    if constraint is not None:
        constraint.check(shape, where=f"{type(layer).__name__}: {kind}_constraint")
    return Weight(
        shape,
        draw or initializers.get(getattr(layer, f"{kind}_initializer")),
        regularizers.get(getattr(layer, f"{kind}_regularizer", None)),
        constraint=constraint,
    )


def with_bias(layer: Any, kernels: Tree, shape: Shape) -> Tree:
    """Return the kernels, and a bias of this shape if the layer has one."""
    return {**kernels, "bias": weight(layer, "bias", shape)} if layer.use_bias else kernels
