"""Out-of-distribution detection: the distance of an image from the training images.

It uses the images alone, so it is the same for every kind of network; the alternatives that were
tried are in docs/photos.md.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.preprocessing import Preprocessing

CELLS = 8  # per side; fewer if an image has fewer pixels
ACCEPTED = 0.99  # share of the validation images that is accepted
_SHRINKAGE = 1e-3  # share of the mean variance that is added to each variance
_ENOUGH = 10_000  # images to fit to
_BLOCK = 2000  # images at a time

Kinds = dict[str, tuple[tuple[int, ...], str]]


@dataclass(frozen=True, eq=False)
class OutOfDistributionDetector:
    """The distribution of coarse images in each class.

    z(x) = √(mean brightness of each cell), 8 × 8 cells, with a dark background;
    d(x) = min over classes c of ‖(z − μ_c) L‖ with L Lᵀ = Σ⁻¹, Σ the covariance within classes:
    the Mahalanobis distance (K. Lee et al., "A simple unified framework for detecting
    out-of-distribution samples", 2018), on pixels in place of a network's features. μ (C, n),
    L (n, n). The distance of 1% of the validation images is above `threshold`.
    """

    means: np.ndarray
    whitening: np.ndarray
    threshold: float

    @classmethod
    def fitted(
        cls, x: np.ndarray, labels: np.ndarray, held_out: np.ndarray, classes: int,
        preprocessing: Preprocessing,
    ) -> Self:  # fmt: skip
        """Fit to the training images (N, H, W) with labels (N,); `held_out` sets the threshold.

        A few thousand images, evenly spaced within each class, are enough for so few parameters.
        """
        rows = np.concatenate([_evenly_spaced(np.flatnonzero(labels == c), _ENOUGH // classes)
                               for c in range(classes)])  # fmt: skip
        z, labels = _cell_features(x[rows], preprocessing), labels[rows]
        everywhere = z.mean(axis=0)  # used for a class without examples here
        means = np.stack(
            [z[mine].mean(axis=0) if (mine := labels == c).any() else everywhere
             for c in range(classes)]
        )  # fmt: skip
        centered = z - means[labels]
        covariance = centered.T @ centered / len(z)
        covariance.flat[:: len(covariance) + 1] += (
            _SHRINKAGE * np.trace(covariance) / len(covariance) + np.finfo(np.float32).tiny
        )
        whitening = np.linalg.cholesky(np.linalg.inv(covariance))
        detector = cls(means.astype(np.float32), whitening.astype(np.float32), 0.0)
        threshold = np.quantile(detector.distances(held_out, preprocessing), ACCEPTED)
        return cls(detector.means, detector.whitening, float(threshold))

    def distances(self, pictures: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
        """Return d(x) of each image.   (N, H, W) -> (N,)"""
        z = _cell_features(pictures, preprocessing) @ self.whitening
        centers = self.means.astype(np.float64) @ self.whitening
        squares = (z**2).sum(axis=1)[:, None] - 2 * z @ centers.T + (centers**2).sum(axis=1)
        return np.sqrt(np.maximum(squares.min(axis=1), 0))

    @classmethod
    def kinds(cls, preprocessing: Preprocessing, classes: int) -> Kinds:
        """Return the shapes and dtypes of its arrays in a model file; raises for colors."""
        if preprocessing.channels is not None:
            raise GlassnetError("is for images without channels.", where="typical")
        n = min(CELLS, preprocessing.height) * min(CELLS, preprocessing.width)
        return {"means": ((classes, n), "float32"), "whitening": ((n, n), "float32")}

    @classmethod
    def read(cls, about: Any, arrays: dict[str, np.ndarray]) -> Self:
        """Read from a model file; raises GlassnetError if `about` is not exactly a threshold."""
        threshold = about.get("threshold") if isinstance(about, dict) and len(about) == 1 else None
        if type(threshold) is not float or not 0 <= threshold < 1e30:
            raise GlassnetError("has no valid threshold.", where="typical")
        return cls(arrays["means"], arrays["whitening"], threshold)


def _cell_features(pictures: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Return z(x) of each image.   (N, H, W) -> (N, n), float64"""
    down, across = (_shares(side) for side in (preprocessing.height, preprocessing.width))
    low, width = preprocessing.low, preprocessing.high - preprocessing.low
    means = []
    for start in range(0, len(pictures), _BLOCK):
        block = pictures[start : start + _BLOCK].astype(np.float32)
        rows = (block.reshape(-1, preprocessing.width) @ across).reshape(*block.shape[:2], -1)
        means.append((rows.swapaxes(1, 2) @ down).reshape(len(block), -1))
    brightness = (np.concatenate(means).astype(np.float64) - low) / width
    if preprocessing.background == "light":
        brightness = 1 - brightness
    return np.sqrt(np.maximum(brightness, 0))


def _shares(side: int) -> np.ndarray:
    """Return the weight of each pixel in the mean of each cell.   (side, cells)"""
    cells = min(CELLS, side)
    ends, pixels = np.linspace(0, side, cells + 1), np.arange(side)[:, None]
    overlap = np.minimum(pixels + 1, ends[1:]) - np.maximum(pixels, ends[:-1])
    return (np.maximum(overlap, 0) * cells / side).astype(np.float32)


def _evenly_spaced(rows: np.ndarray, count: int) -> np.ndarray:
    """Return about `count` of the rows, evenly spaced; all of them if there are no more."""
    return rows[:: max(1, -(-len(rows) // max(count, 1)))]
