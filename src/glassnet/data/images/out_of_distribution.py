"""Is this a picture like those that a network was trained on? A distance, and how far is too far.

It looks at the pictures and not at the network, so it is the same for every kind of network; what
was tried besides is in docs/photos.md.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.preprocessing import Preprocessing

CELLS = 8  # a side; fewer where a picture has fewer pixels
ACCEPTED = 0.99  # of the held-out pictures
_SHRINKAGE = 1e-3  # of the mean variance, added to each
_ENOUGH = 10_000  # pictures to fit to
_BLOCK = 2000  # pictures at a time

Kinds = dict[str, tuple[tuple[int, ...], str]]


@dataclass(frozen=True, eq=False)
class OutOfDistributionDetector:
    """What pictures of each class look like from afar.

    z(x) = √(mean brightness of each cell), 8 × 8 cells, the ground dark;
    d(x) = min over classes c of ‖(z − μ_c) L‖ with L Lᵀ = Σ⁻¹, the covariance within classes:
    Mahalanobis' distance (K. Lee et al., "A simple unified framework for detecting
    out-of-distribution samples", 2018), on pixels in place of a network's features. μ (C, n), L (n,
    n). Beyond `threshold` lie 1% of the pictures that it was not fitted to.
    """

    means: np.ndarray
    whitening: np.ndarray
    threshold: float

    @classmethod
    def fitted(
        cls, x: np.ndarray, labels: np.ndarray, held_out: np.ndarray, classes: int,
        preprocessing: Preprocessing,
    ) -> Self:  # fmt: skip
        """From the pictures (N, H, W) and labels (N,) that train, and others held out.

        A few thousand are enough for so few numbers; they come from all over each class.
        """
        rows = np.concatenate([_some(np.flatnonzero(labels == c), _ENOUGH // classes)
                               for c in range(classes)])  # fmt: skip
        z, labels = _seen(x[rows], preprocessing), labels[rows]
        everywhere = z.mean(axis=0)  # stands for a class that has no examples here
        means = np.stack(
            [z[mine].mean(axis=0) if (mine := labels == c).any() else everywhere
             for c in range(classes)]
        )  # fmt: skip
        centred = z - means[labels]
        covariance = centred.T @ centred / len(z)
        covariance.flat[:: len(covariance) + 1] += (
            _SHRINKAGE * np.trace(covariance) / len(covariance) + np.finfo(np.float32).tiny
        )
        whitening = np.linalg.cholesky(np.linalg.inv(covariance))
        made = cls(means.astype(np.float32), whitening.astype(np.float32), 0.0)
        threshold = np.quantile(made.distances(held_out, preprocessing), ACCEPTED)
        return cls(made.means, made.whitening, float(threshold))

    def distances(self, pictures: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
        """d(x) of each picture.   (N, H, W) -> (N,)"""
        z = _seen(pictures, preprocessing) @ self.whitening
        centres = self.means.astype(np.float64) @ self.whitening
        squares = (z**2).sum(axis=1)[:, None] - 2 * z @ centres.T + (centres**2).sum(axis=1)
        found: np.ndarray = np.sqrt(np.maximum(squares.min(axis=1), 0))
        return found

    @classmethod
    def kinds(cls, preprocessing: Preprocessing, classes: int) -> Kinds:
        """The shapes and dtypes of the arrays that a model file holds."""
        n = min(CELLS, preprocessing.height) * min(CELLS, preprocessing.width)
        return {"means": ((classes, n), "float32"), "whitening": ((n, n), "float32")}

    @classmethod
    def read(cls, about: Any, arrays: dict[str, np.ndarray]) -> Self:
        """From what a model file says; raises GlassnetError if that is not just a threshold."""
        threshold = about.get("threshold") if isinstance(about, dict) and len(about) == 1 else None
        if type(threshold) is not float or not 0 <= threshold < 1e30:
            raise GlassnetError("has no valid threshold.", where="typical")
        return cls(arrays["means"], arrays["whitening"], threshold)


def _seen(pictures: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """z(x) of each picture.   (N, H, W) -> (N, n), float64"""
    down, across = (_shares(side) for side in (preprocessing.height, preprocessing.width))
    low, width = preprocessing.low, preprocessing.high - preprocessing.low
    found = []
    for start in range(0, len(pictures), _BLOCK):
        block = pictures[start : start + _BLOCK].astype(np.float32)
        rows = (block.reshape(-1, preprocessing.width) @ across).reshape(*block.shape[:2], -1)
        found.append((rows.swapaxes(1, 2) @ down).reshape(len(block), -1))
    brightness = (np.concatenate(found).astype(np.float64) - low) / width
    if preprocessing.background == "light":
        brightness = 1 - brightness
    return np.sqrt(np.maximum(brightness, 0))


def _shares(side: int) -> np.ndarray:
    """How much of each cell's mean every pixel is.   (side, cells)"""
    cells = min(CELLS, side)
    ends, pixels = np.linspace(0, side, cells + 1), np.arange(side)[:, None]
    overlap = np.minimum(pixels + 1, ends[1:]) - np.maximum(pixels, ends[:-1])
    shares: np.ndarray = np.maximum(overlap, 0) * cells / side
    return shares.astype(np.float32)


def _some(rows: np.ndarray, count: int) -> np.ndarray:
    """So many of the rows, evenly spaced; all of them where there are no more."""
    return rows[:: max(1, -(-len(rows) // max(count, 1)))]
