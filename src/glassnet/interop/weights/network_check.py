"""What a PyTorch file doesn't say of its network: epsilons, and the padding of strided windows.

Weights fit a network with others as well, which then computes something else.
"""

from collections.abc import Iterable
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.interop.weights.channel_order import Call
from glassnet.interop.weights.torch_layout import NORMALIZATIONS
from glassnet.layers.base import Shape
from glassnet.layers.convolution import Convolving
from glassnet.layers.pooling import AveragePooling, Pooling
from glassnet.layers.transposed_convolution import TransposedConvolution

_EPSILON = 1e-5  # of PyTorch's normalization layers, by default


def require_torch_defaults(calls: Iterable[Call]) -> None:
    """Raise for an epsilon or a padding that PyTorch's layers don't have by themselves."""
    doubts = []
    for place, layer, value in calls:
        if doubt := _epsilon(layer) or _padding(layer, value.shape):
            doubts.append((place, *doubt))
    if doubts:
        place, what, fix = doubts[0]
        more = len({name for name, *_ in doubts}) - 1
        others = f" So do {more} other layers, or similarly." if more else ""
        raise GlassnetError(
            f"{what}; the file doesn't say which its network has.{others}",
            where=f"layer {place!r}",
            fix=f"{fix}; if the file's network is as this one is built, pass as_built=True.",
        )


def _epsilon(layer: Any) -> tuple[str, str] | None:
    if not isinstance(layer, NORMALIZATIONS) or layer.epsilon == _EPSILON:
        return None
    return (
        f"has epsilon {layer.epsilon:g}, PyTorch's layers {_EPSILON:g} by default",
        f"Build it with epsilon={_EPSILON:g}",
    )


def _padding(layer: Any, shape: Shape) -> tuple[str, str] | None:
    if not isinstance(layer, Convolving | Pooling) or layer.padding != "same":
        return None
    strided = max(layer.windows.strides) > 1
    if isinstance(layer, TransposedConvolution):
        differs = strided
    else:
        widths = layer.windows.widths(shape[:-1])
        differs = strided and any(before != after for before, after in widths)
        if isinstance(layer, AveragePooling):  # PyTorch's mean counts the zeros
            differs = any(before + after for before, after in widths)
    if not differs:
        return None
    return (
        "pads as Keras does ('same'), PyTorch's layers equally on both sides",
        "Put ZeroPadding before it, and build it with padding='valid'",
    )
