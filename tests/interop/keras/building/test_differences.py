"""What Keras computes otherwise, found without Keras."""

import pytest

import glassnet as g
from glassnet import GlassnetError
from glassnet.interop.keras.building.differences import require_the_same

L = g.layers
WORDS = L.Embedding(9, 4, mask_zero=True)


def joined(join: L.Layer, *before: L.Layer) -> L.Layer:
    """Words, and what a Dense layer makes of them, joined."""
    x = L.Input((6,))
    h = WORDS(x)
    for layer in before:
        h = layer(h)
    return L.Graph.between(x, L.Dense(2)(join(h, L.Dense(h.shape[-1])(h))))


@pytest.mark.parametrize("join", [L.Multiply(), L.Maximum()])
def test_masks_that_keras_can_t_apply_to_values_are_refused(join: L.Layer) -> None:
    with pytest.raises(GlassnetError, match="can't leave the padding of these shapes out"):
        require_the_same(pair(join, (6, 3, 2)), (6, 3, 2))
    inside = L.Sequential((L.Sequential((L.Masking(),)), pair(join, (6, 3, 2))))
    with pytest.raises(GlassnetError, match="graph/joined"):
        require_the_same(inside, (6, 3, 2))
    require_the_same(pair(join, (6, 3)), (6, 3))
    require_the_same(joined(join), (6,))
    for pooled in (L.GRU(3), L.Conv1D(3, 2), L.GlobalAveragePooling1D()):
        require_the_same(joined(join, pooled), (6,))


def pair(join: L.Layer, shape: tuple[int, ...]) -> L.Layer:
    """A network that masks its input and joins it with itself, after a branch that keeps masks."""
    x = L.Input(shape)
    masked = L.Masking()(x)
    h = L.Residual((L.Dense(shape[-1]),))(masked)
    return L.Graph.between(x, type(join)(name="joined")(h, masked))


@pytest.mark.parametrize("join", [L.Add(), L.Subtract(), L.Average(), L.Concatenate()])
def test_other_joins_are_the_same(join: L.Layer) -> None:
    require_the_same(joined(join), (6,))


def test_a_join_of_one_mask_is_refused_after_others_too() -> None:
    x, y = L.Input((6, 2, 4)), L.Input((6, 2, 4))
    both = L.Concatenate(axis=1)(L.Masking()(x), y)
    network = L.Graph.between([x, y], L.Multiply()(both, L.Dense(4)(both)))
    with pytest.raises(GlassnetError, match="multiply"):
        require_the_same(network, ((6, 2, 4), (6, 2, 4)))
    added = L.Add()(L.Masking()(x), y)  # has none, as in Keras
    network = L.Graph.between([x, y], L.Multiply()(added, y))
    require_the_same(network, ((6, 2, 4), (6, 2, 4)))


@pytest.mark.parametrize(("axis", "last"), [(-1, 1), (3, 1), ((3, 2), 1), (1, 0), ((1, 3), 0)])
def test_rms_normalization_is_the_same_along_the_last_axes(
    axis: int | tuple[int, ...], last: bool
) -> None:
    layer = L.TimeDistributed(L.Sequential((L.RMSNormalization(axis),)))
    if last:
        return require_the_same(layer, (5, 4, 3, 2))
    with pytest.raises(GlassnetError, match=r"layer/rms_normalization.*along the last axes"):
        require_the_same(layer, (5, 4, 3, 2))


TORCH = {
    "layer/average_pooling1d": L.TimeDistributed(
        L.Sequential((L.AveragePooling1D(2, padding="same"),))
    ),
    "counts padding": L.AveragePooling2D(2, padding="same"),
    "normalize along the last axes": L.LayerNormalization(axis=1),
    "would normalize": L.LayerNormalization(axis=(2, 1)),
}


@pytest.mark.parametrize("what", TORCH)
def test_what_is_other_on_pytorch_alone_is_refused_there(what: str) -> None:
    require_the_same(TORCH[what], (4, 3, 2), "jax")
    with pytest.raises(GlassnetError, match=what):
        require_the_same(TORCH[what], (4, 3, 2), "torch")


@pytest.mark.parametrize("axis", [-1, 3, (3, 2), (3, 1), (-1, 1)])
def test_layer_normalization_elsewhere_is_the_same_on_pytorch(axis: int | tuple[int, ...]) -> None:
    require_the_same(L.LayerNormalization(axis), (4, 3, 2), "torch")
