"""`import_keras`: reading a model that Keras saved, without Keras, and without trusting the file.

The configuration is read as data (`reading.model`). Of the weights, only those that the network
needs are read, from their expected places, in their expected shapes and dtypes. Nothing is
imported or executed, and no more memory is used than the file is large.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file
from glassnet.core.trees import Tree
from glassnet.interop.keras.reading.archive import read_archive
from glassnet.interop.keras.reading.hdf5 import FIX, library_errors, located
from glassnet.interop.keras.reading.legacy_file import read_legacy
from glassnet.interop.keras.reading.model import Description
from glassnet.interop.keras.reading.other_files import is_hdf5, require_keras_file
from glassnet.layers import Layer

log = logging.getLogger(__name__)

_MOST_NAMES = 6  # of layers in a warning


def import_keras(path: str | Path) -> tuple[Layer, tuple[Any, ...], Tree, str]:
    """Return (network, input_shape, params, dtype) from a .keras file, or an .h5 file of a model.

    With multiple inputs, the shape is a tuple of shapes; a size is None if it may differ, as the
    length of texts. Raises GlassnetError, naming file and field, for anything but supported layers.
    Frozen layers stay frozen. Warns of layers that would train otherwise than in Keras, and of
    those that predictions don't need.
    """
    require_keras_file(path)
    try:
        with open_file(path, FIX) as (file, size), library_errors(path):
            description, params = read_legacy(file, size) if is_hdf5(file) else read_archive(file)
    except GlassnetError as error:
        raise located(error, path) from error
    _warn(path, description)
    return description.network, description.input_shape, params, description.dtype


def _warn(path: str | Path, description: Description) -> None:
    """Warn of what training in glassnet would do differently from training in Keras."""
    for layers, keras, here in (
        (
            [*description.scaled],
            "in Keras 2, where this file is from, hard_sigmoid is clip(0.2x + 0.5, 0, 1)",
            "Here and in Keras 3, it is relu6(x + 3) / 6, so these weights were multiplied by 1.2: "
            "predictions are those of Keras 2. Keras 3 would predict other numbers.",
        ),
        (
            description.one_way,
            "in Keras, these are frozen (trainable=False), and the other direction is not",
            "Here, both are trained: predictions are the same.",
        ),
        (
            description.left_out,
            "in Keras, these layers act in training only",
            "They were left out: predictions are the same; to train with augmentation, use "
            "fit(augment=...).",
        ),
    ):
        if layers:
            log.warning("note: %s: %s: %s. %s", path, keras, _listed(layers), here)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
