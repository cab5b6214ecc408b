"""Training by Keras: its own compile and fit, its own callbacks, on a model of ours."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from glassnet.arrays import each, length
from glassnet.bridges.keras_backend import load_tensorflow, precision, use_backend
from glassnet.bridges.keras_build import to_keras, to_numpy, weights_from
from glassnet.bridges.keras_callbacks import counterpart, has_counterpart, take_back
from glassnet.bridges.keras_compile import loss_to_keras, metric_to_keras, optimizer_to_keras
from glassnet.errors import GlassnetError
from glassnet.files import ModelFile
from glassnet.losses import Crossentropy
from glassnet.model import Model
from glassnet.training.backup import BackupAndRestore
from glassnet.training.callbacks import Callback, Record
from glassnet.training.divergence import DivergenceError
from glassnet.training.interrupts import Interrupts, deferred_interrupts
from glassnet.training.judge import blocks_of
from glassnet.training.loop import SEGMENT_SECONDS, History
from glassnet.training.rates import Rates
from glassnet.training.step import last_activation
from glassnet.training.targets import checked_inputs, checked_targets
from glassnet.trees import Array, Tree

Data = tuple[Any, Array]  # x is a tuple where the network has several inputs


def fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    backend: str,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: tuple[Any, Any] | None = None,
    callbacks: Sequence[Callback] = (),
    shuffle: bool = True,
) -> History:
    """Train a compiled model with Keras on this backend, and take the trained weights back.

    Also when interrupted, the model has what was learned so far. Keras draws the order of the
    examples and dropout, from the model's seed.
    """
    if model.loss is None or model.optimizer is None:
        raise GlassnetError("is not compiled.", where="Model", fix="Call compile first.")
    _same_loss_in_keras(model, backend)
    use_backend(backend)
    load_tensorflow()
    import keras

    x, y = _checked(model, x, y, "")
    held_out = _checked(model, *validation_data, "validation_") if validation_data else None
    if any(isinstance(callback, BackupAndRestore) for callback in callbacks):
        raise GlassnetError(
            "Keras can't go on with the same steps: it does not keep the order of the examples.",
            where=f"keras:{backend}: BackupAndRestore",
            fix='Take engine="numpy" or "jax".',
        )
    numbers = ["loss", *model.metrics]
    numbers += [f"val_{name}" for name in numbers] if held_out else []
    rates = Rates(model.optimizer)
    ours = [callback for callback in callbacks if has_counterpart(callback)]
    theirs = [counterpart(callback, numbers, rates) for callback in ours]
    observers = [callback for callback in callbacks if not has_counterpart(callback)]
    params = model.network.adapt(model.params, lambda: blocks_of(x, model.dtype))
    with precision(model.dtype):
        keras.utils.set_random_seed(model.seed % 2**32)  # all that NumPy takes, which it seeds too
        twin = to_keras(model.network, model.input_shape, params, model.dtype)
        classes = model.output_shape[-1]
        twin.compile(
            optimizer_to_keras(model.optimizer),
            loss_to_keras(model.loss),
            metrics=[
                metric_to_keras(metric, model.loss, classes)
                for metric in (*model._metrics, *model._weighted)
            ],
        )

        def learned() -> Tree:
            return weights_from(twin, model.network, model.input_shape)

        diverged = False
        with deferred_interrupts() as interrupts:
            watching = _observer(
                observers, interrupts, rates,
                examples=lambda step: min(step * batch_size, length(x)),
                model=lambda: model.file(learned()),
            )  # fmt: skip
            try:
                found = twin.fit(
                    _listed(x), y, batch_size, epochs, verbose=0, shuffle=shuffle,
                    validation_data=held_out and (_listed(held_out[0]), held_out[1]),
                    callbacks=[keras.callbacks.TerminateOnNaN(), *theirs, watching],
                )  # fmt: skip
                diverged = not all(map(math.isfinite, found.history.get("loss", ())))
            finally:
                # After a second Ctrl-C the weights may be gone: Keras on JAX gives them away.
                if not (diverged or interrupts.forced):
                    model.take(model.input_shape, learned())
        if diverged:
            raise DivergenceError(
                "is no longer a number.",
                where=f"the loss of epoch {len(found.epoch)}",
                kind="loss",
                kept="The model is as it was before this training.",
            )
        if interrupts.asked:
            interrupts.end()
    for callback, own in zip(ours, theirs, strict=True):
        take_back(callback, own)
    history = {name: [float(value) for value in values] for name, values in found.history.items()}
    return History(list(found.epoch), history, watching.seconds)


def _checked(model: Model, x: Any, y: Any, prefix: str) -> Data:
    """The data as the model and its loss take them. Bytes stay bytes: Keras casts each batch."""
    assert model.loss is not None
    shape = model.input_shape if model.built else None
    x = checked_inputs(x, shape, model.dtype, f"{prefix}x", model.inputs)
    rows = length(x)
    if not rows:
        raise GlassnetError("has no rows.", where=f"{prefix}x")
    if not model.built:
        model.build(each(lambda a: a.shape[1:], x))
    return x, checked_targets(y, rows, model.output_shape, model.loss, model.dtype, f"{prefix}y")


def _listed(x: Any) -> Any:
    """Several inputs as Keras takes them."""
    return list(x) if isinstance(x, tuple) else x


def _same_loss_in_keras(model: Model, backend: str) -> None:
    """Raise where Keras would train on another loss than it was told."""
    loss, last = model.loss, last_activation(model.network)
    if backend != "tensorflow" or not isinstance(loss, Crossentropy) or loss.from_logits:
        return
    if last != loss.joins:
        raise GlassnetError(
            f"on TensorFlow, Keras takes what goes into a last {last} as if it went into a "
            f"{loss.joins}, and so trains on another loss.",
            where=f"keras:{backend}: {type(loss).__name__}",
            fix=f'End in activation="{loss.joins}", or use another backend.',
        )


def _observer(
    callbacks: Sequence[Callback],
    interrupts: Interrupts,
    rates: Rates,
    examples: Callable[[int], int],
    model: Callable[[], ModelFile],
) -> Any:
    """A Keras callback that tells ours, and does in Keras what they ask for."""
    import keras

    class Observer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.epoch, self.step, self.began, self.told = 0, 0, time.perf_counter(), 0.0
            self.before = 0  # steps of the epochs before
            self.seconds: list[float] = []  # of each epoch
            self.stop, self.kept, self.restore = False, None, False
            self.tell("on_train_begin", {})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.before += self.step
            self.epoch, self.step, self.began = epoch, 0, time.perf_counter()
            if rates.asked is not None:  # Keras's own callbacks may have set it to another
                rates.asked = float(to_numpy(self.model.optimizer.learning_rate))
            self.tell("on_epoch_begin", {})

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step = batch + 1
            self.model.stop_training |= interrupts.asked
            now = time.perf_counter()
            if now - self.told > SEGMENT_SECONDS or self.step == self.params["steps"]:
                self.told = now
                self.tell("on_segment_end", logs)
                self.model.stop_training |= self.stop

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if not math.isfinite(logs["loss"]):
                return  # nobody is to write that down; `fit` raises once Keras has stopped
            self.seconds.append(time.perf_counter() - self.began)
            logs |= self.tell("on_epoch_end", logs)
            self.model.stop_training |= self.stop

        def on_train_end(self, logs: Any = None) -> None:
            self.tell("on_train_end", logs or {})
            if self.restore and self.kept is not None:
                self.model.set_weights(self.kept)

        def synced_model(self) -> ModelFile:
            if keras.backend.backend() == "jax":  # else the variables are those of an epoch ago
                self.model.jax_state_sync()
            return model()

        def tell(self, point: str, logs: Mapping[str, Any]) -> Mapping[str, float]:
            """The logs, with the numbers that callbacks added to them."""
            numbers = {name: float(value) for name, value in logs.items()}
            seconds = time.perf_counter() - self.began
            epochs, steps = self.params["epochs"], self.params["steps"]
            rate = rates(self.before + max(self.step - 1, 0))
            record = Record(
                self.epoch, epochs, self.step, steps, numbers, seconds, rate, examples(self.step),
                self.synced_model,
            )  # fmt: skip
            for callback in callbacks:
                request = getattr(callback, point)(record)
                if request is None:
                    continue
                self.stop |= request.stop
                self.restore |= request.restore
                if request.keep:
                    self.kept = self.model.get_weights()
                if request.learning_rate is not None:
                    rates.ask(request.learning_rate, type(callback).__name__)
                    if keras.backend.backend() == "jax":  # else it would not see the change
                        self.model.jax_state_sync()
                    self.model.optimizer.learning_rate = request.learning_rate
                if request.logs:
                    record = replace(record, logs={**record.logs, **request.logs})
            return record.logs

    return Observer()
