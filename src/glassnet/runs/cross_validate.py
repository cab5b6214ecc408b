"""`glassnet train --folds`: k-fold cross-validation.

Each fold is a run whose test set is a part of the training rows; the real test set is not used.
The settings chosen by cross-validation are then trained on all rows and tested once. What is needed
to resume a cross-validation is in the `config.json` of its first fold.
"""

import logging
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.intervals import half_width
from glassnet.engines import KERAS_ENGINES
from glassnet.model.file import METRICS_FILE
from glassnet.runs.data import TrainingData, batch_size_of_folds, load_dataset
from glassnet.runs.resume import require_same_settings, resume_training, training_settings
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.scores import Score, score_of
from glassnet.runs.settings import Settings
from glassnet.runs.train import Checkpoints, run_training

log = logging.getLogger(__name__)

FOLDS_FILE = "folds.json"


@dataclass(frozen=True)
class Fold:
    """The run of one fold and its results."""

    run: Run
    trained_on: int  # number of training examples
    metrics: Mapping[str, Any]  # the content of its metrics.json

    @property
    def score(self) -> Score:
        """The accuracy, or another score, on the rows that it did not train on."""
        score = score_of(self.metrics["test"])
        assert score is not None  # `_train_fold` has checked it
        return score

    @property
    def count(self) -> int:
        """The number of these rows."""
        return int(self.metrics["test"]["count"])


@dataclass(frozen=True)
class Folds:
    """The folds of a cross-validation and their mean accuracy, or another score."""

    run: Run
    results: tuple[Fold, ...]

    @property
    def scores(self) -> list[float]:
        """The score of each fold."""
        return [fold.score.value for fold in self.results]

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(np.mean(self.scores))

    @property
    def half_width(self) -> float:
        """Half of the mean's 95% interval, by Student's t.

        Folds share training rows, so the true mean lies outside in more than 5% of all cases.
        Source: Bengio & Grandvalet 2004.
        """
        return half_width(self.scores)

    def to_dict(self) -> dict[str, Any]:
        name = self.results[0].score.name
        numbers: dict[str, Any] = {"score": name, "mean": self.mean, "half_width": self.half_width}
        if name == "accuracy":
            numbers = {"accuracy": self.mean, "accuracy_half_width": self.half_width}
        return {
            "run": self.run.folder,
            **numbers,
            "folds": [fold.metrics for fold in self.results],
        }


def run_folds(
    settings: Settings,
    *,
    out: str = "runs",
    name: str | None = None,
    data_dir: str | None = None,
    checkpoints: Checkpoints | None = None,
) -> Folds:
    """Train and test every fold, in the folders fold-1, fold-2, ... of one new folder.

    Raises GlassnetError for invalid settings or data; then nothing has been written.
    """
    data = load_dataset(settings, data_dir)
    settings = replace(settings, batch_size=batch_size_of_folds(settings, data))
    run = Run.create(out, name, f"{data.name}-folds")
    return _train_folds(run, settings, data_dir, checkpoints)


def resume_folds(folder: str | Path, *, checkpoints: Checkpoints | None = None) -> Folds:
    """Train the folds of a cross-validation that have not ended.

    Raises GlassnetError if the result could differ from that of an uninterrupted cross-validation.
    """
    first = _fold(folder, 1)
    config = first.read(CONFIG_FILE)
    settings, data = training_settings(config, first), config["data"]
    if settings.folds is None:
        raise first.invalid_file(CONFIG_FILE)
    load_dataset(settings, data.get("folder"), data["sha256"])  # raises if they have changed
    return _train_folds(Run(folder), settings, data.get("folder"), checkpoints)


def train_or_resume_folds(
    settings: Settings, *, out: str, name: str | None, data_dir: str | None, **options: Any
) -> Folds:
    """Resume the cross-validation of this name if it exists, else start it."""
    if name is None:
        raise GlassnetError("needs the --name of the run.", where="--resume")
    folder = Path(out) / name
    if not is_cross_validation(folder):
        return run_folds(settings, out=out, name=name, data_dir=data_dir, **options)
    require_same_settings(_fold(folder, 1), replace(settings, fold=1))
    return resume_folds(folder, **options)


def is_cross_validation(folder: str | Path) -> bool:
    """True if this is the folder of a cross-validation whose first fold was begun."""
    return os.path.isfile(_fold(folder, 1).folder / CONFIG_FILE)


def _fold(folder: str | Path, number: int) -> Run:
    return Run(Path(folder) / f"fold-{number}")


def _train_folds(
    run: Run, settings: Settings, data_dir: str | None, checkpoints: Checkpoints | None
) -> Folds:
    """Train the folds that have not ended, and write the results of all."""
    count, results = settings.folds, []
    assert count is not None
    with run.lock():
        for number in range(1, count + 1):
            log.info(f"fold {number} of {count}")
            try:
                fold = replace(settings, fold=number)
                results.append(_train_fold(_fold(run.folder, number), fold, data_dir, checkpoints))
            except BaseException:
                log.warning(f"{run.folder} has no mean: fold {number} of {count} was not finished")
                if is_cross_validation(run.folder):
                    log.warning(f"to resume: glassnet resume {shlex.quote(str(run.folder))}")
                raise
        folds = Folds(run, tuple(results))
        run.remove_partial_files()
        run.write(FOLDS_FILE, folds)
    return folds


def _train_fold(
    run: Run, settings: Settings, data_dir: str | None, checkpoints: Checkpoints | None
) -> Fold:
    """Train a fold, from its newest checkpoint if it has one, unless it has ended."""
    if settings.engine in KERAS_ENGINES and not run.ended:
        run.remove()  # it can't be resumed
    if (run.folder / CONFIG_FILE).exists():
        if resume_training(run.folder, checkpoints=checkpoints) is None:
            log.info(f"{run.folder} is finished")
    else:
        run_training(
            settings, out=str(run.folder.parent), name=run.folder.name, data_dir=data_dir,
            checkpoints=checkpoints,
        )  # fmt: skip
    metrics = run.read(METRICS_FILE)
    test = metrics.get("test")
    if not isinstance(test, dict) or score_of(test) is None or "count" not in test:
        raise run.invalid_file(METRICS_FILE)
    data = TrainingData(settings, load_dataset(settings, data_dir))
    return Fold(run, len(data.rows[0]), metrics)
