"""A network's accuracy with and without the suspect test rows of an audit."""

from dataclasses import dataclass

import numpy as np

from glassnet.audit.findings import Audit
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classification import interval


@dataclass(frozen=True)
class Accuracy:
    """The share of correct predictions with its 95% interval."""

    share: float
    interval: tuple[float, float]
    count: int


@dataclass(frozen=True)
class Repeated:
    """The accuracy on all test rows, and on those that are not suspect.

    The second is optimistic: rows that networks get wrong are more likely to be suspect.
    """

    everything: Accuracy
    unsuspected: Accuracy | None  # None if no row is left


def repeated(audit: Audit, labels: np.ndarray, predicted: np.ndarray) -> Repeated:
    """Compute both from test labels (N,) and predicted classes (N,). Raises if N is wrong."""
    if not len(labels) == len(predicted) == audit.sizes["test"]:
        raise GlassnetError(
            f"has {audit.sizes['test']} test rows; got {len(labels)} labels and "
            f"{len(predicted)} predictions.",
            where=f"audit of {audit.name}",
        )
    correct = labels == predicted
    rest = np.delete(correct, audit.test_rows())
    return Repeated(_accuracy(correct), _accuracy(rest) if len(rest) else None)


def _accuracy(correct: np.ndarray) -> Accuracy:
    hits, count = int(correct.sum()), len(correct)
    return Accuracy(hits / count, interval(hits, count), count)
