"""Rescaling and Normalization, against NumPy and scikit-learn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from glassnet.core.errors import GlassnetError
from glassnet.layers import CallContext, Dense, Normalization, Rescaling, Sequential

BYTES = np.random.default_rng(0).integers(0, 256, (5000, 3, 4), np.uint8)


def blocks_of(x: np.ndarray, size: int = 64):  # type: ignore[no-untyped-def]
    return lambda: (x[i : i + size] for i in range(0, len(x), size))


def adapted(x: np.ndarray, dtype: str = "float64", **options):  # type: ignore[no-untyped-def]
    layer = Normalization(**options)
    params, _ = layer.init(np.random.default_rng(0), x.shape[1:], dtype)
    return layer, layer.adapted(params, blocks_of(x))


def test_rescaling_fitted_gives_mean_0_and_deviation_1() -> None:
    y, _ = Rescaling.fitted(BYTES).forward({}, BYTES.astype(np.float64))
    assert y.mean() == pytest.approx(0, abs=1e-12)
    assert y.std() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("value", [0, 7, 0.1, 1e6 + 0.1])
def test_constant_data_are_only_centred(value: float) -> None:
    rescaling = Rescaling.fitted(np.full((5000, 2), value))
    assert rescaling.scale == 1
    assert rescaling.offset == pytest.approx(-value)


def test_rescaling_needs_data() -> None:
    with pytest.raises(GlassnetError, match="no data"):
        Rescaling.fitted(np.zeros((0, 2)))


def test_a_numpy_number_keeps_single_precision() -> None:
    layer = Rescaling(np.float64(0.5), np.float64(1.0))
    y, pullback = layer.forward({}, np.ones((2, 2), np.float32))
    assert y.dtype == pullback(y)[0].dtype == np.float32


@pytest.mark.parametrize(
    ("axis", "over", "kept"),
    [
        (-1, (0, 1), (4,)),
        (-2, (0, 2), (3,)),
        (1, (0, 2), (3,)),
        (2, (0, 1), (4,)),
        (None, None, ()),
    ],
)
def test_moments_are_numpy_s_whatever_the_axis(
    axis: int | None, over: tuple[int, ...] | None, kept: tuple[int, ...]
) -> None:
    layer, params = adapted(BYTES, axis=axis)
    assert params["mean"].shape == params["variance"].shape == kept
    np.testing.assert_allclose(params["mean"], BYTES.mean(axis=over), rtol=1e-12)
    np.testing.assert_allclose(params["variance"], BYTES.var(axis=over), rtol=1e-12)
    assert params["count"] == len(BYTES)
    y, _ = layer.forward(params, BYTES.astype(np.float64))
    np.testing.assert_allclose(y.mean(axis=over), np.zeros(kept), atol=1e-12)
    np.testing.assert_allclose(y.std(axis=over), np.ones(kept), rtol=1e-12)


@given(
    rows=st.integers(2, 300),
    size=st.integers(1, 100),
    offset=st.floats(-1e6, 1e6),
    scale=st.floats(1e-3, 1e3),
)
def test_blocks_of_any_size_give_what_the_whole_gives(
    rows: int, size: int, offset: float, scale: float
) -> None:
    x = offset + scale * np.random.default_rng(rows).standard_normal((rows, 3))
    layer = Normalization()
    params = layer.adapted(
        layer.init(np.random.default_rng(0), (3,), "float64")[0], blocks_of(x, size)
    )
    np.testing.assert_allclose(params["mean"], x.mean(axis=0), rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(params["variance"], x.var(axis=0), rtol=1e-6)


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, 1e6 + 0.1, -1e-9])
def test_like_scikit_learn_s_standard_scaler(constant: float) -> None:
    x = np.random.default_rng(1).standard_normal((1797, 3)) * [1, 1e-6, 1e6] + [0, 1, 1e7]
    x = np.column_stack([x, np.full(len(x), constant)])
    layer, params = adapted(x)
    y, _ = layer.forward(params, x)
    np.testing.assert_allclose(y, StandardScaler().fit_transform(x), rtol=1e-6, atol=1e-6)


def test_fitted_once_and_left_alone_by_training() -> None:
    layer, params = adapted(BYTES.reshape(5000, 12), "float32")
    assert layer.adapted(params, blocks_of(np.zeros((5, 12)))) is params
    assert {leaf.dtype.name for leaf in params.values()} == {"float32"}
    assert not any(weight.trainable for weight in layer.weights((12,)).values())
    x = np.ones((2, 12), np.float32)
    assert layer.forward(params, x, CallContext(training=True))[1](x)[1] == {}


def test_inside_a_network_it_is_fitted_to_what_it_gets() -> None:
    x = np.random.default_rng(0).standard_normal((500, 3))
    network = Sequential((Dense(4, "tanh"), Normalization()))
    params, _ = network.init(np.random.default_rng(0), (3,), "float64")
    y, _ = network.forward(network.adapted(params, blocks_of(x)), x)
    np.testing.assert_allclose(y.mean(axis=0), np.zeros(4), atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), np.ones(4))


@pytest.mark.parametrize(("axis", "shape"), [(0, (3,)), (2, (3,)), (-2, (3,)), (-1, ())])
def test_an_axis_that_is_not_there_is_refused(axis: int, shape: tuple[int, ...]) -> None:
    with pytest.raises(GlassnetError, match=f"axis {axis} is not an axis of examples"):
        Normalization(axis).init(np.random.default_rng(0), shape)


def test_adapt_fits_the_layer_before_it_is_in_a_model() -> None:
    x, layer = np.array([[1.0, 2.0], [3.0, 6.0]]), Normalization()
    layer.adapt(x[:1])
    layer.adapt(x)  # which starts again
    assert [weight.tolist() for weight in layer.get_weights()] == [[2, 4], [1, 4], 2]
    np.testing.assert_allclose(layer(x), [[-1, -1], [1, 1]])


@pytest.mark.parametrize("data", [[1, 2], iter([np.ones((2, 3))]), np.full((2, 2), np.nan)])
def test_adapt_takes_one_array_of_examples(data: Any) -> None:
    with pytest.raises(GlassnetError, match="leave the call out: fit fits mean and variance"):
        Normalization().adapt(data)
