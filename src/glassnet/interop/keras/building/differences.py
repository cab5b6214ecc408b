"""Where Keras would compute something else than we do: refused by name.

The mask of a sum is there only if all its parts have one, and MultiHeadAttention takes the mask off
the very tensor that it is called on, before anybody else sees it. Multiply and Maximum leave
padding out of their values. RMSNormalization lays its scale along the last axes, wherever it
normalizes; on PyTorch LayerNormalization does so, too, and padded averages count the padding on the
side where there is more of it.
"""

from collections import Counter
from collections.abc import Generator
from itertools import chain
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.layers import (
    AveragePooling1D,
    AveragePooling2D,
    Concatenate,
    Embedding,
    Graph,
    Layer,
    LayerNormalization,
    Masking,
    Maximum,
    MultiHeadAttention,
    Multiply,
    PositionEmbedding,
    Residual,
    RMSNormalization,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.base import Shape, input_shapes
from glassnet.layers.graph import select
from glassnet.layers.merging import Merge

Masked = tuple[bool, ...]  # which of a layer's inputs have a padding mask


def require_the_same(network: Layer, shape: Shape, backend: str | None = None) -> None:
    """Raise if Keras would compute something else of this network: on this backend, or on any."""
    nowhere = (False,) * len(input_shapes(shape))
    for path, layer, given, masked in _calls(network, shape, nowhere):
        if difference := _difference(layer, given, masked, backend):
            what, fix = difference
            raise GlassnetError(what, where=f"layer {path!r}: {type(layer).__name__}", fix=fix)
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


def _difference(
    layer: Layer, shape: Shape, masked: Masked, backend: str | None
) -> tuple[str, str] | None:
    """What Keras would do otherwise in a call of this layer, and what helps."""
    if isinstance(layer, Multiply | Maximum) and any(masked):
        return "Keras would leave padding out of its values.", "Give it inputs without a mask."
    if isinstance(layer, RMSNormalization) and not _is_last(layer.axis, shape):
        return "Keras would lay its scale along the last axes.", _PERMUTE
    if backend != "torch":
        return None
    if isinstance(layer, LayerNormalization) and not _is_last(layer.axis, shape):
        axes = sorted(_axes(layer.axis))
        if axes == list(range(axes[0], axes[0] + len(axes))):  # for others it has its own formula
            return "on PyTorch, Keras would normalize along the last axes.", _PERMUTE
    if isinstance(layer, AveragePooling1D | AveragePooling2D) and layer.padding == "same":
        fix = 'Use another backend, or padding="valid".'
        return "on PyTorch, Keras counts padding as zeros here.", fix
    return None


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
    return any(_begins(layer) for _, layer in network.walk())


def _calls(
    layer: Layer, shape: Shape, masked: Masked, path: str = ""
) -> Generator[tuple[str, Layer, Shape, Masked], None, Masked]:
    """Each call of a layer with the shape that it gets and whether padding is marked in it; returns
    whether it is in what the layer makes.
    """
    yield path, layer, shape, masked
    if isinstance(layer, Sequential):
        for (name, inner), given in zip(layer.parts, layer.shapes(shape), strict=False):
            masked = yield from _calls(inner, given, masked, join_path(path, name))
        return masked
    if isinstance(layer, Residual):
        ends: list[bool] = []
        for name, inner in layer.parts:
            ends += yield from _calls(inner, shape, masked, join_path(path, name))
        return (all(ends),)
    if isinstance(layer, Graph):
        shapes = layer.shapes(shape)
        values: list[Masked] = [(one,) for one in masked]
        for name, inner, _, sources in layer.calls:
            marked = tuple(chain.from_iterable(values[n] for n in sources))
            given = select(shapes, sources)
            values.append((yield from _calls(inner, given, marked, join_path(path, name))))
        return tuple(chain.from_iterable(values[n] for n in layer.outputs))
    if isinstance(layer, TimeDistributed):
        yield from _calls(layer.layer, shape[1:], masked, join_path(path, "layer"))
    return (_marks(layer, masked),)


def _marks(layer: Layer, masked: Masked) -> bool:
    """Whether padding is marked in what a layer makes."""
    if isinstance(layer, Masking | Embedding):
        return _begins(layer)
    if isinstance(layer, MultiHeadAttention):
        return masked[0]
    if isinstance(layer, Concatenate):
        return any(masked)
    return all(masked) and (isinstance(layer, Merge) or layer.output_mask(_MASK, _MASK) is _MASK)


def _begins(layer: Layer) -> bool:
    return isinstance(layer, Masking) or (isinstance(layer, Embedding) and layer.mask_zero)


def _is_last(axis: int | tuple[int, ...], shape: Shape) -> bool:
    axes, rank = _axes(axis), len(shape) + 1
    return sorted(one % rank for one in axes) == list(range(rank - len(axes), rank))


def _axes(axis: int | tuple[int, ...]) -> tuple[int, ...]:
    return (axis,) if isinstance(axis, int) else axis


_MASK: Any = object()  # that a layer hands on or not
_PERMUTE = "Put a Permute before it, so that its axes are the last."
