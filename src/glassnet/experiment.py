"""From a data set and settings to a judged run: what `glassnet train` does."""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet import engines
from glassnet.data import Corpus, Dataset, load
from glassnet.data.splits import folds
from glassnet.errors import GlassnetError, unknown
from glassnet.evaluate.classification import Classification, classification
from glassnet.evaluate.language import NextByte, next_byte
from glassnet.model import Model
from glassnet.networks import options_of
from glassnet.preparing import (
    class_weights,
    describe_data,
    new_model,
    prepared,
    targets_for,
)
from glassnet.runs import HistoryFile, Run, environment
from glassnet.settings import Reading, Settings
from glassnet.training.callbacks import EarlyStopping
from glassnet.training.loop import History
from glassnet.training.progress import Progress

__all__ = [
    "KERAS_ENGINES",
    "Outcome",
    "Settings",
    "data_record",
    "describe_data",
    "judged",
    "loaded",
    "new_model",
    "run_training",
    "targets_for",
]

KERAS_ENGINES = ("keras:jax", "keras:tensorflow", "keras:torch")


@dataclass(frozen=True)
class Outcome:
    """A finished run and its numbers."""

    run: Run
    model: Model
    history: History
    validation: dict[str, float] | None
    test: Classification | NextByte
    seconds: float  # of training, without loading and judging
    trained_on: int  # examples

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
    data = loaded(settings, data_dir, report)
    data, train_rows, held_out = prepared(settings, data, report)
    y_train, y_test = targets_for(settings.loss, data)
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
        history = _fit(
            settings, model, x, y, callbacks=callbacks, validation_data=validation_data,
            class_weight=class_weights(settings, data.y_train[train_rows]),
            sample_weight=None if data.weights is None else data.weights[train_rows],
        )  # fmt: skip
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
    test = judged(model, data, y_test)
    outcome = Outcome(run, model, history, validation, test, seconds, len(x))
    run.write("metrics.json", outcome.to_dict())
    return outcome


def _fit(settings: Settings, model: Model, x: Any, y: Any, **options: Any) -> History:
    """Train with one of our engines, or with Keras's own fit."""
    size, epochs = settings.batch_size, settings.epochs
    if settings.engine in KERAS_ENGINES:
        from glassnet.bridges.keras_fit import fit

        if settings.augment:
            raise GlassnetError(
                "Keras trains on the pictures as they are.",
                where="--augment",
                fix="Take --engine numpy or jax, which change them.",
            )

        backend = settings.engine.partition(":")[2]
        return fit(model, x, y, backend=backend, batch_size=size, epochs=epochs, **options)
    return model.fit(
        x, y, size, epochs, verbose=0, augment=settings.augment, engine=settings.engine, **options
    )


def _require_engine(name: str) -> None:
    """Raise, before anything is done, if the engine is unknown or not installed."""
    if name in KERAS_ENGINES:
        from glassnet.bridges.keras_backend import use_backend

        use_backend(name.partition(":")[2])
    elif name not in engines.NAMES:
        raise unknown("engine", name, (*engines.NAMES, *KERAS_ENGINES), where="--engine")
    else:
        engines.require(name)


def loaded(settings: Settings, data_dir: str | None, report: Callable[[str], None]) -> Dataset:
    """The data set of the settings; of a fold, with that part of the training rows to judge on."""
    reading = settings.of(Reading)
    table = {key: reading.get(key) for key in ("text_column", "label_column", "test_file")}
    data = load(settings.data, data_dir, report, **table)
    if settings.folds is None or settings.fold is None:
        return data
    if isinstance(data, Corpus):
        raise GlassnetError("a long text has no examples to share out.", where="--folds")
    parts = folds(data.y_train, settings.folds, settings.seed, data.groups)
    return data.held_out(*parts[settings.fold - 1])


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


def judged(model: Model, data: Dataset, targets: Any) -> Classification | NextByte:
    """The model's numbers on the test set, its loss as in training."""
    found = model.evaluate(data.x_test, targets, verbose=0, return_dict=True)
    assert isinstance(found, dict)
    if isinstance(data, Corpus):
        return next_byte(data.y_train, data.y_test, found["loss"], found["accuracy"])
    names = model.class_names or tuple(map(str, range(model.output_shape[-1])))
    return classification(data.y_test, model.predict(data.x_test), found["loss"], names)


def _config(settings: Settings, data: Dataset, data_dir: str | None) -> dict[str, Any]:
    chosen = {key: value for key, value in asdict(settings).items() if value is not None}
    said = options_of(settings.network) | chosen  # defaults may be others one day
    for key in ("data", "test_file"):  # whole paths, so that the run can be judged from any folder
        if os.path.isfile(said.get(key, "")):
            said[key] = os.path.abspath(said[key])
    return {
        "settings": said,
        "data": data_record(data, data_dir),
        "environment": environment(),
    }
