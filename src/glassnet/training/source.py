"""Where the steps of a training get their data: arrays in an order, or batches that are read.

A *pass* reads all data once. Without `steps_per_epoch`, an epoch is a pass. With it, epochs
continue a pass, and the one that ends it may be shorter, as in Keras.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, length, map_arrays
from glassnet.core.mapped import is_mapped
from glassnet.data.splits import epoch_order
from glassnet.training.batches import Batches, warn_if_endless
from glassnet.training.examples import Examples

SEGMENT_BYTES = 2**24  # of the batches that are read for a segment
MOST_STEPS = 1024  # in a segment of batches


@dataclass(frozen=True)
class Plan:
    """The number of epochs, the batch size and the order of the examples."""

    epochs: int
    batch_size: int
    shuffle: bool = True
    seed: int = 0
    initial_epoch: int = 0
    steps_per_epoch: int | None = None


@dataclass(frozen=True)
class Segment:
    """The data of some steps: arrays, and the row numbers in them of each step's batch."""

    x: Any
    y: Any
    batches: list[Array]


class Source(ABC):
    """The steps of a training, epoch by epoch."""

    once = False  # True if the data can be read only once

    def __init__(self, per_pass: int | None, plan: Plan) -> None:
        self.per_pass, self.plan = per_pass, plan
        self.done = 0  # steps of this epoch
        self._in_pass = 0
        self._began = False  # a pass
        self._last_pass: int | None = None  # its steps

    @property
    def features(self) -> bool:
        """True if x are the outputs of frozen layers."""
        return False

    @property
    def steps(self) -> int | None:
        """The steps of an epoch, if they are known: else those of the epoch before."""
        return self.expected or self._last_pass

    @property
    def expected(self) -> int | None:
        """The steps that an epoch should have, if that is known before it is read."""
        return self.plan.steps_per_epoch or self.per_pass

    @property
    def ended(self) -> bool:
        """True if no step of this epoch is left."""
        return self.done == self.plan.steps_per_epoch or not self.more()

    def begin_epoch(self, step: int) -> bool:
        """Begin an epoch before this step of the training; False if there are no data left."""
        self.done = 0
        self.tell("on_epoch_begin")
        if not (self._began and self.plan.steps_per_epoch and self.more()):
            self._last_pass = self._in_pass or None
            self._begin(step)
        return self.more()

    def take(self, count: int) -> Segment:
        """Return the data of the next steps of this epoch, at most this many."""
        limit = self.plan.steps_per_epoch
        segment = self.read(count if limit is None else min(count, limit - self.done))
        self.done += len(segment.batches)
        self._in_pass += len(segment.batches)
        return segment

    def resume(self, epochs: int, done: int, step: int) -> None:
        """Go to this step of an epoch, after this number of epochs; `step` is the training's."""
        limit, place = self.plan.steps_per_epoch, 0
        for epoch, count in enumerate([limit] * epochs + [done] * (done > 0)):
            if self.per_pass is not None:
                self.tell("on_epoch_begin")
                place = min(place % self.per_pass + (count or self.per_pass), self.per_pass)
            elif count is not None:  # only the data know where a pass ends
                self.begin_epoch(step)
                while self.done < count and self.more():
                    self.take(count - self.done)
            if epoch < epochs:
                self.tell("on_epoch_end")
        if place:
            self._begin(step - place, place)
        self.done = done

    def _begin(self, step: int, place: int = 0) -> None:
        self._began, self._in_pass = True, place
        self.begin_pass(step, place)

    @abstractmethod
    def begin_pass(self, step: int, place: int) -> None:
        """Begin a pass, whose first step is this one of the training, `place` steps into it."""

    @abstractmethod
    def more(self) -> bool:
        """True if the pass has another step."""

    @abstractmethod
    def read(self, count: int) -> Segment:
        """Return the data of the next steps of the pass, one to `count`."""

    def tell(self, point: str) -> None:  # noqa: B027 (arrays need not know)
        """Tell the data of "on_epoch_begin" or "on_epoch_end"."""


class ArraySource(Source):
    """The rows of arrays, in an order that is new in each pass.

    Of arrays in files, only the rows of a segment are in memory.
    """

    def __init__(self, x: Any, y: Any, plan: Plan) -> None:
        super().__init__(-(-length(x) // plan.batch_size), plan)
        self.x, self.y = x, y
        self._order = np.arange(length(x))
        self._most: int | None = None  # steps of a segment, if its rows are copied
        if any(is_mapped(a) for a in _leaves(x)):
            each = sum(a.nbytes for a in _leaves((x, y))) // length(x) * plan.batch_size
            most = min(MOST_STEPS, -(-length(x) // plan.batch_size), SEGMENT_BYTES // max(each, 1))
            self._most = max(1, most)

    def begin_pass(self, step: int, place: int) -> None:
        if self.plan.shuffle:
            self._order = epoch_order(length(self.x), self.plan.seed, step)

    def more(self) -> bool:
        assert self.per_pass is not None
        return self._in_pass < self.per_pass

    def read(self, count: int) -> Segment:
        if self._most is None:
            return self.whole(count)
        batches = self.whole(min(count, self._most)).batches
        # All segments have the same number of rows, so that an engine compiles once.
        rows, most = np.concatenate(batches), self._most * self.plan.batch_size
        x, y = (map_arrays(lambda a: _joined([a[rows]], most), data) for data in (self.x, self.y))
        ends = np.cumsum([len(batch) for batch in batches])
        return Segment(x, y, [np.arange(e - len(b), e) for b, e in zip(batches, ends, strict=True)])

    def whole(self, count: int) -> Segment:
        """Return the next steps of the pass, with the arrays of all rows."""
        assert self.per_pass is not None
        size, end = self.plan.batch_size, min(self._in_pass + count, self.per_pass)
        steps = range(self._in_pass, end)
        return Segment(self.x, self.y, [self._order[i * size : (i + 1) * size] for i in steps])


class BatchSource(Source):
    """Batches that are read when they are needed: those of one segment, and the next one.

    The arrays of all segments have the same number of rows, so that an engine compiles once.
    """

    def __init__(self, batches: Batches, plan: Plan) -> None:
        super().__init__(batches.length, plan)
        self.batches, self.once = batches, batches.once
        self._iterator: Iterator[Examples] = iter(())
        self._next: Examples | None = None
        self._rows = 0  # of a segment's arrays

    def begin_pass(self, step: int, place: int) -> None:
        order = None
        if self.batches.indexed and self.per_pass is not None and self.plan.shuffle:
            order = epoch_order(self.per_pass, self.plan.seed, step)
        self._iterator = self.batches.read(order, place)
        self._next = None

    def more(self) -> bool:
        if self._next is None:
            self._next = next(self._iterator, None)
        return self._next is not None

    def read(self, count: int) -> Segment:
        parts: list[Examples] = []
        rows = 0
        while len(parts) < count and self.more() and self._fits(parts, rows):
            assert self._next is not None
            parts.append(self._next)
            rows += len(self._next)
            self._next = None
        self._rows = max(self._rows, rows)
        if self.expected is None:
            warn_if_endless(self._in_pass, self._in_pass + len(parts), "steps_per_epoch")
        ends = np.cumsum([len(part) for part in parts])
        return Segment(
            _joined([part.x for part in parts], self._rows),
            _joined([part.y for part in parts], self._rows),
            [np.arange(end - len(part), end) for part, end in zip(parts, ends, strict=True)],
        )

    def _fits(self, parts: list[Examples], rows: int) -> bool:
        """True if the next batch can be joined to these, which have this number of rows."""
        batch = self._next
        assert batch is not None
        if not self._rows:
            most = min(MOST_STEPS, self.steps or MOST_STEPS)
            batch_bytes = sum(a.nbytes for a in _leaves((batch.x, batch.y)))
            self._rows = len(batch) * max(1, min(most, SEGMENT_BYTES // max(batch_bytes, 1)))
        if not parts:
            return True
        return rows + len(batch) <= self._rows and _kind(batch) == _kind(parts[0])

    def tell(self, point: str) -> None:
        self.batches.tell(point)


def source_of(data: Examples | Batches, plan: Plan) -> Source:
    """Return the source of the steps for these data."""
    if isinstance(data, Batches):
        return BatchSource(data, plan)
    return ArraySource(data.x, data.y, plan)


def _leaves(data: Any) -> Iterator[Array]:
    for part in as_tuple(data):
        if isinstance(part, tuple):
            yield from _leaves(part)
        else:
            yield part


def _kind(batch: Examples) -> list[tuple[Any, ...]]:
    """Return what the arrays of joined batches have in common."""
    return [(a.shape[1:], a.dtype) for a in _leaves((batch.x, batch.y))]


def _joined(parts: list[Any], rows: int) -> Any:
    """Return the parts as one array with this number of rows; those left over are zeros."""
    if isinstance(parts[0], tuple):
        return tuple([_joined(list(column), rows) for column in zip(*parts, strict=True)])
    if len(parts) == 1 and len(parts[0]) == rows:
        return parts[0]
    joined = np.zeros((rows, *parts[0].shape[1:]), parts[0].dtype)
    np.concatenate(parts, out=joined[: sum(map(len, parts))])
    return joined
