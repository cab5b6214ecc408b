"""Every fault of the data: the message says what is wrong, where, and how to fix it."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Activation,
    Average,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Graph,
    Input,
    Layer,
    Reshape,
    Sequential,
)
from glassnet.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Hinge,
    KLDivergence,
    Loss,
    MeanSquaredError,
    Poisson,
    SparseCategoricalCrossentropy,
)
from glassnet.training.checks.inputs import checked_arrays
from glassnet.training.checks.targets import checked_targets, to_categorical
from glassnet.training.output_activation import checked_loss, source_activation

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([["a", "b", "c"]], "x: has dtype <U1, but must contain numbers.* import predict"),
        ([[1 + 2j] * 3], "x: has dtype complex128"),
        ([[None] * 3], "x: has dtype object"),
        (5.0, r"x: has shape \(\), but the network takes \(N, 3\)"),
        ([1.0, 2.0, 3.0], r"x: has shape \(3,\), but the network takes \(N, 3\).*x\[None\]"),
        ([[1.0, 2.0]], r"x: has shape \(1, 2\), but the network takes \(N, 3\)"),
        ([[0, 0, 0], [0, NAN, 0]], "x: 1 of 2 rows contain NaN.*the first is row 1.*Drop those"),
        ([[INF, 0, 0], [-INF, 0, 0]], "x: 2 of 2 rows contain NaN, infinity.*first is row 0"),
        ([[0, 0, 1e300]], "x: 1 of 1 rows.* too large for float32"),
    ],
)
def test_inputs_refused(x: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_arrays(x, (3,), "float32")


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        ("uint8", "uint8"),
        ("int16", "int16"),
        ("int64", "float32"),
        ("bool", "bool"),
        ("float16", "float32"),
        ("float32", "float32"),
        ("float64", "float32"),
    ],
)
def test_inputs_accepted(dtype: str, kept: str) -> None:
    x = np.ones((2, 3), dtype)
    found = checked_arrays(x, (3,), "float32")
    assert found.dtype == kept
    np.testing.assert_array_equal(found, x)
    assert checked_arrays(x[:0], (3,), "float32").shape == (0, 3)


PAIR = ((3,), (2, 2))


def test_several_inputs() -> None:
    x = [np.ones((4, 3), np.uint8), np.ones((4, 2, 2))]
    for shape in (PAIR, None):
        a, b = checked_arrays(x, shape, "float32", inputs=2)
        assert (a.dtype, b.dtype) == (np.uint8, np.float32)
        assert (a.shape, b.shape) == ((4, 3), (4, 2, 2))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            np.ones((4, 3)),
            r"x: is 1 array, but the network takes 2 inputs. Pass a list .* \[x1, x2\]",
        ),
        ([np.ones((4, 3))], "x: is 1 array, but the network takes 2 inputs"),
        ([np.ones((4, 3)), np.ones((4, 3))], r"x\[1\]: has shape \(4, 3\).*takes \(N, 2, 2\)"),
        ([np.ones((4, 3)), np.ones((5, 2, 2))], r"x\[1\]: has 5 rows, but x\[0\] has 4"),
        ([np.full((4, 3), NAN), np.ones((4, 2, 2))], r"x\[0\]: 4 of 4 rows contain NaN"),
    ],
)
def test_several_inputs_refused(x: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_arrays(x, PAIR, "float32")


def test_what_is_right_already_is_not_copied() -> None:
    x = np.ones((2, 3), np.float32)
    assert checked_arrays(x, None, "float32") is x


SPARSE, ONE_HOT, MSE = (
    SparseCategoricalCrossentropy(),
    CategoricalCrossentropy(),
    MeanSquaredError(),
)


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        (SPARSE, ["cat", "dog"], "y: has dtype <U3, but must contain numbers.*numpy.unique"),
        (SPARSE, 3, "y: has no rows, but x has 2"),
        (SPARSE, [0, 1, 2], "y: has 3 rows, but x has 2"),
        (SPARSE, [0.0, NAN], "y: 1 of 2 rows contain NaN.*row 1"),
        (SPARSE, [0.0, 1.5], "y: row 1 has labels that are not integers"),
        (SPARSE, [0, 3], "y: row 1 has label 3, but the network has 3 outputs, for labels 0 to 2"),
        (SPARSE, [0, -1], "y: row 1 has label -1.*Fix the labels"),
        (SPARSE, [0, 1234567.0], "row 1 has label 1234567"),
        (SPARSE, np.eye(3)[:2], r"y: has shape \(2, 3\), but labels.*categorical_crossentropy"),
        (SPARSE, [[0, 1], [1, 2]], r"y: has shape \(2, 2\), but labels for outputs"),
        (ONE_HOT, [0, 2], r"y: has shape \(2,\).*\(2, 3\).*to_categorical\(y, 3\)"),
        (ONE_HOT, [[0.0, 2.0, 0.0], [0, 0, 1]], "y: row 0 is outside 0..1.*takes probabilities"),
        (ONE_HOT, [[0.0, 1.0, 0.0], [0, -1, 1]], "y: row 1 is outside 0..1"),
        (BinaryCrossentropy(), np.full((2, 3), 2), "row 0 is outside 0..1, but BinaryCross"),
        (Hinge(), [[0, 1, -1], [1, 1, 2]], "row 1 is outside -1..1, but Hinge takes numbers in -1"),
        (KLDivergence(), np.full((2, 3), -1), "row 0 is outside 0..1, but KLDivergence takes prob"),
        (Poisson(), [[0, 1, 9], [-1, 1, 2]], "row 1 is outside 0..inf, but Poisson takes numbers"),
        (MSE, [[1.0], [2.0]], r"y: has shape \(2, 1\), but MeanSquaredError .* \(2, 3\)"),
        (MSE, [1.0, 2.0], "Give targets and outputs the same shape"),
        (MSE, [[1.0, 2, INF], [1, 2, 3]], "y: 1 of 2 rows contain NaN, infinity"),
        (MSE, [[1.0, 2, 1e39], [1, 2, 3]], "too large for float32"),
    ],
)  # fmt: skip
def test_targets_refused(loss: Loss, y: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_targets(y, 2, (3,), loss, "float32")


def test_true_and_false_are_too_many_classes_for_one_output() -> None:
    with pytest.raises(GlassnetError, match="row 1 has label True, but the network has 1 outputs"):
        checked_targets(np.array([False, True]), 2, (1,), SPARSE, "float32")


@pytest.mark.parametrize(
    ("loss", "outputs", "y", "wanted"),
    [
        (SPARSE, (3,), np.array([2, 0], np.uint8), np.array([2, 0])),
        (SPARSE, (3,), [2.0, 0.0], np.array([2, 0])),
        (SPARSE, (3,), [[2], [0]], np.array([2, 0])),
        (SPARSE, (2,), [True, False], np.array([1, 0])),
        (SPARSE, (4, 3), np.ones((2, 4), int), np.ones((2, 4), int)),
        (ONE_HOT, (3,), np.eye(3, dtype=bool)[:2], np.eye(3, dtype=np.float32)[:2]),
        (MSE, (1,), [5, 7], np.array([[5], [7]], np.float32)),
        (MSE, (1,), [[5.0], [7.0]], np.array([[5], [7]], np.float32)),
        (BinaryCrossentropy(), (1,), [0, 1], np.array([[0], [1]], np.float32)),
    ],
)
def test_targets_accepted(loss: Loss, outputs: tuple[int, ...], y: Any, wanted: np.ndarray) -> None:
    found = checked_targets(y, 2, outputs, loss, "float32")
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


def network(activation: str | None) -> Sequential:
    return Sequential((Flatten(), Sequential((Dense(3, activation),))))


@pytest.mark.parametrize(
    ("last", "loss", "message"),
    [
        (
            "softmax",
            SparseCategoricalCrossentropy(True),
            "expects logits.*ends in softmax.*Remove the",
        ),
        (
            "sigmoid",
            BinaryCrossentropy(True),
            "BinaryCrossentropy: expects logits.*ends in sigmoid",
        ),
        (
            None,
            SPARSE,
            'expects probabilities.*ends in linear.*"softmax" in the last layer, or Sparse',
        ),
        ("linear", ONE_HOT, "expects probabilities, but the last layer ends in linear"),
        ("relu", BinaryCrossentropy(), 'ends in relu.*Use activation="sigmoid"'),
        (
            None,
            KLDivergence(),
            'expects the outputs of softmax or sigmoid.*linear.*Use .*"softmax"',
        ),
        (
            "tanh",
            Poisson(),
            'Poisson: expects the outputs of softplus.*ends in tanh.*Use .*"softplus"',
        ),
    ],
)
def test_loss_and_last_layer_that_do_not_fit(last: str, loss: Loss, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_loss(network(last), loss)


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ("softmax", SPARSE),
        ("sigmoid", ONE_HOT),
        ("sigmoid", BinaryCrossentropy()),
        ("softmax", BinaryCrossentropy()),
        (None, SparseCategoricalCrossentropy(True)),
        ("tanh", CategoricalCrossentropy(True)),
        ("softmax", MSE),
        (None, MSE),
    ],
)
def test_loss_and_last_layer_that_fit(last: str, loss: Loss) -> None:
    checked_loss(network(last), loss)


def test_the_last_layer_may_be_an_activation_of_its_own() -> None:
    layers = (Dense(3), Activation("softmax"))
    checked_loss(Sequential(layers), SPARSE)
    with pytest.raises(GlassnetError, match="ends in linear"):
        checked_loss(Sequential((*layers, Dropout(0.5))), SPARSE)


def test_to_categorical() -> None:
    found = to_categorical([2, 0])
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert to_categorical([[1], [0]], 4, "float64").shape == (2, 4)
    with pytest.raises(GlassnetError, match="row 0 has label 5"):
        to_categorical([5], 3)


def averaged() -> Graph:
    x = Input((4,))
    return Graph.between(x, Average()(Dense(3, "softmax")(x), Dense(3, "softmax")(x)))


@pytest.mark.parametrize(
    "network",
    [
        Sequential((Conv2D(3, 1, activation="softmax"), GlobalAveragePooling2D())),
        Sequential((Dense(6), Sequential((Activation("softmax"), Reshape((1, 6)))))),
        Sequential((averaged(), Reshape((3,)))),
    ],
)
def test_probabilities_may_be_moved_and_averaged(network: Layer) -> None:
    assert source_activation(network) == "softmax"
    checked_loss(network, SPARSE)
    with pytest.raises(GlassnetError, match="expects logits"):
        checked_loss(network, SparseCategoricalCrossentropy(True))


def test_averages_of_different_things_are_none() -> None:
    x = Input((4,))
    mixed = Graph.between(x, Average()(Dense(3, "softmax")(x), Dense(3)(x)))
    with pytest.raises(GlassnetError, match="ends in linear"):
        checked_loss(mixed, SPARSE)


def test_a_softmax_of_one_number_is_refused() -> None:
    for loss in (SPARSE, BinaryCrossentropy(), MSE):
        with pytest.raises(GlassnetError, match="a softmax of one unit, whose output is always 1"):
            checked_loss(Dense(1, "softmax"), loss)
