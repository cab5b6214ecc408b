"""All that is to be said of a classifier's test set, from labels and outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.calibration import Reliability, calibrated, reliability
from glassnet.evaluate.classification import Classification, classification, interval

SHOWN = 10  # pairs of classes, and mistakes
TOP = 3


@dataclass(frozen=True)
class Confusion:
    """A class that is taken for another: how often, and in which share of its examples."""

    true: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True)
class Mistake:
    """A wrong answer; `row` counts from 0 in the test set."""

    row: int
    true: str
    predicted: str
    confidence: float  # probability of the answer; the bare output where there is none
    text: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """A classifier on its test set. Without probabilities, nothing is said of their calibration."""

    test: Classification
    top: int
    top_accuracy: float  # share whose true class is among the `top` likeliest
    top_interval: tuple[float, float]
    confused: tuple[Confusion, ...]  # the most frequent first
    mistakes: tuple[Mistake, ...]  # the surest first
    temperature: float | None
    stored: bool  # whether the model file has the temperature
    bare: Reliability | None
    calibrated: Reliability | None  # at the temperature

    @property
    def told(self) -> Reliability | None:
        """Of what `glassnet predict` gives: at the temperature, if it is stored."""
        return self.calibrated if self.stored else self.bare

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
) -> Evaluation:
    """From true classes (N,) and outputs (N, C) whose largest is the prediction.

    `scores` (N, C) rank the classes where the outputs are probabilities rounded to float32, many of
    them to 0: the logits. `stored` says that the model file has the temperature. `top` is TOP, or
    all classes but one where there are no more. Raises if there are fewer classes.
    """
    test = classification(labels, outputs, loss, class_names)
    if top is None:
        top = min(TOP, len(class_names) - 1)
    elif top > len(class_names):
        raise GlassnetError(f"there are {len(class_names)} classes.", where=f"--top {top}")
    ranked = outputs if scores is None else scores
    among = float(among_likeliest(labels, ranked, top).sum())
    bare = reliability(labels, outputs) if are_probabilities else None
    mended = None
    if are_probabilities and temperature is not None:
        outputs = calibrated(outputs, temperature)
        mended = reliability(labels, outputs)
    return Evaluation(
        test,
        top,
        among / len(labels),
        interval(among, len(labels)),
        most_confused(test),
        surest_mistakes(labels, outputs, class_names, texts=texts),
        temperature,
        stored,
        bare,
        mended,
    )


def among_likeliest(labels: Array, outputs: Array, top: int) -> Array:
    """How likely the true class is among the `top` with the largest outputs, (N,).

    1 or 0, unless classes with equal outputs share the last places: each has the same chance of
    them. An output that is no number has none.
    """
    true = np.take_along_axis(outputs, labels[:, None], axis=1)
    larger, equal = (~(outputs <= true)).sum(axis=1), (outputs == true).sum(axis=1)
    chances: Array = np.clip((top - larger) / np.maximum(equal, 1), 0, 1)
    return chances


def most_confused(test: Classification, count: int = SHOWN) -> tuple[Confusion, ...]:
    """The pairs of classes that are confused most often, one way each."""
    wrong = test.confusion - np.diag(test.confusion.diagonal())
    places = np.argsort(-wrong, axis=None, kind="stable")[:count]
    pairs = zip(*np.unravel_index(places, wrong.shape), strict=True)
    return tuple(
        Confusion(
            test.classes[true].name,
            test.classes[said].name,
            times := int(wrong[true, said]),
            times / test.classes[true].support,
        )
        for true, said in pairs
        if wrong[true, said]
    )


def surest_mistakes(
    labels: Array,
    outputs: Array,
    class_names: Sequence[str],
    count: int = SHOWN,
    texts: Sequence[str] = (),
) -> tuple[Mistake, ...]:
    """The wrong answers with the largest output, each with its text if there are texts."""
    said, most = outputs.argmax(axis=1), outputs.max(axis=1)
    wrong = np.flatnonzero(said != labels)
    chosen = wrong[np.argsort(-most[wrong], kind="stable")][:count].tolist()
    return tuple(
        Mistake(
            row, class_names[labels[row]], class_names[said[row]], float(most[row]),
            texts[row] if texts else None,
        )
        for row in chosen
    )  # fmt: skip
