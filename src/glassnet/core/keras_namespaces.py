"""Names of Keras's modules that glassnet lacks: what to write instead, when they are imported."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from glassnet.core.keras_parts import KERAS_ONLY

_ARRAYS = "Use NumPy: models take arrays, and layers are called on nodes of a graph."
_ENGINE = 'An engine runs the training: fit(..., engine="jax"), or "numpy".'
_DTYPE = 'Computation is in float32, or float64 by Model(..., dtype="float64").'
_LOAD = "Read the data into arrays, or use glassnet.load: a data set's name, .npz, .csv or .txt."
_PICTURES = "Read pictures into arrays with Pillow, save them as .npz, and use glassnet.load."
_TEXTS = "Texts are read from a table or file by glassnet.load: docs/texts.md."
_CATEGORIES = "Encode the columns in the table first, for example with pandas.get_dummies."
_AUGMENT = 'Augment the training batches: fit(..., augment="flip,shift"), or Random... layers.'
_CELLS = "Cells are not layers: use LSTM, GRU or SimpleRNN; stack them with return_sequences=True."
_LOOKUPS = f"Lookups of columns are not layers. {_CATEGORIES}"
_CONV_LSTM = "Use LSTM after TimeDistributed(Conv2D(8, 3)) and TimeDistributed(Flatten())."
_WINDOWS = "Cut windows with numpy.lib.stride_tricks.sliding_window_view, and call fit."
_SPLIT = "Use glassnet.stratified_split(labels, share), or fit(..., validation_split=0.2)."
_DATASETS = ("audio_dataset_from_directory", "image_dataset_from_directory")
_REGISTER = "Register the class or function, then load: @glassnet.register; docs/own-parts.md."
_SKLEARN = "A Model has fit and predict; scikit-learn estimators are not there yet."

NAMESPACES: dict[str, str] = {  # of Keras, none of whose names glassnet has
    "applications": "Pretrained networks of keras.applications can't be read yet.",
    "backend": _ENGINE,
    "config": _DTYPE,
    "distillation": "Train the student on the teacher's predict(x) as targets.",
    "distribution": _ENGINE,
    "dtype_policies": _DTYPE,
    "export": "Export a saved run: glassnet export RUN --to keras.",
    "legacy": "Use the names of Keras 3.",
    "mixed_precision": _DTYPE,
    "preprocessing": f"{_PICTURES} {_TEXTS} {_AUGMENT}",
    "quantizers": _DTYPE,
    "random": f"{_ARRAYS} Random numbers: numpy.random.default_rng(seed).",
    "tree": "Use glassnet.core.trees, or Python's own dicts and lists.",
    "visualization": "Use Matplotlib, or glassnet plot: docs/plots.md.",
    "wrappers": _SKLEARN,
}

NAMES: dict[str, dict[str, str]] = {  # namespace -> name -> what to write instead
    "": {
        "DTypePolicy": _DTYPE,
        "FloatDTypePolicy": _DTYPE,
        "Function": "Build a model between nodes: Model(inputs=x, outputs=y).",
        "GradientTape": "Pullbacks compute gradients: fit trains; an own step: examples/02.",
        "keras": "glassnet has the names of Keras itself: from glassnet import layers, Model.",
        "nn": "Layers are in glassnet.layers, losses in glassnet.losses, activations in "
        "glassnet.activations.",
        "optim": "Optimizers are in glassnet.optimizers: Adam(0.001); fit makes the steps.",
        "InputSpec": "A layer checks its input in output_shape(self, shape).",
        "KerasTensor": "Use Node, which Input(shape) and calls of layers return.",
        "Operation": "Write a Layer with forward and pullback: docs/own-parts.md.",
        "Variable": "Weights are arrays that layers specify: weights(self, shape).",
        "device": _ENGINE,
        "name_scope": "Name layers: Dense(10, name='head').",
        "remat": "All values of a step are kept; use smaller batches to save memory.",
    },
    "activations": {
        **dict.fromkeys(("deserialize", "get", "serialize"),
                        "Layers take the name itself: Dense(10, activation='relu')."),
    },
    "callbacks": {
        "CallbackList": "Pass a list: fit(callbacks=[...]).",
        "History": "fit returns the history: leave it out.",
        "OrbaxCheckpoint": "Use BackupAndRestore to resume, ModelCheckpoint to keep models.",
        "ProgbarLogger": "fit(verbose=1) shows progress: leave it out.",
        "RemoteMonitor": "Write a Callback whose on_epoch_end(self, epoch, logs=None) sends the "
        "logs.",
        "SwapEMAWeights": "With use_ema=True, the averages are evaluated and kept: leave it out.",
    },
    "layers": {
        **dict.fromkeys(("AbstractRNNCell", "GRUCell", "LSTMCell", "RNN", "SimpleRNNCell"), _CELLS),
        "StackedRNNCells": _CELLS,
        **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _CONV_LSTM),
        **dict.fromkeys(("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup"), _LOOKUPS),
        **dict.fromkeys(("JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"),
                        "Write a Layer with forward and pullback: docs/own-parts.md."),
        **dict.fromkeys(("deserialize", "serialize"),
                        "Use layer.get_config(), and Dense.from_config(config)."),
        **dict.fromkeys(("BatchNorm1d", "BatchNorm2d"), "Use BatchNormalization()."),
        "CategoryEncoding": "Encode labels first: glassnet.to_categorical(labels, 10).",
        "Discretization": "Divide numbers into bins first: numpy.digitize(x, boundaries).",
        "LayerNorm": "Use LayerNormalization().",
        "Linear": "Use Dense(units); the number of inputs is that of the data.",
        **dict.fromkeys(("CenterCrop", "RandomCrop"),
                        "Use Cropping2D, or crop the arrays first: x[:, 2:-2, 2:-2]."),
        "GroupQueryAttention": "Use MultiHeadAttention(num_heads, key_dim).",
        "Resizing": "Resize the images first: PIL.Image.resize.",
        "MelSpectrogram": "Compute spectrograms with SciPy first: scipy.signal.stft.",
        "STFTSpectrogram": "Compute spectrograms with SciPy first: scipy.signal.stft.",
        "SpectralNormalization": "Limit norms instead: Dense(..., kernel_constraint=MaxNorm(1.0)).",
        "TextVectorization": _TEXTS,
        "Wrapper": "A layer holds layers as `parts`: see layers/residual.py.",
    },
    "losses": {
        "BCELoss": "Use BinaryCrossentropy().",
        "BCEWithLogitsLoss": "Use BinaryCrossentropy(from_logits=True).",
        "CrossEntropyLoss": "Use SparseCategoricalCrossentropy(from_logits=True).",
        "L1Loss": "Use MeanAbsoluteError().",
        "MSELoss": "Use MeanSquaredError().",
    },
    "utils": {
        **dict.fromkeys(("array_to_img", "img_to_array", "load_img", "save_img"),
                        "Use Pillow: PIL.Image.open, PIL.Image.fromarray."),
        **dict.fromkeys(_DATASETS, _PICTURES),
        "Progbar": "Use fit(..., verbose=1), or rich.progress.",
        "FeatureSpace": _CATEGORIES,
        "clear_session": "Nothing is kept between models: leave it out.",
        "get_file": "Use pooch.retrieve(url, known_hash).",
        "model_to_dot": "Use plot_model(model, path), which needs no Graphviz.",
        "normalize": "Divide: x / numpy.linalg.norm(x, axis=-1, keepdims=True).",
        "set_random_seed": "A model is seeded by its argument: Model([...], seed=812).",
        "split_dataset": _SPLIT,
        "text_dataset_from_directory": _TEXTS,
        "timeseries_dataset_from_array": _WINDOWS,
    },
}  # fmt: skip

_GENERAL: dict[str, str] = {  # namespace -> what to write instead of any other name
    "activations": "Write an own activation with its pullback: docs/own-parts.md.",
    "callbacks": "Write an own Callback: docs/own-parts.md.",
    "constraints": "Write an own constraint: docs/own-parts.md.",
    "datasets": f"{_LOAD} glassnet has fashion_mnist and digits.",
    "initializers": "Write an own initializer: docs/own-parts.md.",
    "layers": "Write it as a Layer with forward and pullback: docs/own-parts.md.",
    "losses": "Write an own loss: docs/own-parts.md.",
    "metrics": "Write an own metric: docs/own-parts.md.",
    "models": "Use Model, Sequential, load_model or clone_model.",
    "ops": f"{_ARRAYS} glassnet.ops holds the functions with pullbacks of layers.",
    "optimizers": "Write an own optimizer: docs/own-parts.md.",
    "regularizers": "Write an own regularizer: docs/own-parts.md.",
    "saving": _REGISTER,
    "schedules": "Write an own schedule: docs/own-parts.md.",
    "utils": "glassnet has no such helper; NumPy, pandas or Pillow may.",
}


_KINDS = {
    "constraints": "constraint", "initializers": "initializer", "losses": "loss",
    "metrics": "metric", "optimizers": "optimizer", "regularizers": "regularizer",
    "schedules": "schedule",
}  # fmt: skip


def hint(namespace: str, name: str, known: Iterable[str] = ()) -> str:
    """Return the message for a name that a module of glassnet lacks ("" is `glassnet` itself)."""
    module = f"glassnet.{namespace}" if namespace else "glassnet"
    message = f"{module} has no {name!r}."
    fix = NAMESPACES.get("" if namespace else name)
    places = [namespace] if namespace else ["", *NAMES, *_KINDS]  # `glassnet` has all names
    for place in places:
        fix = fix or NAMES.get(place, {}).get(name)
        fix = fix or KERAS_ONLY.get(_KINDS.get(place, ""), {}).get(name)
    if fix:
        return f"{message} {fix}"
    by_lowercase = {other.lower(): other for other in known}
    if closest := get_close_matches(name.lower(), by_lowercase, n=1, cutoff=0.75):
        return f"{message} Did you mean {by_lowercase[closest[0]]!r}?"
    fix = _GENERAL.get(namespace) or NAMESPACES.get(namespace) or "dir(glassnet) lists its names."
    return f"{message} {fix}"


def missing(module: str, name: str, known: Iterable[str] = ()) -> AttributeError:
    """Return the error of a module's `__getattr__`."""
    return AttributeError(hint(module.partition(".")[2].rpartition(".")[2], name, known), name=name)


def hint_at_missing(module: str, lookup: Callable[[str], Any] | None = None) -> None:
    """Let a module say what to write for names that it lacks, and that `lookup` does not find."""
    this: Any = sys.modules[module]

    def find(name: str) -> Any:
        if not name.startswith("_") and lookup is not None:
            with suppress(AttributeError):
                return lookup(name)
        raise missing(module, name, [known for known in vars(this) if known[0] != "_"])

    this.__getattr__ = find
    vars(this).setdefault("__path__", [])  # else Python would not ask the finder below


class _Finder:
    """Raises ImportError, with the hint, for imports from `glassnet` that find nothing.

    Python asks it last, for `import glassnet.backend` and `from glassnet.layers import RNN`.
    """

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> None:
        package, _, rest = fullname.partition(".")
        namespace, _, name = rest.rpartition(".")
        if package == "glassnet" and name and not name.startswith("_"):
            names = getattr(sys.modules.get(fullname.rpartition(".")[0]), "__all__", ())
            raise ImportError(hint(namespace.rpartition(".")[2], name, names), name=fullname)


def install() -> None:
    """Make imports of missing names say what to write instead."""
    if not any(getattr(finder, "__name__", "") == _Finder.__name__ for finder in sys.meta_path):
        sys.meta_path.append(_Finder)
