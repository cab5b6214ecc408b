"""The training of a network as an objective: trained to a rung, and later on from there."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import lowest
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset, Facts
from glassnet.model.file import METRICS_FILE
from glassnet.runs.data import fold_of, load_dataset, settings_for
from glassnet.runs.fit import fit
from glassnet.runs.prepare import prepare
from glassnet.runs.resume import train_or_resume
from glassnet.runs.run import Run
from glassnet.runs.scores import Score, score_of
from glassnet.runs.settings import Columns, Settings
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.callbacks.base import Record, Request
from glassnet.tuning.definition import Definition
from glassnet.tuning.objective import (
    FreshResult,
    Outcome,
    Params,
    Report,
    TrialError,
    require_finite,
)

TRIALS = "trials"  # the folder with the checkpoints of trials that have not ended


@dataclass(frozen=True, eq=False)
class TrainingObjective:
    """Trains networks with the settings of trials, and scores them on the validation split, or on
    the folds of a cross-validation; never on the test set.
    """

    definition: Definition
    folder: Path

    def train(self, number: int, params: Params, share: Fraction, report: Report) -> Outcome:
        settings = self._settings(params, self.definition.seed)
        with _errors_as_failures():
            epochs = ceil(share * settings.epochs)
            folder = self.folder / TRIALS / str(number)
            if settings.folds is None:
                return self._train(settings, folder, epochs, report)
            outcomes = []
            for fold in range(1, settings.folds + 1):
                part = replace(settings, fold=fold, validation_split=0.0)
                outcomes.append(
                    self._train(
                        part, folder / f"fold-{fold}", epochs, lambda epoch, _: report(epoch, None)
                    )
                )
            score = float(np.mean([outcome.score for outcome in outcomes]))
            seconds = sum(outcome.seconds for outcome in outcomes)
            steps = sum(outcome.steps for outcome in outcomes)
            return Outcome(score, report(epochs, score), seconds, steps)

    def _train(self, settings: Settings, folder: Path, epochs: int, report: Report) -> Outcome:
        """Train to an epoch, from the newest checkpoint in the folder if there is one."""
        training = prepare(settings, self.definition.data_dir, dataset=self._dataset(settings))
        held_out = training.validation_data
        if settings.fold is not None:
            held_out = training.data.test.x, training.data.test.y
        metric = self.definition.metric
        backup = BackupAndRestore(folder, double_checkpoint=True, delete_checkpoint=False)
        callbacks = [*training.callbacks, _Reported(metric, report), backup]
        history = fit(training, callbacks, epochs=epochs, validation_data=held_out)
        scores = history.history[metric]
        stopped = False
        if settings.fold is None:
            for epoch, score in zip(history.epoch, scores, strict=True):
                # A process that was killed may have stopped it, or not have reported the last one.
                stopped = report(epoch + 1, score)
        steps = ceil(len(training.data.rows[0]) / training.data.batch_size)
        best = lowest(history.history["val_loss"]) if settings.early_stopping is not None else -1
        return Outcome(
            require_finite(scores[best]), stopped, sum(history.seconds), steps * len(history.epoch)
        )

    def train_fresh(self, name: str, params: Params | None, seed: int) -> FreshResult:
        settings = replace(self._settings(params, seed), folds=None)
        with _errors_as_failures():
            out, data_dir = str(self.folder), self.definition.data_dir
            train_or_resume(settings, out=out, name=name, data_dir=data_dir)
            metrics = Run(self.folder / name).read(METRICS_FILE)
            score = self._test_score(metrics["test"])
            return FreshResult(
                metrics["validation"][self.definition.metric.removeprefix("val_")],
                score.value,
                score.name,
                score.is_share,
                score.is_share,  # the other scores are errors
                int(metrics["test"].get("count", 0)),
            )

    def _test_score(self, test: Mapping[str, Any]) -> Score:
        """Return the score of a test set: of classes that are chosen by their loss, the loss."""
        if self.definition.task == "classes" and self.definition.metric == "val_loss":
            return Score("loss", test["loss"], is_share=False)
        score = score_of(test)
        assert score is not None
        return score

    def discard(self, number: int) -> None:
        shutil.rmtree(self.folder / TRIALS / str(number), ignore_errors=True)

    def _settings(self, params: Params | None, seed: int) -> Settings:
        """Return the settings of a training; raises if the data can't be read, which is no failure
        of the trial.
        """
        with _errors_as_failures():
            settings = settings_of(self.definition, params, seed)
        self._whole(settings)
        return settings

    @cached_property
    def _loaded(self) -> dict[str, Dataset]:
        """The data set, by the options that it depends on; the last one only."""
        return {}

    def _dataset(self, settings: Settings) -> Dataset:
        return fold_of(self._whole(settings), settings)

    def _whole(self, settings: Settings) -> Dataset:
        whole = replace(settings, fold=None)
        key = repr((whole.of(Columns), whole.network))
        if key not in self._loaded:
            self._loaded.clear()
            definition = self.definition
            self._loaded[key] = load_dataset(whole, definition.data_dir, definition.sha256)
        return self._loaded[key]


class _Reported(Callback):
    """Reports the score after each epoch, and stops if it is told to."""

    def __init__(self, metric: str, report: Report) -> None:
        self.metric, self.report = metric, report

    def on_epoch_end(self, record: Record) -> Request | None:
        stop = self.report(record.epoch + 1, record.logs[self.metric])
        return Request(stop=True) if stop else None


@contextmanager
def _errors_as_failures() -> Iterator[None]:
    """Context in which an error of the training fails the trial, not the study.

    What the operating system refuses, such as to write on a full disk, ends the command: the trial
    goes on with the next.
    """
    try:
        yield
    except GlassnetError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError):
                raise
            cause = cause.__cause__
        raise TrialError(str(error)) from error
    except MemoryError as error:
        raise TrialError("the memory is too small for it") from error


def settings_of(definition: Definition, params: Params | None, seed: int) -> Settings:
    """Return the settings of a training with these parameters; None: with the default ones."""
    assert definition.data is not None
    assert definition.kind is not None
    assert definition.task is not None
    space = definition.space
    options = definition.options | space.options(space.fixed if params is None else params)
    facts = Facts(definition.kind, definition.task, definition.rows)
    return settings_for(definition.data, facts, **options | {"seed": seed})
