"""Refusing networks of which Keras would compute something different from glassnet.

In Keras, a sum has a mask only if all its terms have one, and MultiHeadAttention removes the mask
from the tensor that it is called on, before other layers see it. Its Multiply, Maximum and Minimum
take masks of sequences (steps, features) only, and none that a call passes. RMSNormalization
applies its scale along the last axes, whichever it normalizes. Its sparsemax doesn't sum to 1.
"""

from dataclasses import dataclass, field
from typing import Any

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.interop.keras.building.backends import PERMUTE, is_last, on_backend
from glassnet.interop.keras.reading.foreign import SPARSEMAX
from glassnet.interop.keras.reading.version import (
    KERAS_3,
    MERGES_KEEP_MASKS,
    NEWER,
    NEWEST,
    Version,
)
from glassnet.layers import (
    AdditiveAttention,
    AttachMask,
    Attention,
    Bidirectional,
    CategoryEncoding,
    Concatenate,
    GlobalAveragePooling1D,
    Layer,
    Masking,
    Maximum,
    Minimum,
    MultiHeadAttention,
    Multiply,
    PositionEmbedding,
    RMSNormalization,
    Softmax,
    TimeDistributed,
)
from glassnet.layers.base import Shape
from glassnet.layers.masks import Masked, makes_mask, output_masked
from glassnet.layers.merging import Merge
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.shapes import infer_shape, input_shapes, one_or_tuple


@dataclass(frozen=True)
class _Value:
    """A value between layers: its shape, whether it has a padding mask, this is one that a call
    passes, or one that the Keras that wrote the file loses; the layers that take it.
    """

    shape: Shape
    masked: bool = False
    attached: bool = False
    lost: bool = False
    takers: list[Layer] = field(default_factory=list)


def require_the_same(
    network: Layer,
    shape: Shape,
    backend: str | None = None,
    dtype: str = "float32",
    version: Version = NEWEST,
) -> None:
    """Raise if Keras would compute something different, on this backend or on all backends.

    Sums and concatenations have other masks in Keras 2, and none before Keras 3.4.
    """
    attentions: list[tuple[str, _Value]] = []

    def visit(path: str, layer: Layer, x: Any) -> _Value:
        values = as_tuple(x)
        inputs, masked = one_or_tuple([v.shape for v in values]), tuple(v.masked for v in values)
        if difference := _difference(layer, inputs, masked, backend, dtype):
            what, fix = difference
            raise GlassnetError(what, where=f"layer {path!r}: {type(layer).__name__}", fix=fix)
        if isinstance(layer, _MERGED) and any(value.attached for value in values):
            raise GlassnetError(
                "Keras's layer takes no mask that a call passes.",
                where=f"layer {path!r}: {type(layer).__name__}",
                fix="Mask its inputs by their values: Masking(), or Embedding(mask_zero=True).",
            )
        if older := _older(layer, values, version):
            where = f"layer {path!r}: {type(layer).__name__}"
            raise GlassnetError(older, where=where, fix=NEWER)
        for value in {id(value): value for value in values}.values():
            value.takers.append(layer)
            if isinstance(layer, MultiHeadAttention):
                attentions.append((path, value))
        if isinstance(layer, TimeDistributed):
            step = _Value(layer.shapes(inputs)[0], masked[0], lost=values[0].lost)
            layer.layer.trace(step, visit, join_path(path, "layer"))
        shapes = layer.outputs_of(infer_shape(layer, path, inputs))
        first, *others = shapes
        has_mask = output_masked(layer, masked)
        passed = any(value.attached for value in values) and not isinstance(layer, _READERS)
        attached = has_mask and (passed or isinstance(layer, AttachMask))
        merged = version < MERGES_KEEP_MASKS and isinstance(layer, Merge | Concatenate)
        lost = merged or any(value.lost for value in values)
        lost = has_mask and lost and not isinstance(layer, Masking | AttachMask)
        return one_or_tuple([_Value(first, has_mask, attached, lost), *map(_Value, others)])

    network.trace(one_or_tuple([_Value(size) for size in input_shapes(shape)]), visit)
    if not makes_mask(network):
        return
    for path, layer in network.walk():
        if isinstance(layer, PositionEmbedding) and "/" in path:
            raise GlassnetError(
                "Keras would lose the padding mask here.",
                where=f"layer {path!r}: PositionEmbedding",
                fix="Put it in the outer network.",
            )
    for path, value in attentions:
        if len(value.takers) > 1:
            raise GlassnetError(
                "Keras's MultiHeadAttention takes the padding mask away from other layers with the "
                "same input.",
                where=f"layer {path!r}",
                fix="Put a LayerNormalization before it, on its branch alone.",
            )


def _difference(
    layer: Layer, shape: Shape, masked: Masked, backend: str | None, dtype: str
) -> tuple[str, str] | None:
    """Return (what Keras would do differently in a call of this layer, how to fix it), or None."""
    if isinstance(layer, _MERGED) and any(masked) and len(input_shapes(shape)[0]) != 2:
        fix = "Reshape its inputs to (steps, features)."
        return "Keras can't leave the padding of these shapes out of its values.", fix
    if "sparsemax" in (vars(layer).get("activation"), vars(layer).get("recurrent_activation")):
        return SPARSEMAX
    if isinstance(layer, RMSNormalization) and not is_last(layer.axis, shape):
        return "Keras would apply its scale along the last axes.", PERMUTE
    return on_backend(layer, input_shapes(shape)[0], backend, dtype)


def _older(layer: Layer, values: tuple[_Value, ...], version: Version) -> str | None:
    """Return what the Keras that wrote a file computes differently from Keras 3.15, or None."""
    if version >= MERGES_KEEP_MASKS:
        return None
    masked, name = any(value.masked for value in values), "Keras {}.{}".format(*version)
    if masked and version < KERAS_3 and isinstance(layer, Merge | Concatenate):
        return "merges padded sequences: Keras 2, where this file is from, has another mask here."
    if masked and isinstance(layer, _MERGED):
        return f"{name}, where this file is from, doesn't leave the padding out of the values."
    if isinstance(layer, _USERS) and any(value.lost for value in values):
        return f"has an input whose padding mask {name}, where this file is from, loses at a merge."
    one_hot = isinstance(layer, CategoryEncoding) and layer.output_mode == "one_hot"
    if one_hot and version >= KERAS_3:
        return f"has another output shape in {name}, where this file is from."
    return None


_MERGED = (Multiply, Maximum, Minimum)  # they leave padding out of their values
_READERS = (Recurrent, Bidirectional)  # Keras masks their outputs with the mask that they get
_USERS = (  # their outputs depend on the padding mask
    *_READERS, AdditiveAttention, Attention, GlobalAveragePooling1D, MultiHeadAttention, Softmax,
    TimeDistributed,
)  # fmt: skip
