"""The faults of docs/doctor.md, each planted in healthy data or a healthy network."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import (
    Adam,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    EarlyStopping,
    Embedding,
    Flatten,
    GlassnetError,
    Model,
    Unfreeze,
)
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.doctor import Origin, Subject, symptoms
from glassnet.layers import LSTM, GlobalAveragePooling1D, Residual
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.optimizers import SGD
from glassnet.training.source import Plan
from tests.doctor.given import (
    ONE,
    ONE_HOT,
    RNG,
    SOFTMAX,
    SPARSE,
    Told,
    X,
    Y,
    arrays,
    doctored,
    fitted,
    idx,
    trained,
)
from tests.doctor.pretrained import X as PICTURES
from tests.doctor.pretrained import Y as DIGITS_5_TO_9
from tests.doctor.pretrained import examined, fine_tuned, transferred

BOTH = ("numpy", "jax")
ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Fault:
    """A fault, what finds it ("fit", "doctor" or "training"), and words of its message."""

    name: str
    level: str
    words: tuple[str, ...]
    plant: Callable[..., Told]
    engines: tuple[str, ...] = ()
    by: str = "doctor"


FAULTS: list[Fault] = []


def fit(
    name: str,
    level: str,
    *words: str,
    engines: tuple[str, ...] = ("numpy",),
    by: str = "fit",
    **options: Any,
) -> None:
    """Add a fault that `Model.fit` finds."""
    FAULTS.append(
        Fault(name, level, words, lambda engine: fitted(engine=engine, **options), engines, by)
    )  # fmt: skip


def doctor(name: str, level: str, *words: str, data: str | None = None, **changes: Any) -> None:
    """Add a fault that `train` and `doctor` find in a file."""
    FAULTS.append(Fault(name, level, words, lambda folder: doctored(folder, data, **changes)))


def but(array: Any, place: Any, value: Any, dtype: Any = None) -> Any:
    """Return a copy of the array with another value in one place."""
    changed = np.array(array, dtype)
    changed[place] = value
    return changed


OUT = Dense(3, "softmax")
IMAGES = RNG.integers(0, 256, (120, 6, 6)).astype(np.uint8)
WIDE = RNG.normal(size=(120, 100))
IDS = RNG.integers(2, 20, (120, 7))
READER = (Embedding(20, 4), GlobalAveragePooling1D(), OUT)
SORTED = np.argsort(Y, kind="stable")

# -- labels and targets
fit("label too high", ERROR, "row 4", "label 3", "3 outputs", y=but(Y, 4, 3))
fit("negative label", ERROR, "row 7", "label -1", y=but(Y, 7, -1))
fit("fractional labels", ERROR, "row 0", "not integers", y=Y + 0.5)
fit("text labels", ERROR, "y", "unique", y=np.array(["a", "b", "c"])[Y])
fit("NaN among the labels", ERROR, "y", "row 5", y=but(Y, 5, np.nan, float))
fit("one-hot targets for a sparse loss", ERROR, "y", "one-hot", y=ONE_HOT)
fit("label indices for a categorical loss", ERROR, "y", "to_categorical", loss=ONE)
fit("targets (N, 1), outputs (N, 3)", ERROR, "y", "(120, 1)", loss="mse", y=X[:, :1],
    layers=(Dense(3),))  # fmt: skip
fit("targets (N,), outputs (N, 3)", ERROR, "y", "(120,)", loss="mse", y=X[:, 0], layers=(Dense(3),))
fit("fewer labels than rows", ERROR, "y", "119", "120", y=Y[:-1])
fit("a target outside 0..1", ERROR, "row 9", "0..1", loss="binary_crossentropy",
    y=but(Y > 0, 9, 2, float), layers=(Dense(1, "sigmoid"),))  # fmt: skip
fit("a one-hot row that sums to 2", WARNING, "y", "row 3", "sums to 2", loss=ONE,
    y=but(ONE_HOT, (3, slice(2)), 1))  # fmt: skip
fit("a one-hot row of zeros", WARNING, "row 3", "sums to 0", loss=ONE, y=but(ONE_HOT, 3, 0))
fit("regression with a softmax output", WARNING, "softmax", "0 to 1", loss="mse", y=X[:, :3] * 5)
fit("regression with a sigmoid output", WARNING, "sigmoid", loss="mse", y=X[:, :1] * 5,
    layers=(Dense(1, "sigmoid"),))  # fmt: skip
fit("regression with a relu output", WARNING, "relu", "row", loss="mse", y=X[:, :1],
    layers=(Dense(1, "relu"),))  # fmt: skip
fit("regression targets beyond a tanh", WARNING, "tanh", "-1 to 1", loss="mse", y=X[:, :1] * 9,
    layers=(Dense(1, "tanh"),))  # fmt: skip
fit("a class that only the validation split has", WARNING, "class 2", "no training", x=X[SORTED],
    y=np.minimum(np.arange(120) // 51, 2), validation_split=0.15)  # fmt: skip
fit("validation split at the end of sorted labels", WARNING, "validation", "class 2", "stratify",
    x=X[SORTED], y=Y[SORTED], validation_split=0.1)  # fmt: skip
fit("sorted labels, not shuffled", WARNING, "sorted", "shuffle", x=X[SORTED], y=Y[SORTED],
    shuffle=False)  # fmt: skip
doctor("a class without examples", ERROR, "y_train", "class 1", y_train=np.where(Y == 1, 0, Y))
fit("only one class, in fit", WARNING, "class 1", "nothing to learn", y=Y * 0 + 1)
fit("20 outputs for 3 classes", WARNING, "20 outputs", "3 units", layers=(Dense(20, "softmax"),))
doctor("only one class", ERROR, "y_train", "one class", y_train=Y * 0, y_test=np.zeros(30, int))
doctor("a class with few examples", WARNING, "class 2", "2 of", y_train=but(
    np.where(Y == 2, 0, Y), [0, 1, 2], 2))  # fmt: skip
doctor("a rare class", WARNING, "class 1", "class_weight",
       x_train=RNG.normal(size=(400, 5)), y_train=(np.arange(400) % 40 == 0) * 1,
       y_test=np.arange(30) % 2)  # fmt: skip
doctor("a test label without training rows", ERROR, "y_test", "label 3", y_test=but(
    np.arange(30) % 3, 8, 3))  # fmt: skip
doctor("float labels in a file", ERROR, "y_train", "row 0", y_train=Y + 0.5)
doctor("one-hot labels in a file", ERROR, "y_train", "argmax", y_train=ONE_HOT.astype(int))
doctor("equal rows with different labels", WARNING, "equal", "labels", x_train=but(
    X, slice(40, 60), X[:20]), y_train=np.concatenate(
        [Y[:40], (Y[:20] + 1) % 3, Y[60:]]))  # fmt: skip
doctor("a class named nan", ERROR, "class_names", "'nan'", "without a label",
       class_names=np.array(["cat", "nan", "dog"]))  # fmt: skip

# -- columns that tell the target
COPIED = arrays()["y_test"]  # the labels of the test rows


def with_columns(train: Any, test: Any, **more: Any) -> dict[str, Any]:
    """The arrays of a file with these columns before the others."""
    x_test = np.column_stack([test, arrays()["x_test"]])
    return {"x_train": np.column_stack([train, X]), "x_test": x_test} | more


LEAK = ("x_train: column 0", "copy of the label")
doctor("a column equal to the label", WARNING, *LEAK, "100.0%", **with_columns(Y, COPIED))
doctor("a column equal to the label, numbered differently", WARNING, *LEAK,
       **with_columns(np.array([7, 2, 5])[Y], np.array([7, 2, 5])[COPIED]))  # fmt: skip
doctor("a column equal to the label but for 1 of 120", WARNING, *LEAK, "99.0%",
       **with_columns(but(Y, 4, (Y[4] + 1) % 3), COPIED))  # fmt: skip
doctor("a column equal to the label, with noise", WARNING, *LEAK,
       **with_columns(Y + RNG.normal(size=120) / 100, COPIED))  # fmt: skip
doctor("a column equal to the label, under mean squared error", WARNING, *LEAK,
       loss="mean_squared_error", **with_columns(Y, COPIED))  # fmt: skip
doctor("the label one-hot among the columns", WARNING, "x_train: column 0", "one-hot",
       **with_columns(ONE_HOT, np.eye(3)[COPIED]))  # fmt: skip
doctor("the label one-hot, without its first column", WARNING, "x_train: column 0", "one-hot",
       **with_columns(ONE_HOT[:, 1:], np.eye(3)[COPIED][:, 1:]))  # fmt: skip
doctor("a row number in a file that is sorted by class", WARNING, "x_train: column 0",
       "numbers the rows", "changes only 2 times", y_train=Y[SORTED], **with_columns(
           np.arange(120), np.arange(120, 150), x_train=np.column_stack([np.arange(120), X[SORTED]])
       ))  # fmt: skip
MIXED = np.random.default_rng(4).permutation(120)
doctor("a row number of a file that was sorted by class, from 1000, shuffled", WARNING,
       "numbers the rows from 1000", y_train=Y[SORTED][MIXED], **with_columns(
           np.arange(120), np.arange(120, 150),
           x_train=np.column_stack([1000 + np.arange(120), X[SORTED]])[MIXED]))  # fmt: skip

# -- values that stand for missing ones
GAPS = np.arange(120) % 6 == 3  # rows
POSITIVE = np.abs(X) + 0.1
MISSING = ("x_train: column 1", "missing")
for value, text in ((-999, "-999"), (9999, "9999"), (1e20, "1e+20"), (-1, "-1")):
    doctor(f"the value {text} for missing ones", WARNING, *MISSING, f"is {text} in ",
           x_train=but(POSITIVE, (GAPS, 1), value),
           x_test=np.abs(arrays()["x_test"]))  # fmt: skip
doctor("the mean filled in for missing values", WARNING, *MISSING, "filled in",
       x_train=but(X, (GAPS, 1), X[:, 1].mean()))  # fmt: skip
doctor("the mean filled in among whole numbers", WARNING, *MISSING, "is 5.35 in",
       x_train=but(np.round(X * 10), (GAPS, 1), 5.35), x_test=X[:30] * 10 + 0.01)  # fmt: skip

# -- inputs
fit("NaN in the inputs", ERROR, "x", "row 11", "NaN", x=but(X, (11, 2), np.nan))
fit("infinity in the inputs", ERROR, "x", "row 12", x=but(X, (12, 2), -np.inf))
fit("a number too large for float32", ERROR, "x", "row 3", "float32", x=but(X, (3, 0), 1e39, float))
fit("text inputs", ERROR, "x", "must contain numbers", x=X.astype(str))
fit("one example without a batch axis", ERROR, "validation_x", "x[None]",
    validation_data=(X[0], Y[:1]))  # fmt: skip
fit("validation examples of another shape", ERROR, "validation_x", "(30, 4)",
    validation_data=(X[:30, :4], Y[:30]))  # fmt: skip
fit("no rows", ERROR, "x", "no rows", x=X[:0], y=Y[:0])
fit("pixels 0..255, not scaled", WARNING, "255", "Rescaling", x=IMAGES,
    layers=(Flatten(), *SOFTMAX))  # fmt: skip
fit("inputs near 0", WARNING, "not scaled", x=X * 1e-5)
doctor("pixels 0..255 with --scaling none", WARNING, "not scaled", "255", x_train=IMAGES,
       x_test=255 - IMAGES[:30], scaling="none")  # fmt: skip
doctor("a constant column", WARNING, "column 2", "every training row", x_train=but(X, (..., 2), 7))
fit("a constant column among many", WARNING, "column 70", "column 90", x=but(
    WIDE, (..., [70, 90]), 0))  # fmt: skip
doctor("constant columns among many", WARNING, "column 70", "75, 80, 85 and 1 more", x_train=but(
    WIDE, (..., slice(70, 91, 5)), 3), x_test=WIDE[:30] + 0.1)  # fmt: skip
doctor("one column among many far larger than the others", WARNING, "column 99", "scale",
       x_train=WIDE * ([1] * 99 + [1e6]), x_test=WIDE[:30] + 0.1)  # fmt: skip
doctor("one column far larger than the others", WARNING, "column 3", "scale",
       x_train=X * [1, 1, 1, 1e6, 1])  # fmt: skip
doctor("all examples equal", ERROR, "x_train", "equal", x_train=X * 0 + 1)
doctor("a test set on another scale", WARNING, "x_test", "another scale",
       x_test=arrays()["x_test"] * 255)  # fmt: skip
doctor("training pixels divided, test pixels not", WARNING, "x_test", "another scale",
       x_train=IMAGES / 16, x_test=IMAGES[:30] + 1.0)  # fmt: skip
doctor("a shifted test set", WARNING, "x_test", "deviations",
       x_test=arrays()["x_test"] + 20)  # fmt: skip
fit("validation examples on another scale", WARNING, "validation x", "another scale",
    validation_data=(X[:30] * 255, Y[:30]))  # fmt: skip
doctor("training data in bytes, test data in floats", ERROR, "x_test", "float64", x_train=IMAGES,
       x_test=IMAGES[:30] / 255)  # fmt: skip
doctor("test rows of another shape", ERROR, "x_test", "(6,)", x_test=np.zeros((30, 6)))
doctor("rows that are scalars", ERROR, "x_train", "(120,)", x_train=X[:, 0])
doctor("a training file with NaN", ERROR, "x_train", "row 5", x_train=but(X, (5, 1), np.nan))
doctor("fewer labels than rows in a file", ERROR, "y_train", "100", "120", y_train=Y[:100])
doctor(
    "test rows in the training set", WARNING, "x_test", "also in the training set", x_test=X[:30]
)
doctor("test rows that are training rows with noise of 1e-5", WARNING, "x_test", " of 30 rows",
       "near training row 0", x_test=X[:30] + 1e-5 * RNG.normal(size=(30, 5)), y_test=Y[:30]
       )  # fmt: skip
doctor("rows twice, with noise, before the split", WARNING, "x_train (held out)", "of 24 rows",
       x_train=np.concatenate([X, X + 1e-5 * RNG.normal(size=(120, 5))]),
       y_train=np.tile(Y, 2))  # fmt: skip
doctor("test pictures that are training pictures with noise", WARNING, "x_test", "near training",
       x_train=IMAGES / 255, y_test=Y[:30],
       x_test=IMAGES[:30] / 255 + 1e-5 * RNG.normal(size=(30, 6, 6)))  # fmt: skip
doctor("duplicates across the validation split", WARNING, "x_train", "also in the training set",
       x_train=np.tile(X[:80], (2, 1)), y_train=np.tile(Y[:80], 2))  # fmt: skip
doctor("duplicates in the training set", WARNING, "duplicates of others", "row",
       x_train=np.tile(X[:80], (2, 1)), y_train=np.tile(Y[:80], 2))  # fmt: skip
fit("a token outside the vocabulary", ERROR, "row 2", "20", "0 to 19", x=but(IDS, (2, 3), 20),
    layers=READER, engines=BOTH)  # fmt: skip
fit("a negative token", ERROR, "row 2", "-1", x=but(IDS, (2, 3), -1), layers=READER, engines=BOTH)
fit("a fractional token", ERROR, "row 2", "not integers", layers=READER,
    x=but(IDS, (2, 3), 2.5, float))  # fmt: skip
fit(
    "a negative sample weight",
    ERROR,
    "sample_weight",
    "row 6",
    sample_weight=but(np.ones(120), 6, -1),
)
fit("weights of 0 for a class", WARNING, "weights", "class 1", "does not count",
    class_weight={1: 0.0})  # fmt: skip
fit("weights of 1e-9 for a class", WARNING, "weights", "class 1", "does not count",
    sample_weight=np.where(Y == 1, 1e-9, 1.0))  # fmt: skip
fit("weights of 1e-9 for all examples", WARNING, "weights", "mean 1e-09", "vanish",
    sample_weight=np.full(120, 1e-9))  # fmt: skip
fit("weights of 0 for all examples", WARNING, "weights", "nothing is learned",
    sample_weight=np.zeros(120))  # fmt: skip
doctor("weights of 0 for a class in a file", WARNING, "weights", "class 1", "does not count",
       weights_train=np.where(Y == 1, 0.0, 1.0))  # fmt: skip
fit("too few sample weights", ERROR, "sample_weight", "(100,)", sample_weight=np.ones(100))
fit("a class weight for a missing class", ERROR, "class_weight", "5", class_weight={5: 1.0})
fit("nothing left to train on", ERROR, "validation_split", "none to train", x=X[:1], y=Y[:1],
    validation_split=0.1)  # fmt: skip

# -- network and loss
fit("softmax with from_logits", ERROR, "softmax", "from_logits",
    loss=SparseCategoricalCrossentropy(from_logits=True))  # fmt: skip
fit("linear outputs for probabilities", ERROR, "linear", "softmax", layers=(Dense(3),))
fit("relu outputs for probabilities", ERROR, "relu", "softmax", layers=(Dense(3, "relu"),))
fit("tanh outputs for probabilities", ERROR, "tanh", layers=(Dense(3, "tanh"),))
fit("a softmax of one unit", ERROR, "output is always 1", layers=(Dense(1, "softmax"),),
    loss="binary_crossentropy", y=Y > 0)  # fmt: skip
fit("one output for three classes", ERROR, "1 output", layers=(Dense(1, "sigmoid"),), y=Y * 0)
fit("fewer outputs than classes", ERROR, "label 2", "2 outputs", layers=(Dense(2, "softmax"),))
fit("sigmoid under a categorical loss", WARNING, "sigmoid", layers=(Dense(3, "sigmoid"),))
fit("softmax under a binary loss", WARNING, "softmax", "separately", loss="binary_crossentropy",
    y=ONE_HOT)  # fmt: skip
fit("F1 without validation examples", WARNING, "metrics", "f1", "evaluate", metrics=["f1"])
fit("accuracy in a regression", WARNING, "metric 'accuracy'", "continuous values",
    layers=(Dense(1),), loss="mse", y=3 * X[:, :1], metrics=["accuracy"])  # fmt: skip
fit("a padding mask that a Flatten loses", WARNING, "layer flatten", "padding mask",
    layers=(Embedding(20, 4, mask_zero=True), Flatten(), OUT), x=IDS)  # fmt: skip
fit("softmax between layers", WARNING, "layer dense", "middle", layers=(Dense(8, "softmax"), OUT))
fit("NaN weights", ERROR, "weight dense/kernel", "NaN", engines=BOTH, weights=[
    np.full((5, 8), np.nan), np.zeros(8), np.zeros((8, 3)), np.zeros(3)])  # fmt: skip
fit("a filter larger than the image", ERROR, "conv2d", "(6, 6, 1)", x=IMAGES[..., None],
    layers=(Conv2D(4, 9), Flatten(), OUT))  # fmt: skip
fit("pictures with the channels first", WARNING, "(3, 32, 32)", "transpose", y=Y[:30],
    x=RNG.random((30, 3, 32, 32)), layers=(Conv2D(4, 3), Flatten(), OUT))  # fmt: skip
doctor("gray pictures with the channels first", WARNING, "(1, 28, 28)", "transpose",
       x_train=RNG.random((120, 1, 28, 28)), x_test=RNG.random((30, 1, 28, 28)))  # fmt: skip
fit("label smoothing of 1", WARNING, "label_smoothing", "0.333",
    loss=SparseCategoricalCrossentropy(label_smoothing=1.0))  # fmt: skip
doctor("--label-smoothing 0.9", WARNING, "label_smoothing", "0.4", label_smoothing=0.9)
fit("dropout of almost everything", WARNING, "layer dropout", "1 of 1000 values",
    layers=(Dense(8, "relu"), Dropout(0.999), OUT))  # fmt: skip
doctor("--dropout 0.99", WARNING, "1 of 100 values", dropout=0.99)
fit("dropout of almost everything in a recurrent layer", WARNING, "recurrent_dropout",
    x=RNG.normal(size=(120, 4, 3)),
    layers=(LSTM(4, recurrent_dropout=0.99), OUT))  # fmt: skip
fit("a momentum of almost 1", WARNING, "SGD: momentum", "10,000 steps",
    optimizer=SGD(1e-6, momentum=0.9999))  # fmt: skip
doctor("--momentum 1", ERROR, "momentum", "[0, 1)", optimizer="sgd", momentum=1.0)
doctor("--ema 1", ERROR, "ema_momentum", "[0, 1)", ema=1.0)
fit("batch normalization with momentum 1", WARNING, "layer batch_normalization", "initial 0 and 1",
    layers=(Dense(4), BatchNormalization(momentum=1.0), OUT))  # fmt: skip
fit("a weight decay that removes the weights", WARNING, "weight_decay", "every step removes 10.0%",
    optimizer=SGD(0.1, weight_decay=1.0))  # fmt: skip
fit("a patience longer than the training", WARNING, "EarlyStopping: patience", "5 epochs",
    epochs=5, validation_split=0.2, stratify=True,
    callbacks=[EarlyStopping(patience=5)])  # fmt: skip
fit("an unfreezing after the last epoch", WARNING, "Unfreeze: epoch", "never trained", epochs=5,
    callbacks=[Unfreeze(5)])  # fmt: skip
doctor("--reduce-on-plateau beyond --epochs", WARNING, "ReduceLROnPlateau: patience", "never acts",
       reduce_on_plateau=50, schedule="constant")  # fmt: skip
fit("nothing to train", ERROR, "no weights", layers=(Flatten(),), loss="mse", y=X)
doctor("an output activation that the loss can't take", ERROR, "relu", output_activation="relu")
doctor("a batch larger than the data", WARNING, "batch_size", "larger", batch_size=500)
doctor("a last batch of one with batch normalization", WARNING, "batch", "variance", batch_size=107,
       normalization="batch")  # fmt: skip
doctor("a learning rate far too high", WARNING, "learning_rate", "too high", learning_rate=50.0,
       schedule="constant")  # fmt: skip
doctor("a learning rate far too low", WARNING, "learning_rate", "too low", learning_rate=1e-9)
doctor("only two steps", WARNING, "epochs", "2 steps", epochs=2, batch_size=108,
       learning_rate=1e-3)  # fmt: skip
doctor("gradients clipped to almost nothing", WARNING, "--clip", "1e-09", clip=1e-9)
doctor("an average over more steps than there are", WARNING, "--ema", "165 steps", ema=0.999)
doctor("a dominant weight penalty", WARNING, "--l2", "penalty", l2=10.0)
doctor("a learning rate of 0", ERROR, "learning_rate", "> 0", learning_rate=0.0)
doctor("an unknown loss", ERROR, "unknown", "loss", loss="crossentropi")


# -- the first step, on a network built by hand
def examined_network(*layers: Any, weights: Any = None, **options: Any) -> Told:
    from glassnet.doctor import examine

    return told(examine(subject(*layers, weights=weights, **options)))


def told(findings: Any) -> Told:
    return [(finding.level, str(finding)) for finding in findings]


def subject(
    *layers: Any, weights: Any = None, loss: Any = SPARSE, y: Any = Y, x: Any = X,
    rate: float = 0.01, optimizer: Any = None,
) -> Subject:  # fmt: skip
    """Return model and data as `Model.fit` sees them."""
    model = Model([layer.clone() for layer in layers], input_shape=x.shape[1:])
    model.compile(optimizer or Adam(rate), loss)
    if weights is not None:
        model.set_weights(weights(model.get_weights()))
    return Subject.of(
        model.network, model.loss, model.objective(), model.params, model.optimizer, Plan(10, 32),
        model.examples(x, y),
    )  # fmt: skip


def begin(name: str, *words: str, layers: Any, **options: Any) -> None:
    """Add a fault that shows in the first step."""
    FAULTS.append(Fault(name, WARNING, words, lambda: examined_network(*layers, **options)))


def scaled(factor: float, place: int = 0) -> Any:
    return lambda given: [w * factor if i == place else w for i, w in enumerate(given)]


def shifted(amount: float) -> Any:
    return lambda given: [w + amount if i == 1 else w for i, w in enumerate(given)]


DEEP = tuple(Dense(8, "sigmoid") for _ in range(12))
begin("relu units dead from the start", "layer dense", "dead", layers=SOFTMAX, weights=shifted(-99))
begin("exploding activations", "layer dense", "explode", layers=SOFTMAX, weights=scaled(1e6))
begin("a deep chain of sigmoids", "vanish", "relu", layers=(*DEEP, OUT))
begin("all-zero kernels", "weight dense/kernel", "0 everywhere", layers=SOFTMAX, weights=scaled(0))
begin("a loss far above log(classes)", "the loss", "log(3)", layers=SOFTMAX,
      weights=scaled(300, 2))  # fmt: skip
begin("more outputs than classes", "class 3", "5 outputs", layers=(Dense(5, "softmax"),))
begin("targets far from 0", "y", "Scale the targets", layers=(Dense(1),), loss="mse",
      y=X[:, :1] * 1e5)  # fmt: skip
begin("a column that is the logarithm of the target", "x: column 4", "another unit",
      layers=(Dense(1),), loss="mse", y=np.exp(X[:, 4:]))  # fmt: skip
for option in ("clipnorm", "clipvalue"):
    begin(f"gradients clipped to almost nothing by {option}", option, "1e-12", layers=SOFTMAX,
          optimizer=SGD(0.01, **{option: 1e-12}))  # fmt: skip
begin("constant targets", "y", "same", layers=(Dense(1),), loss="mse",
      y=np.ones((120, 1)))  # fmt: skip
begin("texts of only padding", "row 4", "padding", layers=READER, x=but(IDS, 4, 0))
begin("batches of one with batch normalization", "variance",
      layers=(Dense(4), BatchNormalization(), OUT), x=X[:97], y=Y[:97])  # fmt: skip


# -- files
def damaged(name: str, damage: str, *words: str) -> None:
    def plant(folder: Path) -> Told:
        from glassnet.runs.doctor import diagnose_settings
        from glassnet.runs.settings import Settings

        found = told(diagnose_settings(Settings(), idx(folder, damage)))
        return [(level, said.replace(f"{folder}/", "")) for level, said in found]

    FAULTS.append(Fault(name, ERROR, words, plant))


damaged("a truncated IDX file", "truncated", "train-images")
damaged("a wrong header in an IDX file", "header", "train-images")
damaged("a wrong count in an IDX file", "count", "train-images", "59")
damaged("an IDX file with wrong contents", "bytes", "train-images")


def cut(folder: Path) -> Told:
    doctored(folder)
    path = folder / "data.npz"
    path.write_bytes(path.read_bytes()[:-200])
    return doctored(folder, str(path))


def unwritable(folder: Path) -> Told:
    from glassnet.runs.run import Run

    (folder / "file").write_text("")
    try:
        Run.create(folder / "file" / "runs", None, "digits")
    except GlassnetError as error:
        return [(ERROR, str(error).replace(str(folder) + "/", ""))]
    return []


def full(folder: Path) -> Told:
    """Write to a file that takes nothing more, as on a full disk."""
    from glassnet.runs.run import HistoryFile, Run
    from glassnet.training.callbacks import Record

    run = Run.create(folder, "full", "digits")
    (run.folder / "history.jsonl").symlink_to("/dev/full")
    try:
        HistoryFile(run).on_epoch_end(Record(0, 1, logs={"loss": 1.0}))
    except GlassnetError as error:
        return [(ERROR, str(error).replace(str(folder) + "/", ""))]
    return []


FAULTS.append(Fault("an unwritable folder", ERROR, ("file/runs", "--out"), unwritable))
FAULTS.append(Fault("a full disk", ERROR, ("history.jsonl", "space"), full))
FAULTS.append(Fault("a truncated .npz file", ERROR, ("data.npz",), cut))
FAULTS.append(
    Fault(
        "a missing file",
        ERROR,
        ("no such file",),
        lambda folder: doctored(folder, "a.npz"),
    )
)

# -- during training
fit("a loss that overflows", ERROR, "epoch 1, step 2", "loss", "rate", loss="mse", y=X[:, :3],
    layers=(Dense(3),), optimizer=SGD(1e25), batch_size=30, engines=BOTH,
    by="training")  # fmt: skip
fit("weights that overflow", ERROR, "epoch 1, step 2", "weight dense/kernel", "infinity",
    loss="mse", y=X[:, :3], layers=(Dense(3),), optimizer=SGD(1e38), batch_size=30, x=X * 4,
    engines=BOTH, by="training")  # fmt: skip
fit("an activation that overflows", ERROR, "epoch 1, step 1", "output of layer dense", loss="mse",
    y=X[:, :3], layers=(Dense(3),), x=X * 1e37, weights=[np.full((5, 3), 100.0), np.zeros(3)],
    engines=BOTH, by="training")  # fmt: skip
fit("a learning rate that leads to NaN", ERROR, "epoch", "step", "those before this step",
    loss="mse", y=X[:, :3], layers=(Dense(8), Dense(3)), optimizer=SGD(1e4), epochs=5, engines=BOTH,
    by="training")  # fmt: skip


# -- after training
def after(
    name: str, *words: str, layers: Any = SOFTMAX, weights: Any = None, data: Any = (X, Y),
    **history: Any,
) -> None:  # fmt: skip
    """Add a fault that shows in a run's history or in the trained network."""

    def plant() -> Told:
        x, y = data
        return told(symptoms(subject(*layers, weights=weights, x=x, y=y), history))

    FAULTS.append(Fault(name, WARNING, words, plant, by="training"))


def evaluated(name: str, *words: str, **test: Any) -> None:
    """Add a fault that shows as test accuracy far below validation accuracy."""
    given = {"x_train": MANY[:900], "x_test": MANY[900:]}
    given |= {"y_train": SIGNS[:900], "y_test": SIGNS[900:]} | test
    given |= {"epochs": 10, "learning_rate": 0.02, "scaling": "none"}
    FAULTS.append(
        Fault(name, WARNING, words, lambda folder: trained(folder, **given), by="training")
    )


MANY = np.random.default_rng(2).normal(size=(1000, 5))
SIGNS = (MANY * [3, 2, 1, 0, 0]).sum(axis=1)
SIGNS = np.digitize(SIGNS, [-1.5, 1.5])
FAR = ("x_test", "test accuracy", "validation accuracy")
evaluated("test labels with another numbering", *FAR, y_test=(SIGNS[900:] + 1) % 3)
evaluated("test columns in another order", *FAR, x_test=MANY[900:, ::-1])
evaluated("one test column on another scale", *FAR, x_test=MANY[900:] * [1, 1, 1, 1, 1000])

FALLING = [1.0, 0.8, 0.6, 0.4, 0.3, 0.2]
after("nothing learned", "training loss", "Nothing was learned", loss=[1.2] * 20)
BYTES = np.resize([1, 2, 1, 3], (400, 9))
after("a language model that learned only byte frequencies", "training loss", "Nothing was learned",
      layers=(Embedding(4, 8), Dense(4, "softmax")), data=(BYTES[:, :-1], BYTES[:, 1:]),
      loss=[1.2] * 20)  # fmt: skip
after("overfitting", "validation loss", "overfits", loss=FALLING,
      val_loss=[1.0, 0.9, 1.0, 1.2, 1.4, 1.6])  # fmt: skip
after("a rising training loss", "training loss", "rose", loss=[0.5, 0.3, 0.9])
after("dead units after training", "dead after training", loss=FALLING, weights=shifted(-99))
after("vanishing gradients", "vanish", layers=(*DEEP, OUT), loss=FALLING)
after("exploding gradients", "gradients", "explode", loss=FALLING, weights=scaled(1e7))


# -- training a network again
def tuned(
    name: str, level: str, *words: str, plant: Callable[..., Told], by: str = "doctor"
) -> None:
    """Add a fault of a fine-tuning."""
    FAULTS.append(Fault(name, level, words, plant, by=by))


def with_weights(model: Model, layer: str, change: Callable[[Any], Any]) -> Model:
    """Return the model with the weights of a layer changed."""
    part = model.get_layer(layer)
    part.set_weights([change(weight) for weight in part.get_weights()])
    return model


def with_frozen_head() -> Model:
    """A body that is trained, under a new head that is not."""
    model = transferred("relu", freeze=0)
    model.layers[-1].trainable = False
    return model


def with_blind_adapter() -> Model:
    """A layer of low rank beside a frozen one; both of its factors begin at 0."""
    body = transferred("tanh")
    zero = {"use_bias": False, "kernel_initializer": "zeros"}
    adapter = Residual(
        (Dense(2, name="down", **zero), Dense(16, name="up", **zero)), name="adapter"
    )
    head = Dense(5, "softmax", name="new_head")
    model = Model([*body.layers[:-1], adapter, head], input_shape=(8, 8))
    return model


def frozen_and_fitted(head: bool) -> Told:
    """Freeze the head, or the body, of a network that was never trained."""
    body, out = Dense(8, "relu", name="body"), Dense(3, "softmax", name="head")
    (out if head else body).trainable = False
    return fitted((body, out))


RANDOM = ("is frozen with the random weights",)
tuned("a frozen body that was never trained", WARNING, "layer body", *RANDOM, by="fit",
      plant=lambda: frozen_and_fitted(head=False))  # fmt: skip
tuned("a frozen head that was never trained", WARNING, "layer head", *RANDOM, by="fit",
      plant=lambda: frozen_and_fitted(head=True))  # fmt: skip
tuned("everything frozen", ERROR, "Model", "all its layers are frozen",
      plant=lambda: examined(transferred("relu", freeze=99)))  # fmt: skip
tuned("a new head that is frozen", WARNING, "layer new_head", *RANDOM,
      plant=lambda: examined(with_frozen_head()))  # fmt: skip
tuned("a head after a body whose units are dead", WARNING, "weight new_head/kernel",
      "does not move", "layer dense_1 outputs 0", plant=lambda: examined(with_weights(
          transferred("relu"), "dense_1", lambda w: w - 99)))  # fmt: skip
tuned("an adapter whose factors are both 0", WARNING, "weight adapter/body/down/kernel",
      "its gradient is 0", plant=lambda: examined(with_blind_adapter()))  # fmt: skip
fit("a learning rate that changes no bit", WARNING, "weight dense/kernel", "does not move",
    "too small to change float32", optimizer=SGD(1e-12))  # fmt: skip
fit("a layer behind dead units", WARNING, "weight dense/kernel", "does not move", "outputs 0",
    x=X + 9, layers=(Dense(8), Dense(8, "relu"), OUT), engines=BOTH,
    weights=[np.eye(5, 8), np.ones(8), -np.eye(8), -np.ones(8), np.ones((8, 3)),
             np.zeros(3)])  # fmt: skip
tuned("a learning rate too high for a trained network", WARNING, "learning_rate", "too high",
      plant=lambda: examined(transferred("tanh", freeze=0), SGD(50.0)))  # fmt: skip
tuned("a fine-tuning that begins by unlearning", WARNING, "validation loss", "before the training",
      "after its first epoch", by="training",
      plant=lambda: fine_tuned(transferred("normalized", freeze=0), Adam(0.3),
                               epochs=1))  # fmt: skip
tuned("frozen batch statistics of other data", WARNING, "layer batch_normalization",
      "statistics of other data", plant=lambda: examined(
          transferred("normalized"), x=16 * PICTURES))  # fmt: skip
tuned("frozen batch statistics of data of a wider range", WARNING, "layer batch_normalization",
      "statistics of other data", plant=lambda: examined(
          transferred("pictures"), x=PICTURES / 255))  # fmt: skip
tuned("a Normalization fitted to other data", WARNING, "layer normalization",
      "statistics of other data", plant=lambda: examined(
          transferred("tanh", freeze=0), x=99 + PICTURES))  # fmt: skip


# -- what was taken over from a trained network
def with_origin(loss: str = SPARSE, **origin: Any) -> Told:
    """The findings about a network that kept its head; its classes are 0 to 4, not 5 to 9."""
    model = transferred("relu", head=False, freeze=0)
    y = DIGITS_5_TO_9 if loss == SPARSE else np.eye(5)[DIGITS_5_TO_9]
    return examined(model, Adam(1e-4), origin=Origin(**origin), y=y, loss=loss)


DARK = Preprocessing(8, 8, 0, 16, "dark")
tuned("a head that was kept for other classes of the same names", WARNING, "the head", "keeps",
      "ant, bee, cat", "guessing", plant=lambda: with_origin(
          common_classes=("ant", "bee", "cat", "dog", "owl"), keeps_head=True))  # fmt: skip
tuned("a head that was kept because the classes have no names", WARNING, "the head", "keeps",
      "as many as in the source", "guessing",
      plant=lambda: with_origin(keeps_head=True))  # fmt: skip
tuned("a softmax head that was kept for other classes under a binary loss", WARNING, "the head",
      "keeps", "guessing is 0.", plant=lambda: with_origin(
          "binary_crossentropy", keeps_head=True))  # fmt: skip
tuned("pixels of another range than the network's", WARNING, "x:", "0 to 16", "0 to 1",
      plant=lambda: with_origin(images=(replace(DARK, high=1), DARK)))  # fmt: skip
tuned("a light background for a network of dark ones", WARNING, "x:", "light", "dark",
      plant=lambda: with_origin(images=(DARK, replace(DARK, background="light"))))  # fmt: skip
