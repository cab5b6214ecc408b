"""Ops: functions of arrays, each with its derivative beside it.

An op returns its value and a pullback: the function that takes the gradient of a scalar with
respect to that value and returns the scalar's gradients with respect to the op's array arguments
(the vector-Jacobian product). An op is pure and uses the namespace of its arguments (the array
API standard), so the same source runs eagerly on NumPy and compiled by XLA.
In every op, `dv` is the gradient with respect to `v`.
"""

from collections.abc import Callable
from typing import Any

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.protocols import Array

Pullback = Callable[[Any], Any]
ArrayPullback = Callable[[Array], Array]  # of an op of one array, or with one gradient

hint_at_missing(__name__)
