"""The model file: the weights, and a JSON object with the network that they belong to.

A file is data only. Reading one checks everything before memory is taken for it: the header, the
network (built from the fixed table of layers), and that the file holds exactly the weights of that
network, in their shapes and dtype, all finite; and, where `about` says "typical", the two arrays of
an `OutOfDistributionDetector`, whose shapes follow from the image size and the number of classes.
Nothing is imported, looked up or executed because a file says so.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.core.strict_json import refuse, require_header
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.core.trees import Tree, from_items, items
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Layer
from glassnet.layers.base import Shape, is_multi_input

FORMAT = 1
MODEL_FILE, METRICS_FILE = "model.safetensors", "metrics.json"
_OTHERS = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".pkl", ".onnx", ".npz")
_DTYPES = ("float32", "float64")
_MOST_AXES = 32
_MOST_CALLS = 10_000  # graphs inside graphs can make of 30 layers as many as there are atoms
_TYPICAL, _ARRAYS = "typical", ("means", "whitening")
_FIELDS = {
    "format": int,
    "network": dict,
    "input_shape": list,
    "dtype": str,
    "class_names": list,
    "about": dict,
}


@dataclass(frozen=True)
class ModelFile:
    """A network, its weights, and what a person needs to use them."""

    network: Layer
    input_shape: Shape
    dtype: str
    params: Tree
    class_names: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)  # preprocessing, loss, ...: JSON values
    typical: OutOfDistributionDetector | None = None  # of pictures

    def save(self, path: str | Path) -> None:
        """Write the model file, whole or not at all."""
        write_model(path, self)

    def save_weights(self, path: str | Path) -> None:
        """Write the weights alone, whole or not at all."""
        write_weights(path, self.params)


def write_model(path: str | Path, model: ModelFile) -> None:
    """Write the file, whole or not at all. The same model gives the same bytes."""
    _require_own_name(path)
    header = {
        "format": FORMAT,
        "network": describe(model.network),
        "input_shape": list(model.input_shape),
        "dtype": model.dtype,
        "class_names": list(model.class_names),
        "about": dict(model.about),
    }
    build("layer", header["network"], where="network")  # what can't be read back is not written
    tensors = dict(items(model.params))
    if _TYPICAL in model.about:
        raise GlassnetError("is what `typical` becomes in the file.", where=f"about: {_TYPICAL}")
    if model.typical is not None:
        header["about"] |= {_TYPICAL: {"threshold": model.typical.threshold}}
        arrays = {"means": model.typical.means, "whitening": model.typical.whitening}
        kinds = _kinds(header["about"], model.network.output_shape(model.input_shape), str(path))
        found = {_path(n): (a.shape, str(a.dtype)) for n, a in arrays.items()}
        if found != kinds:
            raise GlassnetError(f"is {found}, but needs {kinds}.", where=f"{path}: {_TYPICAL}")
        tensors |= {_path(name): array for name, array in arrays.items()}
    write_tensors(path, header, tensors)


def _require_own_name(path: str | Path) -> None:
    if (ending := Path(path).suffix.lower()) in _OTHERS:
        raise GlassnetError(
            f"{ending} is the file of another program; this is glassnet's own.",
            where=str(path),
            fix="Name it .safetensors; `glassnet export` writes files for Keras.",
        )


def write_weights(path: str | Path, params: Tree) -> None:
    """Write the weights alone, whole or not at all."""
    _require_own_name(path)
    write_tensors(path, {"format": FORMAT}, dict(items(params)))


def read_weights(path: str | Path, like: Tree) -> Tree:
    """The weights of a model file, or of one of weights alone: those of the same network."""
    expected = {name: (leaf.shape, str(leaf.dtype)) for name, leaf in items(like)}
    with open_tensors(path) as stored:
        beside = {name: stored.kinds[name] for name in map(_path, _ARRAYS) if name in stored.kinds}
        tensors = stored.read(expected | beside)
        return from_items({name: tensors[name] for name in expected})


def read_model(path: str | Path) -> ModelFile:
    """Read a file, or the one in a run's folder; raise GlassnetError if it is not what it says."""
    path = Path(path)
    if path.is_dir():
        path = path / MODEL_FILE
    if path.name == MODEL_FILE and not path.exists():
        _look_for_a_reason(path.parent)
    with open_tensors(path) as stored:
        header, where = stored.header, stored.where
        require_header(header, FORMAT, _FIELDS, where)
        shape, dtype = _shape(header["input_shape"], where), header["dtype"]
        if dtype not in _DTYPES:
            refuse(where, f"dtype {dtype!r:.80} is not one of {', '.join(_DTYPES)}.")
        if not all(isinstance(name, str) and name.isprintable() for name in header["class_names"]):
            refuse(where, "class_names are not all readable texts.")
        network: Layer = build("layer", header["network"], where=f"{where}: network")
        if (calls := network.calls_within) > _MOST_CALLS:  # before each of them is looked at
            refuse(
                where, f"its network makes {calls:.3g} calls of layers, more than {_MOST_CALLS}."
            )
        if is_multi_input(shape) and not network.multi_input:
            refuse(where, "its network takes one input, and its file says several.")
        try:
            outputs = network.output_shape(shape)
            expected = {p: (w.shape, dtype) for p, w in items(network.weights(shape))}
        except GlassnetError as error:
            raise error.inside(where) from error
        about = header["about"]
        beside = _kinds(about, outputs, where) if _TYPICAL in about else {}
        tensors = stored.read(expected | beside)
    arrays = {name: tensors.pop(_path(name)) for name in _ARRAYS if beside}
    try:
        typical = OutOfDistributionDetector.read(about[_TYPICAL], arrays) if beside else None
    except GlassnetError as error:
        raise error.inside(where) from error
    about = {key: value for key, value in about.items() if key != _TYPICAL}
    names = tuple(header["class_names"])
    return ModelFile(network, shape, dtype, from_items(tensors), names, about, typical)


def _kinds(
    about: Mapping[str, Any], outputs: Shape, where: str
) -> dict[str, tuple[tuple[int, ...], str]]:
    """What the arrays of a `OutOfDistributionDetector` must be, by their paths in the file."""
    if len(outputs) != 1 or is_multi_input(outputs):
        refuse(where, f"{_TYPICAL}: its network puts out {outputs}, and has no classes.")
    try:
        kinds = OutOfDistributionDetector.kinds(
            Preprocessing.from_dict(about.get("preprocessing", {})), outputs[0]
        )
    except GlassnetError as error:
        raise error.inside(f"{where}: {_TYPICAL}") from error
    return {_path(name): kind for name, kind in kinds.items()}


def _path(name: str) -> str:
    return f"@{_TYPICAL}/{name}"  # no layer has such a name


def _look_for_a_reason(folder: Path) -> None:
    """Raise if the training in this folder was interrupted, or was one in folds."""
    ended = (folder / METRICS_FILE).exists()
    if any(folder.glob("checkpoint*.safetensors")) and not ended:
        raise GlassnetError(
            "its training was interrupted: there is no model yet.",
            where=str(folder),
            fix=f"Go on with it: glassnet resume {shlex.quote(str(folder))}",
        )
    if (folder / "fold-1").is_dir():
        raise GlassnetError(
            "holds folds, each of which is a run.",
            where=str(folder),
            fix=f"Name one of them: {shlex.quote(str(folder / 'fold-1'))}",
        )


def _shape(stored: list[Any], where: str) -> Shape:
    """One example's shape, or of several inputs a tuple of shapes."""
    if len(stored) > 1 and all(type(one) is list for one in stored):
        return tuple(_shape(one, where) for one in stored)
    if len(stored) > _MOST_AXES or not all(type(n) is int and 0 < n < 2**31 for n in stored):
        refuse(where, f"input_shape {stored!r:.80} is no shape.")
    return tuple(stored)
