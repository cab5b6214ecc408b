"""The evaluation of a classifier: metrics, confusions, mistakes and calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.dataset import TEST_ROW
from glassnet.evaluate.calibration import Reliability, calibrated, reliability
from glassnet.evaluate.classification import Classification, classification, interval

SHOWN = 10  # confusions and mistakes that are listed
TOP = 3


@dataclass(frozen=True)
class Confusion:
    """Examples of one class that are predicted as another: their number and share of the class."""

    true: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True)
class Mistake:
    """A misclassified example; `row` is its row in the test set, counted from 0."""

    row: int
    true: str
    predicted: str
    confidence: float  # probability of the predicted class; without probabilities, its output
    text: str | None = None
    file: str | None = None  # that it is from
    place: str = ""  # what people call it: its file, or "test row 3, line 12"


@dataclass(frozen=True)
class Evaluation:
    """The test results of a classifier; without probabilities, it has no calibration."""

    test: Classification
    top: int
    top_accuracy: float  # share of examples whose true class is among the `top` likeliest
    top_interval: tuple[float, float]
    confused: tuple[Confusion, ...]  # the most frequent first
    mistakes: tuple[Mistake, ...]  # the most confident first
    temperature: float | None
    stored: bool  # True if the model file contains the temperature
    bare: Reliability | None  # without a temperature
    calibrated: Reliability | None  # at the temperature

    @property
    def reported(self) -> Reliability | None:
        """The reliability of what `glassnet predict` returns: calibrated if `stored`."""
        return self.calibrated if self.stored else self.bare

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_classifier

        return of_classifier(self)

    def to_dict(self) -> dict[str, Any]:
        return {
            "test": self.test,
            "top": {
                "k": self.top,
                "accuracy": self.top_accuracy,
                "accuracy_interval": self.top_interval,
            },
            "confused": self.confused,
            "mistakes": self.mistakes,
            "calibration": {
                "temperature": self.temperature,
                "stored": self.stored,
                "bare": self.bare,
                "calibrated": self.calibrated,
            },
        }


def evaluation(
    labels: Array,
    outputs: Array,
    loss: float,
    class_names: Sequence[str],
    *,
    are_probabilities: bool = True,
    scores: Array | None = None,
    temperature: float | None = None,
    stored: bool = False,
    top: int | None = None,
    texts: Sequence[str] = (),
    files: Sequence[str] = (),
    name_of: Callable[[int], str] = TEST_ROW,
) -> Evaluation:
    """Evaluate outputs (N, C) on true classes (N,); the largest output is the prediction.

    `scores` (N, C), the logits, rank the classes if the outputs are probabilities in float32, many
    of which are rounded to 0. `stored` is True if the model file contains the temperature. `top`
    defaults to TOP, but at most the number of classes minus one. Mistakes have their `texts`, their
    `files`, and what people call the row. Raises GlassnetError if there are fewer than `top`
    classes.
    """
    test = classification(labels, outputs, loss, class_names)
    if top is None:
        top = min(TOP, len(class_names) - 1)
    elif top > len(class_names):
        raise GlassnetError(f"there are {len(class_names)} classes.", where=f"--top {top}")
    ranking = outputs if scores is None else scores
    hits = float(among_likeliest(labels, ranking, top).sum())
    bare = reliability(labels, outputs) if are_probabilities else None
    at_temperature = None
    if are_probabilities and temperature is not None:
        outputs = calibrated(outputs, temperature)
        at_temperature = reliability(labels, outputs)
    return Evaluation(
        test,
        top,
        hits / len(labels),
        interval(hits, len(labels)),
        most_confused(test),
        most_confident_mistakes(labels, outputs, class_names, texts, files, name_of),
        temperature,
        stored,
        bare,
        at_temperature,
    )


def among_likeliest(labels: Array, outputs: Array, top: int) -> Array:
    """The probability that the true class is among the `top` largest outputs, (N,).

    1 or 0, unless classes with equal outputs compete for the last ranks, with equal chances. 0 if
    the output is NaN.
    """
    true = np.take_along_axis(outputs, labels[:, None], axis=1)
    larger, equal = (~(outputs <= true)).sum(axis=1), (outputs == true).sum(axis=1)
    return np.clip((top - larger) / np.maximum(equal, 1), 0, 1)


def most_confused(test: Classification) -> tuple[Confusion, ...]:
    """The pairs (true class, predicted class) that are confused most often."""
    confusions = [
        Confusion(true.name, predicted.name, count, count / true.support)
        for true, counts in zip(test.classes, test.confusion.tolist(), strict=True)
        for predicted, count in zip(test.classes, counts, strict=True)
        if count and predicted is not true
    ]
    return tuple(sorted(confusions, key=lambda confusion: -confusion.count)[:SHOWN])


def most_confident_mistakes(
    labels: Array, outputs: Array, class_names: Sequence[str], texts: Sequence[str],
    files: Sequence[str] = (), name_of: Callable[[int], str] = TEST_ROW,
) -> tuple[Mistake, ...]:  # fmt: skip
    """The misclassified examples with the largest outputs, with their texts or files, if any."""
    predicted, confidence = outputs.argmax(axis=1), outputs.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    rows = wrong[np.argsort(-confidence[wrong], kind="stable")][:SHOWN].tolist()
    return tuple(
        Mistake(
            row, class_names[labels[row]], class_names[predicted[row]], float(confidence[row]),
            texts[row] if texts else None, files[row] if files else None,
            name_of(row),
        )
        for row in rows
    )  # fmt: skip
