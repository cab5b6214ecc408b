"""`glassnet train --folds`: k-fold cross-validation.

Each fold is a run whose test set is a part of the training rows; the real test set is not used.
The settings chosen by cross-validation are then trained on all rows and tested once.
"""

import logging
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.evaluate.classification import Classification
from glassnet.evaluate.comparison import half_width
from glassnet.runs.data import load_dataset
from glassnet.runs.run import Run
from glassnet.runs.settings import Settings
from glassnet.runs.train import TrainingResult, run_training

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Folds:
    """The runs of a cross-validation and their mean accuracy."""

    run: Run
    results: tuple[TrainingResult, ...]

    @property
    def accuracies(self) -> list[float]:
        """The accuracy of each fold, on the rows that it did not train on."""
        tests = [result.test for result in self.results]
        return [test.accuracy for test in tests if isinstance(test, Classification)]

    @property
    def mean(self) -> float:
        """The mean accuracy."""
        return float(np.mean(self.accuracies))

    @property
    def half_width(self) -> float:
        """Half of the mean's 95% interval, by Student's t.

        Folds share training rows, so the true mean lies outside in more than 5% of all cases.
        Source: Bengio & Grandvalet 2004.
        """
        return half_width(self.accuracies)

    def to_dict(self) -> dict[str, Any]:
        return {
            "run": self.run.folder,
            "accuracy": self.mean,
            "accuracy_half_width": self.half_width,
            "folds": self.results,
        }


def run_folds(
    settings: Settings, *, out: str = "runs", name: str | None = None, data_dir: str | None = None
) -> Folds:
    """Train and test every fold, in the folders fold-1, fold-2, ... of one new folder.

    Raises GlassnetError for invalid settings or data; then nothing has been written.
    """
    assert settings.folds is not None
    data = load_dataset(replace(settings, fold=1), data_dir)  # raises if the data can't be split
    run = Run.create(out, name, f"{data.name}-folds")
    results = []
    for fold in range(1, settings.folds + 1):
        log.info(f"fold {fold} of {settings.folds}")
        try:
            result = run_training(
                replace(settings, fold=fold),
                out=str(run.folder), name=f"fold-{fold}", data_dir=data_dir,
            )  # fmt: skip
        except BaseException:
            log.warning(
                f"{run.folder} has no mean: fold {fold} of {settings.folds} was not finished"
            )
            log.warning("a cross-validation can't be resumed as a whole; start it again")
            raise
        results.append(result)
    folds = Folds(run, tuple(results))
    run.write("folds.json", folds)
    return folds
