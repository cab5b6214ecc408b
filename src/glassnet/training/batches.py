"""`Batches`: data that come in batches, read and checked one by one.

They are Python iterators, which can be read once; objects that can be read again: iterables,
`tf.data.Dataset`, PyTorch's `DataLoader`; and objects with numbered batches, `PyDataset` or any
class with `__len__` and `__getitem__`. Lists, arrays and tables are not batches.
"""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, count, islice
from typing import Any

import numpy as np

from glassnet.core.arrays import map_arrays
from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.training.examples import Examples

Raw = tuple[Any, Any, Any]  # (x, y, weights), None for what a batch does not have
_ARRAYS = np.ndarray, list, tuple, type  # a class is refused as an array is
_ARRAY_LIKE = ("__array__", "__array_interface__", "__dataframe__", "__dlpack__", "shape", "dtype")


def is_batched(data: Any) -> bool:
    """True if these are data in batches, not arrays; raises for PyTorch's single examples."""
    if isinstance(data, _ARRAYS) or any(hasattr(data, name) for name in _ARRAY_LIKE):
        return False
    if isinstance(data, Sequence | Mapping | Set | MappingView | bytes | bytearray | memoryview):
        return False
    if any(
        kind.__module__.startswith("torch.utils.data") and kind.__name__ == "Dataset"
        for kind in type(data).__mro__
    ):
        raise GlassnetError(
            f"is the PyTorch Dataset {type(data).__name__}, which has single examples.",
            where="x",
            fix="Put them into batches: torch.utils.data.DataLoader(x, batch_size=32).",
        )
    return hasattr(data, "__iter__") or (hasattr(data, "__len__") and hasattr(data, "__getitem__"))


LONG = 100_000  # batches of data of unknown length, which may have no end


def warn_if_endless(before: int, after: int, argument: str) -> None:
    """Warn once that so many batches were read, of data whose number of batches is not known."""
    if before < LONG <= after:
        warnings.warn(
            f"x: {LONG:,} batches were read. If it has no end, pass {argument}=N; Ctrl-C ends it.",
            stacklevel=2,
        )


class Reader:
    """Reads batches from an object that is `is_batched`; `length` is their number, if known."""

    def __init__(self, data: Any, where: str) -> None:
        self.data, self.where = data, where
        self.once = hasattr(data, "__next__")
        self.indexed = not self.once and hasattr(data, "__getitem__")
        self.endless, self.length = False, None
        if self.indexed and hasattr(data, "num_batches"):  # Keras's PyDataset
            self.length = data.num_batches
            self.endless = self.length is None
        elif not self.once:
            with suppress(TypeError):  # a tf.data.Dataset of unknown length
                self.length = len(data) if hasattr(data, "__len__") else None
        cardinality = getattr(data, "cardinality", None)
        self.endless |= callable(cardinality) and int(cardinality()) == -1
        if getattr(data, "use_multiprocessing", False):
            raise GlassnetError(
                "has use_multiprocessing=True, but batches are read by threads.",
                where=where,
                fix="Leave it out, and set workers.",
            )
        self._pending: tuple[Any, Iterator[Any]] | None = None  # the first pass, once begun

    def first(self) -> Raw:
        """Return the first batch, which a following `read` returns too."""
        iterator = self._raw(None, 0)
        try:
            batch = next(iterator)
        except StopIteration:
            raise GlassnetError("has no batches.", where=self.where) from None
        if not self.indexed:
            self._pending = batch, iterator
        return unpacked(batch, f"batch 1 of {self.where}")

    def read(self, order: Iterable[int] | None = None, skip: int = 0) -> Iterator[Raw]:
        """Yield the batches of a pass, those of a PyDataset in this order, after the first ones."""
        if self._pending is not None:
            first, rest = self._pending
            self._pending = None
            batches: Iterator[Any] = islice(chain([first], rest), skip, None)
        else:
            batches = self._raw(order, skip)
        for number, batch in enumerate(batches, skip + 1):
            yield unpacked(batch, f"batch {number} of {self.where}")

    def _raw(self, order: Iterable[int] | None, skip: int) -> Iterator[Any]:
        if not self.indexed:
            return islice(self.data, skip, self.length)
        if order is None:
            order = count() if self.length is None else range(self.length)
        workers = getattr(self.data, "workers", 1)
        most = getattr(self.data, "max_queue_size", 10)
        numbers = map(int, islice(order, skip, None))
        get = self.data.__getitem__
        if workers > 1:
            return _read_ahead(get, numbers, workers, most)
        return map(get, numbers)


def _read_ahead(
    get: Callable[[int], Any], numbers: Iterator[int], workers: int, most: int
) -> Iterator[Any]:
    """Yield the batches with these numbers in order; threads read up to `most` of them ahead."""
    waiting: deque[Any] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for number in numbers:
            waiting.append(pool.submit(get, number))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def unpacked(batch: Any, where: str) -> Raw:
    """Return (x, y, weights) of a batch; as in Keras, a tuple or list of 1 to 3, or x alone."""
    if not isinstance(batch, tuple | list):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise GlassnetError(
            f"is a {type(batch).__name__} of {len(batch)}.",
            where=where,
            fix="A batch is (x, y), (x, y, weights) or (x,); multiple inputs are one tuple or dict "
            "in it: ((a, b), y).",
        )
    x, y, weights = (*batch, None, None)[:3]
    return x, y, weights


class Batches:
    """Data in batches that fit a network: `check` returns the examples of (x, y, weights)."""

    def __init__(self, reader: Reader, check: Callable[[Raw], Examples], first: Examples) -> None:
        self.first, self._reader, self._check = first, reader, check
        self.length, self.once = reader.length, reader.once
        self.indexed, self.endless = reader.indexed, reader.endless

    def read(self, order: Iterable[int] | None = None, skip: int = 0) -> Iterator[Examples]:
        """Yield the examples of each batch of a pass, after the first `skip` ones."""
        kind = _kind(self.first)
        for number, batch in enumerate(self._reader.read(order, skip), skip + 1):
            with errors_inside(f"batch {number} of {self._reader.where}"):
                examples = self._check(batch)
                if _kind(examples) != kind:
                    raise GlassnetError(
                        "has weights, or has none, unlike the first batch.",
                        where="sample_weight",
                        fix="Give weights in all batches: 1 where there are none.",
                    )
            yield examples

    def epoch(self) -> Iterator[Examples]:
        """Yield the examples of each batch, as an epoch of its own."""
        self.tell("on_epoch_begin")
        try:
            yield from self.read()
        finally:
            self.tell("on_epoch_end")

    def tell(self, point: str) -> None:
        """Call this method of the data, if they have it, as a `PyDataset` does."""
        if hasattr(self._reader.data, point):
            getattr(self._reader.data, point)()


def _kind(examples: Examples) -> Any:
    return map_arrays(lambda array: None, examples.y)
