"""`CompiledModel`: a network with its weights, optimizer, losses and metrics; evaluates it."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

from glassnet import optimizers
from glassnet.core.arrays import optional_number
from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.core.file_formats import service
from glassnet.core.functions import Function
from glassnet.core.terminal import say
from glassnet.core.trees import Tree, items, map_leaves
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.engines.state import State, initial_state, of_trained
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.freezing import frozen_layers, trained_paths
from glassnet.layers.low_rank import adapters_of
from glassnet.losses import Loss
from glassnet.metrics import Metric
from glassnet.model.columns import warn_if_unmatched
from glassnet.model.predictor import Predictor, one_or_list
from glassnet.optimizers import Optimizer
from glassnet.training.batches import Batches, Reader, is_batched
from glassnet.training.callbacks import Callback, Record, checked_callbacks
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.checks.augmentation import checked_augmentation
from glassnet.training.checks.batches import refuse_with_batches, require_end
from glassnet.training.checks.examples import (
    DataSpec,
    checked_examples,
    checked_training_data,
    checked_validation,
    with_class_weights,
)
from glassnet.training.checks.inputs import InputNames
from glassnet.training.evaluate import Evaluation, inputs_of
from glassnet.training.examples import Examples
from glassnet.training.output_specs import (
    Compiled,
    OutputSpec,
    OutputSpecs,
    numbers_of,
    objective_of,
    output_specs,
)
from glassnet.training.session import require_idle
from glassnet.training.step import Objective

LossLike = str | Loss | Function | None
Callbacks = Callback | Sequence[Callback] | None
MetricsLike = str | Metric | Function | Sequence[str | Metric | Function] | None


class CompiledModel(Predictor):
    """A network with what it is trained and evaluated by, which `compile` sets."""

    _frozen: frozenset[str] | None  # the layers, as the first training after `compile` read them

    _adapters: Any  # those of the network of the objectives

    def __init__(self, network: Layer, **options: Any) -> None:
        super().__init__(network, **options)
        self._optimizer: Optimizer | None = None
        self._outputs: OutputSpec | OutputSpecs | None = None
        self._loaded = False  # True if it was compiled as its file says
        self._readable = False  # True once the model is known to be readable from a file
        self._reset_optimizer()

    @checked_arguments("compile")
    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: LossLike | Sequence[LossLike] | Mapping[str, LossLike] = None,
        metrics: MetricsLike | Sequence[MetricsLike] | Mapping[str, MetricsLike] = None,
        weighted_metrics: MetricsLike | Sequence[MetricsLike] | Mapping[str, MetricsLike] = None,
        loss_weights: Sequence[float | None] | Mapping[str, float] | None = None,
    ) -> None:
        """Configure training: the optimizer, the loss, and the metrics to monitor.

        Examples count equally in `metrics`, and by their weights in `weighted_metrics`. Precision,
        recall, F1 and AUC are not means over examples: `evaluate` computes them, and `fit` does so
        for validation data only.

        With multiple outputs, each argument is a list with one entry per output, or a dict keyed by
        the name of the layer that computes the output; a single loss applies to all. The total loss
        is the sum of their losses, each times its `loss_weights`; an output whose loss is None is
        not trained. Histories name each output's values `<output>_loss`, `<output>_accuracy`.
        """
        require_idle(self)
        self._outputs = output_specs(self.network, loss, metrics, weighted_metrics, loss_weights)
        self._optimizer = optimizers.get(optimizer)
        self._loaded = self._readable = False
        self._reset_optimizer()

    def compile_as_in_file(self, optimizer: Optimizer, *outputs: Any) -> None:
        """Compile a loaded model, whose optimizer state is not in the file."""
        self.compile(optimizer, *outputs)
        self._loaded = True

    @property
    def compiled(self) -> Compiled:
        """The optimizer, and each output's loss and metrics; raises before `compile`."""
        if self.optimizer is None or self._outputs is None:
            fix = 'Call compile("adam", loss=...) first.'
            raise GlassnetError("is not compiled.", where="Model", fix=fix)
        return Compiled(self.optimizer, self._outputs)

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer, whose `learning_rate` can be set; None before `compile`."""
        return self._optimizer

    @property
    def loss(self) -> Loss | None:
        """The loss of the only output; None before `compile`, and with multiple outputs."""
        return self._outputs.loss if isinstance(self._outputs, OutputSpec) else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the values in histories other than the loss."""
        return tuple(numbers_of(self._outputs)) if self._outputs else ()

    @property
    def metrics_names(self) -> list[str]:
        """The names of the values that `evaluate` returns; [] before `compile`."""
        return ["loss", *self.metrics] if self._outputs else []

    @overload
    def evaluate(
        self, x: Any, y: Any = None, batch_size: int | None = None, verbose: str | int = "auto",
        sample_weight: Any = None, steps: int | None = None, callbacks: Callbacks = None,
        return_dict: Literal[False] = False,
    ) -> Any: ...  # fmt: skip

    @overload
    def evaluate(
        self, x: Any, y: Any = None, batch_size: int | None = None, verbose: str | int = "auto",
        sample_weight: Any = None, steps: int | None = None, callbacks: Callbacks = None,
        *, return_dict: Literal[True],
    ) -> dict[str, float]: ...  # fmt: skip

    @checked_arguments("evaluate")
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Callbacks = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss on the data, or `[loss, *metrics]` if there are metrics, or a dict.

        Weights count as in `fit`. x can be data in batches, as in `fit`. `steps` is the number of
        batches, if not all.

        If the model reads raw rows, x is a DataFrame with the target, or without it and y has it,
        or the path of a table or folder. The loss is that of training: of numbers, standardized.
        """
        watching = CallbackList(checked_callbacks(callbacks))
        size, steps = optional_number(batch_size, "batch_size"), optional_number(steps, "steps")
        if self.are_rows(x, paths=True):
            x, y, sample_weight = service("evaluate rows").examples_of(self, x, y, sample_weight)
        if is_batched(x):
            refuse_with_batches(x, y=y, sample_weight=sample_weight, batch_size=batch_size)
            data: Examples | Batches = self.batches(x)
        else:
            data = self.examples(x, y, sample_weight)
        require_end(data, steps, "x", "steps")
        evaluation = Evaluation(self.objective(), data, self.dtype, "x", size, steps)
        watching.begin(self, {"verbose": verbose, "epochs": 1, "steps": steps})
        watching("on_test_begin", Record(0, 1))
        logs = evaluation(self.params, watching)
        logs = {name: logs[name] for name in self.metrics_names}
        watching("on_test_end", Record(0, 1, logs=logs))
        if verbose in ("auto", 1, 2):
            say("  ".join(f"{k} {v:.4f}" for k, v in logs.items()))
        return logs if return_dict else one_or_list([*logs.values()])

    def batches(
        self, data: Any, where: str = "x", class_weight: Any = None, learns: bool = False
    ) -> Batches:
        """Return data in batches, each checked when it is read; builds the network if necessary.

        With `learns`, the model keeps the names of the columns of tables.
        """
        reader = Reader(data, where)
        x, y, weights = reader.first()

        def check(batch: tuple[Any, Any, Any]) -> Examples:
            examples = checked_examples(self._data_spec, *batch)
            return with_class_weights(self._data_spec, examples, class_weight)

        with errors_inside(f"batch 1 of {where}"):
            if not learns:
                warn_if_unmatched(x, self.network.inputs, self.columns)
            first = check((x, y, weights))
            if not self.built:
                self._build(first.input_shape)
            if learns:
                spec = self._data_spec.with_columns_of(x, y)
                self.columns, self.target_columns = spec.names.columns, spec.target_columns
        return Batches(reader, check, first)

    def validation_data(self, data: Any) -> Examples | Batches | None:
        """Return `validation_data` of `fit`, checked; None if there are none."""
        if data is None:
            return None
        if is_batched(data):
            return self.batches(data, "validation_data")
        return checked_validation(self._data_spec, data)

    def examples(self, x: Any, y: Any, weights: Any = None) -> Examples:
        """Return the data as network and losses take them; builds the network if necessary."""
        warn_if_unmatched(x, self.network.inputs, self.columns)
        return self._checked_data(x, y, weights)[0]

    def training_data(
        self, x: Any, y: Any, weights: Any = None, **options: Any
    ) -> tuple[Examples, Examples | None]:
        """Return (training, validation examples or None), as `fit` does; keeps columns' names."""
        spec = self._data_spec
        data = self._checked_data(x, y, weights, seed=self.seed, **options)
        spec = spec.with_columns_of(x, y)
        self.columns, self.target_columns = spec.names.columns, spec.target_columns
        return data

    def _checked_data(self, *data: Any, **options: Any) -> tuple[Examples, Examples | None]:
        examples, held_out = checked_training_data(self._data_spec, *data, **options)
        if not self.built:
            self._build(examples.input_shape)
        return examples, held_out

    def adapted(self, x: Any) -> Tree:
        """Return the weights, after adapting to x the layers that still need it (Normalization).

        x are arrays or `Batches`, which are read once for each of these layers.
        """
        params = map_leaves(lambda leaf: leaf, self.params)  # training replaces those of the model
        return self.network.adapted(params, lambda: inputs_of(x, self.dtype))

    @property
    def _data_spec(self) -> DataSpec:
        """The network, losses and names that data must fit."""
        names = InputNames(self.input_names, self.columns)
        outputs, shape = self.compiled.outputs, self.accepted_shape if self.built else None
        return DataSpec(self.network, outputs, self.dtype, shape, names, self.target_columns)

    def objective(self, augment: Any = None, frozen: frozenset[str] | None = None) -> Objective:
        """Return what training minimizes, the same object each time: engines compile once for each.
        `frozen` are the paths of the layers that are not trained, by default `frozen_layers`.

        Raises if the augmentation does not fit the network and its loss.
        """
        augmentation = checked_augmentation(augment, self.network, self.input_shape, self.loss)
        if (adapters := adapters_of(self.network)) != self._adapters:
            self._weights = self.network.weights(self.input_shape)
            self._adapters = adapters
            self._objectives.clear()
        key = augmentation, self.frozen_layers if frozen is None else frozen
        if key not in self._objectives:
            parts = self.network, self.compiled.outputs, self._weights, self.output_shape
            self._objectives[key] = objective_of(*parts, *key)
        return self._objectives[key]

    @property
    def frozen_layers(self) -> frozenset[str]:
        """The paths of the layers that training does not change, as the training since `compile`
        has read them from the layers' `trainable`; before it, as they are now.
        """
        return frozen_layers(self.network) if self._frozen is None else self._frozen

    def read_trainable(self) -> None:
        """Read `trainable` of the layers for the training that starts, unless one has since
        `compile`; warns if it has changed.
        """
        current = frozen_layers(self.network)
        if self._frozen is None:
            self._frozen = current
        elif changed := min(current ^ self._frozen, default=None):
            warnings.warn(
                f"`trainable` of layer {changed!r} has changed since `compile`: that has no effect "
                "before the next `compile`.",
                stacklevel=5,  # the line that calls `fit`
            )

    def unfreeze(self) -> None:
        """Set all layers to trainable, for the training in progress and those after it."""
        self.trainable, self._frozen = True, frozenset()

    def state_with(self, params: Tree, objective: Objective) -> State:
        """Return the state of training with these weights, from which the next step continues.

        Raises if the last training was without today's low-rank adapters.
        """
        if not self._slots:
            new = initial_state(objective, self.compiled.optimizer, params)
            return State(self._step, params, new.slots, self._began)
        paths = {path for tree in self._slots.values() for path, _ in items(tree)}
        if not paths <= {*trained_paths(objective.weights, frozenset())}:
            raise GlassnetError(
                "has got or lost low-rank adapters since it was trained.",
                where="Model",
                fix="Compile it again.",
            )
        return State(self._step, params, of_trained(self._slots, objective), self._began)

    def take(self, input_shape: Shape, params: Tree) -> None:
        """Set the input shape and the weights, and reset the optimizer state."""
        super().take(input_shape, params)
        self._reset_optimizer()

    def _reset_optimizer(self) -> None:
        """Discard the optimizer state, which otherwise carries over from one `fit` to the next."""
        self._step = self._began = 0
        self._slots: Mapping[str, Tree] = {}
        self._frozen = None
        self._objectives: dict[Any, Objective] = {}
        self._adapters = None

    def keep(self, state: State) -> None:
        """Keep the optimizer's state, with which the next training continues."""
        self._step, self._slots, self._began = state.step, state.slots, state.began

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_objectives": {}}  # compiled functions can't be copied
