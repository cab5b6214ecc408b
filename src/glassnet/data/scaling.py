"""`normalize`: each vector of an array divided by its norm."""

from typing import Any

import numpy as np

from glassnet.core.arrays import as_array, as_numbers, whole_number
from glassnet.core.protocols import Array


def normalize(x: Any, axis: int = -1, order: int = 2) -> Array:
    """Return x / ‖x‖ along the axis, with the norm of this order; vectors of zeros stay zeros."""
    array = np.atleast_1d(as_numbers(as_array(x, "x"), "x"))
    norms = np.linalg.norm(array, whole_number(order, "order", 1), axis, keepdims=True)
    return array / np.where(norms == 0, 1, norms)
