"""`glassnet export`: write a run's model as a file of another library."""

import os
from pathlib import Path

from glassnet.core.errors import unknown
from glassnet.model.model import Model
from glassnet.runs.run import Run

EXPORTS = ("keras",)


def export(folder: str, to: str, out: str | None = None) -> Path:
    """Write a run's network to a file of another library; return its path."""
    if to not in EXPORTS:
        raise unknown("format", to, EXPORTS, where="--to")
    from glassnet.interop.keras.export import export_keras

    model = Model.load(folder)
    model_file = Path(folder) if os.path.isfile(folder) else Run(folder).model
    path = Path(out) if out else model_file.with_suffix(".keras")
    export_keras(path, model.network, model.accepted_shape, model.params, model.dtype)
    return path
