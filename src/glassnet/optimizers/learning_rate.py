"""`LearningRate`: an optimizer's learning rate, a float that Keras's `assign` can replace."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glassnet.optimizers.base import Optimizer


class LearningRate(float):
    """The learning rate of an optimizer."""

    optimizer: "Optimizer"

    @classmethod
    def of(cls, optimizer: "Optimizer", rate: float) -> "LearningRate":
        """Return the rate as that of this optimizer."""
        bound = cls(rate)
        bound.optimizer = optimizer
        return bound

    def assign(self, value: float) -> None:
        """Set the optimizer's learning rate, as `optimizer.learning_rate = value` does."""
        self.optimizer.set_learning_rate(float(value))

    def numpy(self) -> np.float32:
        """Return the rate as Keras does."""
        return np.float32(self)

    @property
    def value(self) -> np.float32:
        """The same, as Keras's variables have it."""
        return self.numpy()
