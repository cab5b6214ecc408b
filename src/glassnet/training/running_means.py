"""`Means`: running means of losses and metrics over examples, from the means of batches."""

from collections.abc import Mapping

import numpy as np

from glassnet.core.arrays import Array

OF_WEIGHTS = "/weights"  # suffix of a metric's name: the mean weight that its mean is divided by


class Means:
    """The means of losses and metrics so far, with each batch weighted by its size.

    Batches are added one by one, so that no bit depends on how many are passed in one call.
    """

    def __init__(self) -> None:
        self.count = 0
        self.sums: dict[str, float] = {}

    def add(self, sizes: Array, values: Mapping[str, Array]) -> None:
        """Add batches of these sizes; `values` are their means."""
        self.count += int(sizes.sum())
        for name, means in values.items():
            terms = np.append(self.sums.get(name, 0.0), means * sizes)
            self.sums[name] = float(np.add.accumulate(terms)[-1])

    def logs(self) -> dict[str, float]:
        """Return the means, the loss last as in Keras; of a weighted metric, Σ w m / Σ w."""
        means = {name: total / self.count for name, total in self.sums.items()}
        weights = {n: means.pop(n) for n in self.sums if n.endswith(OF_WEIGHTS)}
        for name, weight in weights.items():
            metric = name.removesuffix(OF_WEIGHTS)
            means[metric] = means[metric] / weight if weight else 0.0
        return dict(sorted(means.items(), key=lambda item: item[0] == "loss"))
