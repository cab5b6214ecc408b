"""Embedding plot: the examples' last hidden features, reduced to points in two dimensions."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from glassnet.core.arrays import Array
from glassnet.plots.colors import COLORS, INK, PAPER
from glassnet.plots.labels import short_names
from glassnet.plots.style import MARKERS, WIDTH, house_style


def reduced(features: Array, method: str) -> tuple[Array, str]:
    """Return points (N, 2) for features (N, D), by "PCA" or "t-SNE", and a note on the result.

    t-SNE (van der Maaten & Hinton, 2008) starts from PCA and runs in one thread, so that the same
    features give the same points.
    """
    features = np.asarray(features, "float64").reshape(len(features), -1)
    features = np.pad(features, ((0, 0), (0, max(0, 2 - features.shape[1]))))
    if method == "PCA":  # three lines, whereas importing scikit-learn takes a second
        centered = features - features.mean(axis=0)
        wide = 2 <= len(centered) < centered.shape[1]  # then the products of examples are fewer
        products = centered @ centered.T if wide else centered.T @ centered
        variances, directions = np.linalg.eigh(products)
        explained = variances[-2:].sum() / max(variances.sum(), 1e-300)
        lengths = np.sqrt(np.maximum(variances, 0))
        points = directions * lengths if wide else centered @ directions
        return points[:, :-3:-1], f"{explained:.0%} of the variance"
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        perplexity = min(30.0, max(1.0, (len(features) - 1) / 3))
        tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=0, n_jobs=1)
        return tsne.fit_transform(features), f"perplexity {perplexity:g}"


@house_style
def embedding(points: Array, labels: Array, class_names: Sequence[str], title: str) -> Figure:
    """Points (N, 2), colored and shaped by class, with the class names at their medians.

    With more than 20 classes, class numbers take the place of the names.
    """
    figure = Figure(figsize=(WIDTH, WIDTH), layout="constrained")
    axes = figure.subplots()
    names = short_names(class_names)
    classes = [c for c in range(len(class_names)) if (labels == c).any()]
    for c in classes:
        color, marker = COLORS[c % len(COLORS)], MARKERS[c // len(COLORS) % len(MARKERS)]
        x, y = points[labels == c].T
        axes.scatter(x, y, s=16, color=color, marker=marker, alpha=0.6, linewidths=0)
    for c in classes:
        x, y = np.median(points[labels == c], axis=0)
        name = names[c] if len(classes) <= 20 else str(c)
        axes.text(
            x, y, name, ha="center", va="center", weight="bold", size=9, color=INK,
            path_effects=[withStroke(linewidth=3, foreground=PAPER)],
        )  # fmt: skip
    axes.set(title=title, xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    return figure
