"""Training by Keras: its own compile and fit, its own callbacks, on a model of ours."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.bridges.keras_backend import load_tensorflow, precision, use_backend
from glassnet.bridges.keras_build import to_keras, weights_from
from glassnet.bridges.keras_compile import objectives_to_keras, optimizer_to_keras
from glassnet.bridges.keras_limits import makes_mask
from glassnet.errors import GlassnetError
from glassnet.losses import Crossentropy, spread
from glassnet.model import Model
from glassnet.training.callbacks import Callback, EarlyStopping, Record
from glassnet.training.examples import Examples
from glassnet.training.goals import pair
from glassnet.training.interrupts import Interrupts, deferred_interrupts
from glassnet.training.judge import blocks_of
from glassnet.training.loop import SEGMENT_SECONDS, DivergenceError, History
from glassnet.training.objectives import Objective, Objectives
from glassnet.training.step import last_activation
from glassnet.trees import Array


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
    """Train a compiled model with Keras on this backend, and take the trained weights back.

    Weights and `validation_data` (x, y) or (x, y, weights) mean what they mean to `Model.fit`.
    Also when interrupted, the model has what was learned so far. Keras draws the order of the
    examples and dropout, from the model's seed.
    """
    optimizer, wanted = model._require_compiled()
    use_backend(backend)
    load_tensorflow()
    import keras

    data = model.by_class(model.examples(x, y, sample_weight), class_weight)
    held_out = model.held_out(validation_data) if validation_data else None
    if backend == "tensorflow":
        _same_loss_in_keras(model)
    _same_metrics_in_keras(model)
    outputs = model.output_shape
    x, y, weights = _in_keras(data, wanted, outputs)
    early = [callback for callback in callbacks if type(callback) is EarlyStopping]
    observers = [callback for callback in callbacks if type(callback) is not EarlyStopping]
    for callback in early:
        _something_to_watch(callback, model.metrics, held_out is not None)
    params = model.network.adapt(model.params, lambda: blocks_of(data.x, model.dtype))
    with precision(model.dtype):
        keras.utils.set_random_seed(model.seed % 2**32)  # all that NumPy takes, which it seeds too
        twin = to_keras(model.network, model.input_shape, params, model.dtype)
        twin.compile(optimizer_to_keras(optimizer), **objectives_to_keras(wanted, outputs))
        stoppers = [_early_stopping(callback) for callback in early]
        diverged = False
        with deferred_interrupts() as interrupts:
            watching = _observer(observers, interrupts)
            try:
                found = twin.fit(
                    x, y, batch_size, epochs, verbose=0, shuffle=shuffle, sample_weight=weights,
                    validation_data=held_out and _in_keras(held_out, wanted, outputs),
                    callbacks=[keras.callbacks.TerminateOnNaN(), *stoppers, watching],
                )  # fmt: skip
                diverged = not all(map(math.isfinite, found.history.get("loss", ())))
            finally:
                # After a second Ctrl-C the weights may be gone: Keras on JAX gives them away.
                if not (diverged or interrupts.forced):
                    learned = weights_from(twin, model.network, model.input_shape)
                    model.take(model.input_shape, learned)
        if diverged:
            raise DivergenceError(
                "is no longer a number.",
                where=f"the loss of epoch {len(found.epoch)}",
                fix="Lower the learning rate, and look whether the inputs are scaled. "
                "The model is as it was before this training.",
            )
        if interrupts.asked:
            raise KeyboardInterrupt
    for callback, stopper in zip(early, stoppers, strict=True):
        for name in ("best", "best_epoch", "stopped_epoch"):
            setattr(callback, name, getattr(stopper, name))
    history = {name: [float(value) for value in values] for name, values in found.history.items()}
    return History(list(found.epoch), history)


def _in_keras(
    data: Examples, wanted: Objective | Objectives, outputs: tuple[Any, ...]
) -> tuple[Any, Any, Any]:
    """(x, y, weights) as Keras takes them. Bytes stay bytes: Keras casts each batch."""
    x = list(data.x) if isinstance(data.x, tuple) else data.x
    if isinstance(wanted, Objective):
        return x, data.targets, _of_steps(data.weights, outputs)
    given, nothing = iter(data.targets), np.zeros((len(data), 1))
    pairs = [pair(next(given)) if one else (nothing, None) for one in wanted.values()]
    targets, weights = map(list, zip(*pairs, strict=True))
    if all(one is None for one in weights):
        return x, targets, None
    ones = np.ones(len(data))  # Keras wants weights for all outputs, or for none
    weights = [ones if one is None else one for one in weights]
    return x, targets, list(map(_of_steps, weights, outputs))


def _of_steps(weights: Array | None, outputs: tuple[int, ...]) -> Array | None:
    """A weight for every step: those of examples Keras would take for those of steps."""
    if weights is None:
        return None
    shape = (len(weights), *outputs[:-1])
    return np.broadcast_to(spread(weights, np.empty(shape)), shape)


def _learned(model: Model) -> Iterator[tuple[int, Objective, tuple[int, ...]]]:
    """(number, objective, shape) of each output that has a loss."""
    _, wanted = model._require_compiled()
    if isinstance(wanted, Objective):
        yield 0, wanted, model.output_shape
        return
    for number, one in enumerate(wanted.values()):
        if one is not None:
            yield number, one, model.output_shape[number]


def _same_metrics_in_keras(model: Model) -> None:
    """Raise where Keras would count padding."""
    for _, wanted, shape in _learned(model) if makes_mask(model.network) else ():
        for metric in (*wanted.metrics, *wanted.weighted):
            if metric.whole and len(shape) > 1:
                raise GlassnetError(
                    "counts padding in Keras.",
                    where=f"metric {metric.name!r}",
                    fix="Train without it, and ask evaluate afterwards.",
                )


def _same_loss_in_keras(model: Model) -> None:
    """Raise where Keras on TensorFlow would train on another loss than it was told."""
    for number, wanted, _ in _learned(model):
        loss, last = wanted.loss, last_activation(model.network, number)
        if isinstance(loss, Crossentropy) and not loss.from_logits and last != loss.joins:
            raise GlassnetError(
                f"on TensorFlow, Keras takes what goes into a last {last} as if it went into a "
                f"{loss.joins}, and so trains on another loss.",
                where=f"keras:tensorflow: {type(loss).__name__}",
                fix=f'End in activation="{loss.joins}", or use another backend.',
            )


def _something_to_watch(callback: EarlyStopping, metrics: Sequence[str], validated: bool) -> None:
    """Raise if there is no such number: Keras would warn, and never stop."""
    names = ["loss", *metrics]
    names += [f"val_{name}" for name in names] if validated else []
    if callback.monitor not in names:
        raise GlassnetError(
            f"there is no {callback.monitor!r} to watch; there are {', '.join(names)}.",
            where="EarlyStopping",
            fix="Give fit validation_data, or watch another number.",
        )


def _early_stopping(callback: EarlyStopping) -> Any:
    """Keras's own, with the same arguments."""
    import keras

    return keras.callbacks.EarlyStopping(
        monitor=callback.monitor,
        min_delta=callback.min_delta,
        patience=callback.patience,
        mode=callback.mode,
        baseline=callback.baseline,
        restore_best_weights=callback.restore_best_weights,
        start_from_epoch=callback.start_from_epoch,
    )


def _observer(callbacks: Sequence[Callback], interrupts: Interrupts) -> Any:
    """A Keras callback that tells ours, and does in Keras what they ask for."""
    import keras

    class Observer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.epoch, self.step, self.began, self.told = 0, 0, time.perf_counter(), 0.0
            self.stop, self.kept, self.restore = False, None, False
            self.tell("on_train_begin", {})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.epoch, self.step, self.began = epoch, 0, time.perf_counter()
            self.tell("on_epoch_begin", {})

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step = batch + 1
            self.model.stop_training |= interrupts.asked
            now = time.perf_counter()
            if now - self.told > SEGMENT_SECONDS or self.step == self.params["steps"]:
                self.told = now
                self.tell("on_segment_end", logs)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if not math.isfinite(logs["loss"]):
                return  # nobody is to write that down; `fit` raises once Keras has stopped
            self.tell("on_epoch_end", logs)
            self.model.stop_training |= self.stop  # only here: epochs are always whole

        def on_train_end(self, logs: Any = None) -> None:
            self.tell("on_train_end", logs or {})
            if self.restore and self.kept is not None:
                self.model.set_weights(self.kept)

        def tell(self, point: str, logs: Mapping[str, Any]) -> None:
            numbers = {name: float(value) for name, value in logs.items()}
            seconds = time.perf_counter() - self.began
            epochs, steps = self.params["epochs"], self.params["steps"]
            record = Record(self.epoch, epochs, self.step, steps, numbers, seconds)
            for callback in callbacks:
                request = getattr(callback, point)(record)
                if request is None:
                    continue
                self.stop |= request.stop
                self.restore |= request.restore
                if request.keep:
                    self.kept = self.model.get_weights()

    return Observer()
