"""A network's accuracy with and without the test rows that the audit suspects."""

from dataclasses import dataclass

import numpy as np

from glassnet.audit.findings import Audit
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classification import interval


@dataclass(frozen=True)
class Accuracy:
    """A share of right answers with its 95% interval."""

    share: float
    interval: tuple[float, float]
    count: int


@dataclass(frozen=True)
class Repeated:
    """The accuracy on all test rows, and on those that nothing is said against.

    The second is the more flattering one: rows that networks get wrong are suspected more often.
    """

    everything: Accuracy
    unsuspected: Accuracy | None  # None: no row is left


def repeated(audit: Audit, labels: np.ndarray, predicted: np.ndarray) -> Repeated:
    """From the test labels (N,) and the predicted classes (N,). Raises if N is another number."""
    if not len(labels) == len(predicted) == audit.sizes["test"]:
        raise GlassnetError(
            f"has {audit.sizes['test']} test rows; got {len(labels)} labels and "
            f"{len(predicted)} predictions.",
            where=f"audit of {audit.name}",
        )
    right = np.asarray(labels) == np.asarray(predicted)
    kept = np.delete(right, audit.test_rows())
    return Repeated(_accuracy(right), _accuracy(kept) if len(kept) else None)


def _accuracy(right: np.ndarray) -> Accuracy:
    hits, count = int(right.sum()), len(right)
    return Accuracy(hits / count, interval(hits, count), count)
