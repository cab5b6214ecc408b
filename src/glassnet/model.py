"""`Model`: a network with its weights, trained and used with Keras's habits."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from glassnet import losses, metrics, networks, optimizers
from glassnet.arrays import whole_number
from glassnet.configs import build, describe
from glassnet.data.splits import stratified_split, tail_split
from glassnet.engines import engine as new_engine
from glassnet.engines.state import State
from glassnet.errors import GlassnetError
from glassnet.files import ModelFile, read_model, write_model
from glassnet.layers import Layer, Sequential
from glassnet.losses import Crossentropy, Loss
from glassnet.metrics import Metric
from glassnet.optimizers import Optimizer
from glassnet.predictor import Predictor
from glassnet.training.callbacks import Callback
from glassnet.training.interrupts import deferred_interrupts
from glassnet.training.judge import BLOCK, judge
from glassnet.training.loop import DivergenceError, History, Plan, train
from glassnet.training.progress import Progress
from glassnet.training.step import Task, joined
from glassnet.training.targets import checked_inputs, checked_loss, checked_targets
from glassnet.trees import Array, Tree, from_items, items

Shape = tuple[int, ...]


class Model(Predictor):
    """A network, its weights, and how it is trained.

    Built from a list of layers, one layer, or a recipe's name with its options:

        Model([Flatten(), Dense(128, "relu"), Dense(10, "softmax")], input_shape=(28, 28))
        Model("mlp", classes=10, hidden=(128,))

    Without `input_shape`, weights are made when `fit` first sees data.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | Layer | str,
        input_shape: Sequence[int] | None = None,
        *,
        seed: int = 0,
        dtype: str = "float32",
        class_names: Sequence[str] = (),
        **options: Any,
    ) -> None:
        if isinstance(layers, str):
            network: Layer = networks.recipe(layers, **options)
        elif options:
            raise GlassnetError(
                f"unknown argument {min(options)!r}; options go with a recipe's name.",
                where="Model",
            )
        else:
            network = layers if isinstance(layers, Layer) else Sequential(tuple(layers))
        super().__init__(network, seed=seed, dtype=dtype, class_names=class_names)
        self.about: dict[str, Any] = {}  # what the model file says besides: JSON values
        self.optimizer: Optimizer | None = None
        self.loss: Loss | None = None
        self.metrics: tuple[str, ...] = ()
        self._forget()
        if input_shape is not None:
            self.build(input_shape)

    # -- training -------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: str | Loss | None = None,
        metrics: str | Sequence[str] | None = None,
    ) -> None:
        """Say how to train: an optimizer, a loss, and the metrics to watch."""
        if loss is None:
            raise GlassnetError(
                "compile needs a loss.", where="Model", fix=f"One of: {_names('loss')}."
            )
        metrics = [metrics] if isinstance(metrics, str) else metrics or []
        chosen = losses.get(loss)
        checked_loss(self.network, chosen)
        for name in metrics:
            _metric(name, chosen, 2)
        self.optimizer, self.loss = optimizers.get(optimizer), chosen
        self.metrics = tuple(metrics)
        self._forget()

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int | None = 32,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | None = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        stratify: bool = False,
        engine: str = "numpy",
    ) -> History:
        """Train. As in Keras, with two additions.

        `engine` runs the steps: "numpy", or "jax" for the same steps compiled.
        `validation_split` takes the last rows, before shuffling; with `stratify=True` it takes the
        same share of each class instead, which is what labels that come sorted need.

        Ctrl-C ends training after the segment that is running, with what was learned so far.
        """
        optimizer, loss = self._require_compiled()
        plan = Plan(
            whole_number(epochs, "epochs", 0),
            whole_number(32 if batch_size is None else batch_size, "batch_size", 1),
            shuffle,
            self.seed,
            whole_number(initial_epoch, "initial_epoch", 0),
        )
        x = checked_inputs(x, self._input_shape, self.dtype)
        if not len(x):
            raise GlassnetError("has no rows.", where="x")
        if not self.built:
            self.build(x.shape[1:])
        y = checked_targets(y, len(x), self._output_shape, loss, self.dtype)
        held_out = None
        if validation_data is not None:
            held_out = self._validation(validation_data)
        elif validation_split:
            rows, val_rows = self._split(y, validation_split, stratify)
            held_out = x[val_rows], y[val_rows]
            x, y = x[rows], y[rows]

        task, params = self._task(), self._adapted(x)
        slots = self._slots or {name: _zeros(task, params) for name in optimizer.slots}
        running = new_engine(engine, task, optimizer, State(self._step, params, slots), self.seed)
        watchers = [callbacks] if isinstance(callbacks, Callback) else [*(callbacks or ())]
        if verbose in ("auto", 1, 2):
            watchers.append(Progress())

        def validate(params: Tree) -> dict[str, float]:
            assert held_out is not None
            return judge(task, params, *held_out, self.dtype)

        with deferred_interrupts() as interrupts:
            try:
                state, history = train(
                    running, optimizer, x, y, plan,
                    validate=validate if held_out else None,
                    callbacks=watchers,
                    interrupted=lambda: interrupts.asked,
                )  # fmt: skip
                self._adopt(state)
            except DivergenceError:
                raise
            except BaseException:
                if not interrupts.forced:  # a callback's error: what was learned is kept
                    self._adopt(running.state())
                raise
        if interrupts.asked:
            raise KeyboardInterrupt
        return history

    def evaluate(
        self,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        return_dict: bool = False,
    ) -> list[float] | dict[str, float]:
        """`[loss, *metrics]` on these data, or the same as a dict."""
        self._require_compiled()
        size = whole_number(BLOCK if batch_size is None else batch_size, "batch_size", 1)
        x, y = self._checked(x, y)
        if not len(x):
            raise GlassnetError("has no rows.", where="x")
        found = judge(self._task(), self.params, x, y, self.dtype, size)
        if verbose in ("auto", 1, 2):
            sys.stderr.write("  ".join(f"{k} {v:.4f}" for k, v in found.items()) + "\n")
        return found if return_dict else list(found.values())

    # -- keeping --------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write the model file: network, weights, class names, loss. Whole or not at all."""
        about = {"seed": self.seed, "metrics": list(self.metrics), **self.about}
        about["loss"] = describe(self.loss) if self.loss else None
        about["optimizer"] = describe(self.optimizer) if self.optimizer else None
        write_model(
            path,
            ModelFile(
                self.network, self.input_shape, self.dtype, self.params, self.class_names, about
            ),
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The model in a file, or in a run's folder."""
        file = read_model(path)
        about, where = dict(file.about), str(path)
        seed, names = about.pop("seed", 0), about.pop("metrics", [])
        loss, optimizer = about.pop("loss", None), about.pop("optimizer", None)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise GlassnetError("its metrics are not a list of names.", where=where)
        try:
            model = cls(file.network, seed=seed, dtype=file.dtype, class_names=file.class_names)
            model.take(file.input_shape, file.params)
            if loss is not None:
                model.compile(build("optimizer", optimizer), build("loss", loss), names)
        except GlassnetError as error:
            raise error.inside(where) from error
        model.about = about
        return model

    # -- inside ---------------------------------------------------------------------------------

    def take(self, input_shape: Shape, params: Tree) -> None:
        """Take weights that were made elsewhere; the optimizer starts anew."""
        super().take(input_shape, params)
        self._forget()

    def _forget(self) -> None:
        """Forget what the optimizer remembers from one `fit` to the next."""
        self._step = 0
        self._slots: dict[str, Tree] = {}
        self._made_task: Task | None = None
        self._made_for: tuple[Any, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made_task": None}  # what was compiled can't be copied

    def _adopt(self, state: State) -> None:
        self._step, self._params, self._slots = state.step, state.params, dict(state.slots)

    def _split(self, y: Array, share: float, stratify: bool) -> tuple[Array, Array]:
        """Rows to train on, rows held out."""
        if not stratify:
            return tail_split(len(y), share)
        labels = y
        if y.ndim > 1:  # one yes-or-no, or one-hot
            labels = y[:, 0] > 0.5 if y.shape[-1] == 1 else y.argmax(axis=-1)
        return stratified_split(labels, share, self.seed)

    def _validation(self, data: Any) -> tuple[Array, Array]:
        if not isinstance(data, tuple | list) or len(data) != 2:
            raise GlassnetError("must be a pair (x, y).", where="validation_data")
        return self._checked(data[0], data[1], "validation_")

    def _task(self) -> Task:
        _, loss = self._require_compiled()
        if self._made_task is not None and self._made_for == (self.loss, self.metrics):
            return self._made_task
        network, loss = joined(self.network, loss)
        chosen = {name: _metric(name, loss, self._output_shape[-1]) for name in self.metrics}
        self._made_for = self.loss, self.metrics
        self._made_task = Task(network, loss, chosen, self._weights)
        return self._made_task

    def _adapted(self, x: Array) -> Tree:
        """The weights, with those that are fitted to data and not yet fitted, fitted to x."""

        def blocks() -> Any:
            for start in range(0, len(x), BLOCK):
                yield x[start : start + BLOCK].astype(self.dtype, copy=False)

        return self.network.adapt(self._params, blocks)

    def _checked(self, x: Any, y: Any, prefix: str = "") -> tuple[Array, Array]:
        _, loss = self._require_compiled()
        x = checked_inputs(x, self.input_shape, self.dtype, f"{prefix}x")
        return x, checked_targets(y, len(x), self._output_shape, loss, self.dtype, f"{prefix}y")

    def _require_compiled(self) -> tuple[Optimizer, Loss]:
        if self.optimizer is None or self.loss is None:
            raise GlassnetError(
                "is not compiled.", where="Model", fix='Call compile("adam", loss=...) first.'
            )
        return self.optimizer, self.loss


def _metric(name: str, loss: Loss, classes: int) -> Metric:
    logits = isinstance(loss, Crossentropy) and loss.from_logits
    return metrics.get(name, labels=loss.labels, classes=classes, logits=logits)


def _zeros(task: Task, params: Tree) -> Tree:
    weights = dict(items(params))
    return from_items({path: np.zeros_like(weights[path]) for path in task.trained})


def _names(kind: str) -> str:
    from glassnet.configs import names

    return ", ".join(names(kind))
