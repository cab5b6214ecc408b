"""Keras's own losses and metrics, configured as ours, say what ours say."""

from typing import Any

import numpy as np
import pytest

from glassnet import losses, metrics
from glassnet.core.errors import GlassnetError
from glassnet.interop.keras.backend import precision
from glassnet.interop.keras.building.compile import loss_to_keras, metric_to_keras
from glassnet.interop.keras.building.model import to_numpy
from glassnet.training.output_specs import output_kind
from glassnet.verify.cases.base import Case
from glassnet.verify.cases.losses import LOSSES
from tests.interop.keras.on_backend import rows

LABELS = np.arange(12) % 4
YES = (rows(12, 1) > 0).astype(float)
SHARES = np.exp(rows(12, 4)) / np.exp(rows(12, 4)).sum(axis=1, keepdims=True)
APART = 0.05 + 0.075 * np.random.default_rng(0).permutation(12)[:, None]  # for Keras's AUC
SPARSE, ONE_HOT = losses.SparseCategoricalCrossentropy(), losses.CategoricalCrossentropy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_every_loss_has_its_counterpart(case: Case, dtype: str) -> None:
    mine = case.cast(dtype)
    outputs, targets = mine.arguments[0], mine.constants["targets"]
    weights = np.array([0.5, 2, 0, 1], dtype)
    with precision(dtype):
        loss = loss_to_keras(mine.subject)
        found = [to_numpy(loss(targets, outputs, sample_weight=w)) for w in (None, weights)]
    wanted = [mine.subject.forward(outputs, targets, w)[0] for w in (None, weights)]
    # In float64, TensorFlow still makes float32 of some of the constants in Keras's formulas.
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("metric", "loss", "outputs", "targets"),
    [
        ("accuracy", SPARSE, SHARES, LABELS),
        ("acc", ONE_HOT, SHARES, np.eye(4)[LABELS]),
        ("accuracy", losses.BinaryCrossentropy(), APART, YES),
        ("accuracy", losses.BinaryCrossentropy(from_logits=True), rows(12, 1, seed=1), YES),
        ("top_2_accuracy", SPARSE, SHARES, LABELS),
        (metrics.TopKCategoricalAccuracy(3, "top"), ONE_HOT, SHARES, np.eye(4)[LABELS]),
        (metrics.BinaryAccuracy(threshold=0.3), ONE_HOT, SHARES, np.eye(4)[LABELS]),
        ("mse", ONE_HOT, SHARES, np.eye(4)[LABELS]),
        ("mae", losses.MeanSquaredError(), SHARES, np.eye(4)[LABELS]),
        ("precision", losses.BinaryCrossentropy(), APART, YES),
        ("recall", losses.BinaryCrossentropy(), APART, YES),
        ("f1", losses.BinaryCrossentropy(), APART, YES),
        ("auc", losses.BinaryCrossentropy(), APART, YES),
    ],
)
def test_metrics_say_the_same(metric: Any, loss: losses.Loss, outputs: Any, targets: Any) -> None:
    made, count = metrics.get(metric), outputs.shape[-1]
    theirs = metric_to_keras(metric, loss, count)
    theirs.update_state(targets, outputs.astype("float32"))  # TensorFlow has no other top k
    kind = output_kind(loss, count)
    if isinstance(made, metrics.DatasetMetric):
        wanted = made.over(outputs, targets, kind=kind)
    else:
        wanted = made.measure(outputs, targets, kind=kind).mean()
    assert theirs.name == made.name
    assert float(to_numpy(theirs.result())) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("metric", ["precision", "auc", "mse", "binary_accuracy"])
def test_what_keras_would_compute_otherwise_is_refused(metric: str) -> None:
    with pytest.raises(GlassnetError, match=f"'{metric}'.*Keras has no metric.*evaluate"):
        metric_to_keras(metric, SPARSE, 4)
