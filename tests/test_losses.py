"""Losses against values from Keras."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import losses
from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense, Masking
from glassnet.model.model import Model
from glassnet.optimizers import SGD
from glassnet.verify.cases import LOSSES, Case
from glassnet.verify.gradcheck import gradcheck
from tests.reference import reference

KERAS = reference("losses")


@pytest.mark.parametrize("case", KERAS, ids=lambda case: case["class"])
def test_like_keras(case: dict) -> None:
    loss = getattr(losses, case["class"])(**case["options"])
    outputs, targets = np.array(case["outputs"]), np.array(case["targets"])
    value = loss(targets, outputs)
    weighted = loss(targets, outputs, np.array(case["weights"]))
    # Keras computes some means in float32, and clips probabilities of 0 or 1 differently.
    assert value == pytest.approx(case["value"], rel=1e-6, abs=1e-12)
    assert weighted == pytest.approx(case["weighted"], rel=1e-6, abs=1e-12)


def test_every_loss_that_keras_has_is_compared() -> None:
    ours = {"SquaredError", "SparseCategoricalFocalCrossentropy"}
    assert {case["class"] for case in KERAS} == set(registry.classes("loss")) - ours


@pytest.mark.parametrize("focal", [False, True])
@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_sparse_is_categorical_with_labels(
    focal: bool, from_logits: bool, smoothing: float
) -> None:
    outputs = np.random.default_rng(0).uniform(0.1, 1, (4, 3))
    labels = np.array([0, 2, 1, 2])
    name = "CategoricalFocalCrossentropy" if focal else "CategoricalCrossentropy"
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    sparse = getattr(losses, f"Sparse{name}")(**options).forward(outputs, labels)
    one_hot = getattr(losses, name)(**options).forward(outputs, np.eye(3)[labels])
    assert sparse[0] == one_hot[0]
    np.testing.assert_array_equal(sparse[1](1.0), one_hot[1](1.0))


def test_focal_without_focus_is_the_cross_entropy() -> None:
    outputs = np.random.default_rng(0).standard_normal((4, 3))
    targets = np.eye(3)[[0, 2, 1, 2]]
    for focal, plain in (
        (losses.CategoricalFocalCrossentropy(1, 0, True), losses.CategoricalCrossentropy(True)),
        (
            losses.BinaryFocalCrossentropy(gamma=0, from_logits=True),
            losses.BinaryCrossentropy(True),
        ),
    ):
        a, b = focal.forward(outputs, targets), plain.forward(outputs, targets)
        assert a[0] == pytest.approx(b[0], rel=1e-12)
        np.testing.assert_allclose(a[1](1.0), b[1](1.0), rtol=1e-12, atol=1e-15)


def test_label_smoothing_by_hand() -> None:
    """Smoothing by 0.3 adds 0.1 to each: targets 0.8, 0.1, 0.1 instead of 1, 0, 0."""
    outputs = np.log([[0.7, 0.2, 0.1]])
    loss, pullback = losses.SparseCategoricalCrossentropy(True, label_smoothing=0.3).forward(
        outputs, np.array([0])
    )
    wanted = [0.8, 0.1, 0.1]
    assert loss == pytest.approx(-np.dot(wanted, outputs[0]))
    np.testing.assert_allclose(pullback(1.0), [np.array([0.7, 0.2, 0.1]) - wanted], atol=1e-15)


def test_the_mean_is_over_the_batch_and_the_squared_error_is_the_textbooks() -> None:
    outputs, targets = np.array([[1.0, 3.0], [0.0, 0.0]]), np.zeros((2, 2))
    assert losses.SquaredError().forward(outputs, targets)[0] == 2.5
    assert losses.MeanSquaredError().forward(outputs, targets)[0] == 2.5
    np.testing.assert_allclose(losses.SquaredError().forward(outputs, targets)[1](1.0), outputs / 2)


# -- weights -------------------------------------------------------------------------------------

every_loss = pytest.mark.parametrize("case", LOSSES, ids=str)


@every_loss
def test_weights_of_one_change_nothing_to_the_last_bit(case: Case) -> None:
    for dtype in ("float32", "float64"):
        mine = case.cast(dtype)
        plain, back = mine()
        ones = np.ones(len(mine.arguments[0]), dtype)
        weighted, back_weighted = mine.subject.forward(
            *mine.arguments, **mine.constants, weights=ones
        )
        assert weighted == plain
        assert weighted.dtype == dtype
        np.testing.assert_array_equal(back_weighted(1.0), back(1.0))


@every_loss
@given(st.lists(st.integers(0, 5), min_size=4, max_size=4).filter(any))
def test_a_whole_weight_is_the_example_so_many_times(case: Case, counts: list[int]) -> None:
    """Σ w l over the batch: n copies of an example equal one with the weight n."""
    outputs, targets = case.arguments[0], case.constants["targets"]
    if case.subject.depends_on_batches or case.label in ("by-weight", "ignored"):
        return  # no mean over the examples
    value, _ = case.subject.forward(outputs, targets, np.array(counts, float))
    many, _ = case.subject.forward(
        np.repeat(outputs, counts, axis=0), np.repeat(targets, counts, axis=0)
    )
    assert value * 4 == pytest.approx(many * sum(counts), rel=1e-9, abs=1e-12)


@every_loss
def test_the_weighted_pullback_is_the_derivative(case: Case) -> None:
    weights = np.array([0.5, 2.0, 0.3, 1.0])
    gradcheck(case.subject, *case.arguments, **case.constants, weights=weights)


def test_weights_of_steps_and_of_examples() -> None:
    loss, rng = losses.SparseCategoricalCrossentropy(True), np.random.default_rng(0)
    outputs, labels = rng.standard_normal((2, 3, 4)), rng.integers(0, 4, (2, 3))
    each, _ = loss.each(outputs, labels)
    steps = rng.uniform(0, 2, (2, 3))
    assert loss.forward(outputs, labels, steps)[0] == pytest.approx((each * steps).sum() / 6)
    assert loss.forward(outputs, labels, steps[:, 0])[0] == pytest.approx(
        (each * steps[:, :1]).sum() / 6
    )
    gradcheck(loss, outputs, targets=labels, weights=steps)
    gradcheck(loss, outputs, targets=labels, weights=steps[:, 0])


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("sparse_categorical_crossentropy", losses.SparseCategoricalCrossentropy()),
        ("categorical_crossentropy", losses.CategoricalCrossentropy()),
        ("binary_crossentropy", losses.BinaryCrossentropy()),
        ("bce", losses.BinaryCrossentropy()),
        ("categorical_focal_crossentropy", losses.CategoricalFocalCrossentropy()),
        ("binary_focal_crossentropy", losses.BinaryFocalCrossentropy()),
        ("kl_divergence", losses.KLDivergence()),
        ("kld", losses.KLDivergence()),
        ("poisson", losses.Poisson()),
        ("mse", losses.MeanSquaredError()),
        ("mean_squared_error", losses.MeanSquaredError()),
        ("mae", losses.MeanAbsoluteError()),
        ("mean_absolute_error", losses.MeanAbsoluteError()),
        ("squared_error", losses.SquaredError()),
        ("huber", losses.Huber()),
        ("log_cosh", losses.LogCosh()),
        ("cosine_similarity", losses.CosineSimilarity()),
        ("hinge", losses.Hinge()),
        ("squared_hinge", losses.SquaredHinge()),
        ("categorical_hinge", losses.CategoricalHinge()),
    ],
)
def test_names_mean_losses(name: str, loss: losses.Loss) -> None:
    assert losses.get(name) == loss
    assert losses.get(loss) is loss


@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_a_loss_comes_back_from_its_description(case: Case) -> None:
    assert registry.build("loss", registry.describe(case.subject)) == case.subject


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'categorical_crossentropy'"):
        losses.get("categorial_crossentropy")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.CategoricalCrossentropy(label_smoothing=1.1), "label_smoothing must be in"),
        (lambda: losses.SparseCategoricalCrossentropy(0.1), "from_logits must be True or False"),
        (lambda: losses.CategoricalFocalCrossentropy(gamma=-1), "gamma must be ≥ 0, got -1"),
        (lambda: losses.BinaryFocalCrossentropy(alpha=2), "BinaryFocal.*alpha must be in 0..1"),
        (lambda: losses.Huber(float("nan")), "Huber: delta must be ≥ 0, got nan"),
        (lambda: losses.Huber(float("inf")), "Huber: delta must be ≥ 0, got inf"),
    ],
)
def test_options_out_of_range_are_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=4))
@pytest.mark.parametrize("places", [(), (3,)])  # of each step, with a value for each
def test_padding_has_no_loss_and_is_not_counted(
    places: tuple[int, ...], kept: list[list[bool]]
) -> None:
    mask = np.array(kept)
    rng = np.random.default_rng(0)
    outputs, targets = rng.standard_normal((2, *mask.shape, *places, 2))
    weights = rng.uniform(0, 2, mask.shape)
    loss = losses.MeanSquaredError()
    value, pullback = loss.forward(outputs, targets, weights, mask)
    if mask.any():
        wanted, back = loss.forward(outputs[mask], targets[mask], weights[mask])
        assert value == pytest.approx(wanted)
        np.testing.assert_allclose(pullback(1.0)[mask], back(1.0))
    else:
        assert value == 0
    assert not pullback(1.0)[~mask].any()


def test_an_example_of_padding_counts_with_its_steps() -> None:
    mask, weights = np.array([[True, False], [True, True]]), np.array([3.0, 1.0])
    outputs = np.arange(4.0).reshape(2, 2, 1)
    value, _ = losses.MeanSquaredError().forward(outputs, np.zeros((2, 2, 1)), weights, mask)
    assert value == pytest.approx((3 * 0 + 4 + 9) / 3)


ALLOWED = {  # the losses whose targets may not be just any numbers
    "BinaryCrossentropy": (0, 1),
    "BinaryFocalCrossentropy": (0, 1),
    "CategoricalCrossentropy": (0, 1),
    "CategoricalFocalCrossentropy": (0, 1),
    "CategoricalHinge": (0, 1),
    "Hinge": (-1, 1),
    "KLDivergence": (0, 1),
    "Poisson": (0, np.inf),
    "CategoricalGeneralizedCrossEntropy": (0, 1),
    "Dice": (0, 1),
    "Tversky": (0, 1),
    "SparseCategoricalCrossentropy": (0, 1),
    "SparseCategoricalFocalCrossentropy": (0, 1),
    "SquaredHinge": (-1, 1),
}


def test_the_values_that_targets_may_have() -> None:
    for name, cls in registry.classes("loss").items():
        assert cls.allowed == ALLOWED.get(name, (-np.inf, np.inf)), name


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"])
def test_smoothing_is_over_the_classes_also_of_sequences(name: str) -> None:
    outputs = np.random.default_rng(0).uniform(0.1, 1, (2, 5, 3))
    targets = np.eye(3)[np.random.default_rng(1).integers(3, size=(2, 5))]
    loss = getattr(losses, name)(label_smoothing=0.3)
    flat = loss.forward(outputs.reshape(10, 3), targets.reshape(10, 3))
    assert loss.forward(outputs, targets)[0] == pytest.approx(flat[0])


def test_the_same_loss_of_logits() -> None:
    loss = losses.CategoricalCrossentropy(label_smoothing=0.1)
    assert loss.of_logits() == losses.CategoricalCrossentropy(True, 0.1)
    assert losses.BinaryFocalCrossentropy(gamma=3).of_logits().gamma == 3


@pytest.mark.parametrize(
    "cls", [losses.BinaryFocalCrossentropy, losses.CategoricalFocalCrossentropy]
)
def test_focus_is_not_negative(cls: type) -> None:
    with pytest.raises(GlassnetError, match="gamma must be"):
        cls(gamma=-0.5)


# -- called as in Keras --------------------------------------------------------------------------


def test_the_targets_come_first_and_wrong_shapes_are_refused() -> None:
    loss = losses.SparseCategoricalCrossentropy()
    assert loss([1], [[0.25, 0.75]]) == pytest.approx(-np.log(0.75))
    assert loss([[1]], [[0.25, 0.75]], [2.0]) == pytest.approx(-2 * np.log(0.75))
    with pytest.raises(GlassnetError, match=r"y_true has shape.*come first, as in Keras"):
        loss([[0.25, 0.75]], [1])
    with pytest.raises(GlassnetError, match=r"sample_weight: has shape .*one number for each"):
        loss([1], [[0.25, 0.75]], [1.0, 2.0])
    assert losses.MeanSquaredError()([1.0, 2.0], [[1.0], [4.0]]) == 2


def test_a_function_gives_a_value_for_each_example_and_names_its_loss() -> None:
    np.testing.assert_array_equal(losses.mean_squared_error([[0, 0], [1, 1]], [[1, 3], [1, 1]]),
                                  [5, 0])  # fmt: skip
    assert losses.huber([[0.0]], [[3.0]], 0.5) == pytest.approx([0.5 * 3 - 0.125])
    assert losses.dice([[1.0, 0.0]], [[1.0, 0.0]]) == pytest.approx(0, abs=1e-6)
    assert losses.get(losses.mean_squared_error) == losses.MeanSquaredError()
    assert losses.get(losses.Huber) == losses.Huber()
    assert losses.get("LogCosh") == losses.LogCosh()


def test_reductions_by_hand() -> None:
    y, t, w = np.array([[1.0], [3.0]]), np.zeros((2, 1)), np.array([3.0, 1.0])
    by_name = {"sum": 12, "mean": 6, "sum_over_batch_size": 6, "mean_with_sample_weight": 3}
    for reduction, value in by_name.items():
        assert losses.MeanSquaredError(reduction=reduction)(t, y, w) == value
    for reduction in (None, "none"):
        each = losses.MeanSquaredError(reduction=reduction)(t, y, w)
        np.testing.assert_array_equal(each, [3, 9])
    mask = np.array([[True, False], [True, True]])
    steps = np.array([[1.0, 9.0], [2.0, 3.0]])[..., None]
    weighted = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    value, _ = weighted.forward(steps, np.zeros_like(steps), w, mask)
    assert value == pytest.approx((3 * 1 + 4 + 9) / 5)


def test_ignored_classes_have_no_loss_and_are_not_counted() -> None:
    p = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    assert loss([0, -1, 1], p) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)
    model = Model([Dense(2, activation="softmax")], (2,))
    model.compile("sgd", loss, metrics=["accuracy"])
    x, y = np.random.default_rng(0).standard_normal((6, 2)), np.array([0, 1, -1, 1, 0, -1])
    counted = y >= 0
    value = model.evaluate(x, y, verbose=0)[0]  # as in Keras, the accuracy counts all
    assert value == pytest.approx(model.evaluate(x[counted], y[counted], verbose=0)[0])
    model.fit(x, y, class_weight={1: 2.0}, verbose=0)
    other = Model([Dense(2, activation="softmax")], (2,))
    other.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(GlassnetError, match="row 2 has label -1"):
        other.fit(x, y, verbose=0)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_sum_is_reported_as_the_mean_over_batches(engine: str) -> None:
    """As in Keras, whose validation batches have the size of the training batches."""
    pytest.importorskip(engine)
    x, y = np.random.default_rng(0).standard_normal((12, 3)), np.ones((12, 1))
    model = Model([Dense(1)], (3,), dtype="float64")
    model.compile(SGD(1e-12), losses.MeanSquaredError(reduction="sum"))
    history = model.fit(
        x, y, batch_size=8, shuffle=False, validation_data=(x, y), verbose=0, engine=engine
    ).history
    each = losses.mean_squared_error(y, model.predict(x))
    wanted = (8 * each[:8].sum() + 4 * each[8:].sum()) / 12
    assert history["loss"] == pytest.approx([wanted], rel=1e-6)
    assert history["val_loss"] == pytest.approx([wanted], rel=1e-6)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(each.sum())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.MeanSquaredError(reduction="sums"), "reduction 'sums'. Did you mean 'sum'"),
        (lambda: losses.Dice(reduction="sum"), "Dice: is one number for the whole batch"),
        (lambda: losses.Dice(axis=0)([[1.0]], [[1.0]]), "can't sum over axis 0.*has the examples"),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1), "q must be between 0 and 1"),
        (lambda: losses.Tversky(alpha=-1), "alpha must be ≥ 0"),
        (lambda: losses.SparseCategoricalCrossentropy(True, 0.1), "ignore_class: must be a whole"),
        (lambda: losses.MeanSquaredError(dtype="float16"), "takes no dtype. It is set once"),
        (lambda: losses.CosineSimilarity(axis=1), "takes no axis. Values of one example"),
        (lambda: losses.get("circle"), "unknown loss 'circle'. No loss compares pairs"),
        (lambda: losses.get("accuracy"), r"It is a metric: compile\(metrics=.*accuracy"),
        (lambda: losses.get("adam"), r"It is an optimizer: compile.optimizer=.adam"),
        (lambda: losses.get("sparse_crossentropy"), "mean 'sparse_categorical_crossentropy'"),
    ],
)  # fmt: skip
def test_what_is_refused_says_what_to_write(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()
    assert losses.MeanSquaredError(dtype=None, name="a").name == "a"


def test_a_loss_without_a_mean_can_not_be_trained_on() -> None:
    with pytest.raises(GlassnetError, match="reduction='none', a value for each example"):
        Model([Dense(1)], (3,)).compile("sgd", losses.MeanSquaredError(reduction="none"))


def test_new_options_are_in_a_file_only_if_they_are_used() -> None:
    assert registry.describe(losses.MeanSquaredError()) == {"class": "MeanSquaredError"}
    described = {"class": "MeanSquaredError", "reduction": "sum"}
    assert registry.describe(losses.MeanSquaredError(reduction="sum")) == described


@pytest.mark.parametrize("label", [3, -1])
def test_labels_outside_the_classes_are_refused(label: int) -> None:
    with pytest.raises(GlassnetError, match=rf"y_true: class {label} is outside 0\.\.2"):
        losses.SparseCategoricalCrossentropy()(np.array([0, label]), np.full((2, 3), 1 / 3))
    ignoring = losses.SparseCategoricalCrossentropy(ignore_class=label)
    assert ignoring(np.array([0, label]), np.full((2, 3), 1 / 3)) == pytest.approx(np.log(3))


SEQUENCES = np.array([[1, 2], [3, 3], [2, 0], [0, 0], [1, 3]])


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_ctc_is_minimized_by_both_engines(engine: str) -> None:
    pytest.importorskip(engine)
    x = np.random.default_rng(0).standard_normal((5, 6, 4)).astype(np.float32)
    model = Model([Dense(4)], (6, 4))
    model.compile(SGD(0.5), "ctc")
    loss = losses.CTC()(SEQUENCES, model.predict(x))
    history = model.fit(x, SEQUENCES, epochs=20, shuffle=False, verbose=0, engine=engine).history
    assert history["loss"][0] == pytest.approx(float(loss), rel=1e-5)
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    mean = losses.ctc(SEQUENCES, model.predict(x)).mean()
    assert model.evaluate(x, SEQUENCES, verbose=0) == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[1, 4]], r"y_true: row 0 has labels outside 1 to 3. Label 0 is the blank"),
        ([[1, -1]], "row 0 has labels outside 1 to 3"),
        ([[0, 1]], "row 0 has a 0, which stands for padding, before other labels"),
        ([[1, 1]], "row 0 has 2 labels, which take at least 3 steps .* but the outputs have 2"),
        ([1], r"has shape \(1,\), but CTC takes the labels of each sequence: \(N, L\)"),
        ([[1, 2], [1, 2]], "y_true has 2 rows, but y_pred has 1"),
    ],
)
def test_ctc_refuses_labels_that_outputs_can_not_read_as(labels: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        losses.CTC()(labels, np.zeros((1, 2, 4)))


def test_ctc_refuses_what_needs_aligned_targets() -> None:
    x, model = np.zeros((5, 6, 4)), Model([Masking(), Dense(4)], (6, 4))
    model.compile("sgd", losses.CTC())
    with pytest.raises(GlassnetError, match=r"CTC: takes all steps, but .* have a padding mask"):
        model.fit(x, SEQUENCES, verbose=0)
    model = Model([Dense(4)], (6, 4))
    model.compile("sgd", losses.CTC(), metrics=["accuracy"])
    with pytest.raises(GlassnetError, match=r"accuracy.*targets of CTC are not aligned"):
        model.fit(x, SEQUENCES, verbose=0)
    model.compile("sgd", losses.CTC())
    with pytest.raises(GlassnetError, match=r"class_weight: needs classes.*sequences of labels"):
        model.fit(x, SEQUENCES, class_weight={1: 2.0}, verbose=0)
    with pytest.raises(GlassnetError, match=r"reads sequences, but .* have shape \(4,\)"):
        losses.CTC()(SEQUENCES, x[:, 0])
