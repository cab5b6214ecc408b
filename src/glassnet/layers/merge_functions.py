"""Keras's functions of nodes: add([a, b]) is Add()([a, b])."""

from collections.abc import Sequence
from typing import Any

from glassnet.layers import merging
from glassnet.layers.base import Layer
from glassnet.layers.functional import Node


def add(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Add(**options)(inputs)."""
    return _call(merging.Add(**options), inputs)


def subtract(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Subtract(**options)(inputs)."""
    return _call(merging.Subtract(**options), inputs)


def multiply(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Multiply(**options)(inputs)."""
    return _call(merging.Multiply(**options), inputs)


def average(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Average(**options)(inputs)."""
    return _call(merging.Average(**options), inputs)


def maximum(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Maximum(**options)(inputs)."""
    return _call(merging.Maximum(**options), inputs)


def minimum(inputs: Sequence[Node], **options: Any) -> Node:
    """Return Minimum(**options)(inputs)."""
    return _call(merging.Minimum(**options), inputs)


def concatenate(inputs: Sequence[Node], axis: int = -1, **options: Any) -> Node:
    """Return Concatenate(axis, **options)(inputs)."""
    return _call(merging.Concatenate(axis, **options), inputs)


def dot(inputs: Sequence[Node], axes: int | tuple[int, int] = -1, **options: Any) -> Node:
    """Return Dot(axes, **options)(inputs)."""
    return _call(merging.Dot(axes, **options), inputs)


def _call(layer: Layer, inputs: Sequence[Node]) -> Node:
    node: Node = layer(inputs)
    return node
