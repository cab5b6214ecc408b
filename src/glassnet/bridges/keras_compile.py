"""Keras's own losses, optimizers and metrics with the configuration of ours."""

from typing import Any

from glassnet.bridges.keras_build import same_in_keras
from glassnet.errors import unknown
from glassnet.losses import Crossentropy, Loss, SquaredError
from glassnet.optimizers import CosineDecay, Optimizer


def loss_to_keras(loss: Loss) -> Any:
    """Keras's loss of the same name."""
    import keras

    return _squared_error() if isinstance(loss, SquaredError) else same_in_keras(keras.losses, loss)


def optimizer_to_keras(optimizer: Optimizer) -> Any:
    """Keras's optimizer of the same name, schedule included."""
    import keras

    rate: Any = optimizer.learning_rate
    if isinstance(rate, CosineDecay):
        # Keras computes the schedule in the type of its first rate: of a whole number, in integers.
        first = float(rate.initial_learning_rate)
        rate = same_in_keras(keras.optimizers.schedules, rate, initial_learning_rate=first)
    else:
        rate = float(rate)
    return same_in_keras(keras.optimizers, optimizer, learning_rate=rate)


def metric_to_keras(name: str, loss: Loss, classes: int) -> Any:
    """Keras's metric for what the targets and the outputs are, as `glassnet.metrics.get`."""
    import keras

    if name not in ("accuracy", "acc"):
        raise unknown("metric", name, ["accuracy"], where="metrics")
    if loss.labels:
        return keras.metrics.SparseCategoricalAccuracy(name=name)
    if classes > 1:
        return keras.metrics.CategoricalAccuracy(name=name)
    logits = isinstance(loss, Crossentropy) and loss.from_logits
    return keras.metrics.BinaryAccuracy(name=name, threshold=0.0 if logits else 0.5)


def _squared_error() -> Any:
    """½ Σ (y − t)², which Keras doesn't have."""
    import keras

    class SquaredError(keras.losses.Loss):  # type: ignore[misc]
        def call(self, targets: Any, outputs: Any) -> Any:
            return 0.5 * keras.ops.sum(keras.ops.square(outputs - targets), axis=-1)

    return SquaredError(name="squared_error")
