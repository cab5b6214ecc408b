"""Examples that count more than others: what Keras computes, on every engine."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense, Dropout, Flatten
from glassnet.metrics import Recall
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam
from tests.reference import reference

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 3)).astype(np.float32), RNG.integers(0, 3, 40)
WEIGHTS = RNG.uniform(0, 2, 40)
KERAS = reference("weighting")


def model(loss: Any = "sparse_categorical_crossentropy", **options: Any) -> Model:
    made = Model([Dense(5, "tanh"), Dropout(0.1), Dense(3, "softmax")], (3,), dtype="float64")
    made.compile(Adam(0.02), loss, **options)
    return made


def assert_same(a: Model, b: Model) -> None:
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("run", KERAS["runs"], ids=lambda run: ",".join(run["options"]))
def test_like_keras(run: dict[str, Any], engine: str) -> None:
    """History, weights and evaluation; metrics plain and weighted, also of held-out examples."""
    if engine == "jax":
        pytest.importorskip("jax")
    made = Model([Dense(3, "softmax")], input_shape=(4,), dtype="float64")
    made.set_weights([np.array(w) for w in KERAS["start"]])
    labels = run["loss"].startswith("sparse")
    made.compile(
        SGD(0.3), run["loss"], ["accuracy"], ["accuracy"] if labels else ["accuracy", "mse"]
    )
    x, y, weights = np.array(KERAS["x"]), np.array(run["y"]), np.array(KERAS["weights"])
    given = {"validation_data": (x, y, weights), "sample_weight": weights}
    options = {k: given[k] if v is True else v for k, v in run["options"].items()}
    if "class_weight" in options:  # JSON made texts of its keys
        options["class_weight"] = {int(k): v for k, v in options["class_weight"].items()}
    history = made.fit(x, y, 8, 2, shuffle=False, verbose=0, engine=engine, **options).history
    assert set(history) == set(run["history"])
    for name, values in history.items():
        assert values == pytest.approx(run["history"][name], rel=1e-6)
    for found, wanted in zip(made.get_weights(), run["end"], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)
    found = made.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
    assert found == pytest.approx(run["evaluated"], rel=1e-6)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_weights_of_one_change_nothing(engine: str) -> None:
    """To the last bit on NumPy; XLA may add up in another order."""
    if engine == "jax":
        pytest.importorskip("jax")
    plain, ones, classes = model(), model(), model()
    options: dict[str, Any] = {"epochs": 3, "verbose": 0, "validation_split": 0.2, "engine": engine}
    wanted = plain.fit(X, Y, **options).history
    found = ones.fit(X, Y, sample_weight=np.ones(40), **options).history
    also = classes.fit(X, Y, class_weight={0: 1, 1: 1.0}, **options).history
    if engine == "numpy":
        assert found == also == wanted
        assert_same(ones, plain)
        assert_same(classes, plain)
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=1e-12)
        assert also[name] == pytest.approx(values, rel=1e-12)


@pytest.mark.filterwarnings("ignore:the weights of the examples")  # of 0 for a class
@settings(max_examples=20)
@given(st.dictionaries(st.integers(0, 2), st.floats(0, 10)))
def test_class_weights_are_the_sample_weights_they_mean(weights: dict[int, float]) -> None:
    by_class, by_sample = model(), model()
    each = np.array([weights.get(int(label), 1.0) for label in Y])
    a = by_class.fit(X, Y, verbose=0, class_weight=weights).history
    b = by_sample.fit(X, Y, verbose=0, sample_weight=each).history
    assert a == b
    assert_same(by_class, by_sample)


def test_one_hot_targets_have_the_weights_of_their_classes() -> None:
    labels, one_hot = model(), model("categorical_crossentropy")
    weights = {0: 3.0, 2: 0.1}
    labels.fit(X, Y, verbose=0, class_weight=weights)
    one_hot.fit(X, np.eye(3)[Y], verbose=0, class_weight=weights)
    assert_same(labels, one_hot)


def test_class_and_sample_weights_multiply() -> None:
    both, product = model(), model()
    both.fit(X, Y, verbose=0, class_weight={1: 4.0}, sample_weight=WEIGHTS)
    product.fit(X, Y, verbose=0, sample_weight=WEIGHTS * np.where(Y == 1, 4.0, 1.0))
    assert_same(both, product)


def test_examples_of_weight_0_teach_nothing() -> None:
    """With whole batches, leaving them out is another batch size only by the divisor N."""
    first, second = (Model([Dense(3, "softmax")], (3,), dtype="float64") for _ in range(2))
    for made, rate in ((first, 0.2), (second, 0.1)):
        made.compile(SGD(rate), "sparse_categorical_crossentropy")
    keep = np.arange(40) % 2
    first.fit(X, Y, 40, shuffle=False, verbose=0, sample_weight=keep)
    second.fit(X[keep == 1], Y[keep == 1], 40, shuffle=False, verbose=0)
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_engines_agree_with_weights_and_every_kind_of_metric() -> None:
    pytest.importorskip("jax")
    names = ["accuracy", "top_2_accuracy", "mse", "mae", "auc", "f1"]
    runs = []
    for engine in ("numpy", "jax"):
        made = model(metrics=names, weighted_metrics=names)
        history = made.fit(
            X, Y, 7, 3, verbose=0, engine=engine, class_weight={0: 2.0}, sample_weight=WEIGHTS,
            validation_split=0.3,
        ).history  # fmt: skip
        assert {"mse", "weighted_mse", "val_auc", "val_weighted_f1"} <= set(history)
        assert not {"auc", "f1"} & set(history)  # no mean over batches is an area
        runs.append(history)
    for name, values in runs[0].items():
        assert runs[1][name] == pytest.approx(values, rel=1e-6)  # JAX's shares are in float32


@pytest.mark.filterwarnings("ignore::glassnet.doctor.DoctorWarning")  # recall, no held-out data
def test_a_yes_that_counts_more_is_said_more() -> None:
    x, y = X[:, :1], (Y == 0).astype(int)
    said = []
    for weight in (1.0, 20.0):
        made = Model([Dense(1, "sigmoid")], input_shape=(1,))
        made.compile(Adam(0.05), "binary_crossentropy", [Recall()])
        made.fit(x, y, epochs=20, verbose=0, class_weight={1: weight})
        said.append(made.evaluate(x, y, verbose=0)[1])
    assert said == [0, 1]


def test_sequences_have_weights_for_steps_too() -> None:
    x, y = RNG.standard_normal((16, 5, 3)), RNG.integers(0, 3, (16, 5))
    steps = RNG.uniform(0, 2, (16, 5))
    made = Model([Dense(3, "softmax")], input_shape=(5, 3), dtype="float64")
    made.compile("adam", "sparse_categorical_crossentropy", ["accuracy"], ["accuracy"])
    made.fit(x, y, 4, verbose=0, sample_weight=steps, class_weight={0: 2.0})
    p = made.predict(x)
    nll = -np.log(np.take_along_axis(p, y[..., None], axis=-1)[..., 0])
    right = p.argmax(axis=-1) == y
    found = made.evaluate(x, y, sample_weight=steps, verbose=0)
    wanted = [(nll * steps).mean(), right.mean(), np.average(right, weights=steps)]
    assert found == pytest.approx(wanted)
    found = made.evaluate(x, y, sample_weight=steps[:, 0], verbose=0)
    wanted[0] = (nll * steps[:, :1]).mean()
    wanted[2] = np.average(right, weights=np.broadcast_to(steps[:, :1], (16, 5)))
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": WEIGHTS[:-1]}, r"^sample_weight: has shape \(39,\), but .* 40 examples"),
        ({"class_weight": {7: 1}}, "^class_weight: has the label 7, but labels are 0 to 2"),
        (
            {"validation_data": (X, Y, WEIGHTS[:3])},
            r"^validation_sample_weight: has shape \(3,\)",
        ),
        ({"validation_data": (X,)}, r"must be a pair \(x, y\), or \(x, y, weights\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        model().fit(X, Y, verbose=0, **options)


@pytest.mark.filterwarnings("ignore::glassnet.doctor.DoctorWarning")  # auc, no held-out data
def test_metrics_come_back_from_the_file(tmp_path: Path) -> None:
    chosen = ["accuracy", "top_2_accuracy", Recall(name="found")]
    made = model(metrics=chosen, weighted_metrics=["accuracy", "auc"])
    made.fit(X, Y, verbose=0)
    made.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path)
    names = ("accuracy", "top_2_accuracy", "found", "weighted_accuracy", "auc")
    assert loaded.metrics == made.metrics == names
    found = loaded.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    assert found == made.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    assert list(found) == ["loss", *names]


@pytest.mark.filterwarnings("ignore::glassnet.doctor.DoctorWarning")  # bytes, not scaled
def test_bytes_stay_bytes_with_weights() -> None:
    images = RNG.integers(0, 256, (20, 4, 4, 1), dtype=np.uint8)
    made = Model([Flatten(), Dense(3, "softmax")])
    made.compile("adam", "sparse_categorical_crossentropy")
    assert made.examples(images, Y[:20]).x is images
    made.fit(images, Y[:20], verbose=0, sample_weight=np.arange(20))


def test_class_weights_are_for_classes() -> None:
    model = Model([Dense(2)], (3,))
    model.compile("sgd", "mse")
    x = np.ones((4, 3))
    with pytest.raises(
        GlassnetError, match="class_weight: needs classes, but the targets are numbers"
    ):
        model.fit(x, np.array([[0.1, 0.7]] * 4), class_weight={1: 2.0}, verbose=0)
    model.fit(x, np.eye(2)[[0, 1, 0, 1]], class_weight={1: 2.0}, verbose=0)
