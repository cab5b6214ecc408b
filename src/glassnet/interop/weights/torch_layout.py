"""PyTorch's names, shapes and orders of arrays, for each kind of layer.

Products have (outputs, inputs) there, convolutions (outputs, inputs, ...positions): the axes of
ours, the last two first. Gates of a GRU have the order r, z, n, ours z, r, h.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.interop.weights.source import Has, Source, first_of, same
from glassnet.layers import (
    GRU,
    BatchNormalization,
    Bidirectional,
    Dense,
    EinsumDense,
    Embedding,
    GroupNormalization,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
    PositionEmbedding,
    PReLU,
    RMSNormalization,
)
from glassnet.layers.base import Shape
from glassnet.layers.convolution import Convolution
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.separable_convolution import DepthwiseConvolution, SeparableConvolution
from glassnet.layers.transposed_convolution import TransposedConvolution

Shapes = Mapping[str, Shape]
NORMALIZATIONS = (BatchNormalization, LayerNormalization, GroupNormalization)


def torch_sources(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    """Return the sources of a layer's arrays; those that PyTorch doesn't have keep their names."""
    sources = {name: same(name, shape) for name, shape in shapes.items()}
    for kinds, rule in _RULES:
        if isinstance(layer, kinds):
            return sources | rule(layer, shapes, has)
    return sources


def _products(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    names = {name: name for name in shapes if name.startswith("lora_")} | {"kernel": "weight"}
    sources = {name: _outputs_first(theirs, shapes[name]) for name, theirs in names.items()}
    return sources | _bias("bias", shapes)


def _by_equation(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    raise GlassnetError(
        "multiplies by an equation, and the order of its kernel's axes in PyTorch can't be known.",
        fix="Build it as a Dense layer, or save the weights with Keras's names and shapes.",
    )


def _outputs_first(name: str, shape: Shape) -> Source:
    """Return the source of a kernel (...positions, inputs, outputs), or (..., outputs, inputs)."""
    axes = (len(shape) - 1, len(shape) - 2, *range(len(shape) - 2))
    back = np.argsort(axes)
    return same(name, tuple(shape[axis] for axis in axes), lambda array: array.transpose(back))


def _bias(name: str, shapes: Shapes) -> dict[str, Source]:
    return {"bias": same(name, shapes["bias"])} if "bias" in shapes else {}


def _depthwise(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    return {"kernel": _each_channel("weight", shapes["kernel"])} | _bias("bias", shapes)


def _each_channel(name: str, shape: Shape) -> Source:
    """Return the source of a kernel (...positions, C, m), (C · m, 1, ...positions) there."""
    *positions, channels, multiplier = shape

    def convert(array: Array) -> Array:
        array = array.reshape(channels, multiplier, *positions)
        return np.moveaxis(array, (0, 1), (-2, -1))

    return same(name, (channels * multiplier, 1, *positions), convert)


def _separable(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    return {
        "depthwise_kernel": _each_channel("depthwise.weight", shapes["depthwise_kernel"]),
        "pointwise_kernel": _outputs_first("pointwise.weight", shapes["pointwise_kernel"]),
    } | _bias("pointwise.bias", shapes)


_NORMALIZATION = {
    "gamma": ("weight", "gamma"),
    "beta": ("bias", "beta"),
    "moving_mean": ("running_mean",),
    "moving_variance": ("running_var",),
    "scale": ("weight", "scale"),
}


def _normalization(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    if any(len(shape) > 1 for shape in shapes.values()):
        raise GlassnetError(
            "normalizes along multiple axes, whose order in PyTorch can't be known.",
            fix="Save the weights with Keras's names and shapes: gamma, beta.",
        )
    return {name: same(first_of(_NORMALIZATION[name], has), s) for name, s in shapes.items()}


def _embedding(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    return {"embeddings": same("weight", shapes["embeddings"])}


def _prelu(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    shape = shapes["alpha"]
    if math.prod(shape) != shape[-1]:
        raise GlassnetError(
            "learns more than an alpha for each channel, which PyTorch's PReLU doesn't.",
            fix="Build it with shared_axes: (1, 2) for images.",
        )
    return {"alpha": same("weight", shape[-1:], lambda array: array.reshape(shape))}


def _recurrent(layer: Any, shapes: Shapes, has: Has) -> dict[str, Source]:
    return _cell(layer, shapes, _first_layer(has))


def _bidirectional(layer: Any, shapes: Shapes, has: Has) -> dict[str, Source]:
    first = _first_layer(has)
    sources: dict[str, Source] = {}
    for way, module in (("forward_layer", first), ("backward_layer", f"{first}reverse.")):
        own = {name: shapes[f"{way}/{name}"] for name in _names_in(way, shapes)}
        cell = _cell(layer.layer, own, module)
        sources |= {f"{way}/{name}": source for name, source in cell.items()}
    return sources


def _names_in(place: str, shapes: Shapes) -> list[str]:
    return [name.removeprefix(f"{place}/") for name in shapes if name.startswith(f"{place}/")]


def _first_layer(has: Has) -> str:
    """Return where the arrays are: in the module itself, or in `l0`, the first layer in it."""
    return "" if has("weight_ih") else "l0."


def _cell(layer: Any, shapes: Shapes, module: str) -> dict[str, Source]:
    """Return the sources of a cell's arrays; weight_ih_l0 is named l0.weight_ih here."""
    is_gru = isinstance(layer, GRU)
    if is_gru and not layer.reset_after:
        raise GlassnetError(
            "applies its reset gate before the product, PyTorch's GRU after it.",
            fix="Build it with reset_after=True.",
        )

    def ordered(array: Array) -> Array:
        if not is_gru:
            return array
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    def kernel(name: str, shape: Shape) -> Source:
        return same(module + name, shape[::-1], lambda array: ordered(array).T)

    def biases(inputs: Array, states: Array) -> Array:
        both = ordered(inputs), ordered(states)
        return np.stack(both) if is_gru else both[0] + both[1]

    sources = {
        "kernel": kernel("weight_ih", shapes["kernel"]),
        "recurrent_kernel": kernel("weight_hh", shapes["recurrent_kernel"]),
    }
    if "bias" in shapes:
        names = (f"{module}bias_ih", f"{module}bias_hh")
        sources["bias"] = Source(names, (shapes["bias"][-1:],) * 2, biases)
    return sources


_PROJECTIONS = {  # our name: other names, as in Transformers
    "query": ("q_proj",), "key": ("k_proj",), "value": ("v_proj",),
    "attention_output": ("out_proj", "o_proj"),
}  # fmt: skip


def _attention(layer: Layer, shapes: Shapes, has: Has) -> dict[str, Source]:
    """Queries, keys and values are one product in nn.MultiheadAttention, or three."""
    sources: dict[str, Source] = {}
    start = 0
    sizes = {part: _outputs(part, shapes[f"{part}/kernel"]) for part in _PROJECTIONS}
    fused = sum(sizes[part] for part in ("query", "key", "value"))
    for part, others in _PROJECTIONS.items():
        shape, size = shapes[f"{part}/kernel"], sizes[part]
        inputs = math.prod(shape) // size
        if has("in_proj_weight") and part != "attention_output":
            names, rows = ("in_proj_weight", "in_proj_bias"), slice(start, start + size)
            count, start = fused, start + size
        else:
            module = next((m for m in (part, *others) if has(f"{m}.weight")), part)
            names, rows, count = (f"{module}.weight", f"{module}.bias"), slice(None), size
        sources[f"{part}/kernel"] = _rows(names[0], (count, inputs), rows, shape)
        if (bias := f"{part}/bias") in shapes:
            sources[bias] = _rows(names[1], (count,), rows, shapes[bias])
    return sources


def _outputs(part: str, shape: Shape) -> int:
    """Return how many numbers a product returns for each step."""
    return int(shape[-1] if part == "attention_output" else shape[-1] * shape[-2])


def _rows(name: str, theirs: Shape, rows: slice, ours: Shape) -> Source:
    """Return the source of some rows, transposed and in our shape."""
    return same(name, theirs, lambda array: array[rows].T.reshape(ours))


_Rule = Callable[[Any, Shapes, Has], dict[str, Source]]
_RULES: tuple[tuple[Any, _Rule], ...] = (
    ((Dense, Convolution, TransposedConvolution), _products),
    (EinsumDense, _by_equation),
    (DepthwiseConvolution, _depthwise),
    (SeparableConvolution, _separable),
    ((*NORMALIZATIONS, RMSNormalization), _normalization),
    ((Embedding, PositionEmbedding), _embedding),
    (PReLU, _prelu),
    (Recurrent, _recurrent),
    (Bidirectional, _bidirectional),
    (MultiHeadAttention, _attention),
)
