"""Reading and writing .keras files for `Model.load` and `Model.save`."""

from pathlib import Path
from typing import Any

from glassnet.core.trees import Tree
from glassnet.interop.keras.export import export_keras
from glassnet.interop.keras.reading.file import import_keras
from glassnet.layers import Layer
from glassnet.model.model import Model


def read(path: str | Path) -> tuple[Layer, tuple[Any, ...], Tree, str]:
    """Return (network, input_shape, params, dtype) of a .keras file."""
    return import_keras(path)


def write(path: Path, model: Model) -> None:
    """Write the network and its weights, which Keras loads as a model that is not compiled."""
    export_keras(path, model.network, model.input_shape, model.params, model.dtype)
