"""`glassnet export`: write a run's model as a file of another library."""

import logging
import os
from pathlib import Path

from glassnet.core.errors import unknown
from glassnet.model.model import Model
from glassnet.runs.run import Run

log = logging.getLogger(__name__)

EXPORTS = ("keras",)
_PREPARED = {"rows": "rows and files", "tokenizer": "texts", "preprocessing": "photos"}


def export(folder: str, to: str, out: str | None = None) -> Path:
    """Write a run's network to a file of another library; return its path.

    Preprocessing of rows, files and texts is not in it: this is logged.
    """
    if to not in EXPORTS:
        raise unknown("format", to, EXPORTS, where="--to")
    from glassnet.interop.keras.export import export_keras

    model = Model.load(folder)
    model_file = Path(folder) if os.path.isfile(folder) else Run(folder).model
    path = Path(out) if out else model_file.with_suffix(".keras")
    export_keras(path, model.network, model.accepted_shape, model.params, model.dtype)
    if kinds := [kind for key, kind in _PREPARED.items() if model.about.get(key) is not None]:
        log.info(
            f"note: {path.name} has the network, which takes arrays of shape {model.input_shape}; "
            f"the preprocessing that makes them of {kinds[0]} is only in {model_file}"
        )
    return path
