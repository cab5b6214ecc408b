"""The training examples that look most like an example to the network."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.trees import Tree
from glassnet.explain.hidden import hidden
from glassnet.explain.sanity_check import randomised, rank_correlation
from glassnet.layers import Layer

COMPARED = 1000  # training rows whose order is compared with that of random weights


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Training examples, the nearest first."""

    rows: Array
    distances: Array
    labels: Array
    examples: Array

    def to_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "distances": self.distances, "labels": self.labels}


def nearest(
    network: Layer, params: Tree, x: Array, x_train: Array, y_train: Array, count: int = 8
) -> Neighbours:
    """The `count` training examples whose last hidden layer is nearest, ‖h(x) − h(xᵢ)‖₂.

    Source: Caruana et al. 1999, "Case-based explanation of non-case-based learning methods".
    """
    distances = _distances(network, params, x, x_train)
    rows = np.argsort(distances, kind="stable")[:count]
    return Neighbours(rows, distances[rows], y_train[rows], x_train[rows])


def order_of_random_weights(network: Layer, params: Tree, x: Array, x_train: Array) -> float:
    """The rank correlation of the distances with those in a network of random weights."""
    some = x_train[:: max(1, len(x_train) // COMPARED)]
    other = randomised(network, params, x.shape, seed=0)
    return rank_correlation(*(_distances(network, tree, x, some) for tree in (params, other)))


def _distances(network: Layer, params: Tree, x: Array, x_train: Array) -> Array:
    dtype = x.dtype.name
    here, there = (hidden(network, params, data, dtype) for data in (x[None], x_train))
    distances: Array = np.linalg.norm(there - here, axis=1)
    return distances
