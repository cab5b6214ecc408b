"""Embeddings and multiple inputs are explained exactly: by first principles, JAX and Keras."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import GlassnetError, Model, explain_example
from glassnet.explain import Question, explain
from glassnet.explain.integrated import integrated_gradients
from glassnet.explain.lifting import Lifted, Lifting
from glassnet.explain.methods import score_at
from glassnet.explain.score import score_of
from glassnet.layers import (
    CategoryEmbedding,
    CategoryEncoding,
    Concatenate,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Permute,
    PiecewiseLinearEncoding,
    Reshape,
    Sequential,
)
from glassnet.layers.functional import Input
from glassnet.layers.graph import Graph

RNG = np.random.default_rng(0)
IDS = np.array([3, 4, 4, 7, 0, 0])


def values_of(model: Model, question: Question, method: str | None = None) -> Any:
    return explain(model.network, model.params, question, method, dtype="float64").values


def mixed(activation: str | None) -> Model:
    """A network of three numbers, one of them a category, a text and an image."""
    table, text, image = Input((3,)), Input((6,)), Input((4, 4, 2))
    parts = [
        Sequential((
            PiecewiseLinearEncoding((0,), ((-1.0, 0.0, 1.0),), 0.5),
            CategoryEmbedding((1,), (40,), (5,)),
            Dense(4, activation),
        ))(table),
        Sequential((Embedding(9, 4, mask_zero=True), GlobalAveragePooling1D()))(text),
        Sequential((Conv2D(3, 2, activation=activation), Flatten()))(image),
    ]  # fmt: skip
    h = Dense(6, activation)(Concatenate()(*parts))
    network = Graph.between([table, text, image], Dense(2)(h))
    model = Model(network, seed=2, dtype="float64")
    model.build([(3,), (6,), (4, 4, 2)])
    return model


def example(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, 9, 6)
    ids[rng.integers(1, 7) :] = 0
    return np.array([rng.normal(), rng.integers(40), rng.normal()]), ids, rng.normal(size=(4, 4, 2))


def test_of_a_linear_network_it_is_weight_times_difference() -> None:
    """φₜ = (E[xₜ] · w) / n of the n tokens that are not padding, whose baseline is 0."""
    network = [Embedding(9, 4, mask_zero=True), GlobalAveragePooling1D(), Dense(3)]
    model = Model(network, input_shape=(6,), seed=1, dtype="float64")
    table, kernel = (model.params[layer][name] for layer, name in
                     (("embedding", "embeddings"), ("dense", "kernel")))  # fmt: skip
    expected = np.where(IDS > 0, table[IDS] @ kernel[:, 1] / 4, 0)
    for method in (None, "gradient-times-input", "occlusion"):
        question = Question(IDS, of=1)
        if method == "occlusion":  # the others' mean stays: it is over 4 tokens, whatever they are
            assert values_of(model, question, method)[4:].tolist() == [0, 0]
        np.testing.assert_allclose(values_of(model, question, method), expected, atol=1e-12)


def test_of_a_linear_table_it_is_weight_times_difference_from_the_mean_row() -> None:
    """φ of a category is (E[k] − mean E) · w, its mean over the training rows."""
    network = [CategoryEmbedding((1,), (3,), (2,)), Dense(1)]
    model = Model(network, input_shape=(3,), seed=1, dtype="float64")
    rows = np.array([[1.0, 0, 5], [2, 1, 5], [3, 2, 8], [6, 1, 8]])
    kernel, table = model.params["dense"]["kernel"][:, 0], next(
        iter(model.params["category_embedding"].values()))["embeddings"]  # fmt: skip
    result = explain_example(model, rows[3], training=(rows, rows[:, :1]))
    vector = table[1] - table[[0, 1, 2, 1]].mean(axis=0)
    expected = [kernel[0] * 3, vector @ kernel[2:], kernel[1] * 1.5]
    np.testing.assert_allclose(result.values, expected, atol=1e-12)
    assert result.baseline == "the mean training row"
    other = explain_example(model, rows[3], baseline=rows[0])
    expected[:2] = kernel[0] * 5, (table[1] - table[0]) @ kernel[2:]
    np.testing.assert_allclose(other.values, [*expected[:2], kernel[1] * 3], atol=1e-12)
    assert other.baseline == "the baseline that was passed"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_all_inputs_together_sum_to_the_change_of_the_score(seed: int) -> None:
    model, x = mixed("tanh"), example(seed)
    counts = [np.random.default_rng(seed).integers(1, 9, 40)]
    question = Question(x, baseline=(np.array([0.2, 0, -0.1]), None, 0.5), counts=counts)
    score, numbers, start = score_at(score_of(model.network, model.params, 2, 1), question)
    at_x, at_start = score.values(np.stack([numbers, start]))
    expected = model.predict([part[None] for part in x])[0, 1]
    assert at_x == pytest.approx(expected, abs=1e-12)
    flat = integrated_gradients(score, numbers, start)
    values = score.layout(numbers).folded(flat)
    assert [part.shape for part in values] == [(3,), (6,), (4, 4, 2)]
    total = sum(part.sum() for part in values)
    assert total == pytest.approx(at_x - at_start, rel=0.01, abs=1e-6)
    assert (values[1][x[1] == 0] == 0).all()


def test_the_baseline_s_score_is_that_of_the_network_itself() -> None:
    """A baseline of ids is looked up: its score is what the network says of it."""
    model, x = mixed("tanh"), example(3)
    start = np.array([0.1, 7, 0.2]), np.where(x[1] > 0, 5, 0), np.zeros((4, 4, 2))
    result = explain(
        model.network, model.params, Question(x, of=0, baseline=start), dtype="float64"
    )
    assert result.scores is not None
    expected = model.predict([part[None] for part in start])[0, 0]
    assert result.scores[1] == pytest.approx(expected, abs=1e-12)


def lifted(model: Model, x: tuple[np.ndarray, ...]) -> tuple[Lifted, np.ndarray, np.ndarray]:
    return Lifting(model.network, x, (None,) * len(x)).at(model.params)


def test_gradients_are_those_of_jax() -> None:
    jax = pytest.importorskip("jax")

    with jax.enable_x64(True):
        model = mixed("tanh")
        network, x, _ = lifted(model, example(5))
        params = jax.tree.map(jax.numpy.asarray, model.params)

        def score(numbers: Any) -> Any:
            return network.forward(params, numbers[None])[0][0, 1]

        expected = jax.jit(jax.grad(score))(jax.numpy.asarray(x))
    _, back = network.forward(model.params, x[None])
    np.testing.assert_allclose(back(np.array([[0.0, 1.0]]))[0][0], expected, atol=1e-10)


@pytest.mark.slow
def test_keras_gives_the_same_change_of_the_score() -> None:
    """Σφ = s(x) − s(vectors of 0), both computed by the same network in Keras."""
    pytest.importorskip("keras")
    from glassnet.interop.keras.building.model import to_keras

    network = [Embedding(9, 4), Flatten(), Dense(5, "tanh"), Dense(2)]
    model = Model(network, input_shape=(6,), seed=1)
    keras = to_keras(model.network, model.input_shape, model.params)
    values = explain(
        model.network, model.params, Question(IDS, of=1), dtype="float32"
    ).values  # fmt: skip
    y: Any = np.zeros((1, 6, 4), "float32")
    for layer in keras.layers[-3:]:
        y = layer(y)
    change = keras.predict(IDS[None], verbose=0)[0, 1] - float(y[0, 1])
    assert values.sum() == pytest.approx(change, rel=0.01)


def test_random_weights_have_random_embeddings() -> None:
    model, x = mixed("tanh"), example(1)
    question = Question(x)
    score, numbers, _ = score_at(score_of(model.network, model.params, 2, 0), question)
    assert isinstance(score.network, Lifted)
    others = model.network.init(RNG, ((3,), (6,), (4, 4, 2)), "float64")[0]
    _, again, _ = score.network.lifting.at(others)
    own = (x[0][[0, 2]].tolist(), x[2].reshape(-1).tolist())
    assert numbers[:2].tolist() == again[:2].tolist() == own[0]
    assert numbers[2:34].tolist() == again[2:34].tolist() == own[1]
    assert (numbers[34:] != again[34:]).all()


@pytest.mark.parametrize("method", ["smoothgrad", "grad-cam"])
def test_methods_for_images_are_refused(method: str) -> None:
    model = mixed(None)
    with pytest.raises(GlassnetError, match=r"one input and no embeddings.*Use saliency, grad"):
        values_of(model, Question(example(0)), method)


@pytest.mark.parametrize(
    "layers",
    [
        [CategoryEncoding(9), Dense(2)],
        [Reshape((2, 3)), Permute((2, 1)), Embedding(9, 2), Flatten(), Dense(2)],
    ],
)
def test_ids_that_are_read_in_another_way_are_refused(layers: list[Any]) -> None:
    model = Model(layers, input_shape=(6,), seed=1)
    with pytest.raises(GlassnetError, match="reads ids that have no gradient"):
        explain_example(model, IDS)


def test_invalid_examples() -> None:
    model, x = mixed(None), example(0)
    for wrong, words in (
        (x[0], "takes 3 inputs"),
        ((x[0], x[1][:5], x[2]), "has shape"),
        ((x[0], x[1] + 9, x[2]), "looks up row"),
        ((x[0], 0 * x[1], x[2]), None),
    ):
        if words is None:
            result = explain_example(model, wrong)
            assert not result.values[1].any()
        else:
            with pytest.raises(GlassnetError, match=words):
                explain_example(model, wrong)
    alone = Model([Embedding(9, 4, mask_zero=True), GlobalAveragePooling1D(), Dense(2)], seed=1)
    alone.build((6,))
    with pytest.raises(GlassnetError, match="only padding"):
        explain_example(alone, 0 * IDS)
    with pytest.raises(GlassnetError, match="baseline: has 2 arrays"):
        explain_example(model, x, baseline=[0, 1])
