"""What training carries from step to step, as every engine can take it up and hand it over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from glassnet.layers import Call
from glassnet.trees import Array, Tree


@dataclass(frozen=True)
class State:
    """Steps done, all weights, and the optimizer's slots (trees like the trainable weights)."""

    step: int
    params: Tree
    slots: Mapping[str, Tree]


@dataclass(frozen=True)
class Measures:
    """What a segment of steps was like: for each step its loss, metrics and number of examples."""

    sizes: np.ndarray[Any, np.dtype[np.int64]]
    losses: np.ndarray[Any, np.dtype[np.float64]]
    metrics: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]


class Task(Protocol):
    """What is made small. The mathematics of a step, which no engine holds itself."""

    @property
    def trained(self) -> Sequence[str]:
        """The paths of the trainable weights."""

    def gradients(
        self, params: Tree, x: Array, y: Array, call: Call
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""
