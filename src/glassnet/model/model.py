"""`Model`: a network with its weights and Keras's methods: compile, fit, evaluate, save, load."""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, overload

import numpy as np

from glassnet.core.arrays import optional_number, whole_number
from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.core.file_formats import format_of
from glassnet.core.files import checked_path
from glassnet.core.registry import build, describe, require_registered
from glassnet.core.trees import Tree, map_leaves
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.data.augmentation import Augmentation
from glassnet.doctor import Subject, glance, look_back
from glassnet.engines import engine as new_engine
from glassnet.engines.state import State
from glassnet.layers import Layer
from glassnet.layers.functional import Node
from glassnet.layers.layer_name import own_name
from glassnet.layers.weight_store import write
from glassnet.model.build import checked_input_names, origin
from glassnet.model.columns import columns_from_json, columns_to_json
from glassnet.model.file import ModelFile, read_model
from glassnet.model.low_rank import LowRankMethods
from glassnet.training.batches import Batches, is_batched
from glassnet.training.callbacks import Callback, checked_callbacks
from glassnet.training.callbacks.progress_bar import progress_callbacks
from glassnet.training.callbacks.unfreeze import engine_with
from glassnet.training.checks.batches import refuse_with_batches, require_repeatable
from glassnet.training.divergence import require_finite_weights
from glassnet.training.evaluate import Evaluation
from glassnet.training.examples import Examples
from glassnet.training.frozen_body import head_of
from glassnet.training.history import History
from glassnet.training.output_specs import (
    from_json,
    require_readable,
    to_json,
)
from glassnet.training.session import require_idle, run_session, warn_unreadable
from glassnet.training.source import Plan
from glassnet.training.validation import Validation, checked_frequency

log = logging.getLogger(__name__)

Nodes = Node | Sequence[Node]


class Model(LowRankMethods):
    """A network with its weights, optimizer, loss and metrics.

    Built from a list of layers, one layer, the input and output nodes of a graph (one node or a
    list of them), or a recipe's name with its options:

        Model([Flatten(), Dense(128, "relu"), Dense(10, "softmax")], input_shape=(28, 28))
        Model(inputs=[a, b], outputs=y)
        Model("cnn", (28, 28), classes=10, dropout=0.1)

    Without `input_shape`, weights are created when `fit` first sees data. Weights belong to layers:
    layers and models that are used again keep them, and `clone` makes copies that don't share them.
    `name` is the model's name as a layer of another model.
    """

    stop_training = False  # set by a callback, it stops the training
    history: History | None = None  # of the last `fit`

    @overload
    def __init__(
        self, layers: Sequence["Layer | Model | Node"] | Layer | Nodes | None = None,
        input_shape: Sequence[Any] | Nodes | None = None, *,
        inputs: Nodes | None = None, outputs: Nodes | None = None, seed: int = 0,
        dtype: str = "float32", class_names: Sequence[str] = (), name: str | None = None,
    ) -> None: ...  # fmt: skip

    @overload
    def __init__(
        self, layers: str, input_shape: Sequence[Any] | None = None, *, seed: int = 0,
        dtype: str = "float32", class_names: Sequence[str] = (), name: str | None = None,
        **options: Any,
    ) -> None: ...  # fmt: skip

    def __init__(
        self,
        layers: Sequence["Layer | Model | Node"] | Layer | Nodes | str | None = None,
        input_shape: Sequence[Any] | Nodes | None = None,
        *,
        inputs: Nodes | None = None,
        outputs: Nodes | None = None,
        seed: int = 0,
        dtype: str = "float32",
        class_names: Sequence[str] = (),
        name: str | None = None,
        **options: Any,
    ) -> None:
        start = origin(layers, input_shape, inputs, outputs, name, options)
        super().__init__(start.network, seed=seed, dtype=dtype, class_names=class_names)
        self.input_names, self._nodes = start.input_names, start.nodes
        if start.input_shape is not None:
            self._build(start.input_shape)

    @checked_arguments("fit")
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Collection[int] = 1,
        stratify: bool = False,
        augment: str | Augmentation | Sequence[str | Augmentation] | None = None,
        engine: str = "numpy",
    ) -> History:
        """Train the model and return the history. As in Keras, with three additions:

        x, y are arrays, cut into batches of `batch_size` (32). Or x is data in batches, (x, y) or
        (x, y, weights) each, of which only a few are in memory: a `PyDataset`, a generator, any
        object with `__iter__` that is not a list, a `tf.data.Dataset`, a PyTorch `DataLoader`;
        likewise `validation_data`. They come in their own order, only a PyDataset is shuffled. Of
        data in batches, the doctor looks at the first batch.

        An epoch is a pass over the data, or `steps_per_epoch` batches: the next epoch goes on from
        there, and the end of the data ends an epoch early, with a warning. For epochs that
        `validation_freq` leaves out, the history has no values of validation.

        `engine` runs the steps: "numpy", or "jax" for the same steps compiled. `augment` changes
        each training batch at random: "flip,shift", or classes of `glassnet.data.augmentation`.
        `validation_split` takes the last rows, before shuffling; with `stratify=True` it takes the
        same share of each class instead, which data sorted by label need.

        `verbose` shows a progress bar (1, "auto") or one row per epoch (2).

        With weights, the loss of a batch is Σₙ wₙ lₙ / N, divided by the number of examples and not
        by the sum of their weights. `class_weight` {label: weight} gives each example the weight of
        its class, times its `sample_weight` if there is one. Sample weights also count in the rows
        of a `validation_split`, as the weights in `validation_data` (x, y, weights) do; class
        weights don't.

        Ctrl-C ends training after the running segment and keeps what was learned so far; with
        `BackupAndRestore` among the callbacks, so does SIGTERM.
        """
        require_idle(self)
        self._end_batches()
        optimizer = self.compiled.optimizer
        size = None if batch_size is None else whole_number(batch_size, "batch_size", 1)
        all_callbacks = [*checked_callbacks(callbacks), *progress_callbacks(verbose)]
        if is_batched(validation_data):
            refuse_with_batches(validation_data, validation_batch_size=validation_batch_size)
        if is_batched(x):
            refuse_with_batches(
                x, y=y, sample_weight=sample_weight, batch_size=batch_size,
                validation_split=validation_split or None, stratify=stratify or None,
            )  # fmt: skip
            data: Examples | Batches = self.batches(x, class_weight=class_weight, learns=True)
            held_out = self.validation_data(validation_data)
            size = len(data.first)
        else:
            arrays = None if is_batched(validation_data) else validation_data
            data, split = self.training_data(
                x, y, sample_weight, class_weight=class_weight, validation_data=arrays,
                validation_split=validation_split, stratify=stratify,
            )  # fmt: skip
            held_out = split or self.validation_data(validation_data)
        plan = Plan(
            whole_number(epochs, "epochs", 0), size or 32, shuffle, self.seed,
            whole_number(initial_epoch, "initial_epoch", 0),
            optional_number(steps_per_epoch, "steps_per_epoch"),
        )  # fmt: skip
        self.read_trainable()
        self._readable = self._readable or warn_unreadable(
            self.network, self.compiled, all_callbacks
        )
        objective = self.objective(augment)
        evaluated_by = (
            optional_number(validation_batch_size, "validation_batch_size"),
            optional_number(validation_steps, "validation_steps"),
        )
        frequency, validation = checked_frequency(validation_freq), None
        if held_out is not None:
            held = objective, held_out, self.dtype, "validation_data"
            validation = Validation(Evaluation(*held, *evaluated_by, plan.batch_size), frequency)
        require_repeatable(data, plan, validation)
        objective.check(data, held_out, self.network.output_shape(data.first.input_shape))
        params = self.adapted(data if isinstance(data, Batches) else data.x)
        if self._loaded and not self._step:
            log.warning(
                "the optimizer starts with a new state and its first learning rate: model files "
                "hold neither. BackupAndRestore resumes a training."
            )
        state = self.state_with(params, objective)
        if self.loss:  # the doctor looks at networks with one output
            whole = not (isinstance(data, Batches) or isinstance(held_out, Batches))
            subject = Subject.of(
                self.network, self.loss, objective, params, optimizer, plan, data.first,
                None if held_out is None else held_out.first, all_callbacks,
            )  # fmt: skip
            glance(subject, whole)
        head = None if isinstance(data, Batches) else head_of(objective, params, data.x, engine)
        running = engine_with(
            all_callbacks, partial(new_engine, engine, optimizer=optimizer, seed=self.seed),
            head or objective, partial(self.objective, augment, frozenset()), optimizer, state,
        )  # fmt: skip
        self.history = run_session(
            self, running, objective, optimizer, plan, data, validation, all_callbacks,
            1 if verbose == "auto" else int(verbose), head,
        )  # fmt: skip
        if self.loss and self._step - state.step >= optimizer.accumulates:
            look_back(subject, self.params, self.history.history, whole)
        return self.history

    def publish(self, params: Tree) -> None:
        """Set copies of these weights, for callbacks and for models that share them."""
        require_finite_weights(params, "Model", "It has the weights of the epoch before.")
        write(self._params, map_leaves(np.array, params))

    def adopt(self, state: State) -> None:
        """Take over the state that training ended with; with use_ema, its averages, as in Keras."""
        state = state.averaged()
        require_finite_weights(state.params, "Model")
        write(self._params, state.params)
        self.keep(state)

    @checked_arguments("save")
    def save(self, path: str | Path, overwrite: bool = True) -> None:
        """Write the model file atomically: network, weights, class names, optimizer, loss, ...

        The optimizer's state is not in it: `fit` of the loaded model starts with a new one. A path
        that ends in .keras gives a file for Keras: the network and its weights, not compiled.
        """
        if not overwrite and checked_path(path, "save").exists():
            raise GlassnetError("exists already.", where=str(path), fix="Use overwrite=True.")
        if not str(path).lower().endswith(".keras"):
            require_readable(self.network, self.compiled if self._outputs else None)
        self.file(self.params).save(path)

    def file(self, params: Tree) -> ModelFile:
        """Return the content of the model file, with these weights."""
        outputs = to_json(self._outputs) if self._outputs else {}
        about = {"seed": self.seed, "inputs": list(self.input_names), **self.about, **outputs}
        about |= columns_to_json(self.columns, self.target_columns)
        about["optimizer"] = describe(self.optimizer) if self.optimizer else None
        parts = self.network, self.accepted_shape, self.dtype, params, self.class_names
        return ModelFile(*parts, about, self.typical)

    @classmethod
    @checked_arguments("load")
    def load(cls, path: str | Path) -> Self:
        """Return the model in a file, of glassnet or of Keras, or in a run's folder."""
        if reader := format_of(checked_path(path, "load")):
            network, input_shape, params, dtype = reader.read(path)
            model = cls(network, dtype=dtype)
            model.take(input_shape, params)
            return model
        file = read_model(path)
        about = dict(file.about)
        seed, optimizer = about.pop("seed", 0), about.pop("optimizer", None)
        with errors_inside(str(path)):
            model = cls(file.network, seed=seed, dtype=file.dtype, class_names=file.class_names)
            model.take(file.input_shape, file.params)
            model.input_names = checked_input_names(about.pop("inputs", []))
            model.columns, model.target_columns = columns_from_json(about, file.network.inputs)
            if (outputs := from_json(about))[0] is not None:
                model.compile_as_in_file(build("optimizer", optimizer), *outputs)
        model.about, model.typical = about, file.typical
        return model

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` builds the model from: JSON values, no weights."""
        require_registered(self.network, "network")
        return {
            "name": own_name(self.network),
            "network": describe(self.network),
            "input_shape": list(self.accepted_shape) if self.built else None,
            "inputs": list(self.input_names),
            "seed": self.seed,
            "dtype": self.dtype,
            "class_names": list(self.class_names),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return the model that `get_config` described, with new weights, not compiled."""
        where = f"{cls.__name__}.from_config"
        fields = {"network", "input_shape", "inputs", "seed", "dtype", "class_names"}
        if not isinstance(config, Mapping) or not fields <= {*config}:
            raise GlassnetError("is not a configuration.", where=where, fix="Use get_config().")
        values = {name: config[name] for name in ("seed", "dtype", "class_names")}
        model = cls(build("layer", config["network"], where=where), **values)
        model.input_names = checked_input_names(config["inputs"])
        if config["input_shape"] is not None:
            model.build_for(config["input_shape"])
        return model

    def to_json(self) -> str:
        """Return the configuration as JSON, for `model_from_json`."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()})

    def rebuilt(self, network: Layer) -> Self:
        """Return a model of the same kind and input shape, with this network and its weights."""
        model = type(self)(network, seed=self.seed, dtype=self.dtype, class_names=self.class_names)
        model.input_names = self.input_names
        if self.built:
            model.build_for(self.accepted_shape)
        return model
