"""The same network: every layer, activation and initializer."""

from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.core import registry
from glassnet.core.arrays import map_arrays
from glassnet.core.trees import items
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.building.model import find_variable
from glassnet.interop.keras.running.compare_layer import draws, options, upstream
from glassnet.layers import INFERENCE, CallContext, Discretization, Layer, Sequential, initializers
from glassnet.ops.activations import ACTIVATIONS, silu
from glassnet.verify.cases import LAYERS, Case
from tests.interop.keras.on_backend import BACKEND, comparable, derivatives, outputs, pairs, rows

FORWARD = {"float32": 1e-5, "float64": 1e-9}
INEXACT = {  # also in double precision
    ("tensorflow", "gelu"): "has a constant of single precision",
    ("tensorflow", "leaky_relu"): "has its slope in single precision",
    ("torch", "softplus"): "is x from 20 on",
    ("jax", "MultiHeadAttention"): "has a softmax of single precision",
    ("tensorflow", "MultiHeadAttention"): "has its scale in single precision",
    ("tensorflow", "bilinear"): "enlarges in single precision",
    ("tensorflow", "bicubic"): "enlarges in single precision",
}
NAMES = {name for _, name in INEXACT}


every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.mark.parametrize(
    ("case", "dtype"),
    [(case, dtype) for dtype in FORWARD for case in LAYERS if comparable(case, dtype)],
    ids=str,
)
def test_layers_say_the_same_and_have_the_same_gradients(case: Case, dtype: str) -> None:
    layer, (x, params) = case.subject, case.cast(dtype).arguments
    shape = map_arrays(lambda a: a.shape[1:], x)
    model = bridge.to_keras(layer, shape, params, dtype)
    back = dict(items(bridge.weights_from(model, layer, shape)))
    assert list(back) == [path for path, _ in items(params)]
    for path, value in items(params):
        assert back[path].dtype == dtype
        np.testing.assert_array_equal(back[path], np.floor(value) if "count" in path else value)

    given = case.constants.get("context", INFERENCE)
    call = CallContext(given.training and not draws(layer, params, x), mask=given.mask, masks=[])
    expected, pullback = layer.forward(params, x, call)
    dy, real = upstream(expected, layer.mask_after(x, call))
    rough = "BatchNormalization-mask" in str(case)  # of which Keras counts steps in float32
    for found, wanted in pairs(outputs(model, x, dtype, **options(call)), expected):
        assert found.dtype == ("int32" if isinstance(layer, Discretization) else dtype)
        assert_close(found[real], wanted[real], layer, dtype, rough)
    if isinstance(layer, Discretization):  # integers have no gradient
        return
    x = map_arrays(lambda a: a.astype(dtype), x)  # whole numbers, too
    dx, grads = pullback(dy)
    dx_keras, found = derivatives(model, x, dy, **options(call))
    for one, wanted in pairs(dx_keras, dx):
        if wanted is not None:
            assert_close(np.zeros_like(wanted) if one is None else one, wanted, layer, dtype, rough)
    for path, wanted in items(grads):
        one = found[id(find_variable(model, path)[1])]  # None of a layer whose values end nowhere
        assert_close(np.zeros_like(wanted) if one is None else one, wanted, layer, dtype, rough)


def assert_close(found: Any, wanted: Any, layer: Layer, dtype: str, rough: bool) -> None:
    """Equal to within rounding, relative to the largest."""
    rough |= any((BACKEND, name) in INEXACT and name in str(layer) for name in NAMES)
    most = 1e-5 if rough and dtype == "float64" else FORWARD[dtype]
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=most * scale)


@every_dtype
@pytest.mark.parametrize("name", sorted({*ACTIVATIONS} - {"sparsemax"}))  # wrong in Keras
def test_activations_say_the_same(name: str, dtype: str) -> None:
    x = np.concatenate([rows(50, 4) * 3, rows(20, 4) * 50, np.zeros((1, 4))]).astype(dtype)
    x = np.clip(x, -80, 80) if name == "exponential" else x  # beyond, it is infinite
    model = bridge.to_keras(g.Activation(name), (4,), {}, dtype)
    if name == "squareplus" and dtype == "float32":  # Keras's cancels below 0
        x = x[(x > -20).all(axis=1)]
    rtol = 1e-5 if dtype == "float32" or (BACKEND, name) in INEXACT else 1e-12
    np.testing.assert_allclose(
        outputs(model, x, dtype), ACTIVATIONS[name](x)[0], atol=FORWARD[dtype] / 10, rtol=rtol
    )


def test_a_feature_that_never_changes_is_only_centred() -> None:
    layer = g.Normalization()
    params, _ = layer.init(np.random.default_rng(0), (2,))
    params = layer.adapted(params, lambda: [np.array([[1.0, 5.0], [3.0, 5.0]])])
    model = bridge.to_keras(layer, (2,), params)
    np.testing.assert_allclose(outputs(model, np.array([[3.0, 7.0]], "f4"), "float32"), [[1, 2]])


@pytest.mark.parametrize("name", [*registry.names("initializer"), *registry.classes("initializer")])
def test_initializers_are_known(name: str) -> None:
    known = registry.classes("initializer")
    chosen = known[name]() if name in known else name
    network = g.Dense(4, kernel_initializer=chosen)
    model = bridge.to_keras(network, (4,), network.init(np.random.default_rng(0), (4,))[0])
    found = keras.initializers.serialize(model.layers[0].kernel_initializer)["config"]
    wanted = registry.describe(initializers.get(chosen))
    assert all(wanted[key] == found[key] for key in wanted.keys() & found.keys())


def test_a_layer_that_keras_lacks_is_named() -> None:
    class Strange(Layer):
        pass

    with pytest.raises(g.GlassnetError, match=r"layer 'odd': .*can't build Strange"):
        bridge.to_keras(Sequential((Strange(name="odd"),)), (4,), {})
    with pytest.raises(g.GlassnetError, match="doesn't accept this name"):
        bridge.to_keras(Sequential((g.Flatten(name="été"),)), (4,), {})


def test_a_function_of_ones_own_is_refused() -> None:
    with pytest.raises(g.GlassnetError, match="silu: is your own, so Keras doesn't know it"):
        bridge.to_keras(g.layers.Lambda(silu), (4,), {})


def test_a_network_that_keras_computes_otherwise_is_refused() -> None:
    L = g.layers
    words, attention = L.Embedding(9, 4, mask_zero=True), L.MultiHeadAttention(2, 2)
    after = Sequential((words, L.Residual((attention,)), L.GRU(3)))
    inside = Sequential((words, Sequential((L.PositionEmbedding(6), g.Dense(4))), L.GRU(3)))
    refused = [(after, "takes the padding mask away"), (inside, "lose the padding mask")]
    refused.append((Sequential((L.RMSNormalization(axis=1),)), "along the last axes"))
    if BACKEND == "torch":
        pool = L.AveragePooling1D(2, padding="same")
        deep = (L.Reshape((1, 6, 4)), L.TimeDistributed(pool))
        refused += [(Sequential(layers), "padding as zeros") for layers in ((pool,), deep)]
        refused.append((Sequential((L.LayerNormalization(axis=1),)), "along the last axes"))
    for network, what in refused:
        shape = (6,) if network.layers[0] is words else (6, 4)
        params, _ = network.init(np.random.default_rng(0), shape)
        with pytest.raises(g.GlassnetError, match=what):
            bridge.to_keras(network, shape, params)


def test_layers_keep_their_names_where_keras_joins_masks() -> None:
    L = g.layers
    tokens = L.Input((6,))
    x = L.Embedding(5, 4, mask_zero=True)(tokens)
    for number in range(3):
        x = L.Concatenate(name=f"concatenate_{number}" if number else None)(x, L.Dense(2)(x))
    network = L.Graph.between(tokens, L.GRU(3)(x))
    params, _ = network.init(np.random.default_rng(0), (6,))
    keras.backend.clear_session()  # its counter restarts, as in a new process
    model = bridge.to_keras(network, (6,), params)
    numbers = np.arange(12).reshape(2, 6) % 5
    expected = network.forward(params, numbers)[0]
    np.testing.assert_allclose(outputs(model, numbers, "float32"), expected, atol=1e-5)
