"""The training examples that the network finds most similar to an example."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length, map_arrays, shapes_of, take
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
    examples: Any  # an array, or a tuple of arrays

    def to_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "distances": self.distances, "labels": self.labels}


def nearest(
    network: Layer, params: Tree, x: Any, x_train: Any, y_train: Array, dtype: str, count: int = 8
) -> Neighbors:
    """The `count` training examples with the smallest ‖h(x) − h(xᵢ)‖₂, h the last hidden layer.

    Source: Caruana et al. 1999, "Case-based explanation of non-case-based learning methods".
    """
    distances = _distances(network, params, x, x_train, dtype)
    rows = np.argsort(distances, kind="stable")[:count]
    return Neighbors(rows, distances[rows], y_train[rows], take(x_train, rows))


def similarity_of_distances(
    network: Layer, params: Tree, x: Any, x_train: Any, dtype: str
) -> float:
    """The rank correlation of the distances with those of a network with random weights."""
    rows = take(x_train, np.arange(0, length(x_train), max(1, length(x_train) // COMPARED)))
    random = randomized(network, params, shapes_of(rows), seed=0)
    trees = params, random
    return rank_correlation(*(_distances(network, tree, x, rows, dtype) for tree in trees))


def _distances(network: Layer, params: Tree, x: Any, x_train: Any, dtype: str) -> Array:
    example = map_arrays(lambda array: array[None], x)
    own, others = (hidden(network, params, data, dtype) for data in (example, x_train))
    return np.linalg.norm(others - own, axis=1)
