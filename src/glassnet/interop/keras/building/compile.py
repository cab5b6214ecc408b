"""Keras's own losses, optimizers and metrics with the configuration of ours."""

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.engines.state import State
from glassnet.interop.keras.building.layer import exact_numbers, same_in_keras
from glassnet.losses import (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    Crossentropy,
    Loss,
    SparseCategoricalCrossentropy,
    SparseCategoricalFocalCrossentropy,
    SquaredError,
)
from glassnet.metrics import Accuracy, BinaryAccuracy, F1Score, Metric, TopKCategoricalAccuracy, get
from glassnet.optimizers import Nadam, OneCycle, Optimizer, PiecewiseConstantDecay, Schedule
from glassnet.optimizers.adam import momentum_product
from glassnet.training.output_specs import OutputSpec, OutputSpecs


def loss_to_keras(loss: Loss) -> Any:
    """Keras's loss of the same name, or what it has for one-hot targets on labels made one-hot."""
    import keras

    if isinstance(loss, SquaredError):
        return _squared_error()
    if type(loss) is SparseCategoricalCrossentropy and not loss.label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=loss.from_logits)
    if loss.labels:
        return _one_hot(_same_loss(DENSE[type(loss)](**vars(loss))))
    return _same_loss(loss)


def output_specs_to_keras(
    wanted: OutputSpec | OutputSpecs, outputs: tuple[Any, ...]
) -> dict[str, Any]:
    """The arguments of Keras's `compile` that say the same of outputs of these shapes."""
    if isinstance(wanted, OutputSpec):
        loss, classes = wanted.loss, outputs[-1]
        return {
            "loss": loss_to_keras(loss),
            "metrics": [metric_to_keras(one, loss, classes) for one in wanted.metrics],
            "weighted_metrics": [metric_to_keras(one, loss, classes) for one in wanted.weighted],
        }
    each = [
        output_specs_to_keras(one, shape) if one else {}
        for one, shape in zip(wanted.values(), outputs, strict=True)
    ]
    return {
        "loss": [one.get("loss") for one in each],
        "loss_weights": [one.share if one else 0.0 for one in wanted.values()],
        "metrics": [one.get("metrics", []) for one in each],
        "weighted_metrics": [one.get("weighted_metrics", []) for one in each],
    }


DENSE = {
    SparseCategoricalCrossentropy: CategoricalCrossentropy,
    SparseCategoricalFocalCrossentropy: CategoricalFocalCrossentropy,
}


def _same_loss(loss: Loss) -> Any:
    import keras

    exact = {name: np.float64(v) for name, v in vars(loss).items() if type(v) is float}
    return same_in_keras(keras.losses, loss, **(exact if exact_numbers() else {}))


def optimizer_to_keras(optimizer: Optimizer) -> Any:
    """Keras's optimizer of the same name and options, schedule included."""
    import keras

    given = {field.name: getattr(optimizer, field.name) for field in fields(optimizer)}
    excluded = given.pop("exclude_from_weight_decay")
    given["learning_rate"] = _rate_to_keras(optimizer.learning_rate)
    if "exclude_layers" in given:  # Keras takes regular expressions
        given["exclude_layers"] = list(map(re.escape, given["exclude_layers"]))
    made = getattr(keras.optimizers, type(optimizer).__name__)(**given)
    if exact_numbers():
        for name, value in given.items():
            if type(value) is float and name != "learning_rate":
                setattr(made, name, np.float64(value))
    if excluded:
        made.exclude_from_weight_decay(var_names=list(map(re.escape, excluded)))
    return made


def load_optimizer(made: Any, ours: Optimizer, trained: Iterable[str], state: State) -> None:
    """Let Keras's optimizer, built on these weights in this order, go on from our state."""
    made._iterations.assign(state.step)  # with accumulation, `iterations` counts the rule's steps
    for name, slots in state.slots.items():  # Keras's names of slots are ours, after the weight's
        leaves = dict(items(slots))
        kept = [variable for variable in made.variables if variable.name.endswith(f"_{name}")]
        paths = [path for path in trained if path in leaves]
        for path, variable in zip(paths, kept, strict=True):
            variable.assign(leaves[path])
    if isinstance(ours, Nadam):
        number = state.step // ours.accumulates
        made._u_product.assign(momentum_product(ours.beta_1, number))


def _rate_to_keras(rate: float | Schedule) -> Any:
    """The rate as Keras takes it: a float, or a schedule."""
    from keras.optimizers import schedules

    if isinstance(rate, OneCycle):
        return _table(rate)
    if not isinstance(rate, Schedule):
        return float(rate)
    # Keras computes a schedule in the type of its first rate: of a whole number, in integers.
    if isinstance(rate, PiecewiseConstantDecay):
        return same_in_keras(schedules, rate, values=_numbers(rate.values))
    first = float(vars(rate)["initial_learning_rate"])
    return same_in_keras(schedules, rate, initial_learning_rate=first)


def _numbers(values: Iterable[float]) -> list[Any]:
    """Floats; see `exact_numbers`."""
    return [np.float64(value) if exact_numbers() else float(value) for value in values]


def _table(rate: OneCycle) -> Any:
    """A schedule that Keras doesn't have, from the list of its rates."""
    import keras

    class Table(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
        def __call__(self, step: Any) -> Any:
            rates = keras.ops.convert_to_tensor(_numbers(map(rate, range(rate.total_steps))))
            return keras.ops.take(rates, keras.ops.minimum(step, rate.total_steps - 1))

    return Table()


def metric_to_keras(metric: str | Metric, loss: Loss, classes: int) -> Any:
    """Keras's metric that says the same of such targets and outputs; raises if there is none."""
    import keras.metrics as theirs

    made = get(metric)
    options: dict[str, Any] = {"name": made.name}
    logits = isinstance(loss, Crossentropy) and loss.from_logits
    of_labels = "Sparse" if loss.labels else ""
    cls, single = type(made).__name__, classes == 1 and not logits
    if isinstance(made, TopKCategoricalAccuracy):
        cls, options["k"] = f"{of_labels}TopKCategoricalAccuracy", made.k
    elif isinstance(made, Accuracy) and (loss.labels or classes > 1):
        cls = f"{of_labels}CategoricalAccuracy"
    elif isinstance(made, Accuracy):
        cls, options["threshold"] = "BinaryAccuracy", 0.0 if logits else 0.5
    elif isinstance(made, BinaryAccuracy) and not (loss.labels or logits):
        options["threshold"] = made.threshold
    elif isinstance(made, F1Score) and single:
        options |= {"average": "macro", "threshold": 0.5}
    elif loss.labels or logits or (made.per_dataset and not single):
        raise GlassnetError(
            "Keras has none that says the same of these outputs.",
            where=f"metric {made.name!r}",
            fix="Train without it, and ask evaluate afterwards.",
        )
    return getattr(theirs, cls)(**options)


def _one_hot(dense: Any) -> Any:
    """A loss of labels from one of one-hot targets."""
    import keras

    class Sparse(keras.losses.Loss):  # type: ignore[misc]
        def call(self, labels: Any, outputs: Any) -> Any:
            labels = keras.ops.cast(keras.ops.reshape(labels, outputs.shape[:-1]), "int32")
            return dense.call(keras.ops.one_hot(labels, outputs.shape[-1]), outputs)

    return Sparse(name=f"sparse_{dense.name}")


def _squared_error() -> Any:
    """½ Σ (y − t)², which Keras doesn't have."""
    import keras

    class SquaredError(keras.losses.Loss):  # type: ignore[misc]
        def call(self, targets: Any, outputs: Any) -> Any:
            return 0.5 * keras.ops.sum(keras.ops.square(outputs - targets), axis=-1)

    return SquaredError(name="squared_error")
