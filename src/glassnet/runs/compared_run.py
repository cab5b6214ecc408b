"""A run, evaluated so that it can be compared with others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import Interactions, Rows
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.multi_label import THRESHOLD
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.tasks import TaskResult
from glassnet.evaluate.top_items import user_metrics
from glassnet.model.file import METRICS_FILE
from glassnet.runs.command import as_typed
from glassnet.runs.evaluate import evaluate_classifier, evaluate_outputs
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import CONFIG_FILE
from glassnet.runs.scores import Score, scores_of

_LOCATIONS = ("data", "test_file", "tensorboard")  # settings that are paths, not choices


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run, evaluated for the comparison."""

    name: str
    settings: dict[str, Any]
    evaluation: Evaluation | TaskResult
    scores: tuple[Score, ...]  # on the test set; several if there are several numbers or counts
    predicted: Array  # of each test example: class (N,), labels (N, C), numbers (N, K), NDCG (N,)
    true: Array
    name_of: Callable[[int], str]  # what people call a test example
    parameters: int
    seconds: float | None  # of training; None for an imported model

    @property
    def score(self) -> Score:
        """The first of the scores."""
        return self.scores[0]

    @property
    def correct(self) -> Array:
        """True for each example whose class, or whose every label, is correct, (N,)."""
        equal = (self.predicted == self.true).reshape(len(self.true), -1)
        return np.asarray(equal.all(axis=1))

    @property
    def settings_without_seed(self) -> dict[str, Any]:
        """The settings that define a group of runs: all but the seed."""
        return {key: value for key, value in self.settings.items() if key != "seed"}

    @property
    def seed(self) -> Any:
        """The seed of the training; None for an imported model."""
        return self.settings.get("seed")

    def setting(self, name: str) -> str:
        """Return the value of a setting as text."""
        return as_typed(self.settings.get(name, "default"))

    def to_dict(self) -> dict[str, Any]:
        result, last = self.evaluation, {"parameters": self.parameters, "seconds": self.seconds}
        if not isinstance(result, Evaluation):
            return {"run": self.name, "score": self.score._asdict(), "test": result, **last}
        return {
            "run": self.name,
            "accuracy": result.test.accuracy,
            "accuracy_interval": result.test.accuracy_interval,
            "loss": result.test.loss,
            "macro_f1": result.test.macro_f1,
            "top": {"k": result.top, "accuracy": result.top_accuracy},
            "ece": result.bare and result.bare.ece,
            "ece_calibrated": result.calibrated and result.calibrated.ece,
            **last,
        }


def compared_run(folder: str, name: str, data_dir: str | None) -> ComparedRun:
    """Return the run of a folder, evaluated. Raises if its data have changed since the run."""
    outputs = RunOutputs(folder, data_dir, same_data=True)
    config = outputs.run.read(CONFIG_FILE)
    evaluation, scores, predicted, true = _evaluated(outputs)
    if not scores:
        raise GlassnetError("has predictions that are non-finite (NaN or infinite).", where=folder)
    seconds = outputs.run.read(METRICS_FILE).get("seconds") if outputs.run.ended else None
    settings = {key: value for key, value in config["settings"].items() if key not in _LOCATIONS}
    if "imported" in config:
        settings["imported"] = config["imported"]
    return ComparedRun(
        name,
        settings,
        evaluation,
        scores,
        predicted,
        true,
        outputs.training_data.dataset.test_name,
        outputs.model.count_params(),
        seconds if isinstance(seconds, float) else None,
    )


def _evaluated(
    outputs: RunOutputs,
) -> tuple[Evaluation | TaskResult, tuple[Score, ...], Array, Array]:
    """Return the results, the scores by which runs are compared, and predicted and true values."""
    data = outputs.training_data.dataset
    if isinstance(data, Interactions):
        return _recommended(outputs, data)
    if not isinstance(data, Rows) or data.task == "classes":
        evaluation = evaluate_classifier(outputs)
        accuracy = Score("accuracy", evaluation.test.accuracy, True)
        return evaluation, (accuracy,), outputs.scores().argmax(axis=1), outputs.test.labels
    result, predicted = evaluate_outputs(outputs), outputs.model.predict(data.x_test, verbose=0)
    assert not isinstance(result, Evaluation | NextByte)
    scores = scores_of(as_json(result))
    if isinstance(data.target, Numbers | Counts):
        return result, scores, data.target.decoded(predicted), data.test.values
    return result, scores, predicted >= THRESHOLD, data.test.values == 1


def _recommended(
    outputs: RunOutputs, data: Interactions
) -> tuple[TaskResult, tuple[Score, ...], Array, Array]:
    """The same for recommended items, by the NDCG of each user; 1 is the best."""
    result = evaluate_outputs(outputs)
    assert isinstance(result, Recommendation)
    counts, relevant = np.array(data.events.counts), data.y_test > 0
    ndcg = user_metrics(outputs.model.predict, data.x_test, relevant, counts, result.k).ndcg
    return result, scores_of(as_json(result)), ndcg, np.ones(len(ndcg))
