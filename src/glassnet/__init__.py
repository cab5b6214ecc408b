"""glassnet: deep neural networks you can see through.

Each public name is imported from its file when it is first used, so that `import glassnet` and
`glassnet --help` cost nothing. Type checkers read the same names in `__init__.pyi`.
"""

from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any

from glassnet.core import keras_namespaces
from glassnet.core.file_formats import FORMATS, SERVICES

__version__ = "0.1.0"

_HOMES = {  # public names whose module has other names, too, which stay there
    "BackupAndRestore": "training.callbacks.backup_and_restore",
    "GlassnetError": "core.errors",
    "History": "training.history",
    "L1": "layers.regularizers",
    "L1L2": "layers.regularizers",
    "L2": "layers.regularizers",
    "MaxNorm": "layers.constraints",
    "MinMaxNorm": "layers.constraints",
    "Model": "model.model",
    "NonNeg": "layers.constraints",
    "PyDataset": "training.py_dataset",
    "Sequential": "model.sequential",
    "UnitNorm": "layers.constraints",
    "clone_model": "model.configuration",
    "explain_example": "explain.example",
    "find_learning_rate": "model.lr_finder",
    "fine_tune": "runs.fine_tune",
    "gradcheck": "verify.gradcheck",
    "load": "data",
    "load_model": "model.configuration",
    "model_from_json": "model.configuration",
    "plot_model": "model.diagram",
    "register": "training.functions",
    "stratified_split": "data.splits",
    "tune": "tuning.tune",
    "to_categorical": "training.checks.targets",
    "trace": "tracing.trace",
}
_MODULES = (  # those that Keras has, too; each of the others lists names of rooms
    "activations", "callbacks", "constraints", "datasets", "initializers", "layers", "losses",
    "metrics", "models", "optimizers", "regularizers", "saving", "utils",
)  # fmt: skip
_WHOLE = ("layers", "losses", "optimizers", "training.callbacks")  # all names of their `__all__`

_FOREIGN = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".pkl", ".onnx", ".tflite", ".pb")
FORMATS |= dict.fromkeys(_FOREIGN, "glassnet.interop.keras.model_file")
SERVICES["predict rows"] = "glassnet.evaluate.rows"
SERVICES["evaluate rows"] = "glassnet.evaluate.labeled_rows"
SERVICES["apply layers"] = "glassnet.model.applied"
SERVICES["read weights alone"] = "glassnet.interop.weights.file"

keras_namespaces.install()


def _module(path: str) -> Any:
    return import_module(f"{__name__}.{path}")


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return __dir__()
    if name in _HOMES:
        return getattr(_module(_HOMES[name]), name)
    if not name.startswith("_"):
        if PathFinder.find_spec(f"{__name__}.{name}", __path__):
            return _module(name)
        for module in map(_module, _WHOLE):
            if name in module.__all__:
                return getattr(module, name)
    raise _module("core.keras_namespaces").missing(__name__, name, __dir__())


def __dir__() -> list[str]:
    names = (name for path in _WHOLE for name in _module(path).__all__)
    return sorted({*_HOMES, *_MODULES, *names})
