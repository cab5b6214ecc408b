"""Cross-validation: the same training k times, each time judged on another part of the data.

Each fold is a run like any other, whose test set is a part of the training rows; the real test set
is not touched. What is chosen by folds is then trained on everything and judged once.
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
    """The folds' runs and what they come to."""

    run: Run
    outcomes: tuple[TrainingResult, ...]

    @property
    def accuracies(self) -> list[float]:
        """Of each fold, on the rows that it did not train on."""
        tests = [outcome.test for outcome in self.outcomes]
        return [test.accuracy for test in tests if isinstance(test, Classification)]

    @property
    def mean(self) -> float:
        """The mean accuracy."""
        return float(np.mean(self.accuracies))

    @property
    def half_width(self) -> float:
        """Half of the mean's 95% interval, by Student's t.

        The folds share training rows, so that the truth lies outside more often than in 5 of 100
        cases. Source: Bengio & Grandvalet 2004.
        """
        return half_width(self.accuracies)

    def to_dict(self) -> dict[str, Any]:
        return {
            "run": self.run.folder,
            "accuracy": self.mean,
            "accuracy_half_width": self.half_width,
            "folds": self.outcomes,
        }


def run_folds(
    settings: Settings, *, out: str = "runs", name: str | None = None, data_dir: str | None = None
) -> Folds:
    """Train and judge every fold, in the folders fold-1, fold-2, ... of one new folder.

    Raises GlassnetError for anything that does not fit; then nothing has been written.
    """
    assert settings.folds is not None
    data = load_dataset(replace(settings, fold=1), data_dir)  # raises for what can't be split
    run = Run.create(out, name, f"{data.name}-folds")
    outcomes = []
    for fold in range(1, settings.folds + 1):
        log.info(f"fold {fold} of {settings.folds}")
        try:
            outcome = run_training(
                replace(settings, fold=fold),
                out=str(run.folder), name=f"fold-{fold}", data_dir=data_dir,
            )  # fmt: skip
        except BaseException:
            log.warning(f"{run.folder} has no mean: fold {fold} of {settings.folds} did not end")
            log.warning("a training in folds can't be resumed as a whole; begin it anew")
            raise
        outcomes.append(outcome)
    found = Folds(run, tuple(outcomes))
    run.write("folds.json", found)
    return found
