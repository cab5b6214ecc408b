"""The class `Case`, and the random inputs and weights of the cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet import layers
from glassnet.core.arrays import map_arrays
from glassnet.core.trees import map_leaves
from glassnet.layers import CallContext, Layer
from glassnet.losses import Loss
from glassnet.ops import activations


@dataclass(frozen=True)
class Case:
    """A subject, the arguments that have gradients, and the constants that have none."""

    subject: Any
    arguments: tuple[Any, ...]
    constants: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        name = getattr(self.subject, "__name__", type(self.subject).__name__)
        return f"{name}-{self.label}" if self.label else name

    @property
    def is_layer(self) -> bool:
        return isinstance(self.subject, Layer)

    def cast(self, dtype: str) -> "Case":
        """Return the same case in another dtype."""
        constants = {name: cast(value, dtype) for name, value in self.constants.items()}
        return Case(self.subject, cast(self.arguments, dtype), constants, self.label)

    def __call__(self, *arguments: Any) -> Any:
        """Return the value and the pullback, for the case's own arguments or others like them."""
        if not self.is_layer:
            loss = isinstance(self.subject, Loss)
            function = self.subject.forward if loss else self.subject
            return function(*(arguments or self.arguments), **self.constants)
        x, params = arguments or self.arguments
        return self.subject.forward(params, x, self.constants.get("context", layers.INFERENCE))


def cast(value: Any, dtype: str) -> Any:
    """Return a copy with all floating-point arrays cast to `dtype`; the rest is unchanged."""
    if isinstance(value, tuple):
        return tuple(cast(item, dtype) for item in value)
    if isinstance(value, dict):
        return map_leaves(lambda leaf: cast(leaf, dtype), value)
    if isinstance(value, np.ndarray):
        return value.astype(dtype if value.dtype.kind == "f" else value.dtype)
    return value


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Return normal values, none so close to 0 that a kink there disturbs the differences."""
    values = np.random.default_rng((seed, *shape)).standard_normal(shape) * scale
    return np.where(np.abs(values) < 0.01, 0.1, values)


def probabilities(*shape: int) -> np.ndarray:
    """Return positive rows that sum to 1."""
    return np.asarray(activations.softmax(numbers(*shape, seed=3))[0])


def random_weights(layer: Any, x: Any) -> dict[str, Any]:
    """Return random weights, without the zeros and ones of the usual initialization."""
    params, _ = layer.init(
        np.random.default_rng(5), map_arrays(lambda a: a.shape[1:], x), "float64"
    )
    return map_leaves(lambda w: np.asarray(np.abs(numbers(*w.shape, seed=6)) + 0.1), params)


def layer_case(layer: Any, x: Any, label: str = "", **context: Any) -> Case:
    constants = {"context": CallContext(**context)} if context else {}
    return Case(layer, (x, random_weights(layer, x)), constants, label)


TRAINING: dict[str, Any] = {"training": True, "seed": 11, "step": 3}
