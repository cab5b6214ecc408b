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


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        (L.GRU(3), "padding mask Keras 3.3, where this file is from, loses at a merge"),
        (L.Sequential((L.Dropout(0.1), L.Bidirectional(L.LSTM(2)))), "bidirectional"),
        (L.GlobalAveragePooling1D(), "global_average_pooling1d"),
        (L.TimeDistributed(L.Dense(2)), "time_distributed"),
        (L.Dense(2), None),
        (L.Sequential((L.Masking(), L.GRU(3))), None),  # a mask of its own
        (L.Sequential((L.Conv1D(3, 2), L.GlobalAveragePooling1D())), None),
    ],
)
def test_before_keras_3_4_masks_end_at_merges(layer: L.Layer, what: str | None) -> None:
    x = L.Input((6,))
    h = WORDS(x)
    network = L.Graph.between(x, layer(L.Add()(h, L.Dense(4)(h))))
    require_the_same(network, (6,), version=(3, 4))
    if what is None:
        return require_the_same(network, (6,), version=(3, 3))
    with pytest.raises(GlassnetError, match=what):
        require_the_same(network, (6,), version=(3, 3))
    return None


def test_other_values_of_older_kerases_are_refused() -> None:
    with pytest.raises(GlassnetError, match=r"multiply.*Keras 3\.0.* leave the padding out"):
        require_the_same(joined(L.Multiply()), (6,), version=(3, 0))
    with pytest.raises(GlassnetError, match="padded sequences: Keras 2"):
        require_the_same(joined(L.Add()), (6,), version=(2, 15))
    one_hot = L.Sequential((L.CategoryEncoding(4, "one_hot"),))
    for version in ((2, 15), (3, 4)):
        require_the_same(one_hot, (1,), version=version)
    with pytest.raises(GlassnetError, match=r"another output shape in Keras 3\.1"):
        require_the_same(one_hot, (1,), version=(3, 1))
