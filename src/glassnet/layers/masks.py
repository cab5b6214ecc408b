"""Which values of a network have a padding mask."""

from typing import Any

from glassnet.layers.attention import MultiHeadAttention
from glassnet.layers.base import Layer
from glassnet.layers.bidirectional import Bidirectional
from glassnet.layers.embedding import Embedding
from glassnet.layers.masking import AttachMask, Masking
from glassnet.layers.merging import Concatenate, Merge
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.single_head_attention import AdditiveAttention, Attention

Masked = tuple[bool, ...]  # which of a layer's inputs have a padding mask


def makes_mask(network: Layer) -> bool:
    """True if a layer inside creates a padding mask."""
    return any(_creates_mask(layer) for _, layer in network.walk())


def output_masked(layer: Layer, masked: Masked) -> bool:
    """True if the layer's output has a padding mask."""
    if isinstance(layer, Masking | Embedding | AttachMask):
        return _creates_mask(layer)
    if isinstance(layer, MultiHeadAttention | Attention | AdditiveAttention):
        return masked[0]
    if isinstance(layer, Recurrent | Bidirectional):
        masked = masked[:1]
    if isinstance(layer, Concatenate):
        return any(masked)
    return all(masked) and (isinstance(layer, Merge) or layer.output_mask(_MASK, _MASK) is _MASK)


def _creates_mask(layer: Layer) -> bool:
    return isinstance(layer, Masking | AttachMask) or (
        isinstance(layer, Embedding) and layer.mask_zero
    )


_MASK: Any = object()  # stands for any mask: layers return it unchanged, or None
