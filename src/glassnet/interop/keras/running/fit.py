"""`fit`: training a glassnet model with Keras's own compile, fit and callbacks."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, spread
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, map_leaves
from glassnet.interop.keras.backend import load_tensorflow, precision, use_backend
from glassnet.interop.keras.building.compile import (
    loss_to_keras,
    optimizer_to_keras,
    output_specs_to_keras,
)
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.model import to_keras, weights_from
from glassnet.interop.keras.running.callbacks import counterpart, has_counterpart, take_back
from glassnet.interop.keras.running.clipping import warn_of_clipping
from glassnet.interop.keras.running.observer import observer
from glassnet.layers.masks import makes_mask
from glassnet.losses import Crossentropy
from glassnet.model.model import Model
from glassnet.training.batches import is_batched
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.criterion import pair
from glassnet.training.divergence import DivergenceError
from glassnet.training.examples import Examples
from glassnet.training.history import History
from glassnet.training.learning_rate import Rates
from glassnet.training.output_activation import last_activation
from glassnet.training.output_specs import OutputSpec, OutputSpecs
from glassnet.training.session import being_trained, require_idle, warn_unreadable
from glassnet.training.signals import deferred_interrupts


def fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    backend: str,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: Sequence[Any] | None = None,
    callbacks: Sequence[Callback] = (),
    shuffle: bool = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
) -> History:
    """Train a compiled model with Keras on this backend, and copy the trained weights back.

    Weights and `validation_data` (x, y) or (x, y, weights) are those of `Model.fit`. When
    interrupted, the model keeps what was learned so far. Keras draws the order of the examples and
    the dropout masks, from the model's seed.
    """
    for name, data_set in (("x", x), ("validation_data", validation_data)):
        if is_batched(data_set):
            raise GlassnetError(
                f"takes arrays, but {name} is a {type(data_set).__name__}.",
                where=f"keras:{backend}",
                fix='Use engine="numpy" or "jax", which read data in batches.',
            )
    require_trainable(model, backend)
    optimizer, specs = model.compiled
    import keras

    data, validation = model.training_data(
        x, y, sample_weight, class_weight=class_weight, validation_data=validation_data or None
    )
    require_idle(model)
    warn_unreadable(model.network, model.compiled, callbacks)
    _same_metrics_in_keras(model)
    outputs = model.output_shape
    x, y, weights = _in_keras(data, specs, outputs)
    if any(isinstance(callback, BackupAndRestore) for callback in callbacks):
        raise GlassnetError(
            "Keras can't resume with the same steps: it does not keep the order of the examples.",
            where=f"keras:{backend}: BackupAndRestore",
            fix='Use engine="numpy" or "jax".',
        )
    numbers = ["loss", *model.metrics]
    numbers += [f"val_{name}" for name in numbers] if validation else []
    rates = Rates(optimizer)
    ours = [callback for callback in callbacks if has_counterpart(callback)]
    theirs = [counterpart(callback, numbers, rates) for callback in ours]
    observers = [callback for callback in callbacks if not has_counterpart(callback)]
    params, before = model.adapted(data.x), map_leaves(lambda leaf: leaf, model.params)
    with precision(model.dtype):
        keras.utils.set_random_seed(model.seed % 2**32)  # which seeds NumPy too: it takes 32 bits
        twin = to_keras(model.network, model.input_shape, params, model.dtype)
        twin.compile(optimizer_to_keras(optimizer), **output_specs_to_keras(specs, outputs))
        averages = [_averages()] if optimizer.use_ema else []

        def learned() -> Tree:
            return weights_from(twin, model.network, model.input_shape)

        diverged = False
        params = {"verbose": 0, "epochs": epochs, "steps": -(-len(data) // batch_size)}
        with being_trained(model, callbacks, params), deferred_interrupts() as interrupts:
            observing = observer(
                observers, interrupts, rates, model,
                examples=lambda step: min(step * batch_size, len(data)),
                snapshot=lambda: model.file(learned()),
                publish=lambda: model.publish(learned()),
            )  # fmt: skip
            model.outgrow()
            try:
                keras_history = twin.fit(
                    x, y, batch_size, epochs, verbose=0, shuffle=shuffle, sample_weight=weights,
                    validation_data=validation and _in_keras(validation, specs, outputs),
                    callbacks=[keras.callbacks.TerminateOnNaN(), *averages, *theirs, observing],
                )  # fmt: skip
                diverged = not all(map(math.isfinite, keras_history.history.get("loss", ())))
            finally:
                for callback in observers:
                    callback.release()
                # After a second Ctrl-C the weights may be gone: Keras on JAX donates their buffers.
                if not (diverged or interrupts.forced):
                    model.take(model.input_shape, learned())
        if diverged:
            model.publish(before)
            raise DivergenceError(
                "became non-finite (NaN or infinite).",
                where=f"the loss of epoch {len(keras_history.epoch)}",
                kind="loss",
                weights="The model is as it was before this training.",
            )
        interrupts.raise_if_received()
        warn_of_clipping(model, data, backend)
    for callback, keras_callback in zip(ours, theirs, strict=True):
        take_back(callback, keras_callback)
    history = {
        name: [float(value) for value in values] for name, values in keras_history.history.items()
    }
    result = History(list(keras_history.epoch), history, observing.seconds)
    result.belongs_to(model, params)
    return result


def require_trainable(model: Model, backend: str) -> None:
    """Raise if Keras on this backend can't train the model as it is compiled."""
    optimizer = model.compiled.optimizer
    if backend == "tensorflow":
        _same_loss_in_keras(model)
    use_backend(backend)
    load_tensorflow()
    optimizer_to_keras(optimizer)
    for _, spec in _trained_outputs(model):
        loss_to_keras(spec.loss)
    if model.built:
        require_the_same(model.network, model.input_shape, backend, model.dtype)
        _same_metrics_in_keras(model)


def _in_keras(
    data: Examples, specs: OutputSpec | OutputSpecs, outputs: tuple[Any, ...]
) -> tuple[Any, Any, Any]:
    """Return (x, y, weights) as Keras takes them. Bytes stay bytes: Keras casts each batch."""
    x = list(data.x) if isinstance(data.x, tuple) else data.x
    if isinstance(specs, OutputSpec):
        return x, data.targets, _step_weights(data.weights, outputs)
    remaining, zeros = iter(data.targets), np.zeros((len(data), 1))
    pairs = [pair(next(remaining)) if spec else (zeros, None) for spec in specs.values()]
    targets, weights = map(list, zip(*pairs, strict=True))
    if all(array is None for array in weights):
        return x, targets, None
    ones = np.ones(len(data))  # Keras needs weights for all outputs, or for none
    weights = [ones if array is None else array for array in weights]
    return x, targets, list(map(_step_weights, weights, outputs))


def _step_weights(weights: Array | None, outputs: tuple[int, ...]) -> Array | None:
    """Return a weight for every step: Keras would take weights of examples for those of steps."""
    if weights is None:
        return None
    shape = (len(weights), *outputs[:-1])
    return np.broadcast_to(spread(weights, np.empty(shape)), shape)


def _trained_outputs(model: Model) -> Iterator[tuple[int, OutputSpec]]:
    """Yield (index, spec) of each output that has a loss."""
    specs = model.compiled.outputs
    for index, spec in enumerate([specs] if isinstance(specs, OutputSpec) else specs.values()):
        if spec is not None:
            yield index, spec


def _same_metrics_in_keras(model: Model) -> None:
    """Raise if Keras would count padding in a metric."""
    shapes = model.output_shape
    for index, spec in _trained_outputs(model) if makes_mask(model.network) else ():
        shape = shapes[index] if isinstance(shapes[index], tuple) else shapes
        for metric in (*spec.metrics, *spec.weighted):
            if metric.per_dataset and len(shape) > 1:
                raise GlassnetError(
                    "counts padding in Keras.",
                    where=f"metric {metric.name!r}",
                    fix="Train without it, and call evaluate afterwards.",
                )


def _same_loss_in_keras(model: Model) -> None:
    """Raise if Keras on TensorFlow would train on a loss other than the compiled one."""
    for index, spec in _trained_outputs(model):
        loss, last = spec.loss, last_activation(model.network, index)
        if not isinstance(loss, Crossentropy) or loss.from_logits:
            continue
        # Keras recovers the logits of these two activations only.
        if last in ("softmax", "sigmoid") and last != loss.fused_activation:
            raise GlassnetError(
                f"on TensorFlow, Keras treats the logits of a final {last} as those of a "
                f"{loss.fused_activation}, and so trains on another loss.",
                where=f"keras:tensorflow: {type(loss).__name__}",
                fix=f'End with activation="{loss.fused_activation}", or use another backend.',
            )


def _averages() -> Any:
    """Return a callback that evaluates, and ends with, the moving averages of the weights.

    As on our engines. Keras's own callback ends with the plain weights if training stops early.
    """
    import keras

    class Averages(keras.callbacks.SwapEMAWeights):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(epoch, logs)
            self.averages = self.model.get_weights()

        def on_train_end(self, logs: Any = None) -> None:
            self.model.set_weights(self.averages)

    return Averages(swap_on_epoch=True)
