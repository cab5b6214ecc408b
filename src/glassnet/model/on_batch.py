"""Keras's methods for one batch: train_on_batch, test_on_batch, predict_on_batch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, overload

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree, leaves, map_leaves
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.engines import engine as new_engine
from glassnet.engines.state import Engine, State
from glassnet.layers.weight_store import write
from glassnet.model.compiled import CompiledModel
from glassnet.model.predictor import one_or_list
from glassnet.training.divergence import divergence
from glassnet.training.examples import Examples
from glassnet.training.running_means import Means
from glassnet.training.session import require_idle
from glassnet.training.step import Objective


class BatchMethods(CompiledModel):
    """A compiled model that can be trained one batch at a time.

    The engine is kept from one batch to the next, and with it the optimizer's state, which `fit`
    and a later batch continue.
    """

    _running: Engine | None
    _published: list[Array]  # the weights after the last batch

    @overload
    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None, return_dict: Literal[False] = False,
    ) -> Any: ...  # fmt: skip

    @overload
    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None, *, return_dict: Literal[True],
    ) -> dict[str, float]: ...  # fmt: skip

    @checked_arguments("train_on_batch")
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Run one step and return the batch's loss and metrics before it, as in Keras.

        Returns the loss, or `[loss, *metrics]` if there are metrics, or a dict of them.
        """
        require_idle(self)
        examples, _ = self.training_data(x, y, sample_weight, class_weight=class_weight)
        self.read_trainable()
        engine, optimizer = self._batch_engine(examples), self.compiled.optimizer
        rows, step = np.arange(len(examples)), engine.step
        measures = engine.run(examples.x, examples.y, [rows], [optimizer.rate(step)])
        if not measures.finite:
            loss, where = measures.losses[-1], f"step {step + 1}"
            raise divergence(engine, examples.x, examples.y, rows, loss, where)
        write(self._params, map_leaves(np.array, engine.params))
        self._published = leaves(self._params)
        self.outgrow()
        means = Means()
        means.add(measures.sizes, {"loss": measures.losses, **measures.metrics})
        return self._logs(means.logs(), return_dict)

    @overload
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: Literal[False] = False
    ) -> Any: ...

    @overload
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, *, return_dict: Literal[True]
    ) -> dict[str, float]: ...

    @checked_arguments("test_on_batch")
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the batch's loss and metrics, as `train_on_batch` does, without a step."""
        logs = self.evaluate(x, y, None, 0, sample_weight, return_dict=True)
        return self._logs(logs, return_dict)

    @checked_arguments("predict_on_batch")
    def predict_on_batch(self, x: Any) -> Any:
        """Return `predict(x)`."""
        return self.predict(x)

    def reset_metrics(self) -> None:
        """Do nothing, as there is nothing to reset: each call returns the metrics of its data."""

    def _logs(self, logs: Mapping[str, float], return_dict: bool) -> Any:
        named = {name: logs[name] for name in self.metrics_names}
        return named if return_dict else one_or_list([*named.values()])

    def _batch_engine(self, examples: Examples) -> Engine:
        """Return the engine of the last batch, with the model's weights if they were set since."""
        objective = self.objective()
        if names := [n for part in objective.criterion.parts for n in part.per_dataset]:
            raise GlassnetError(
                f"{names[0]!r} is a metric of whole data sets.",
                where="train_on_batch",
                fix="Compile without it, or use fit and evaluate.",
            )
        current = leaves(self.params)
        if self._running is not None and self._running.objective is not objective:
            self._end_batches()
        if self._running is None:
            params, optimizer = self.adapted(examples.x), self.compiled.optimizer
            if [*map(id, leaves(params))] != [*map(id, current)]:
                raise GlassnetError(
                    "has a layer that is fitted to the data, of which a batch is only a part.",
                    where="train_on_batch",
                    fix="Call fit once, with epochs=0 and all data.",
                )
            state = self.state_with(params, objective)
            self._running = new_engine("numpy", objective, optimizer, state, self.seed)
        elif [*map(id, current)] != [*map(id, self._published)]:
            state = self._running.state()
            self._running.load(replace(state, params=self.params))
        self._published = current
        return self._running

    def _end_batches(self) -> None:
        """Take over the optimizer state of the last batch, for `fit` and for copies."""
        if self._running is not None:
            self.keep(self._running.state())
            self._running, self._published = None, []

    def state_with(self, params: Tree, objective: Objective) -> State:
        self._end_batches()
        return super().state_with(params, objective)

    def _reset_optimizer(self) -> None:
        super()._reset_optimizer()
        self._running, self._published = None, []

    def __getstate__(self) -> dict[str, Any]:
        self._end_batches()
        return super().__getstate__()
