"""`Model`: a network with its weights, trained and used with Keras's habits."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, overload

from glassnet import optimizers
from glassnet.core.arrays import length, map_arrays, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints import COMPILE, FIT, refuse
from glassnet.core.registry import build, describe
from glassnet.core.trees import Tree
from glassnet.data.augmentation import Augmentation
from glassnet.doctor import Subject, glance
from glassnet.engines import engine as new_engine
from glassnet.engines.state import State, beginning
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.functional import Node
from glassnet.losses import Loss
from glassnet.metrics import Metric
from glassnet.model.build import checked_input_names, origin
from glassnet.model.file import ModelFile, read_model, write_model
from glassnet.model.predictor import Predictor
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback, checked_callbacks
from glassnet.training.callbacks.backup_and_restore import backed_up
from glassnet.training.callbacks.progress_bar import shown
from glassnet.training.checks.augmentation import checked_augmentation
from glassnet.training.checks.inputs import checked_inputs, checked_rows
from glassnet.training.checks.targets import by_class, checked_examples
from glassnet.training.divergence import lost
from glassnet.training.evaluate import blocks_of, evaluate_batches
from glassnet.training.examples import Examples, split, validation_parts
from glassnet.training.loop import History, Plan, train
from glassnet.training.output_specs import (
    OutputSpec,
    OutputSpecs,
    from_json,
    numbers_of,
    objective_of,
    output_specs,
    to_json,
)
from glassnet.training.signals import deferred_interrupts
from glassnet.training.step import Objective

Nodes = Node | Sequence[Node]
Wanted = str | Loss | None
Chosen = str | Metric | Sequence[str | Metric] | None


class Model(Predictor):
    """A network, its weights, and how it is trained.

    Built from a list of layers, one layer, the nodes that a graph runs between (its inputs and its
    outputs, one or a list), or a recipe's name with its options:

        Model([Flatten(), Dense(128, "relu"), Dense(10, "softmax")], input_shape=(28, 28))
        Model(inputs=[a, b], outputs=y)
        Model("cnn", (28, 28), classes=10, dropout=0.1)

    Without `input_shape`, weights are made when `fit` first sees data.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | Layer | Nodes | str | None = None,
        input_shape: Sequence[Any] | Node | None = None,
        *,
        inputs: Nodes | None = None,
        outputs: Nodes | None = None,
        seed: int = 0,
        dtype: str = "float32",
        class_names: Sequence[str] = (),
        **options: Any,
    ) -> None:
        start = origin(layers, input_shape, inputs, outputs, options)
        super().__init__(start.network, seed=seed, dtype=dtype, class_names=class_names)
        self.input_names = start.input_names
        self.optimizer: Optimizer | None = None
        self._wanted: OutputSpec | OutputSpecs | None = None
        self._forget()
        if start.input_shape is not None:
            self.build(start.input_shape)
            self._params = start.weights(self._params, dtype)

    # -- training -------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: Wanted | Sequence[Wanted] | Mapping[str, Wanted] = None,
        metrics: Chosen | Sequence[Chosen] | Mapping[str, Chosen] = None,
        weighted_metrics: Chosen | Sequence[Chosen] | Mapping[str, Chosen] = None,
        loss_weights: Sequence[float | None] | Mapping[str, float] | None = None,
        **others: Any,
    ) -> None:
        """Say how to train: an optimizer, a loss, and the metrics to watch.

        Examples count alike in `metrics`, and by their weights in `weighted_metrics`. Precision,
        recall, F1 and AUC are no means over examples: `evaluate` gives them, and `fit` for
        held-out examples.

        Of several outputs, each argument is a list with one for each or a dict by the name of the
        layer that makes the output; one loss is for all. The loss of all is the sum of theirs,
        each times its `loss_weights`; an output whose loss is None is not trained. Histories have
        each output's numbers as `<output>_loss`, `<output>_accuracy`.
        """
        refuse(others, self.compile, COMPILE)
        self._wanted = output_specs(self.network, loss, metrics, weighted_metrics, loss_weights)
        self.optimizer = optimizers.get(optimizer)
        self._forget()

    @property
    def loss(self) -> Loss | None:
        """The loss of the only output; None before `compile`, and where there are several."""
        return self._wanted.loss if isinstance(self._wanted, OutputSpec) else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the numbers that histories have besides the loss."""
        return tuple(numbers_of(self._wanted)) if self._wanted else ()

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = 32,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Sequence[Any] | None = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        stratify: bool = False,
        augment: str | Augmentation | Sequence[str | Augmentation] | None = None,
        engine: str = "numpy",
        **others: Any,
    ) -> History:
        """Train. As in Keras, with three additions. `verbose` is for a bar (1, "auto") or rows (2).

        `engine` runs the steps: "numpy", or "jax" for the same steps compiled. `augment` changes
        each training batch at random: "flip,shift", or those of `glassnet.data.augmentation`.
        `validation_split` takes the last rows, before shuffling; with `stratify=True` it takes the
        same share of each class instead, which is what labels that come sorted need.

        Weights make the loss of a batch Σₙ wₙ lₙ / N, divided by the number of examples and not by
        the sum of their weights. `class_weight` {label: weight} gives each example the weight of
        its class, times its `sample_weight` if it has one. The latter also counts in the held-out
        rows of a `validation_split`, as weights do in `validation_data` (x, y, weights); class
        weights don't.

        Ctrl-C ends training after the running segment, with what was learned so far; with
        `BackupAndRestore` among the callbacks so does SIGTERM.
        """
        refuse(others, self.fit, FIT)
        optimizer, _ = self._require_compiled()
        plan = Plan(
            whole_number(epochs, "epochs", 0),
            whole_number(32 if batch_size is None else batch_size, "batch_size", 1),
            shuffle, self.seed, whole_number(initial_epoch, "initial_epoch", 0),
        )  # fmt: skip
        watchers = [*checked_callbacks(callbacks), *shown(verbose)]
        examples, held_out = self.examples(x, y, sample_weight), None
        if validation_data is not None:
            held_out = self.held_out(validation_data)
        elif validation_split:
            examples, held_out = split(examples, validation_split, stratify, self.seed, self.loss)
        examples = self.by_class(examples, class_weight)
        weighted, loss = examples.weights is not None, self.loss
        change = checked_augmentation(augment, self.network, self.input_shape, loss, weighted)
        objective, params = self._objective(change), self._adapted(examples.x)
        objective.check_dataset_metrics(held_out, self._output_shape)
        slots = self._slots or beginning(objective, optimizer, params).slots
        if loss:  # the doctor looks at networks with one output
            look = self.network, loss, objective, params, optimizer, plan, examples, held_out
            glance(Subject.of(*look))
        running = new_engine(
            engine, objective, optimizer, State(self._step, params, slots), self.seed
        )

        def validate(params: Tree) -> dict[str, float]:
            assert held_out is not None
            return evaluate_batches(objective, params, held_out.x, held_out.y, self.dtype)

        backup, start = backed_up(watchers, running, objective, optimizer, plan, examples, held_out)
        self.outgrow()
        with deferred_interrupts(terminations=backup is not None) as interrupts:
            try:
                state, history = train(
                    running, optimizer, examples.x, examples.y, plan,
                    validate=validate if held_out else None, model=self.file, callbacks=watchers,
                    interrupted=lambda: interrupts.asked, backup=backup, start=start,
                )  # fmt: skip
                self._adopt(state)
            except BaseException as error:
                if not (interrupts.forced or lost(error)):  # what was learned is kept
                    self._adopt(running.state())
                raise
        interrupts.end_if_asked()
        if backup:
            backup.finish()
        return history

    @overload
    def evaluate(
        self, x: Any, y: Any, batch_size: int | None = None, verbose: str | int = "auto",
        sample_weight: Any = None, return_dict: Literal[False] = False,
    ) -> list[float]: ...  # fmt: skip
    @overload
    def evaluate(
        self, x: Any, y: Any, batch_size: int | None = None, verbose: str | int = "auto",
        sample_weight: Any = None, *, return_dict: Literal[True],
    ) -> dict[str, float]: ...  # fmt: skip
    def evaluate(
        self,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> list[float] | dict[str, float]:
        """`[loss, *metrics]` on these data, or the same as a dict; weights count as in `fit`."""
        self._require_compiled()
        self._require_built()
        size = None if batch_size is None else whole_number(batch_size, "batch_size", 1)
        data = self.examples(x, y, sample_weight)
        found = evaluate_batches(self._objective(), self.params, data.x, data.y, self.dtype, size)
        found = {name: found[name] for name in ("loss", *self.metrics)}
        if verbose in ("auto", 1, 2):
            sys.stderr.write("  ".join(f"{k} {v:.4f}" for k, v in found.items()) + "\n")
        return found if return_dict else list(found.values())

    # -- keeping --------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write the model file: network, weights, class names, loss. Whole or not at all."""
        write_model(path, self.file(self.params))

    def file(self, params: Tree) -> ModelFile:
        """What the model file would hold with these weights."""
        wanted = to_json(self._wanted) if self._wanted else {}
        about = {"seed": self.seed, "inputs": list(self.input_names), **self.about, **wanted}
        about["optimizer"] = describe(self.optimizer) if self.optimizer else None
        parts = self.network, self.input_shape, self.dtype, params, self.class_names
        return ModelFile(*parts, about, self.typical)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The model in a file, or in a run's folder."""
        file = read_model(path)
        about, where = dict(file.about), str(path)
        seed, optimizer = about.pop("seed", 0), about.pop("optimizer", None)
        try:
            model = cls(file.network, seed=seed, dtype=file.dtype, class_names=file.class_names)
            model.take(file.input_shape, file.params)
            model.input_names = checked_input_names(about.pop("inputs", []))
            if (wanted := from_json(about))[0] is not None:
                model.compile(build("optimizer", optimizer), *wanted)
        except GlassnetError as error:
            raise error.inside(where) from error
        model.about, model.typical = about, file.typical
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
        self._objectives: dict[Augmentation | None, Objective] = {}

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_tasks": {}}  # what was compiled can't be copied

    def _adopt(self, state: State) -> None:
        state = state.averaged()  # as in Keras, training with use_ema ends with the averages
        self._step, self._params, self._slots = state.step, state.params, dict(state.slots)

    def _objective(self, augment: Augmentation | None = None) -> Objective:
        _, wanted = self._require_compiled()
        if augment not in self._objectives:  # kept: engines compile once for each
            self._objectives[augment] = objective_of(
                self.network, wanted, self._weights, self._output_shape, augment
            )
        return self._objectives[augment]

    def _adapted(self, x: Any) -> Tree:
        """The weights, with those that are fitted to data and not yet fitted, fitted to x."""
        return self.network.adapt(self._params, lambda: blocks_of(x, self.dtype))

    def by_class(self, examples: Examples, weights: Mapping[int, float] | None) -> Examples:
        """The examples, each counting by the weight of its class."""
        wanted = self._require_compiled()[1]
        return by_class(examples, weights, wanted, self._output_shape, self.dtype)

    def held_out(self, data: Any) -> Examples:
        """The pair (x, y), or (x, y, weights), as network and losses take it."""
        return self.examples(*validation_parts(data), "validation_")

    def examples(self, x: Any, y: Any, weights: Any = None, prefix: str = "") -> Examples:
        """The data as network and losses take them; builds the network if it isn't built yet."""
        _, wanted = self._require_compiled()
        x = self._listed(x)
        x = checked_inputs(x, self._input_shape, self.dtype, f"{prefix}x", self.inputs)
        if not length(x):
            raise GlassnetError("has no rows.", where=f"{prefix}x")
        if not self.built:
            self.build(map_arrays(lambda a: a.shape[1:], x))
        checked_rows(self.network, x, f"{prefix}x")
        return checked_examples(x, y, weights, wanted, self._output_shape, self.dtype, prefix)

    def _require_compiled(self) -> tuple[Optimizer, OutputSpec | OutputSpecs]:
        if self.optimizer is None or self._wanted is None:
            fix = 'Call compile("adam", loss=...) first.'
            raise GlassnetError("is not compiled.", where="Model", fix=fix)
        return self.optimizer, self._wanted
