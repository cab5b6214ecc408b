"""Converting losses, optimizers, metrics and optimizer state to Keras's own."""

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.engines.state import State
from glassnet.interop.keras.backend import backend
from glassnet.interop.keras.building.layer import exact_numbers, require_built_in, same_in_keras
from glassnet.losses import (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    Crossentropy,
    Loss,
    SparseCategoricalCrossentropy,
    SparseCategoricalFocalCrossentropy,
    SquaredError,
)
from glassnet.metrics import (
    AUC,
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    F1Score,
    FBetaScore,
    Metric,
    Precision,
    Recall,
    TopKCategoricalAccuracy,
    get,
)
from glassnet.optimizers import (
    Adafactor,
    Nadam,
    OneCycle,
    Optimizer,
    PiecewiseConstantDecay,
    Schedule,
    ScheduleFreeAdamW,
)
from glassnet.optimizers.adam import momentum_product
from glassnet.training.output_specs import OutputSpec, OutputSpecs


def loss_to_keras(loss: Loss) -> Any:
    """Return Keras's loss of the same name, or its one-hot variant on labels made one-hot."""
    import keras

    require_built_in(loss)
    if isinstance(loss, SquaredError):
        return _squared_error(loss.reduction)
    options = dict(vars(loss))
    if isinstance(loss, SparseCategoricalCrossentropy):
        if not options.pop("label_smoothing"):
            return keras.losses.SparseCategoricalCrossentropy(**options)
        if options.pop("ignore_class") is not None:
            raise GlassnetError(
                "has ignore_class and label_smoothing, of which Keras's has only the first.",
                where=type(loss).__name__,
            )
        options["label_smoothing"] = loss.label_smoothing
    if type(loss) in DENSE:
        return _one_hot(_same_loss(DENSE[type(loss)](**options)))
    return _same_loss(loss)


def output_specs_to_keras(
    specs: OutputSpec | OutputSpecs, outputs: tuple[Any, ...]
) -> dict[str, Any]:
    """Return the equivalent arguments of Keras's `compile` for outputs of these shapes."""
    if isinstance(specs, OutputSpec):
        loss, classes = specs.loss, outputs[-1]
        return {
            "loss": loss_to_keras(loss),
            "metrics": [metric_to_keras(metric, loss, classes) for metric in specs.metrics],
            "weighted_metrics": [
                metric_to_keras(metric, loss, classes) for metric in specs.weighted
            ],
        }
    per_output = [
        output_specs_to_keras(spec, shape) if spec else {}
        for spec, shape in zip(specs.values(), outputs, strict=True)
    ]
    return {
        "loss": [arguments.get("loss") for arguments in per_output],
        "loss_weights": [spec.share if spec else 0.0 for spec in specs.values()],
        "metrics": [arguments.get("metrics", []) for arguments in per_output],
        "weighted_metrics": [arguments.get("weighted_metrics", []) for arguments in per_output],
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
    """Return Keras's optimizer of the same name and options, schedule included."""
    import keras

    require_built_in(optimizer)
    require_built_in(optimizer.learning_rate)
    if isinstance(optimizer, ScheduleFreeAdamW) and backend() in ("tensorflow", "torch"):
        raise GlassnetError(  # its `momentum_old` is the variable itself, which it then changes
            "would take other steps in Keras: on TensorFlow and PyTorch, its mean of weights is "
            "computed with the momentum after the step.",
            where="ScheduleFreeAdamW",
            fix="Use Keras on JAX, or another optimizer.",
        )
    if optimizer.layer_decay is not None:
        raise GlassnetError(
            "Keras has one learning rate for all layers.",
            where=f"{type(optimizer).__name__}: layer_decay",
            fix='Use engine="numpy" or "jax", or leave layer_decay out.',
        )
    options = {field.name: getattr(optimizer, field.name) for field in fields(optimizer)}
    del options["layer_decay"]
    excluded = options.pop("exclude_from_weight_decay")
    options["learning_rate"] = _rate_to_keras(optimizer.learning_rate)
    if "exclude_layers" in options:  # Keras takes regular expressions
        options["exclude_layers"] = list(map(re.escape, options["exclude_layers"]))
    theirs = getattr(keras.optimizers, type(optimizer).__name__)(**options)
    if exact_numbers():
        for name, value in options.items():
            if type(value) is float and name != "learning_rate":
                setattr(theirs, name, np.float64(value))
    if excluded:
        theirs.exclude_from_weight_decay(var_names=list(map(re.escape, excluded)))
    return theirs


def load_optimizer(theirs: Any, ours: Optimizer, trained: Iterable[str], state: State) -> None:
    """Set the state of Keras's optimizer, built on the weights `trained` in this order, to ours."""
    theirs._iterations.assign(state.step)  # with accumulation, `iterations` counts updates instead
    for name, slots in state.slots.items():  # Keras names slots as we do, after the weight's name
        leaves = dict(items(slots))
        variables = [slot for slot in theirs.variables if slot.name.endswith(f"_{name}")]
        paths = [path for path in trained if path in leaves]
        for path, variable in zip(paths, variables, strict=True):
            variable.assign(leaves[path])
    if isinstance(ours, Adafactor):
        for r, c, v in zip(theirs._r, theirs._c, theirs._v, strict=True):
            if len(v.shape) > 1:
                r.assign(np.asarray(v).mean(axis=-1))
                c.assign(np.asarray(v).mean(axis=-2))
    if isinstance(ours, Nadam):
        number = state.step // ours.accumulates
        theirs._u_product.assign(momentum_product(ours.beta_1, number))


def _rate_to_keras(rate: Any) -> Any:
    """Return the learning rate as Keras takes it: a float, or a schedule."""
    from keras.optimizers import schedules

    if isinstance(rate, OneCycle):
        return _table(rate)
    if not isinstance(rate, Schedule):
        return float(rate)
    # Keras computes a schedule in the type of its first rate: integers if that is an integer.
    if isinstance(rate, PiecewiseConstantDecay):
        return same_in_keras(schedules, rate, values=_numbers(rate.values))
    first = float(vars(rate)["initial_learning_rate"])
    return same_in_keras(schedules, rate, initial_learning_rate=first)


def _numbers(values: Iterable[float]) -> list[Any]:
    """Return the values as floats, NumPy's if `exact_numbers`."""
    return [np.float64(value) if exact_numbers() else float(value) for value in values]


def _table(rate: OneCycle) -> Any:
    """Return a schedule that Keras doesn't have, as a lookup in the list of its rates."""
    import keras

    class Table(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
        def __call__(self, step: Any) -> Any:
            rates = keras.ops.convert_to_tensor(_numbers(map(rate, range(rate.total_steps))))
            return keras.ops.take(rates, keras.ops.minimum(step, rate.total_steps - 1))

    return Table()


def metric_to_keras(metric: str | Metric, loss: Loss, classes: int) -> Any:
    """Return Keras's metric with the same value on such targets and outputs; raises if none has."""
    import keras.metrics as theirs

    ours: Any = get(metric)
    require_built_in(ours)
    options: dict[str, Any] = {"name": ours.name}
    logits = isinstance(loss, Crossentropy) and loss.from_logits
    of_labels = "Sparse" if loss.labels else ""
    cls, single = type(ours).__name__, classes == 1 and not logits
    if isinstance(ours, TopKCategoricalAccuracy):
        cls, options["k"] = f"{of_labels}TopKCategoricalAccuracy", ours.k
    elif isinstance(ours, Accuracy) and (loss.labels or classes > 1):
        cls = f"{of_labels}CategoricalAccuracy"
    elif isinstance(ours, Accuracy):
        cls, options["threshold"] = "BinaryAccuracy", 0.0 if logits else 0.5
    elif isinstance(ours, BinaryAccuracy) and not (loss.labels or logits):
        options["threshold"] = ours.threshold
    elif isinstance(ours, CategoricalAccuracy):
        cls = f"{of_labels}CategoricalAccuracy"
    elif isinstance(ours, FBetaScore) and single:
        threshold = 0.5 if ours.threshold is None else ours.threshold
        options |= {"average": "macro", "threshold": threshold}
        options |= {} if isinstance(ours, F1Score) else {"beta": ours.beta}
    elif not (loss.labels or logits or (_averages(ours) and not single)):
        cls = _OF_ONE_HOT.get(cls, cls)
        options |= {field.name: getattr(ours, field.name) for field in fields(ours)
                    if getattr(ours, field.name) != field.default}  # fmt: skip
    else:
        raise GlassnetError(
            "Keras has no metric with the same value on these outputs.",
            where=f"metric {ours.name!r}",
            fix="Train without it, and call evaluate afterwards.",
        )
    return getattr(theirs, cls)(**options)


# Keras's classes of the same value on one-hot targets.
_OF_ONE_HOT = {
    "IoU": "OneHotIoU",
    "MeanIoU": "OneHotMeanIoU",
    "SparseCategoricalCrossentropy": "CategoricalCrossentropy",
}


def _averages(metric: Metric) -> bool:
    """True if the metric of multiple outputs is a mean over classes that Keras doesn't have."""
    if isinstance(metric, AUC):
        return metric.curve == "ROC" and metric.num_thresholds is None
    if isinstance(metric, Precision | Recall):
        return metric.thresholds is None and metric.top_k is None and metric.class_id is None
    return isinstance(metric, FBetaScore)


def _one_hot(dense: Any) -> Any:
    """Return a loss on labels from one on one-hot targets."""
    import keras

    class Sparse(keras.losses.Loss):  # type: ignore[misc]
        def call(self, labels: Any, outputs: Any) -> Any:
            labels = keras.ops.cast(keras.ops.reshape(labels, outputs.shape[:-1]), "int32")
            return dense.call(keras.ops.one_hot(labels, outputs.shape[-1]), outputs)

    return Sparse(name=f"sparse_{dense.name}", reduction=dense.reduction)


def _squared_error(reduction: str | None) -> Any:
    """Return the loss ½ Σ (y − t)², which Keras doesn't have."""
    import keras

    class SquaredError(keras.losses.Loss):  # type: ignore[misc]
        def call(self, targets: Any, outputs: Any) -> Any:
            return 0.5 * keras.ops.sum(keras.ops.square(outputs - targets), axis=-1)

    return SquaredError(name="squared_error", reduction=reduction)
