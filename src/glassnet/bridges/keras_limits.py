"""Where Keras would compute something else than we do: refused by name.

The mask of a sum is there only if all its parts have one, and MultiHeadAttention takes the mask off
the very tensor that it is called on, before anybody else sees it. On PyTorch, padded averages count
the padding on the side where there is more of it.
"""

from collections import Counter

from glassnet.bridges.keras_backend import backend
from glassnet.errors import GlassnetError
from glassnet.layers import (
    AveragePooling1D,
    AveragePooling2D,
    Embedding,
    Graph,
    Layer,
    Masking,
    MultiHeadAttention,
    PositionEmbedding,
    Residual,
)


def require_the_same(network: Layer) -> None:
    """Raise if Keras would compute something else of this network."""
    for path, layer in network.walk() if backend() == "torch" else ():
        if isinstance(layer, AveragePooling1D | AveragePooling2D) and layer.padding == "same":
            raise GlassnetError(
                "on PyTorch, Keras counts padding as zeros here.",
                where=f"layer {path!r}: {type(layer).__name__}",
                fix='Use another backend, or padding="valid".',
            )
    if not makes_mask(network):
        return
    for path, layer in network.walk():
        if isinstance(layer, PositionEmbedding) and "/" in path:
            raise GlassnetError(
                "Keras would lose the padding mask here.",
                where=f"layer {path!r}: PositionEmbedding",
                fix="Put it in the outer network.",
            )
        if _attends_before_others(layer):
            raise GlassnetError(
                "Keras's MultiHeadAttention takes the padding mask away from what else uses its "
                "input.",
                where=f"layer {path!r}",
                fix="Put a LayerNormalization before it, on its branch alone.",
            )


def _attends_before_others(layer: Layer) -> bool:
    """Whether an attention layer shares its input with another layer."""
    if isinstance(layer, Residual):
        return isinstance(layer.layers[0] if layer.layers else None, MultiHeadAttention)
    if not isinstance(layer, Graph):
        return False
    calls = [(inner, set(sources)) for _, inner, _, sources in layer.calls]
    uses = Counter(source for _, sources in calls for source in sources)
    attending = (sources for inner, sources in calls if isinstance(inner, MultiHeadAttention))
    return any(uses[source] > 1 for sources in attending for source in sources)


def makes_mask(network: Layer) -> bool:
    """Whether a layer inside marks padding."""
    return any(
        isinstance(layer, Masking) or (isinstance(layer, Embedding) and layer.mask_zero)
        for _, layer in network.walk()
    )
