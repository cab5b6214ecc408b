"""Does an attribution depend on what the network learned? It must differ for random weights."""

from collections.abc import Callable, Sequence

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.trees import Tree, from_items, items
from glassnet.explain.score import Score
from glassnet.layers import Layer
from glassnet.layers.base import Shape

DRAWS = 19

Method = Callable[[Score, Array, Array], Array]  # (score, x, baseline) -> values


def by_random_weights(method: Method, score: Score, x: Array, baseline: Array) -> list[Array]:
    """What the method makes of DRAWS draws of all trainable weights, without what is all 0."""
    found = []
    for seed in range(DRAWS):
        params = randomised(score.network, score.params, x.shape, seed)
        found.append(method(score.of(params), x, baseline))
    return [values for values in found if values.any()]


def similarity(values: Array, others: Sequence[Array]) -> float | None:
    """The mean rank correlation of |values| with what random weights give; None without any.

    Over the places where one of the two is not 0: where both are, as integrated gradients are at
    the baseline's pixels, they agree about nothing. A method that ignores the weights, as an edge
    detector does, has 1. Source: Adebayo et al. 2018, "Sanity checks for saliency maps".
    """
    found = [rank_correlation(values, other) for other in others]
    return float(np.mean(found)) if found else None


def randomised(network: Layer, params: Tree, shape: Shape, seed: int) -> Tree:
    """Weights as before training; those that only describe data stay as they were fitted."""
    drawn, _ = network.init(np.random.default_rng(seed), shape)
    new, kinds = dict(items(drawn)), dict(items(network.weights(shape)))
    return from_items({
        path: new[path].astype(leaf.dtype) if kinds[path].trainable else leaf
        for path, leaf in items(params)
    })  # fmt: skip


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's correlation of |a| and |b| where one of them is not 0; 0 if one is constant."""
    a, b = np.abs(a).reshape(-1), np.abs(b).reshape(-1)
    present = (a > 0) | (b > 0)
    ranks = [_ranks(v[present]) - (present.sum() + 1) / 2 for v in (a, b)]
    size = float(np.sqrt(np.prod([rank @ rank for rank in ranks])))
    return float(ranks[0] @ ranks[1]) / size if size else 0.0


def _ranks(values: Array) -> Array:
    """From 1, equal ones with their mean: as scipy.stats, which takes a second to import."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
