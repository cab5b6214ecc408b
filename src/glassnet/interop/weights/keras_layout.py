"""Keras's names of arrays, those of `weight.path`: `sequential/dense/kernel`. Shapes are ours."""

from collections.abc import Mapping

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.names import snake_case
from glassnet.interop.keras.building.normalization import from_keras
from glassnet.interop.weights.source import Has, Source, first_of, same
from glassnet.layers import Bidirectional, Layer, Normalization
from glassnet.layers.base import Shape
from glassnet.layers.recurrent import Recurrent


def keras_sources(layer: Layer, shapes: Mapping[str, Shape], has: Has) -> dict[str, Source]:
    """Return the sources of a layer's arrays in a file with Keras's names."""
    if isinstance(layer, Normalization):
        return _normalization(shapes)
    sources = {}
    for name, shape in shapes.items():
        place, _, weight = name.rpartition("/")
        names = [name]
        if isinstance(layer, Recurrent):
            names += _in_cell(layer, "", weight)
        elif isinstance(layer, Bidirectional):
            inner = layer.layer.name or ""
            way = place.removesuffix("layer")  # forward_ or backward_
            names += [f"{way}{inner}/{weight}"]
            for outer in (f"{place}/", f"{way}{inner}/"):
                names += _in_cell(layer.layer, outer, weight)
        elif weight == "kernel":
            names += ["depthwise_kernel"]  # of a DepthwiseConv2D in Keras 2
        sources[name] = same(first_of(tuple(names), has), shape)
    return sources


def _in_cell(layer: Layer, outer: str, weight: str) -> list[str]:
    """Return the names of an array in the cell of a recurrent layer."""
    return [
        f"{outer}{cell}/{weight}" for cell in (f"{snake_case(type(layer).__name__)}_cell", "cell")
    ]


def _normalization(shapes: Mapping[str, Shape]) -> dict[str, Source]:
    """Return the sources of mean and variance; the count is whether they were fitted."""

    def converted(name: str) -> Source:
        def convert(mean: Array, variance: Array) -> Array:
            return from_keras({"mean": mean, "variance": variance, "count": np.asarray(0)})[name]

        return Source(("mean", "variance"), (shapes["mean"], shapes["variance"]), convert)

    return {name: converted(name) for name in shapes}
