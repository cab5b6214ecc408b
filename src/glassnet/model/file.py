"""Reading and writing model files: the weights, and a JSON object that describes the network.

A file is data only. Before any memory is allocated for its weights, reading checks the header, the
network (built from the fixed table of layers), and that the file holds exactly the weights of that
network, with its shapes and dtype; then that all are finite. If `about` has the key "typical", the
file also holds the two arrays of an `OutOfDistributionDetector`, whose shapes follow from the image
size and the number of classes. Nothing is imported, looked up or executed because a file says so.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.core.file_formats import format_of, service
from glassnet.core.files import checked_path
from glassnet.core.names import is_readable
from glassnet.core.registry import build, describe, require_registered
from glassnet.core.strict_json import refuse, require_header
from glassnet.core.tensor_file import Kinds, is_described, open_tensors, write_tensors
from glassnet.core.trees import Tree, from_items, items
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.open_shape import closed
from glassnet.layers.shapes import is_multi_input

FORMAT = 1
MODEL_FILE, METRICS_FILE = "model.safetensors", "metrics.json"
_CONFIGS, _LISTED = "*/config.json", 8  # where runs are, and how many are listed
_OTHER_FORMATS = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".pkl", ".onnx", ".npz")
_DTYPES = ("float32", "float64")
_MOST_AXES = 32
_MOST_CALLS = 10_000  # in nested graphs, 30 layers can be called more often than there are atoms
_TYPICAL, _ARRAYS = "typical", ("means", "whitening")
_LONG = ("class_names", "about")  # thousands of classes, or the words of a tokenizer
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
    """The content of a model file: a network, its weights, and what is needed to use them."""

    network: Layer
    input_shape: Shape
    dtype: str
    params: Tree
    class_names: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)  # preprocessing, loss, ...: JSON values
    typical: OutOfDistributionDetector | None = None  # for images

    def save(self, path: str | Path) -> None:
        """Write the model file atomically. The same model gives the same bytes.

        A path that ends in .keras gives a file for Keras: the network and its weights.
        """
        if (name := checked_path(path, "save")).suffix.lower() == ".keras":
            format_of(name).write(name, self)
            return
        _require_own_name(path)
        header = {
            "format": FORMAT,
            "network": describe(self.network),
            "input_shape": list(self.input_shape),
            "dtype": self.dtype,
            "class_names": list(self.class_names),
            "about": dict(self.about),
        }
        require_registered(self.network, "network")
        build("layer", header["network"], where="network")  # raises for what could not be read back
        tensors = dict(items(self.params))
        if _TYPICAL in self.about:
            what = "is the key under which `typical` is stored."
            raise GlassnetError(what, where=f"about: {_TYPICAL}")
        if self.typical is not None:
            header["about"] |= {_TYPICAL: {"threshold": self.typical.threshold}}
            arrays = {_path(name): getattr(self.typical, name) for name in _ARRAYS}
            outputs = self.network.output_shape(self._closed_shape)
            kinds = _kinds(header["about"], outputs, str(path))
            actual = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
            if actual != kinds:
                what = f"is {actual}, but must be {kinds}."
                raise GlassnetError(what, where=f"{path}: {_TYPICAL}")
            tensors |= arrays
        write_tensors(path, header, tensors, long_fields=_LONG)

    def save_weights(self, path: str | Path) -> None:
        """Write the weights alone, atomically; a path that ends in .weights.h5, for Keras."""
        write_weights(path, replace(self, input_shape=self._closed_shape))

    @property
    def _closed_shape(self) -> Shape:
        return closed(self.network, self.input_shape)


def _require_own_name(path: str | Path) -> None:
    if str(path).endswith(("/", os.sep)):
        what, fix = "is a folder.", "A model is one file: save('model.safetensors')."
        raise GlassnetError(what, where=str(path), fix=fix)
    if (suffix := checked_path(path, "save").suffix.lower()) in _OTHER_FORMATS:
        raise GlassnetError(
            f"{suffix} is the file of another program, but this is glassnet's own format.",
            where=str(path),
            fix="Name it .safetensors; model.save('model.keras') writes a file for Keras, "
            "model.save_weights('model.weights.h5') weights.",
        )


def write_weights(path: str | Path, model: Any) -> None:
    """Write the weights of a model alone, atomically; to *.weights.h5, for Keras."""
    if (name := checked_path(path, "save_weights")).name.lower().endswith(".weights.h5"):
        format_of(name).write_weights(name, model)
        return
    _require_own_name(path)
    write_tensors(path, {"format": FORMAT}, dict(items(model.params)))


def read_weights(path: str | Path, model: Any, options: Mapping[str, Any]) -> Tree:
    """Return the weights in a file for `model`; those that it keeps are left out.

    `options` are those of `load_weights`. Raises unless the weights match the model's.
    """
    name = checked_path(path, "load_weights")
    of_torch = name.suffix.lower() in (".pt", ".pth")
    reader = None if of_torch else format_of(name)
    if not (reader or of_torch or options) and is_described(name):
        own = _read_own(name, model.params)
        if own is not None:
            return own
    module = reader or service("read weights alone")
    tree: Tree = module.read_weights(name, model, **options)
    return tree


def _read_own(path: Path, like: Tree) -> Tree | None:
    """Return the weights in a model file or weights file; None if names or shapes differ."""
    expected = {name: (leaf.shape, str(leaf.dtype)) for name, leaf in items(like)}
    with open_tensors(path) as stored:
        typical = {name: stored.kinds[name] for name in map(_path, _ARRAYS) if name in stored.kinds}
        _require_same_adapters(stored.kinds, expected, stored.where)
        wanted = expected | typical
        if {name: kind[0] for name, kind in stored.kinds.items()} != {
            name: kind[0] for name, kind in wanted.items()
        }:
            return None
        tensors = stored.read(wanted)
        return from_items({name: tensors[name] for name in expected})


def _require_same_adapters(stored: Kinds, expected: Kinds, where: str) -> None:
    """Raise if only one of the file and the network has low-rank adapters."""
    for name in sorted(set(stored) ^ set(expected)):
        if not name.rpartition("/")[2].startswith("lora_"):
            continue
        what = f"the file has low-rank adapters, such as {name!r}, which the network lacks."
        fix = "Model.load(path) has them; or call enable_lora(rank) with the file's rank before."
        if name in expected:
            what = f"the network has low-rank adapters, such as {name!r}, which the file lacks."
            fix = "Load the weights before enable_lora; merge_lora() removes the adapters."
        raise GlassnetError(what, where=where, fix=fix)


def read_model(path: str | Path) -> ModelFile:
    """Return the model in a file or a run's folder; raises GlassnetError if it is not valid."""
    path = checked_path(path, "load")
    require_run(path.parent if path.name == MODEL_FILE else path)
    if os.path.isdir(path):
        path = path / MODEL_FILE
    if path.name == MODEL_FILE and not path.exists():
        _explain_missing_model(path.parent)
    with open_tensors(path) as stored:
        header, where = stored.header, stored.where
        require_header(header, FORMAT, _FIELDS, where)
        shape, dtype = _shape(header["input_shape"], where), header["dtype"]
        if dtype not in _DTYPES:
            refuse(where, f"dtype {dtype!r:.80} is not one of {', '.join(_DTYPES)}.")
        if not all(isinstance(name, str) and is_readable(name) for name in header["class_names"]):
            refuse(where, "class_names are not all printable strings.")
        network: Layer = build("layer", header["network"], where=f"{where}: network")
        if (calls := network.calls_within) > _MOST_CALLS:  # before each of them is examined
            refuse(where, f"its network calls layers {calls:.3g} times, more than {_MOST_CALLS}.")
        if is_multi_input(shape) and not network.multi_input:
            refuse(where, "its network takes one input, but its header has multiple input shapes.")
        with errors_inside(where):
            usual = closed(network, shape)
            outputs = network.output_shape(usual)
            expected = {p: (w.shape, dtype) for p, w in items(network.weights(usual))}
        about = header["about"]
        kinds = _kinds(about, outputs, where) if _TYPICAL in about else {}
        tensors = stored.read(expected | kinds)
    arrays = {name: tensors.pop(_path(name)) for name in _ARRAYS if kinds}
    with errors_inside(where):
        typical = OutOfDistributionDetector.read(about[_TYPICAL], arrays) if kinds else None
    about = {key: value for key, value in about.items() if key != _TYPICAL}
    names = tuple(header["class_names"])
    return ModelFile(network, shape, dtype, from_items(tensors), names, about, typical)


def _kinds(
    about: Mapping[str, Any], outputs: Shape, where: str
) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return (shape, dtype) of the `OutOfDistributionDetector`'s arrays by path in the file."""
    if len(outputs) != 1 or is_multi_input(outputs):
        refuse(where, f"{_TYPICAL}: its network has outputs of shape {outputs}, not classes.")
    with errors_inside(f"{where}: {_TYPICAL}"):
        preprocessing = Preprocessing.from_dict(about.get("preprocessing", {}))
        kinds = OutOfDistributionDetector.kinds(preprocessing, outputs[0])
    return {_path(name): kind for name, kind in kinds.items()}


def _path(name: str) -> str:
    return f"@{_TYPICAL}/{name}"  # no layer can have such a name


def require_run(path: Path) -> None:
    """Raise if there is neither a run nor a model file at the path; names the runs that exist."""
    if (path / "fold-1").is_dir():
        raise GlassnetError(
            "holds folds, each of which is a run.",
            where=str(path),
            fix=f"Name one of them: {shlex.quote(str(path / 'fold-1'))}",
        )
    if os.path.lexists(path):
        return
    raise GlassnetError(
        "there is no such run or model file.",
        where=str(path),
        fix=_existing_runs(path.parent, Path("runs")),
    )


def _existing_runs(*folders: Path, but: Path | None = None) -> str:
    """Return a sentence that names the runs in these folders, but one."""
    configs = {path.resolve(): path for folder in folders for path in folder.glob(_CONFIGS)}
    others = [config for config in configs.values() if config.parent != but]
    newest = sorted(others, key=lambda config: config.stat().st_mtime, reverse=True)
    runs = [shlex.quote(str(config.parent)) for config in newest]
    more = f", and {len(runs) - _LISTED} more" if len(runs) > _LISTED else ""
    if not runs:
        return "There are no runs yet: glassnet train creates one."
    return f"Existing runs, newest first: {', '.join(runs[:_LISTED])}{more}."


def _explain_missing_model(folder: Path) -> None:
    """Raise if the folder has no model: training was interrupted, or it is not a run."""
    finished = (folder / METRICS_FILE).exists()
    if any(folder.glob("checkpoint*.safetensors")) and not finished:
        raise GlassnetError(
            "there is no model yet: its training is in progress, or was interrupted.",
            where=str(folder),
            fix=f"Wait for its end, or resume it: glassnet resume {shlex.quote(str(folder))}",
        )
    if folder.is_dir():
        raise GlassnetError(
            f"is a folder without {MODEL_FILE}.",
            where=str(folder),
            fix=_existing_runs(folder, folder.parent, Path("runs"), but=folder),
        )


def _shape(stored: list[Any], where: str) -> Shape:
    """Return one example's shape; with multiple inputs, a tuple of shapes."""
    if len(stored) > 1 and all(type(item) is list for item in stored):
        return tuple(_shape(item, where) for item in stored)
    if len(stored) > _MOST_AXES or not all(map(_is_size, stored)):
        refuse(where, f"input_shape {stored!r:.80} is not a valid shape.")
    return tuple(stored)


def _is_size(number: Any) -> bool:
    """True for a valid size, and for None, which accepts any."""
    return number is None or (type(number) is int and 0 < number < 2**31)
