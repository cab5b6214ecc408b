"""The output shape of an own layer, inferred from what its `forward` returns."""

from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import map_leaves
from glassnet.layers.call import CallContext
from glassnet.layers.shapes import input_shapes, one_or_tuple

EXAMPLES = 2


def inferred_shape(layer: Any, shape: Any) -> Any:
    """Return the shape of an example of the layer's output; raises if it has no axis of examples.

    The inputs, of this shape or, with multiple inputs, of these shapes, are ones.
    """
    batches = [np.ones((EXAMPLES, *axes), "float32") for axes in input_shapes(shape)]
    params = map_leaves(lambda weight: np.ones(weight.shape, "float32"), layer.weights(shape))
    with np.errstate(all="ignore"):
        y, _ = layer.forward(params, one_or_tuple(batches), CallContext())
    for output in map(np.shape, as_tuple(y)):
        if output[:1] != (EXAMPLES,):
            raise GlassnetError(
                f"returns shape {output} for {EXAMPLES} examples.",
                where=type(layer).__name__,
                fix="The first axis is that of the examples: .mean(axis=-1), not .mean().",
            )
    return map_arrays(lambda output: tuple(np.shape(output)[1:]), y)
