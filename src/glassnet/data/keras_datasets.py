"""Data sets as pairs of arrays, which is how Keras returns them."""

from dataclasses import dataclass

from glassnet.core.protocols import Array
from glassnet.data import load


@dataclass(frozen=True)
class KerasDataset:
    """A data set that `load` knows by this name."""

    name: str

    def load_data(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Return ((x_train, y_train), (x_test, y_test)); `glassnet.load` also has class names."""
        data = load(self.name)
        return (data.x_train, data.y_train), (data.x_test, data.y_test)


digits = KerasDataset("digits")
fashion_mnist = KerasDataset("fashion-mnist")
