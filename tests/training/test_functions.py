"""Plain functions as losses and metrics: values, weights, masks, both engines, files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import (
    Dense,
    Embedding,
    GlassnetError,
    Lambda,
    Model,
    SimpleRNN,
    SparseCategoricalCrossentropy,
    register,
)
from glassnet.core.protocols import namespace

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
WEIGHTS = RNG.uniform(size=50)


def squares(y_true: Any, y_pred: Any) -> Any:
    """Without a pullback."""
    return ((y_true - y_pred) ** 2).mean(axis=-1)


def squares_and_pullback(outputs: Any, targets: Any) -> Any:
    d = outputs - targets
    return (d * d).mean(axis=-1), lambda dl: 2 * d * dl[..., None] / d.shape[-1]


def mean_square(y_true: Any, y_pred: Any) -> Any:
    """One number for the batch."""
    return ((y_true - y_pred) ** 2).mean()


def asymmetric(y_true: Any, y_pred: Any) -> Any:
    d = y_true - y_pred
    return namespace(d).where(d > 0, 3 * d, -d).mean(axis=-1)


def trained(loss: Any, engine: str, metrics: Any = None, **options: Any) -> dict[str, list[float]]:
    model = Model([Dense(3, "tanh"), Dense(1)])
    model.compile("sgd", loss, metrics, weighted_metrics=metrics and [squares])
    history = model.fit(X, Y, batch_size=16, epochs=2, engine=engine, verbose=0, **options)
    return history.history


@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
def test_a_function_trains_as_the_loss_of_the_same_formula() -> None:
    pytest.importorskip("jax")
    for weights, losses in (
        (None, (squares, squares_and_pullback, mean_square)),
        (WEIGHTS, (squares, squares_and_pullback)),
    ):
        expected = trained("mse", "numpy", sample_weight=weights)["loss"]
        for loss in losses:
            history = trained(loss, "numpy", sample_weight=weights)
            np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)
    history = trained(squares, "jax", [squares], sample_weight=weights)
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)
    assert set(history) == {"loss", "squares", "weighted_squares"}


@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
def test_keras_s_argument_order_is_kept() -> None:
    pytest.importorskip("jax")
    model = Model(Lambda(lambda x: x), (1,))
    model.compile("sgd", asymmetric, [asymmetric])
    for target, value in ((1.0, 3.0), (-1.0, 1.0)):
        loss, metric = model.evaluate([[0.0]], [[target]], verbose=0)
        assert loss == metric == value


@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
def test_metrics_are_means_over_examples_with_or_without_weights() -> None:
    model = Model([Dense(1)], (4,))
    model.compile("sgd", "mse", [squares], [squares])
    d = (model.predict(X) - Y)[:, 0] ** 2
    _, plain, weighted = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0)
    np.testing.assert_allclose([plain, weighted], [d.mean(), np.average(d, weights=WEIGHTS)], 1e-5)


def test_padding_does_not_count() -> None:
    pytest.importorskip("jax")
    tokens = np.array([[1, 2, 0, 0], [3, 1, 2, 0]])
    targets = RNG.normal(size=(2, 4, 1))
    values = []
    for loss in ("mse", squares):
        parts = [Embedding(4, 3, mask_zero=True), SimpleRNN(2, return_sequences=True), Dense(1)]
        model = Model(parts, (4,))
        model.compile("sgd", loss, [squares])
        values.append(model.evaluate(tokens, targets, verbose=0))
    np.testing.assert_allclose(values[0], values[1], rtol=1e-6)
    assert values[0][0] == pytest.approx(values[0][1])


def test_a_metric_gets_the_network_s_outputs_also_if_the_loss_computes_them() -> None:
    def top(y_true: Any, y_pred: Any) -> Any:
        return y_pred.max(axis=-1)

    labels = np.zeros(50, "int64")
    for last, logits in (("softmax", False), (None, True)):
        model = Model([Dense(3, last)], (4,))
        model.compile("sgd", SparseCategoricalCrossentropy(from_logits=logits), [top])
        value = model.evaluate(X, labels, verbose=0)[1]
        assert value == pytest.approx(model.predict(X).max(axis=-1).mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("loss", "metrics", "weights", "message"),
    [
        (lambda a, b: a - b, None, None, r"\(a, b\), which don't say.*y_true, y_pred"),
        (mean_square, None, WEIGHTS, r"shape \(\), to which weights or a mask.*mean.axis=-1"),
        ("mse", [mean_square], None, r"returns an array of shape \(\) for 16 examples"),
        (lambda y_true, y_pred: y_pred.mean(axis=0), None, None, r"shape \(1,\) for 16 examples"),
    ],
)
@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
def test_what_is_refused(loss: Any, metrics: Any, weights: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        trained(loss, "numpy", metrics, sample_weight=weights)


def test_a_function_is_saved_once_it_is_registered_even_after_training(
    own_registry: None, tmp_path: Path
) -> None:
    pytest.importorskip("jax")
    model = Model([Dense(1)])
    model.compile("sgd", squares, [squares, "mae"])
    with pytest.warns(UserWarning, match=r'can\'t be saved.*later: register\("loss"\)\(squares\)'):
        model.fit(X, Y, verbose=0)
    path = tmp_path / "m.safetensors"
    with pytest.raises(GlassnetError, match="the function squares is not registered"):
        model.save(path)
    register("loss")(squares)
    with pytest.raises(GlassnetError, match=r'register\("metric"\)\(squares\)'):
        model.save(path)
    register("metric")(squares)
    model.save(path)
    again = Model.load(path)
    assert again.metrics == ("squares", "mae")
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    again.compile("sgd", "squares", ["squares"])
    again.fit(X, Y, verbose=0)
