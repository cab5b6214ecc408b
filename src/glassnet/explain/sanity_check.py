"""The sanity check: an attribution must differ from those that random weights give."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from glassnet.core.arrays import Array, ranks_of
from glassnet.core.trees import Tree, from_items, items
from glassnet.explain.lifting import Lifted
from glassnet.explain.score import Score
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.shapes import one_or_tuple

DRAWS = 19

Method = Callable[[Score, Array, Array], Array]  # (score, x, baseline) -> values


def attributions_of_random_weights(
    method: Method, score: Score, x: Array, baseline: Array
) -> list[Array]:
    """The attributions for DRAWS draws of all trainable weights, without those that are all 0."""
    attributions = (
        method(*_with_random_weights(score, x, baseline, seed)) for seed in range(DRAWS)
    )
    return [values for values in attributions if values.any()]


def _with_random_weights(
    score: Score, x: Array, baseline: Array, seed: int
) -> tuple[Score, Array, Array]:
    """Return the same question about random weights, whose embeddings are random, too."""
    network = score.network
    if not isinstance(network, Lifted):
        return replace(score, params=randomized(network, score.params, x.shape, seed)), x, baseline
    lifting = network.lifting
    shape = one_or_tuple(network.layout.shapes)
    params = randomized(lifting.network, score.params, shape, seed)
    lifted, x, baseline = lifting.at(params)
    return replace(score, network=lifted, params=params), x, baseline


def similarity(values: Array, others: Sequence[Array]) -> float | None:
    """The mean rank correlation of |values| with each |other|; None if there are no others.

    Computed where either is not 0: integrated gradients are 0 at pixels that equal the baseline,
    whatever the weights. A method that ignores the weights, such as an edge detector, has 1.
    Source: Adebayo et al. 2018, "Sanity checks for saliency maps".
    """
    correlations = [rank_correlation(values, other) for other in others]
    return float(np.mean(correlations)) if correlations else None


def randomized(network: Layer, params: Tree, shape: Shape, seed: int) -> Tree:
    """Draw new trainable weights; weights that describe the data, such as means, stay."""
    drawn, _ = network.init(np.random.default_rng(seed), shape)
    new, kinds = dict(items(drawn)), dict(items(network.weights(shape)))
    return from_items({
        path: new[path].astype(leaf.dtype) if kinds[path].trainable else leaf
        for path, leaf in items(params)
    })  # fmt: skip


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's correlation of |a| and |b| where either is not 0; 0 if one is constant."""
    a, b = np.abs(a).reshape(-1), np.abs(b).reshape(-1)
    present = (a > 0) | (b > 0)
    ranks = [ranks_of(v[present]) - (present.sum() + 1) / 2 for v in (a, b)]
    size = float(np.sqrt(np.prod([rank @ rank for rank in ranks])))
    return float(ranks[0] @ ranks[1]) / size if size else 0.0
