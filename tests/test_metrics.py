"""Metrics against hand-computed values, Keras and scikit-learn."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from glassnet import losses, metrics
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, classes, describe
from glassnet.layers import Dense
from glassnet.metrics import AUC, F1Score, OutputKind, Precision, TopKCategoricalAccuracy
from glassnet.model.model import Model
from glassnet.ops.activations import sigmoid, softmax
from glassnet.training.output_specs import output_kind
from tests.reference import reference

OUTPUTS = np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]])
RNG = np.random.default_rng(0)
SCORES, LABELS = softmax(RNG.standard_normal((40, 3)))[0], RNG.integers(0, 3, 40)


def measured(name: Any, outputs: Any, targets: Any, kind: OutputKind, weights: Any = None) -> float:
    """The metric over all examples."""
    metric = metrics.get(name)
    outputs, targets = np.array(outputs), np.array(targets)
    if isinstance(metric, metrics.DatasetMetric):
        return metric.over(outputs, targets, weights, kind=kind)
    each = metric.measure(outputs, targets, kind=kind)
    assert each.shape == outputs.shape[:-1]
    return float(np.average(each, weights=weights))


@pytest.mark.parametrize("case", reference("metrics"), ids=lambda case: case["name"])
def test_like_keras(case: dict) -> None:
    outputs, targets = np.array(case["outputs"]), np.array(case["targets"])
    count = outputs.shape[-1]
    kind = OutputKind(count, targets.ndim == 1, exclusive=count > 1)
    find = partial(measured, case["name"], outputs, targets, kind)
    assert find() == pytest.approx(case["value"], rel=1e-6)
    assert find(np.array(case["weights"])) == pytest.approx(case["weighted"], rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "outputs", "targets", "share"),
    [
        (OutputKind(2, labels=True), OUTPUTS, [1, 0, 1], 2 / 3),
        (OutputKind(2), OUTPUTS, np.eye(2)[[1, 1, 0]], 2 / 3),
        (OutputKind(1), OUTPUTS[:, :1], [[1], [1], [0]], 1 / 3),
        (OutputKind(1, threshold=0.0), OUTPUTS[:, :1], [[1], [1], [0]], 2 / 3),
    ],
)
def test_accuracy(kind: OutputKind, outputs: np.ndarray, targets: list, share: float) -> None:
    assert measured("accuracy", outputs, targets, kind) == pytest.approx(share)


def test_accuracy_of_a_hinge_is_on_the_side_of_0() -> None:
    kind = output_kind(losses.Hinge(), 1)
    assert measured("accuracy", [[0.2], [-0.2], [0.3]], [[1], [-1], [-1]], kind) == 2 / 3


@pytest.mark.parametrize(("k", "share"), [(1, 1 / 3), (2, 2 / 3), (3, 1.0)])
def test_top_k(k: int, share: float) -> None:
    outputs = [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0.3, 0.4, 0.1, 0.2]]
    for targets, labels in (([3, 1, 3], True), (np.eye(4)[[3, 1, 3]], False)):
        found = measured(f"top_{k}_accuracy", outputs, targets, OutputKind(4, labels, True))
        assert found == pytest.approx(share)


@pytest.mark.parametrize(("k", "share"), [(1, 0.4), (2, 0.8), (3, 1.0)])
def test_top_k_counts_ties_as_correct(k: int, share: float) -> None:
    """As Keras: the true class is among k if fewer than k outputs are larger."""
    outputs = [[0.4, 0.2, 0.2, 0.2]] * 3 + [[0.25] * 4, [0.4, 0.3, 0.2, 0.1]]
    labels = [0, 1, 3, 2, 2]
    found = measured(f"top_{k}_accuracy", outputs, labels, OutputKind(4, True, True))
    assert found == pytest.approx(share)


def test_top_k_of_too_few_outputs_says_nothing() -> None:
    with pytest.raises(GlassnetError, match=r"'top_3_accuracy'.*of 3 outputs.*smaller k"):
        metrics.get("top_3_accuracy").checked(OutputKind(3))
    metrics.get("top_2_accuracy").checked(OutputKind(3))
    with pytest.raises(GlassnetError, match="k must be ≥ 1"):
        metrics.TopKCategoricalAccuracy(0)


@pytest.mark.parametrize("name", ["mse", "mae", "auc", "precision", "recall", "f1"])
@pytest.mark.parametrize("labels", [True, False])
def test_logits_say_what_their_probabilities_say(name: str, labels: bool) -> None:
    y = LABELS if labels else np.eye(3)[LABELS]
    loss = losses.SparseCategoricalCrossentropy if labels else losses.CategoricalCrossentropy
    logits = np.log(SCORES) + RNG.standard_normal((40, 1))
    of_logits = measured(name, logits, y, output_kind(loss(from_logits=True), 3))
    assert of_logits == pytest.approx(measured(name, SCORES, y, output_kind(loss(), 3)))
    of_one_hot = measured(name, SCORES, np.eye(3)[LABELS], OutputKind(3, exclusive=True))
    assert of_logits == pytest.approx(of_one_hot)


@pytest.mark.parametrize("name", ["auc", "precision", "recall", "f1", "binary_accuracy"])
def test_yes_or_no_from_logits(name: str) -> None:
    logits, y = RNG.standard_normal((40, 1)), RNG.integers(0, 2, (40, 1))
    of_logits = measured(name, logits, y, output_kind(losses.BinaryCrossentropy(True), 1))
    plain = measured(name, sigmoid(logits)[0], y, output_kind(losses.BinaryCrossentropy(), 1))
    assert of_logits == pytest.approx(plain)


@pytest.mark.parametrize("weights", [None, RNG.uniform(0, 2, 40)])
def test_several_classes_are_scikit_learns_macro_average(weights: Any) -> None:
    kind, predicted = OutputKind(3, True, True), SCORES.argmax(axis=1)
    for name in ("precision", "recall", "f1"):
        evaluate_batches = getattr(sklearn.metrics, f"{name}_score")
        wanted = evaluate_batches(LABELS, predicted, average="macro", sample_weight=weights)
        assert measured(name, SCORES, LABELS, kind, weights) == pytest.approx(wanted)
    wanted = sklearn.metrics.roc_auc_score(
        LABELS, SCORES, average="macro", multi_class="ovr", sample_weight=weights
    )
    assert measured("auc", SCORES, LABELS, kind, weights) == pytest.approx(wanted)


def test_several_yes_or_no_outputs_are_averaged() -> None:
    outputs, y = RNG.uniform(size=(40, 3)), RNG.integers(0, 2, (40, 3))
    kind = output_kind(losses.BinaryCrossentropy(), 3)
    for name in ("precision", "recall", "f1", "auc"):
        each = [measured(name, outputs[:, [c]], y[:, [c]], OutputKind(1)) for c in range(3)]
        assert measured(name, outputs, y, kind) == pytest.approx(np.mean(each))


def test_steps_count_as_examples() -> None:
    kind = OutputKind(3, True, True)
    weights = RNG.uniform(0, 2, 8)
    for name in ("f1", "auc"):
        flat = measured(name, SCORES, LABELS, kind)
        steps = measured(name, SCORES.reshape(8, 5, 3), LABELS.reshape(8, 5), kind)
        assert steps == flat
        weighted = measured(name, SCORES, LABELS, kind, np.repeat(weights, 5))
        steps = measured(name, SCORES.reshape(8, 5, 3), LABELS.reshape(8, 5), kind, weights)
        assert steps == weighted


def test_the_area_leaves_out_classes_that_are_not_there() -> None:
    """The mean over the two of three classes that occur, each against the rest."""
    labels = LABELS % 2
    areas = [sklearn.metrics.roc_auc_score(labels == c, SCORES[:, c]) for c in range(2)]
    assert measured("auc", SCORES, labels, OutputKind(3, True, True)) == pytest.approx(
        np.mean(areas)
    )
    with pytest.raises(GlassnetError, match=r"'auc': all examples are of one class.*stratify"):
        measured("auc", [[0.2], [0.3]], [[1], [1]], OutputKind(1))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=30))
def test_the_area_is_how_often_a_yes_is_above_a_no(pairs: list) -> None:
    scores, yes = (np.array(column) for column in zip(*pairs, strict=True))
    if yes.all() or not yes.any():
        return
    ahead = scores[yes][:, None] - scores[~yes]
    wanted = ((ahead > 0) + 0.5 * (ahead == 0)).mean()
    found = measured("auc", scores[:, None] / 20, yes[:, None], OutputKind(1))
    assert found == pytest.approx(wanted)


REQUIRED = {
    "IoU": {"num_classes": 3, "target_class_ids": (1, 2)},
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": (1, 2)},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.6},
    "RecallAtPrecision": {"precision": 0.6},
    "SensitivityAtSpecificity": {"specificity": 0.6},
    "SpecificityAtSensitivity": {"sensitivity": 0.6},
}

# -- names ---------------------------------------------------------------------------------------


def test_names_and_objects() -> None:
    names = ("accuracy", "acc", "auc", "f1", "top_7_accuracy")
    chosen = metrics.chosen([*names, metrics.Precision(name="p")])
    assert [metric.name for metric in chosen] == [*names, "p"]
    assert chosen[4] == metrics.TopKCategoricalAccuracy(7, "top_7_accuracy")
    assert metrics.chosen("mse") == metrics.chosen(["mse"])
    assert metrics.chosen(None) == ()
    assert metrics.chosen(metrics.AUC()) == (metrics.AUC(),)


def test_a_weighted_metric_beside_the_plain_one_is_called_so() -> None:
    plain = metrics.chosen(["accuracy"])
    (weighted, other) = metrics.chosen(["accuracy", "mse"], plain)
    assert (weighted.name, other.name) == ("weighted_accuracy", "mse")


@pytest.mark.parametrize("twice", [["mse", "mse"], ["mse", metrics.AUC(name="mse")]])
def test_two_of_one_name_are_refused(twice: list) -> None:
    with pytest.raises(GlassnetError, match=r"two metrics would be called 'mse'.*name="):
        metrics.chosen(twice)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("acuracy", "metrics: unknown metric 'acuracy'. Did you mean 'accuracy'"),
        ("top_0_accuracy", "unknown metric 'top_0_accuracy'. Did you mean 'top_5_accuracy'"),
        (3, "metrics: 3 is not a metric. Give one of glassnet's metric classes or a name"),
    ],
)
def test_unknown_metrics_are_refused(given: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        metrics.chosen([given])


def test_what_is_written_comes_back() -> None:
    listed = metrics.chosen(["acc", "top_3_accuracy", metrics.AUC(name="area"), metrics.Recall()])
    written = metrics.to_json(listed)
    assert written[0] == "acc"
    assert written[2] == {"class": "AUC", "name": "area"}
    assert metrics.from_json(written) == listed
    with pytest.raises(GlassnetError, match="not a list of names"):
        metrics.from_json("accuracy")


def test_every_metric_is_a_description() -> None:
    for name, cls in classes("metric").items():
        metric = cls(**REQUIRED.get(name, {}))
        assert build("metric", describe(metric)) == metric


def test_a_right_answer_that_is_no_number_is_none() -> None:
    kind, labels = OutputKind(4, labels=True), np.array([0, 1, 2])
    outputs = np.array([[np.nan] * 4, [-np.inf, 0.5, 0.2, 0.1], [0, 0, -np.inf, -np.inf]])
    for k, wanted in ((1, [0, 1, 0]), (3, [0, 1, 0])):
        found = TopKCategoricalAccuracy(k).measure(outputs, labels, kind=kind)
        assert found.astype(int).tolist() == wanted


def test_a_class_without_examples_counts_in_the_mean_over_classes() -> None:
    """Keras's F1Score(average="macro") of the same: (1 + 1/2 + 0 + 0) / 4."""
    true, said = np.array([0, 0, 1]), np.eye(4)[[0, 0, 2]]
    found = F1Score().over(said, true, kind=OutputKind(4, labels=True, exclusive=True))
    np.testing.assert_allclose(found, 1 / 4)


def test_what_weighs_nothing_is_no_example() -> None:
    yes, said = np.array([[1.0], [0], [1]]), np.array([[0.9], [0.2], [0.1]])
    kind, zeros = OutputKind(1), np.zeros(3)
    assert AUC().over(said, yes, np.array([1.0, 1, 0]), kind=kind) == 1
    with pytest.raises(GlassnetError, match="metric 'auc': all examples are of one class"):
        AUC().over(said, yes, np.array([0.0, 1, 0]), kind=kind)
    for metric in (AUC(), Precision()):
        with pytest.raises(GlassnetError, match=f"metric '{metric.name}': all weights are 0"):
            metric.over(said, yes, zeros, kind=kind)
    assert np.isnan(AUC().over(said * np.nan, yes, kind=kind))


def test_what_held_out_targets_can_not_tell_is_said_before_training() -> None:
    model = Model([Dense(1, "sigmoid")], (2,))
    model.compile("sgd", "bce", ["auc"])
    before = model.params["dense"]["kernel"].copy()
    x, held_out = np.ones((4, 2)), (np.ones((2, 2)), np.ones(2))
    with pytest.raises(GlassnetError, match="'auc': all examples are of one class"):
        model.fit(x, np.array([0, 1, 0, 1]), validation_data=held_out, verbose=0)
    np.testing.assert_array_equal(model.params["dense"]["kernel"], before)


# -- by hand, as in Keras ------------------------------------------------------------------------

LIKELY = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
CLASSES = np.array([0, 2, 0, 1])
YES, SURE = np.array([1, 0, 1, 0]), np.array([0.9, 0.4, 0.3, 0.6])


def test_a_metric_adds_up_what_it_is_shown() -> None:
    metric = metrics.SparseCategoricalAccuracy()
    metric.update_state(CLASSES[:3], LIKELY[:3])
    assert metric.result() == pytest.approx(2 / 3)
    assert metric(CLASSES[3:], LIKELY[3:], sample_weight=[2.0]) == pytest.approx(2 / 5)
    metric.reset_state()
    assert metric.result() == 0
    assert metric == metrics.SparseCategoricalAccuracy()
    assert metrics.Accuracy()([1, 2, 3], [1, 2, 4]) == pytest.approx(2 / 3)
    with pytest.raises(GlassnetError, match=r"compares two lists of labels.*Use Categorical"):
        metrics.Accuracy()(CLASSES, LIKELY)
    with pytest.raises(GlassnetError, match=r"y_true has shape \(4, 3\).*targets come first"):
        metrics.SparseCategoricalAccuracy()(LIKELY, CLASSES)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (metrics.TruePositives(), 1),  # above ½: 0.9 and 0.6, of which the first is right
        (metrics.FalsePositives(), 1),
        (metrics.FalseNegatives(thresholds=0.35), 1),
        (metrics.TrueNegatives(thresholds=0.35), 0),
        (metrics.Precision(thresholds=0.35), 1 / 3),
        (metrics.PrecisionAtRecall(1.0), 1 / 2),  # all four at a threshold below 0.3
        (metrics.SensitivityAtSpecificity(1.0), 1 / 2),
        (metrics.BinaryIoU(), 1 / 3),
        (metrics.FBetaScore(beta=2.0), 1 / 2),
        (metrics.RootMeanSquaredError(), np.sqrt((0.01 + 0.16 + 0.49 + 0.36) / 4)),
        (metrics.R2Score(), 1 - (0.01 + 0.16 + 0.49 + 0.36) / 1),
        (metrics.MeanAbsoluteError(), (0.1 + 0.4 + 0.7 + 0.6) / 4),
        (metrics.AUC(num_thresholds=200), 0.5),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_decisions_by_hand(metric: metrics.Metric, value: float) -> None:
    assert metric(YES, SURE) == pytest.approx(value)


def test_classes_by_hand() -> None:
    one_hot = np.eye(3)[CLASSES]
    assert metrics.Precision(top_k=1)(one_hot, LIKELY) == 1 / 2
    assert metrics.Recall(class_id=0)(one_hot, LIKELY) == 1 / 2
    assert metrics.MeanIoU(3)([0, 1, 2], [0, 1, 1]) == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert metrics.OneHotIoU(3, target_class_ids=(2,))(one_hot, LIKELY) == 1
    assert metrics.CosineSimilarity()([[1.0, 0.0]], [[3.0, 4.0]]) == pytest.approx(0.6)
    correlated = [[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]
    assert metrics.PearsonCorrelation()(*correlated) == pytest.approx(1)
    # cov = 4/3, var = 2/3 and 8/3, (mean − mean)² = 4
    assert metrics.ConcordanceCorrelation()(*correlated) == pytest.approx((8 / 3) / (10 / 3 + 4))
    np.testing.assert_allclose(metrics.binary_accuracy([[1.0, 0]], [[0.7, 0.8]]), [0.5])
    mean, total = metrics.Mean(), metrics.Sum()
    assert (mean([1, 2, 4], [1, 0, 2]), total([1, 2, 4], [1, 0, 2])) == (3, 9)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_all_in_compile(engine: str) -> None:
    pytest.importorskip(engine)
    listed = ["mape", "kld", "cosine_similarity", metrics.TruePositives, metrics.MeanIoU(3),
              metrics.categorical_accuracy, metrics.SparseCategoricalCrossentropy()]  # fmt: skip
    model = Model([Dense(3, activation="softmax")], (3,), dtype="float64")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=listed)
    history = model.fit(
        LIKELY, CLASSES, validation_data=(LIKELY, CLASSES), verbose=0, engine=engine
    ).history
    assert history["val_sparse_categorical_crossentropy"] == pytest.approx(history["val_loss"])
    assert history["val_true_positives"] == [
        metrics.TruePositives()(np.eye(3)[CLASSES], model.predict(LIKELY))
    ]
    assert model.evaluate(LIKELY, CLASSES, verbose=0)[1:] == pytest.approx(
        [history[f"val_{name}"][0] for name in model.metrics]
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Precision", {"class_id": 3}, "class_id is 3, but an example has 3 outputs"),
        ("Recall", {"top_k": 4}, "top_k is 4, but an example has 3 outputs"),
        ("PrecisionAtRecall", {"recall": 0.5, "class_id": 3}, "class_id is 3"),
    ],
)
def test_classes_that_no_output_has_are_refused(name: str, options: Any, message: str) -> None:
    metric = getattr(metrics, name)(**options)
    with pytest.raises(GlassnetError, match=message):
        metric(np.eye(3)[LABELS], SCORES)
    with pytest.raises(GlassnetError, match=message):
        metric.checked(OutputKind(3, exclusive=True))


@pytest.mark.parametrize("threshold", [0.0, -0.2, 1.1])
def test_thresholds_of_an_f_score_are_probabilities(threshold: float) -> None:
    with pytest.raises(GlassnetError, match="threshold must be in"):
        metrics.FBetaScore(threshold=threshold)


def test_the_k_largest_of_one_output_are_refused() -> None:
    with pytest.raises(GlassnetError, match="top_k is 1, but an example has 1 output"):
        metrics.Precision(top_k=1)(np.array([0, 1, 1]), np.array([0.2, 0.1, 0.5]))


@pytest.mark.parametrize(("true", "predicted"), [([0, 2], [0, 1]), ([0, 1], [-1, 1])])
def test_classes_that_do_not_exist_are_refused(true: Any, predicted: Any) -> None:
    with pytest.raises(GlassnetError, match=r"is outside 0\.\.1"):
        metrics.MeanIoU(num_classes=2)(true, predicted)
    with pytest.raises(GlassnetError, match=r"class 3 is outside 0\.\.2"):
        metrics.SparseCategoricalAccuracy()(np.array([0, 3]), SCORES[:2])
    with pytest.raises(GlassnetError, match=r"target_class_ids: class 2 is outside 0\.\.1"):
        metrics.IoU(num_classes=2, target_class_ids=(0, 2))


def test_positions_of_arguments_are_those_of_keras() -> None:
    for overlap in (metrics.IoU, metrics.OneHotIoU):
        assert overlap(3, (0, 2)) == overlap(num_classes=3, target_class_ids=(0, 2))
    assert F1Score("micro", 0.25, "f") == F1Score(average="micro", threshold=0.25, name="f")
    assert F1Score("micro").beta == 1
