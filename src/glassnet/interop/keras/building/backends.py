"""Layers of which one of Keras's backends computes something different, or that it can't compute.

On PyTorch, LayerNormalization applies its scale along the last axes, whichever it normalizes;
padded averages count the padding on the side that has more of it; cubic weights have another slope.
On JAX, the bounds of adaptive pooling are rounded in single precision. TensorFlow ends the process
when a part of an adaptive maximum is the whole axis, and looks up cubic weights in a table of 1024
places.
"""

from collections.abc import Callable

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.layers import LayerNormalization, UpSampling2D
from glassnet.layers.base import Shape
from glassnet.layers.pooling import AdaptiveMaxPooling, AdaptivePooling, AveragePooling, Pooling
from glassnet.layers.transposed_convolution import TransposedConvolution

Difference = tuple[str, str] | None  # (what, how to fix it)

PERMUTE = "Put a Permute before it, so that its axes are the last."
_OTHER = "Use another backend."


def on_backend(layer: object, shape: Shape, backend: str | None, dtype: str) -> Difference:
    """Return (what Keras would do differently on this backend, how to fix it), or None."""
    return _BACKENDS[backend](layer, shape, dtype) if backend in _BACKENDS else None


def is_last(axis: int | tuple[int, ...], shape: Shape) -> bool:
    """True if these axes, in which 0 is the batch, are the last."""
    axes, rank = as_tuple(axis), len(shape) + 1
    return sorted(index % rank for index in axes) == list(range(rank - len(axes), rank))


def _on_torch(layer: object, shape: Shape, dtype: str) -> Difference:
    if isinstance(layer, LayerNormalization) and not is_last(layer.axis, shape):
        axes = sorted(as_tuple(layer.axis))
        if axes[-1] - axes[0] < len(axes):  # adjacent: for others, Keras has its own formula
            return "on PyTorch, Keras would normalize along the last axes.", PERMUTE
    if isinstance(layer, AveragePooling) and layer.padding == "same":
        fix = 'Use another backend, or padding="valid".'
        return "on PyTorch, Keras counts padding as zeros here.", fix
    if isinstance(layer, UpSampling2D) and layer.interpolation not in ("nearest", "bilinear"):
        return f"on PyTorch, Keras has no {layer.interpolation} of these weights.", _OTHER
    return None


def _on_jax(layer: object, shape: Shape, dtype: str) -> Difference:
    sizes = as_tuple(layer.output_size) if isinstance(layer, AdaptivePooling) else ()
    if any(map(_rounded, shape, sizes)):
        return f"on JAX, Keras rounds the bounds of {sizes} parts of {shape[:-1]}.", _OTHER
    return None


def _rounded(length: int, size: int) -> bool:
    """True if a bound of a part changes when it is computed in single precision."""
    bounds = np.arange(size + 1) * length
    single = bounds.astype("f4") * (np.float32(1) / np.float32(size))
    starts, ends = np.floor(single)[:-1], np.ceil(single)[1:]
    return bool((starts != bounds[:-1] // size).any() or (ends != -(-bounds[1:] // size)).any())


def _on_tensorflow(layer: object, shape: Shape, dtype: str) -> Difference:
    if isinstance(layer, AdaptiveMaxPooling):
        sizes = zip(shape, as_tuple(layer.output_size), strict=False)
        if any(-(-length // size) >= length for length, size in sizes):
            fix = "Use another backend, or a global pooling with keepdims=True."
            return "on TensorFlow, Keras can't compute a part that is the whole axis.", fix
    scaled = isinstance(layer, UpSampling2D) and layer.interpolation == "bicubic" and layer.sizes
    if any(size & (size - 1) for size in scaled or ()):
        return "on TensorFlow, Keras rounds its cubic weights.", "Use sizes of 2, 4, 8, ..."
    if dtype == "float64" and "lanczos" in getattr(layer, "interpolation", ""):
        return "on TensorFlow, Keras has no gradient of it in float64.", "Use float32."
    if isinstance(layer, TransposedConvolution):
        if layer.padding == "same" and any(layer.shortened):
            return "on TensorFlow, Keras can't compute these lengths.", "Use output_padding=1."
        if dtype == "float64" and max(layer.windows.dilation) > 1:
            return "on TensorFlow, Keras can't dilate it in float64.", "Use float32."
    if isinstance(layer, Pooling | AdaptivePooling) and layer.rank == 3 and dtype == "float64":
        return "on TensorFlow, Keras pools volumes in float32 only.", "Use float32."
    return None


_BACKENDS: dict[str | None, Callable[[object, Shape, str], Difference]] = {
    "jax": _on_jax,
    "tensorflow": _on_tensorflow,
    "torch": _on_torch,
}
