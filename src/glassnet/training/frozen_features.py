"""The outputs of a frozen body, its features: computed once for each example, then reused.

Each example's features are computed alone (`one_by_one`), so they are the same bits whenever they
are computed: reusing them changes nothing but the time.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.core import memory
from glassnet.core.arrays import Array, as_tuple, length, map_arrays
from glassnet.core.trees import Tree, items
from glassnet.engines.one_by_one import one_by_one
from glassnet.engines.state import Engine
from glassnet.layers.base import Shape
from glassnet.layers.shapes import input_shapes, one_or_tuple
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.evaluate import Evaluation, evaluated
from glassnet.training.examples import Examples
from glassnet.training.frozen_body import HeadObjective
from glassnet.training.source import SEGMENT_BYTES, ArraySource, Plan, Segment
from glassnet.training.validation import Validation

MEMORY_SHARE = 0.25  # of the available memory, for the features of a data set
STEPS = 8  # of a segment with the features of its own rows

log = logging.getLogger(__name__)
_REUSED = ContextVar("features_reused", default=True)


@contextmanager
def computed_each_time() -> Iterator[None]:
    """Context in which no features are reused, to compare with."""
    token = _REUSED.set(False)
    try:
        yield
    finally:
        _REUSED.reset(token)


class FeatureSource(ArraySource):
    """The features of the rows of arrays, computed when a segment first needs them.

    They are the rows themselves after `Unfreeze`, when the engine trains the whole network.
    """

    def __init__(self, x: Any, y: Any, plan: Plan, head: HeadObjective, engine: Engine) -> None:
        super().__init__(x, y, plan)
        self._head, self._engine = head, engine
        self._dtype = dict(items(engine.params))[head.trained[0]].dtype
        self._params: Tree = {}  # the body's
        self._features: tuple[Array, ...] | None = None  # those of all rows, if they are reused
        if _are_reused(head, plan, x, self._dtype, "training"):
            shapes = _shapes(head, x)
            self._features = tuple(np.zeros((length(x), *shape), self._dtype) for shape in shapes)
        self._small = sum(array.nbytes for array in self._features or ()) <= SEGMENT_BYTES
        self._known = np.zeros(length(x), bool)

    @property
    def features(self) -> bool:
        return self._engine.objective is self._head

    def read(self, count: int) -> Segment:
        if not self.features:
            return super().read(count)
        segment = self.whole(count if self._complete else min(count, STEPS))
        rows = np.concatenate(segment.batches)
        if self._features is None:
            return self._of_rows(segment, rows, self._compute(rows))
        if not self._known[rows].all():
            new = np.unique(rows[~self._known[rows]])
            for all_, features in zip(self._features, self._compute(new), strict=True):
                all_[new] = features
            self._known[new] = True
            # Other objects: an engine may have a copy of these arrays.
            self._features = tuple(array.view() for array in self._features)
        if self._complete:
            return replace(segment, x=one_or_tuple(self._features))
        return self._of_rows(segment, rows, [array[rows] for array in self._features])

    @property
    def _complete(self) -> bool:
        """True if segments have the features of all rows. While some are unknown, that would be
        another array for each segment, which an engine copies: only if they are small.
        """
        return self._features is not None and bool(self._small or self._known.all())

    def _of_rows(self, segment: Segment, rows: Array, features: Sequence[Array]) -> Segment:
        """Return the segment with the features of its own rows, as long as for all its steps."""
        most = STEPS * self.plan.batch_size
        x = [np.resize(part, (most, *part.shape[1:])) for part in features]
        y = map_arrays(lambda a: a[np.resize(rows, most)], segment.y)
        ends = np.cumsum([len(batch) for batch in segment.batches])
        batches = [np.arange(e - len(b), e) for b, e in zip(segment.batches, ends, strict=True)]
        return Segment(one_or_tuple(x), y, batches)

    def _compute(self, rows: Array) -> tuple[Array, ...]:
        if not self._params:
            params = self._engine.params
            names = [name for name, _ in self._head.body.parts if name in params]
            self._params = {name: params[name] for name in names}
        engine, dtype = self._engine.name, self._dtype
        return as_tuple(one_by_one(engine, self._head, self._params, self.x, rows, dtype))


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureEvaluation(Evaluation):
    """Evaluates on features, which the first evaluation computes, in the blocks of the others."""

    head: HeadObjective
    engine: Engine
    computed: list[tuple[Any, Any]] = field(default_factory=list)  # (features, y) of each block

    def __call__(self, params: Tree, callbacks: CallbackList) -> dict[str, float]:
        if self.engine.objective is not self.head:  # after `Unfreeze`
            return super().__call__(params, callbacks)
        return evaluated(self.head, params, self._features(params, callbacks), callbacks)

    def _features(self, params: Tree, callbacks: CallbackList) -> Iterator[tuple[Any, Any]]:
        if self.computed:
            yield from self.computed
            return
        blocks = []
        for x, y in self._blocks(params, callbacks):
            blocks.append((self.head.features(params, x, training=False), y))
            yield blocks[-1]
        self.computed.extend(blocks)


def with_features(
    validation: Validation | None, head: HeadObjective, engine: Engine, plan: Plan
) -> Validation | None:
    """Return the validation with features that are reused, if they can be."""
    if validation is None or not isinstance(data := validation.evaluate.data, Examples):
        return validation
    whole = validation.evaluate
    if not _are_reused(head, plan, data.x, whole.dtype, "validation"):
        return validation
    evaluate = FeatureEvaluation(**vars(whole), head=head, engine=engine)
    return replace(validation, evaluate=evaluate)


def _are_reused(head: HeadObjective, plan: Plan, x: Any, dtype: Any, what: str) -> bool:
    """True if features of x are reused: in multiple epochs, unless they are too large."""
    if not _REUSED.get() or plan.epochs - plan.initial_epoch < 2:
        return False
    size = length(x) * sum(map(math.prod, _shapes(head, x))) * np.dtype(dtype).itemsize
    fits = size <= MEMORY_SHARE * memory.available()
    what = f"the outputs of the frozen layers for the {what} data, {size / 2**20:,.1f} MB, are"
    how = "computed once and reused" if fits else "too large to keep: computed in each epoch"
    log.info(f"{what} {how}")
    return fits


def _shapes(head: HeadObjective, x: Any) -> tuple[Shape, ...]:
    return input_shapes(head.body.output_shape(map_arrays(lambda a: a.shape[1:], x)))
