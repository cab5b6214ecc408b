"""The training examples that the network finds most similar to an example."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.trees import Tree
from glassnet.explain.hidden import hidden
from glassnet.explain.sanity_check import randomized, rank_correlation
from glassnet.layers import Layer

COMPARED = 1000  # training rows whose distances are compared with those of random weights


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The nearest training examples, the nearest first."""

    rows: Array
    distances: Array
    labels: Array
    examples: Array

    def to_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "distances": self.distances, "labels": self.labels}


def nearest(
    network: Layer, params: Tree, x: Array, x_train: Array, y_train: Array, count: int = 8
) -> Neighbors:
    """The `count` training examples with the smallest ‖h(x) − h(xᵢ)‖₂, h the last hidden layer.

    Source: Caruana et al. 1999, "Case-based explanation of non-case-based learning methods".
    """
    distances = _distances(network, params, x, x_train)
    rows = np.argsort(distances, kind="stable")[:count]
    return Neighbors(rows, distances[rows], y_train[rows], x_train[rows])


def similarity_of_distances(network: Layer, params: Tree, x: Array, x_train: Array) -> float:
    """The rank correlation of the distances with those of a network with random weights."""
    rows = x_train[:: max(1, len(x_train) // COMPARED)]
    random = randomized(network, params, x.shape, seed=0)
    return rank_correlation(*(_distances(network, tree, x, rows) for tree in (params, random)))


def _distances(network: Layer, params: Tree, x: Array, x_train: Array) -> Array:
    dtype = x.dtype.name
    own, others = (hidden(network, params, data, dtype) for data in (x[None], x_train))
    return np.linalg.norm(others - own, axis=1)
