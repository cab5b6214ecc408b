"""Checks that every network's test uses."""

from typing import Any

import numpy as np

from glassnet.core.trees import from_items, items
from glassnet.layers import CallContext, Layer


def made(network: Layer, shape: tuple[int, ...]) -> Any:
    """Return new weights in float64, none of them exactly 0."""
    params, _ = network.init(np.random.default_rng(0), shape, "float64")
    rng = np.random.default_rng(1)
    shaken = {path: leaf + 0.05 * rng.standard_normal(leaf.shape) for path, leaf in items(params)}
    return from_items({path: np.abs(leaf) if "variance" in path else leaf
                       for path, leaf in shaken.items()})  # fmt: skip


def slope_error(network: Layer, x: np.ndarray) -> float:
    """The relative error of the weights' gradients in training against a numerical slope."""
    params = dict(items(made(network, x.shape[1:])))
    call = CallContext(True, 3, 5, wrt_x=False, updates={})
    y, back = network.forward(from_items(params), x, call)
    rng = np.random.default_rng(2)
    u = rng.standard_normal(y.shape)
    grads = dict(items(back(u)[1]))
    v = {path: rng.standard_normal(grad.shape) for path, grad in grads.items()}
    size = sum((leaf**2).sum() for leaf in v.values()) ** 0.5
    claimed = sum((grads[path] * v[path]).sum() for path in v) / size
    terms = sum(np.abs(grads[path] * v[path]).sum() for path in v) / size

    def moved(h: float) -> float:
        there = {path: leaf + h / size * v.get(path, 0) for path, leaf in params.items()}
        again = CallContext(True, 3, 5, wrt_x=False, updates={})
        return float((network.forward(from_items(there), x, again)[0] * u).sum())

    return float(abs((moved(1e-5) - moved(-1e-5)) / 2e-5 - claimed) / terms)


def photos(count: int) -> Any:
    """Crops of scikit-learn's two photos, 224 × 224 RGB pixels of 0 to 255."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    rng, crops = np.random.default_rng(0), []
    pictures = load_sample_images().images
    for number in range(count):
        picture = pictures[number % len(pictures)]
        side = int(rng.integers(160, 426))
        top, left = (int(rng.integers(0, n - side + 1)) for n in picture.shape[:2])
        crop = Image.fromarray(picture[top : top + side, left : left + side])
        crops.append(np.asarray(crop.resize((224, 224), Image.Resampling.BILINEAR)))
    return np.stack(crops)
