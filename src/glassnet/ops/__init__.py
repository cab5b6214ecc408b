"""Ops: a function of arrays and its derivative, side by side.

An op returns its value and a pullback, the function that takes the gradient of a scalar with
respect to the value and answers with its gradients with respect to the op's array arguments: the
true vector-Jacobian product. An op is pure and is written against the array it is given (the
array API standard), so the same source runs eagerly on NumPy and compiled by XLA.
Here `dv` is the gradient with respect to `v`.
"""

from collections.abc import Callable
from typing import Any

from glassnet.core.protocols import Array

Pullback = Callable[[Any], Any]
ArrayPullback = Callable[[Array], Array]  # of an op of one array, or with one gradient
