"""Healthy jobs: data sets, tables, texts; all networks; losses; engines; before training, after."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets

from glassnet import (
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    Model,
    Normalization,
    Rescaling,
    load,
)
from glassnet.data import facts_of
from glassnet.data.splits import stratified_split
from glassnet.layers import (
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv2D,
    Embedding,
    GlobalAveragePooling1D,
    Layer,
    Permute,
    Residual,
    TimeDistributed,
)
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.optimizers import SGD, Adam, AdamW, Muon, RMSprop
from glassnet.runs.doctor import diagnose_settings
from glassnet.runs.settings import choose
from tests.doctor.given import Told, doctored, fitted, trained
from tests.doctor.pretrained import BODIES, SOURCE, fine_tuned, transferred
from tests.doctor.pretrained import X as DIGITS_5_TO_9

Job = Callable[[], Told]
EXAMINED: dict[str, Job] = {}  # as `doctor` looks at them
TRAINED: dict[str, Job] = {}  # as `train` does, before and after training
FITTED: dict[str, Job] = {}  # as `Model.fit` does
RNG = np.random.default_rng(5)

# -- as `train` and `doctor` examine them: every network on the data that it reads
SMALL: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": (16,)},
    "lenet": {"filters": (4,), "hidden": (8,)},
    "cnn": {"filters": (4, 8)},
    "resnet": {"filters": (4, 8)},
    "vit": {"width": 16, "depth": 2, "heads": 2, "patch": 2},
    "rnn": {"units": 8},
    "lstm": {"units": 8},
    "gru": {"units": 8, "bidirectional": True},
    "text-transformer": {"width": 16, "heads": 2, "max_length": 24},
    "char-lm": {"width": 16, "heads": 2, "max_length": 32},
}


def examined_job(data: str, network: str, **more: Any) -> None:
    def job() -> Told:
        settings = choose(data, facts_of(data)[0], network, **(SMALL[network] | more))
        return [(finding.level, str(finding)) for finding in diagnose_settings(settings)]

    EXAMINED[" ".join((data, network, *(f"{k}={v}" for k, v in more.items())))] = job


def texts_job(network: str, run: Callable[..., Told] = doctored, **more: Any) -> Told:
    """Sentences with labels, as a table."""
    kinds = ("cat sleeps", "dog barks", "bird sings")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "texts.csv"
        lines = [
            f"at house {i * i} the {kinds[i % 3]} until {i},{'CDB'[i % 3]}" for i in range(300)
        ]
        table.write_text("\n".join(["text,label", *lines]))
        return run(Path(folder), str(table), network=network, **SMALL[network], **more)


for name in ("mlp", "lenet", "cnn", "resnet", "vit", "rnn", "lstm", "gru"):
    examined_job("digits", name)
for more in (
    {"scaling": "standardize"}, {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"optimizer": "muon", "learning_rate": 0.02}, {"hidden": (64, 64, 64)}, {"dropout": 0.5},
    {"hidden": ()}, {"normalization": "batch"}, {"loss": "categorical_crossentropy"},
    {"loss": "mean_squared_error"}, {"activation": "tanh"}, {"activation": "sigmoid"},
    {"validation_split": 0.0}, {"label_smoothing": 0.1}, {"epochs": 1}, {"l2": 1e-4},
    {"loss": "binary_crossentropy", "output_activation": "sigmoid"},
):  # fmt: skip
    examined_job("digits", "mlp", **more)
for name in ("text-transformer", "lstm", "gru"):
    EXAMINED[f"texts {name}"] = lambda name=name: texts_job(name)


def table_job(name: str, x: Any, y: Any, train: bool = False, **more: Any) -> None:
    """A table in a file; with `train`, its whole training."""

    def job() -> Told:
        rows = len(x) * 4 // 5
        files = {"x_train": x[:rows], "y_train": y[:rows], "x_test": x[rows:], "y_test": y[rows:]}
        with tempfile.TemporaryDirectory() as folder:
            return (trained if train else doctored)(Path(folder), **files, **more)

    (TRAINED if train else EXAMINED)[name] = job


def classes_of(x: Any) -> Any:
    """Three classes of about one size, which follow from the rows."""
    score = x @ np.random.default_rng(3).normal(size=x.shape[1])
    return np.digitize(score, np.quantile(score, [1 / 3, 2 / 3]))


def one_hot(questions: int, answers: int, rows: int = 1500) -> Any:
    """Answers to questions, one column for each of them."""
    return np.eye(answers, dtype=np.float32)[RNG.integers(0, answers, (rows, questions))].reshape(
        rows, -1
    )


MOOD = RNG.normal(size=(1500, 1))
CATEGORICAL = {
    "5 questions of 10 answers": one_hot(5, 10),
    "8 questions of 4 answers": one_hot(8, 4),
    "3 questions of 300 answers": one_hot(3, 300),
    "20 yes or no": RNG.integers(0, 2, (1500, 20)),
    "16 ratings": np.clip(np.round(3 + 1.5 * MOOD + RNG.normal(size=(1500, 16))), 1, 5),
    "pictures of 7 × 7, laid flat": np.pad(RNG.integers(0, 256, (200, 5, 5)), ((0, 0), (1, 1), (
        1, 1))).reshape(200, 49).astype(np.uint8),
    "pictures with two borders, laid flat": np.pad(RNG.integers(0, 256, (200, 8, 8)), (
        (0, 0), (1, 1), (1, 1)), constant_values=((0, 0), (0, 90), (0, 200))).reshape(
            200, 100).astype(np.uint8),
}  # fmt: skip
for name, rows in CATEGORICAL.items():
    table_job(name, rows, classes_of(rows))
THIRDS = np.arange(300) % 3
HELD_OUT = stratified_split(THIRDS[:240], 0.1, 0)[1][0]
table_job("an answer that only a validation row gives", np.eye(4)[np.where(
    np.arange(300) == HELD_OUT, 3, THIRDS)], THIRDS)  # fmt: skip
for name, data in (
    ("breast cancer", datasets.load_breast_cancer()),
    ("wine", datasets.load_wine()),
):
    order = np.random.default_rng(0).permutation(len(data.target))
    table_job(f"{name}, standardized", data.data[order], data.target[order],
              scaling="standardize")  # fmt: skip

# -- data that look like the faults of columns, rows and options, and are none
IRIS, CANCER, DIGITS_FLAT = (
    datasets.load_iris(),
    datasets.load_breast_cancer(),
    datasets.load_digits(),
)
BY_PETAL = np.argsort(IRIS.data[:, 2], kind="stable")
EVERY = np.concatenate([np.flatnonzero(np.arange(150) % 5 < 4), np.arange(4, 150, 5)])
ALIKE: dict[str, tuple[Any, Any]] = {
    "iris, in the order of its file": (IRIS.data[EVERY], IRIS.target[EVERY]),
    "setosa or not, which one column tells": (IRIS.data[EVERY], (IRIS.target[EVERY] == 0) * 1),
    "iris, sorted by its best column": (IRIS.data[BY_PETAL][EVERY], IRIS.target[BY_PETAL][EVERY]),
    "digits as a table": (DIGITS_FLAT.data, DIGITS_FLAT.target),
    "0 or 1, digits as a table": (DIGITS_FLAT.data[DIGITS_FLAT.target < 2],
                                  DIGITS_FLAT.target[DIGITS_FLAT.target < 2]),
}  # fmt: skip
KINDS = np.random.default_rng(6).integers(0, 5, 400)
TRAITS = np.random.default_rng(6).integers(0, 2, (400, 8))
TRAITS[:, 0], TRAITS[:, 1] = KINDS == 0, KINDS == 3  # feathers: birds; milk: mammals
ALIKE["traits that only some classes have"] = TRAITS, KINDS
NOISE = np.random.default_rng(7).normal(size=(600, 4))
THREE_GROUPS = np.random.default_rng(7).integers(0, 3, 600)
ALIKE["three distant groups"] = NOISE / 3 + 10 * THREE_GROUPS[:, None], THREE_GROUPS
ODD = np.abs(NOISE) * 10
ODD[::3, 0] = 0  # no rain
ODD[:, 1] = np.minimum(ODD[:, 1], 15)  # a sensor at its limit
ODD[:, 2] = np.round(NOISE[:, 2])  # -3 to 3, -1 among them
ODD[:, 3] = np.where(np.arange(600) % 2, 40, np.round(ODD[:, 3]))  # hours a week
ALIKE["zeros, limits and a common value"] = np.column_stack([ODD, NOISE]), classes_of(NOISE)
BALANCES = np.exp(3 * np.random.default_rng(8).normal(size=(600, 1)))
ALIKE["a long tail"] = np.column_stack([np.log(BALANCES), NOISE]), classes_of(NOISE)
WAVE = np.sin(np.arange(900) / 20) + np.sin(np.arange(900) / 33)
WINDOWS = np.lib.stride_tricks.sliding_window_view(WAVE, 10)
ALIKE["windows of a time series"] = WINDOWS[:600], (WAVE[10:610] > WAVE[9:609]) * 1
ALIKE["one column"] = NOISE[:, :1], classes_of(NOISE[:, :1])
DENSE = np.random.default_rng(9).random((4000, 2))
ALIKE["many rows close together"] = DENSE, classes_of(DENSE)
for name, (rows, labels) in ALIKE.items():
    table_job(name, rows, labels, scaling="standardize")
table_job("row numbers in mixed order", np.column_stack([np.arange(600), NOISE]),
          classes_of(NOISE), scaling="standardize")  # fmt: skip
table_job("spectra of one channel", RNG.normal(size=(200, 1, 12, 9)), np.arange(200) % 3)
table_job("pictures, channels last", RNG.random((200, 12, 12, 3)), np.arange(200) % 3)
table_job("usual options", NOISE, classes_of(NOISE), early_stopping=5, dropout=0.5,
          label_smoothing=0.1, weight_decay=0.01, class_weight="balanced",
          optimizer="adamw")  # fmt: skip

# -- as `train` says it before and after training
RARE = RNG.normal(size=(1000, 5))
table_job("a rare class, weighted", RARE, (RARE[:, 0] > 1.8) * 1, train=True,
          class_weight="balanced", epochs=20, learning_rate=0.02)  # fmt: skip
table_job("yes or no, trained", CATEGORICAL["20 yes or no"],
          classes_of(CATEGORICAL["20 yes or no"]), train=True, epochs=5)  # fmt: skip


def digits_job(**more: Any) -> Told:
    with tempfile.TemporaryDirectory() as folder:
        return trained(Path(folder), "digits", **more)


TRAINED["digits, average"] = lambda: digits_job(epochs=5, ema=0.9)
TRAINED["digits, heavy dropout"] = lambda: digits_job(dropout=0.8, hidden=(64,), epochs=5)
TRAINED["digits, penalty"] = lambda: digits_job(l2=0.01, epochs=5, clip=1.0)
TRAINED["texts"] = lambda: texts_job("gru", trained, epochs=5)
examined_job("python-reference", "char-lm")
examined_job("fashion-mnist", "mlp")

# -- as people call `Model.fit`
DIGITS, WINE, DIABETES = load("digits"), datasets.load_wine(), datasets.load_diabetes()
FASHION = load("fashion-mnist")
SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"


def fitted_job(name: str, *layers: Layer, x: Any, y: Any, loss: Any = SPARSE, **more: Any) -> None:
    for engine in more.pop("engines", ("numpy",)):
        FITTED[f"{name}, {engine}"] = lambda engine=engine: fitted(
            layers, x, y, loss, engine=engine, **more
        )


TEN, THREE = Dense(10, "softmax"), Dense(3, "softmax")
BOTH = ("numpy", "jax")
fitted_job("digits, held out", Flatten(), Rescaling(1 / 16), Dense(16, "relu"), TEN,
           x=DIGITS.x_train, y=DIGITS.y_train, validation_split=0.2, epochs=2,
           engines=BOTH)  # fmt: skip
fitted_job("digits, not scaled", Flatten(), Dense(16, "relu"), TEN, x=DIGITS.x_train,
           y=DIGITS.y_train)  # fmt: skip
fitted_job("Fashion-MNIST", Flatten(), Rescaling(1 / 255), Dense(16, "relu"), TEN,
           x=FASHION.x_train[:2000], y=FASHION.y_train[:2000], validation_split=0.1)  # fmt: skip
fitted_job("Fashion-MNIST, normalized by batch", Flatten(), BatchNormalization(), Dense(16, "relu"),
           TEN, x=FASHION.x_train[:2000], y=FASHION.y_train[:2000])  # fmt: skip
fitted_job("Fashion-MNIST, convolution", Rescaling(1 / 255), Conv2D(4, 3, activation="relu"),
           Flatten(), TEN, x=FASHION.x_train[:300, ..., None], y=FASHION.y_train[:300])  # fmt: skip
fitted_job("Fashion-MNIST, divided by 255", Flatten(), Dense(16, "relu"), TEN,
           x=FASHION.x_train[:2000] / 255, y=FASHION.y_train[:2000])  # fmt: skip
fitted_job("Fashion-MNIST, laid flat", Rescaling(1 / 255), Dense(16, "relu"), TEN,
           x=FASHION.x_train[:2000].reshape(2000, -1), y=FASHION.y_train[:2000],
           validation_split=0.1)  # fmt: skip
fitted_job("digits, laid flat", Dense(16, "relu"), TEN, x=DIGITS.x_train.reshape(-1, 64) / 16,
           y=DIGITS.y_train, validation_split=0.1)  # fmt: skip
fitted_job("iris, shuffled", Normalization(), Dense(8, "tanh"), THREE, x=IRIS.data, y=IRIS.target,
           stratify=True, validation_split=0.2)  # fmt: skip
fitted_job("iris as it is", Dense(8, "relu"), THREE, x=IRIS.data, y=IRIS.target, epochs=2)
fitted_job("wine", Normalization(), Dense(8, "relu"), THREE, x=WINE.data, y=WINE.target)
fitted_job("breast cancer", Normalization(), Dense(8, "relu"), Dense(1, "sigmoid"), x=CANCER.data,
           y=CANCER.target, loss=BINARY, validation_split=0.2)  # fmt: skip
fitted_job("breast cancer, weighted", Normalization(), Dense(1, "sigmoid"), x=CANCER.data,
           y=CANCER.target, loss=BINARY, class_weight={0: 2.0})  # fmt: skip
fitted_job("diabetes", Dense(8, "relu"), Dense(1), x=DIABETES.data, y=DIABETES.target, loss="mse")
fitted_job("diabetes, relu outputs", Dense(8, "relu"), Dense(1, "relu"), x=DIABETES.data,
           y=DIABETES.target, loss="mae", optimizer=RMSprop())  # fmt: skip
LINE = RNG.normal(size=(200, 3))
fitted_job("a line", Dense(1), x=LINE, y=LINE @ [1.0, -2.0, 3.0], loss="mse", optimizer=SGD(0.1))
fitted_job("a line, Huber", Dense(1), x=LINE, y=LINE @ [1.0, -2.0, 3.0], loss="huber")
fitted_job(
    "several labels", Dense(4, "sigmoid"), x=LINE, y=RNG.integers(0, 2, (200, 4)), loss=BINARY
)
fitted_job("logits", Dense(3), x=LINE, y=LINE.argmax(axis=1),
           loss=SparseCategoricalCrossentropy(from_logits=True), optimizer=Muon())  # fmt: skip
fitted_job("soft targets", THREE, x=LINE, y=RNG.dirichlet([1, 1, 1], 200),
           loss="categorical_crossentropy")  # fmt: skip
fitted_job("a hinge", Dense(1), x=LINE, y=np.sign(LINE[:, :1]), loss="hinge")
fitted_job("an autoencoder", Dense(2, "relu"), Dense(3), x=LINE, y=LINE, loss="mse")
fitted_job("xor", Dense(8, "tanh"), Dense(1, "sigmoid"), x=[[0, 0], [0, 1], [1, 0], [1, 1]],
           y=[0, 1, 1, 0], loss=BINARY, epochs=3)  # fmt: skip
fitted_job("one example", Dense(2), x=LINE[:1], y=LINE[:1, :2], loss="mse")
fitted_job("tokens", Embedding(50, 4), GlobalAveragePooling1D(), Dropout(0.2), THREE,
           x=RNG.integers(0, 50, (200, 9)), y=np.arange(200) % 3, validation_split=0.2,
           engines=BOTH)  # fmt: skip
fitted_job("padded tokens", Embedding(50, 4, mask_zero=True),
           Bidirectional(LSTM(3, return_sequences=True)), Dense(4), GlobalAveragePooling1D(),
           Flatten(), THREE,
           x=RNG.integers(0, 50, (200, 9)), y=np.arange(200) % 3)  # fmt: skip
fitted_job("callbacks, weights and options", Dropout(0.5), THREE, x=LINE, y=LINE.argmax(axis=1),
           epochs=6, validation_split=0.2, batch_size=8,
           callbacks=[EarlyStopping(patience=n, restore_best_weights=n > 6) for n in (3, 9)],
           sample_weight=RNG.uniform(0.5, 2, 200), optimizer=SGD(0.1, momentum=0.9,
           weight_decay=1e-3))  # fmt: skip
fitted_job("pictures made channels last", Permute((2, 3, 1)), Conv2D(2, 3), Flatten(), TEN,
           x=RNG.random((60, 3, 9, 9)), y=np.arange(60) % 10)  # fmt: skip
fitted_job("frames of a film", TimeDistributed(Flatten()), Flatten(), TEN,
           x=RNG.random((60, 3, 9, 9)), y=np.arange(60) % 10)  # fmt: skip
fitted_job("in order, not sorted", THREE, x=LINE, y=LINE.argmax(axis=1), shuffle=False)

# -- networks that were trained before
TUNED: dict[str, Job] = {}


def tuned_job(name: str, body: str, optimizer: Any = "adam", **more: Any) -> None:
    """A fine-tuning from the digits 0 to 4 to the digits 5 to 9."""
    layers = {key: more.pop(key) for key in ("head", "freeze") if key in more}
    TUNED[name] = lambda: fine_tuned(transferred(body, **layers), optimizer, **more)


for name in BODIES:
    raw = {"x": DIGITS_5_TO_9 * 20} if name == "of raw values" else {}
    tuned_job(f"{name}: frozen body", name, **raw)
    tuned_job(f"{name}: all layers", name, Adam(1e-4), freeze=0, epochs=6, **raw)
    tuned_job(f"{name}: the last layers", name, SGD(0.02, momentum=0.9), freeze=3, **raw)
    tuned_job(f"{name}: the kept head too", name, freeze=0, head=False, **raw)
tuned_job("an average of the weights", "normalized", Adam(3e-3, use_ema=True, ema_momentum=0.9))
tuned_job("gradients that two batches share", "relu", Adam(0.01, gradient_accumulation_steps=2))
tuned_job("decayed weights", "pictures", AdamW(3e-3, weight_decay=0.01))
tuned_job("clipped gradients", "tanh", SGD(0.1, global_clipnorm=1.0))
tuned_job("a gentle rate for a network that fits", "relu", Adam(1e-6), freeze=0, head=False,
          x=SOURCE[0], y=SOURCE[1], epochs=30)  # fmt: skip
tuned_job("data that the network fits", "normalized", Adam(1e-4), freeze=0, head=False,
          x=SOURCE[0], y=SOURCE[1])  # fmt: skip


def adapted() -> Told:
    """A frozen body with a layer of low rank beside it, whose second factor begins at 0."""
    body = transferred("tanh")
    up = Dense(16, use_bias=False, kernel_initializer="zeros")
    adapter = Residual((Dense(2, use_bias=False), up))
    return fine_tuned(Model([*body.layers[:-1], adapter, Dense(5, "softmax")], (8, 8)), Adam(0.01))


TUNED["an adapter that begins at 0"] = adapted
TABLE = RNG.normal(size=(50, 4))  # vectors that were trained elsewhere
fitted_job("a frozen table of embeddings", Embedding(50, 4, trainable=False),
           GlobalAveragePooling1D(), THREE, x=RNG.integers(0, 50, (200, 9)), y=np.arange(200) % 3,
           weights=[TABLE, RNG.normal(size=(4, 3)), np.zeros(3)])  # fmt: skip

JOBS = EXAMINED | TRAINED | FITTED | TUNED
