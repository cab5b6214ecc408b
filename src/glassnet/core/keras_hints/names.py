"""Names in Keras's modules that glassnet lacks: what to write instead."""

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
_FILES = "save and load keep the whole model; registry.describe(part) is a part as JSON."
_CONFIGURATIONS = {"serialize": _FILES, "deserialize": _FILES}
_ONE_OPTIMIZER = "One optimizer trains all weights; Muon uses Adam for those that are not matrices."
_ORTHOGONAL = (
    'Use kernel_initializer="orthogonal", or L2: no penalty here compares the vectors of a weight.'
)
_CIRCLE = "No loss compares pairs of examples; train a classifier on the labels instead."
_STFT = "Compute the spectrogram before training; no layer here has such a kernel."
_SKLEARN = "A Model has fit and predict; scikit-learn estimators are not there yet."

MODULES: dict[str, str] = {  # module of Keras that glassnet lacks -> hint
    "applications": "Pretrained networks of keras.applications can't be read yet.",
    "backend": _ENGINE,
    "config": f"{_DTYPE} Nothing is executed from a file.",
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

NAMES: dict[str, dict[str, str]] = {  # module ("" is glassnet itself) -> name -> hint
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
        **_CONFIGURATIONS,
        "get": "Layers take the name itself: Dense(10, activation='relu').",
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
    "constraints": _CONFIGURATIONS,
    "initializers": {
        **_CONFIGURATIONS,
        **dict.fromkeys(("STFT", "STFTInitializer", "stft"), _STFT),
    },
    "layers": {
        **_CONFIGURATIONS,
        **dict.fromkeys(("AbstractRNNCell", "GRUCell", "LSTMCell", "RNN", "SimpleRNNCell"), _CELLS),
        "StackedRNNCells": _CELLS,
        **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _CONV_LSTM),
        **dict.fromkeys(("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup"), _LOOKUPS),
        **dict.fromkeys(("JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"),
                        "Write a Layer with forward and pullback: docs/own-parts.md."),
        **dict.fromkeys(("BatchNorm1d", "BatchNorm2d"), "Use BatchNormalization()."),
        "RandomCrop": "Use Cropping2D, or crop the arrays first: x[:, 2:-2, 2:-2].",
        "GroupQueryAttention": "Use MultiHeadAttention(num_heads, key_dim).",
        "LayerNorm": "Use LayerNormalization().",
        "Linear": "Use Dense(units); the number of inputs is that of the data.",
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
        **_CONFIGURATIONS,
        **dict.fromkeys(("Circle", "circle"), _CIRCLE),
    },
    "metrics": {
        **_CONFIGURATIONS,
        **dict.fromkeys(
            ("binary_focal_crossentropy", "categorical_focal_crossentropy", "huber"),
            "It is a loss: losses.huber(y_true, y_pred), for example.",
        ),
        "MeanMetricWrapper": "Write a Metric with measure(self, outputs, targets, *, kind).",
    },
    "optimizers": {
        **_CONFIGURATIONS,
        "legacy": "Use glassnet.optimizers: SGD, Adam, ...",
        "LossScaleOptimizer": "Training is in float32 or float64: use the inner optimizer alone.",
        **dict.fromkeys(("MultiOptimizer", "OptimizerMap"), _ONE_OPTIMIZER),
    },
    "regularizers": {
        **_CONFIGURATIONS,
        **dict.fromkeys(("OrthogonalRegularizer", "orthogonal_regularizer"), _ORTHOGONAL),
    },
    "schedules": {**_CONFIGURATIONS, "LearningRateSchedule": "Its name here is Schedule."},
    "utils": {
        **dict.fromkeys(("array_to_img", "img_to_array", "load_img", "save_img"),
                        "Use Pillow: PIL.Image.open, PIL.Image.fromarray."),
        **dict.fromkeys(_DATASETS, _PICTURES),
        "Progbar": "Use fit(..., verbose=1), or rich.progress.",
        "FeatureSpace": _CATEGORIES,
        "clear_session": "Nothing is kept between models: leave it out.",
        "get_file": "Use pooch.retrieve(url, known_hash).",
        "model_to_dot": "Use plot_model(model, path), which needs no Graphviz.",
        "set_random_seed": "A model is seeded by its argument: Model([...], seed=812).",
        "split_dataset": _SPLIT,
        "text_dataset_from_directory": _TEXTS,
        "timeseries_dataset_from_array": _WINDOWS,
    },
}  # fmt: skip

OTHER_NAMES: dict[str, str] = {  # module -> hint for any other name
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


def module_of(kind: str) -> str:
    """Return the module that holds parts of a kind: "losses" for "loss"."""
    return "losses" if kind == "loss" else f"{kind}s"
