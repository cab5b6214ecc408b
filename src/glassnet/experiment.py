"""From a data set and settings to a judged run: what `glassnet train` does."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet import engines, losses
from glassnet.data import load
from glassnet.data.dataset import Dataset
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.splits import stratified_split
from glassnet.errors import GlassnetError, unknown
from glassnet.evaluate.classification import Classification, classification
from glassnet.layers import Rescaling
from glassnet.model import Model
from glassnet.networks import recipe
from glassnet.optimizers import SGD, Adam, CosineDecay, Optimizer, RMSprop
from glassnet.runs import HistoryFile, Run, environment
from glassnet.training.callbacks import EarlyStopping
from glassnet.training.loop import History
from glassnet.training.progress import Progress
from glassnet.training.targets import to_categorical

OPTIMIZERS = ("adam", "rmsprop", "sgd")
KERAS_ENGINES = ("keras:jax", "keras:tensorflow", "keras:torch")
SCHEDULES = ("constant", "cosine")
SCALINGS = ("standardize", "unit", "none")
WARMUP = 0.1  # of all steps, before the cosine


@dataclass(frozen=True)
class Settings:
    """What a person chose. The defaults were chosen on the validation split (docs/log.md)."""

    data: str = "fashion-mnist"
    hidden: tuple[int, ...] = (128,)
    activation: str = "relu"
    output_activation: str = "softmax"
    loss: str = "sparse_categorical_crossentropy"
    scaling: str = "unit"
    optimizer: str = "adam"
    learning_rate: float = 0.002
    momentum: float = 0.0
    schedule: str = "cosine"
    batch_size: int = 64
    epochs: int = 15
    validation_split: float = 0.1
    early_stopping: int | None = None
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    seed: int = 0
    engine: str = "numpy"


@dataclass(frozen=True)
class Outcome:
    """A finished run and its numbers."""

    run: Run
    model: Model
    history: History
    validation: dict[str, float] | None
    test: Classification
    seconds: float  # of training, without loading and judging

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss, from 0; None without validation."""
        losses_seen = self.history.history.get("val_loss")
        return int(np.argmin(losses_seen)) if losses_seen else None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "run": str(self.run.folder),
            "parameters": self.model.count_params(),
            "epochs": len(self.history.epoch),
            "best_epoch": None if self.best_epoch is None else self.best_epoch + 1,
            "test": self.test.to_dict(),
            "validation": self.validation,
            "seconds": round(self.seconds, 3),
        }


def run_training(
    settings: Settings,
    *,
    out: str = "runs",
    name: str | None = None,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
    before: Callable[[Dataset, Model, int], None] = lambda data, model, held_out: None,
) -> Outcome:
    """Train on the training split, watch the validation split, judge once on the test set.

    `before` is called when data and model stand and before the first step. Raises GlassnetError
    for anything that does not fit; then nothing has been written.
    """
    _require_engine(settings.engine)
    data = load(settings.data, data_dir, report)
    y_train, y_test = targets_for(settings.loss, data)
    if settings.validation_split:
        train_rows, held_out = stratified_split(
            data.y_train, settings.validation_split, settings.seed
        )
    else:
        train_rows, held_out = np.arange(len(data.x_train)), np.arange(0)
    stopping = []
    if settings.early_stopping is not None:
        if not len(held_out):
            raise GlassnetError("needs a validation split to watch.", where="--early-stopping")
        stopping.append(EarlyStopping(patience=settings.early_stopping, restore_best_weights=True))
    x, y = data.x_train[train_rows], y_train[train_rows]
    model = new_model(settings, data, x)
    config = _config(settings, data, data_dir)
    run = Run.create(out, name, data.name)
    run.write("config.json", config)
    before(data, model, len(held_out))
    callbacks = [HistoryFile(run), Progress(), *stopping]
    validation_data = (data.x_train[held_out], y_train[held_out]) if len(held_out) else None
    began = time.perf_counter()
    try:
        history = _fit(settings, model, x, y, callbacks=callbacks, validation_data=validation_data)
    except KeyboardInterrupt:
        model.save(run.model)
        report(f"interrupted; what was learned so far is in {run.model}")
        raise
    seconds = time.perf_counter() - began
    model.save(run.model)
    validation = (
        model.evaluate(*validation_data, verbose=0, return_dict=True) if validation_data else None
    )
    assert not isinstance(validation, list)
    test = judged(model, data.x_test, data.y_test, y_test)
    outcome = Outcome(run, model, history, validation, test, seconds)
    run.write("metrics.json", outcome.to_dict())
    return outcome


def _fit(settings: Settings, model: Model, x: Any, y: Any, **options: Any) -> History:
    """Train with one of our engines, or with Keras's own fit."""
    size, epochs = settings.batch_size, settings.epochs
    if settings.engine in KERAS_ENGINES:
        from glassnet.bridges.keras_fit import fit

        backend = settings.engine.partition(":")[2]
        return fit(model, x, y, backend=backend, batch_size=size, epochs=epochs, **options)
    return model.fit(x, y, size, epochs, verbose=0, engine=settings.engine, **options)


def _require_engine(name: str) -> None:
    """Raise, before anything is done, if the engine is unknown or not installed."""
    if name in KERAS_ENGINES:
        from glassnet.bridges.keras_backend import use_backend

        use_backend(name.partition(":")[2])
    elif name not in engines.NAMES:
        raise unknown("engine", name, (*engines.NAMES, *KERAS_ENGINES), where="--engine")
    else:
        engines.require(name)


def new_model(settings: Settings, data: Dataset, x: Any) -> Model:
    """The compiled model for these data, its scale fitted to `x`, the training split."""
    if settings.dropout and not settings.hidden:
        raise GlassnetError("comes after hidden layers, and there are none.", where="--dropout")
    network = recipe(
        "mlp",
        classes=len(data.class_names),
        hidden=settings.hidden,
        activation=settings.activation,
        output_activation=settings.output_activation,
        dropout=settings.dropout,
        l1=settings.l1,
        l2=settings.l2,
        rescaling=_rescaling(settings.scaling, x),
    )
    model = Model(network, data.x_train.shape[1:], seed=settings.seed)
    describe_data(model, data)
    for option in ("epochs", "batch_size"):
        if getattr(settings, option) < 1:
            raise GlassnetError(
                f"must be at least 1, got {getattr(settings, option)}.",
                where=f"--{option.replace('_', '-')}",
            )
    steps = settings.epochs * -(-len(x) // settings.batch_size)
    model.compile(_optimizer(settings, steps), settings.loss, ["accuracy"])
    return model


def describe_data(model: Model, data: Dataset) -> None:
    """Let the model know its data's classes, and how a photo becomes like the data."""
    if (
        model.output_shape != (len(data.class_names),)
        or model.input_shape != data.x_train.shape[1:]
    ):
        raise GlassnetError(
            f"takes {model.input_shape} to {model.output_shape}, but {data.name} has examples of "
            f"shape {data.x_train.shape[1:]} in {len(data.class_names)} classes.",
            where="Model",
            fix="Name the data that the model is for.",
        )
    model.class_names = data.class_names
    preprocessing = Preprocessing.fitted(data.x_train)
    model.about["preprocessing"] = preprocessing.to_dict() if preprocessing else None


def data_record(data: Dataset, folder: str | None) -> dict[str, Any]:
    """What a run's configuration says of its data."""
    return {
        "name": data.name,
        "source": data.source,
        "folder": os.path.abspath(folder) if folder else None,
        "sha256": data.sha256,
        "train": len(data.x_train),
        "test": len(data.x_test),
    }


def judged(model: Model, x: Any, labels: Any, targets: Any) -> Classification:
    """The model's numbers on these data, its loss as in training."""
    found = model.evaluate(x, targets, verbose=0, return_dict=True)
    assert isinstance(found, dict)
    names = model.class_names or tuple(map(str, range(model.output_shape[-1])))
    return classification(labels, model.predict(x), found["loss"], names)


def targets_for(loss: str, data: Dataset) -> tuple[Any, Any]:
    """The labels as the loss takes them: as they are, or one-hot."""
    if losses.get(loss).labels:
        return data.y_train, data.y_test
    classes = len(data.class_names)
    return to_categorical(data.y_train, classes), to_categorical(data.y_test, classes)


def _rescaling(scaling: str, x: Any) -> Rescaling | None:
    if scaling not in SCALINGS:
        raise unknown("scaling", scaling, SCALINGS, where="--scaling")
    if scaling == "none":
        return None
    if scaling == "standardize":
        return Rescaling.fitted(x)
    low, high = float(x.min()), float(x.max())
    width = high - low or 1.0
    return Rescaling(1 / width, -low / width)


def _optimizer(settings: Settings, steps: int) -> Optimizer:
    rate: float | CosineDecay = settings.learning_rate
    if settings.schedule not in SCHEDULES:
        raise unknown("schedule", settings.schedule, SCHEDULES, where="--schedule")
    if settings.optimizer not in OPTIMIZERS:
        raise unknown("optimizer", settings.optimizer, OPTIMIZERS, where="--optimizer")
    if not 0 < settings.learning_rate < math.inf:
        raise GlassnetError(
            f"learning_rate must be a number > 0, got {settings.learning_rate}.",
            where="--learning-rate",
        )
    if settings.schedule == "cosine":
        warm = int(WARMUP * steps)
        rate = CosineDecay(0.0, max(steps - warm, 1), 0.0, settings.learning_rate, warm)
    if settings.optimizer == "adam":
        if settings.momentum:
            raise GlassnetError("is for sgd and rmsprop; adam has its own.", where="--momentum")
        return Adam(rate)
    kind = SGD if settings.optimizer == "sgd" else RMSprop
    return kind(rate, momentum=settings.momentum)


def _config(settings: Settings, data: Dataset, data_dir: str | None) -> dict[str, Any]:
    return {
        # A file's path is written whole, so that the run can be judged from any folder.
        "settings": asdict(settings)
        | ({"data": os.path.abspath(settings.data)} if os.path.isfile(settings.data) else {}),
        "data": data_record(data, data_dir),
        "environment": environment(),
    }
