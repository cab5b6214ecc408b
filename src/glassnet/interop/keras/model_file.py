"""Reading and writing Keras's files for `Model.load`, `load_weights` and `save`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.interop.keras.export import export_keras
from glassnet.interop.keras.reading.file import import_keras
from glassnet.interop.keras.reading.selection import Selection
from glassnet.interop.keras.reading.weights_file import read_keras_weights
from glassnet.interop.weights.mapping import ORDER, checked_mapping
from glassnet.layers import Layer
from glassnet.layers.low_rank import adapters_of
from glassnet.model.file import ModelFile
from glassnet.model.weighted_network import WeightedNetwork

Weighted = WeightedNetwork | ModelFile


def read(path: str | Path) -> tuple[Layer, tuple[Any, ...], Tree, str]:
    """Return (network, input_shape, params, dtype) of a .keras file, or an .h5 file of a model."""
    return import_keras(path)


def read_weights(
    path: str | Path,
    model: WeightedNetwork,
    mapping: Any = None,
    skip: Sequence[str] | str = (),
    as_built: bool = False,
    skip_mismatch: bool = False,
) -> Tree:
    """Return the weights in a .weights.h5 file, if they are those of the model's network.

    Its layers are those of the network, in their order, but for what `mapping` and `skip` leave
    out; so mapping="order" changes nothing. Keras's files need no `as_built`.
    """
    if adapters := adapters_of(model.network):
        raise GlassnetError(
            f"files of Keras hold no low-rank adapters, as layer {min(adapters)!r} has.",
            where=str(path),
            fix="Call model.merge_lora() before, and enable_lora afterwards.",
        )
    names = {} if mapping in (None, ORDER) else checked_mapping(mapping)
    selection = Selection(names, (skip,) if isinstance(skip, str) else tuple(skip), skip_mismatch)
    return read_keras_weights(path, model.network, model.accepted_shape, model.dtype, selection)


def write_weights(path: Path, model: Weighted) -> None:
    """Write the weights alone, which Keras loads into the same network."""
    export_keras(path, model.network, model.input_shape, model.params, model.dtype, ".weights.h5")


def write(path: Path, model: ModelFile) -> None:
    """Write the network and its weights, which Keras loads as a model that is not compiled."""
    export_keras(path, model.network, model.input_shape, model.params, model.dtype)
