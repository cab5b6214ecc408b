"""The kind of outputs and targets that metrics get, and which metrics are computed in steps."""

import pytest

from glassnet import losses, metrics
from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.metrics import OutputKind
from glassnet.training.output_specs import OutputSpec, objective_of, output_kind


@pytest.mark.parametrize(
    ("loss", "classes", "kind"),
    [
        (losses.CategoricalCrossentropy(), 3, OutputKind(3, exclusive=True)),
        (losses.SparseCategoricalCrossentropy(True), 3, OutputKind(3, True, True, "softmax", 0.0)),
        (losses.BinaryCrossentropy(), 3, OutputKind(3)),
        (losses.BinaryCrossentropy(True), 1, OutputKind(1, activation="sigmoid", threshold=0.0)),
        (losses.BinaryFocalCrossentropy(), 1, OutputKind(1)),
        (losses.MeanSquaredError(), 3, OutputKind(3, exclusive=True)),
        (losses.MeanSquaredError(), 1, OutputKind(1)),
        (losses.Hinge(), 1, OutputKind(1, threshold=0.0)),
    ],
)
def test_kinds(loss: losses.Loss, classes: int, kind: OutputKind) -> None:
    assert output_kind(loss, classes) == kind


def test_whole_and_weighted_metrics_are_kept_apart() -> None:
    network = Dense(3, "softmax")
    plain = metrics.chosen(["accuracy", "auc"])
    weighted = metrics.chosen(["mse", "auc"], plain)
    loss = losses.CategoricalCrossentropy()
    objective = objective_of(
        network, OutputSpec(loss, plain, weighted), network.weights((4,)), (3,)
    )
    assert list(objective.criterion.metrics) == ["accuracy", "mse"]
    assert list(objective.criterion.per_dataset) == ["auc", "weighted_auc"]
    assert objective.criterion.weighted == {"mse", "weighted_auc"}
    assert objective.criterion.loss == losses.CategoricalCrossentropy(from_logits=True)


def test_a_metric_that_says_nothing_of_the_outputs_is_refused() -> None:
    network = Dense(3, "softmax")
    chosen = metrics.chosen(["top_5_accuracy"])
    wanted = OutputSpec(losses.CategoricalCrossentropy(), chosen)
    with pytest.raises(GlassnetError, match="of 3 outputs"):
        objective_of(network, wanted, network.weights((4,)), (3,))
