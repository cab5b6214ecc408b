"""Files that are not .keras files: one sentence each that says what they are and what to do."""

import difflib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file

_HDF5 = b"\x89HDF\r\n\x1a\n"
_MOST_NAMES = 5
_REBUILD = (
    "In Keras 3, build the network, copy the weights into it, and save it: "
    'model.save("model.keras").'
)
_LOAD_WEIGHTS = "Build the network here, then load its weights: model.load_weights(path)."
_SUFFIXES = {
    ".onnx": ("an ONNX file", _REBUILD),
    ".pb": ("a TensorFlow graph", _REBUILD),
    ".pkl": ("a pickle, whose code is never run", _REBUILD),
    ".pt": ("a PyTorch file", _LOAD_WEIGHTS),
    ".pth": ("a PyTorch file", _LOAD_WEIGHTS),
    ".tflite": ("a TensorFlow Lite file", _REBUILD),
    ".safetensors": (
        "glassnet's own format, or weights alone",
        "Model.load reads models of glassnet's; a run's folder needs no import.",
    ),
}


def require_keras_file(path: str | Path) -> None:
    """Raise GlassnetError if the path is missing, a folder, or a file of a known other kind."""
    path = Path(path)
    if path.is_dir():
        raise _folder(path)
    if not path.exists():
        raise GlassnetError("doesn't exist.", where=str(path), fix=_near(path))
    with open_file(path, _near(path)) as (file, _):
        if is_hdf5(file):
            return
    if known := _SUFFIXES.get(path.suffix.lower()):
        what, fix = known
        raise GlassnetError(f"is {what}, not a .keras file.", where=str(path), fix=fix)


def is_hdf5(file: BinaryIO) -> bool:
    """Return whether an open file begins as HDF5 files do; reads on from its start."""
    start = file.read(len(_HDF5))
    file.seek(0)
    return start == _HDF5


def _folder(path: Path) -> GlassnetError:
    if (path / "saved_model.pb").exists():
        what = "is a SavedModel folder, which holds compiled functions, not layers."
        return GlassnetError(what, where=str(path), fix=_REBUILD)
    if (path / "model.safetensors").exists():
        what = "is a run of glassnet's, which needs no import."
        return GlassnetError(what, where=str(path))
    return GlassnetError("is a folder, not a .keras file.", where=str(path), fix=_near(path / "-"))


def _near(path: Path) -> str:
    """Return a hint to the .keras files in the same folder, if there are any."""
    with suppress(OSError):
        names = sorted({file.name for file in path.parent.glob("*.keras")} - {path.name})
        if close := difflib.get_close_matches(path.name, names, 1):
            return f"Did you mean {path.parent / close[0]}?"
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES)
            return f"{path.parent} has {', '.join(names[:_MOST_NAMES])}{more}."
    return 'Name a file that Keras wrote with model.save("model.keras").'
