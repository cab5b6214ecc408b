"""`PyDataset`: data that are read batch by batch, by number."""

from typing import Any

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError


class PyDataset:
    """Data in batches, for data larger than memory: a subclass has `__len__` and `__getitem__`.

    As in Keras, `dataset[i]` returns batch i, as (x, y), (x, y, weights), or for `predict` (x,).
    `fit(shuffle=True)` reads the batches in a new order in each epoch, and a resumed training reads
    on where it was interrupted. With `workers` above 1, so many threads read up to `max_queue_size`
    batches ahead; the order stays the same.
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = whole_number(workers, "PyDataset: workers", 0)
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = whole_number(max_queue_size, "PyDataset: max_queue_size", 1)
        if use_multiprocessing:
            raise GlassnetError(
                "would start processes, but batches are read by threads.",
                where="PyDataset: use_multiprocessing",
                fix="Leave it out, and set workers.",
            )

    def __len__(self) -> int:
        """Return the number of batches."""
        raise GlassnetError(
            "has no __len__, which returns the number of batches.",
            where=type(self).__name__,
            fix="Write it.",
        )

    def __getitem__(self, index: int) -> Any:
        """Return a batch."""
        raise GlassnetError(
            "has no __getitem__, which returns a batch.", where=type(self).__name__, fix="Write it."
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""
