"""What a study optimizes: a Python function, or the training of a network."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from glassnet.core.errors import GlassnetError

Params = Mapping[str, Any]
# Called with an epoch and the score after it; True: stop. After an epoch of a fold, which has no
# score of its own, with None.
Report = Callable[[int, float | None], bool]


@dataclass(frozen=True)
class Outcome:
    """The result of training one trial to a rung."""

    score: float
    stopped: bool = False  # by `Report`
    seconds: float = 0.0  # of all rungs
    steps: int = 0


@dataclass(frozen=True)
class FreshResult:
    """The scores of settings that were trained with a fresh seed."""

    validation: float
    test: float
    test_name: str = "score"
    is_share: bool = False  # the test score is a share of `count` examples
    higher_is_better: bool = True
    count: int = 0


class TrialError(Exception):
    """A trial's training ended with an error; the study goes on with other trials."""


class TimeUpError(Exception):
    """The time of the study is up; the trial can be trained on later."""


def require_finite(score: float) -> float:
    """Return the score; raises TrialError if it is NaN or infinite."""
    if not math.isfinite(score):
        raise TrialError(f"the score is {'NaN' if math.isnan(score) else 'infinite'}")
    return score


class Objective(Protocol):
    """What the trials of a study are."""

    def train(self, number: int, params: Params, share: Fraction, report: Report) -> Outcome:
        """Train a trial from where it is to this share of its training. Raises TrialError."""

    def train_fresh(self, name: str, params: Params | None, seed: int) -> FreshResult:
        """Train with a fresh seed, to the end; None: with the default settings."""

    def discard(self, number: int) -> None:
        """Remove the files of a trial that has ended."""


@dataclass(frozen=True)
class FunctionObjective:
    """A Python function of the parameters and the seed, as a trial of one rung."""

    function: Callable[[dict[str, Any], int], float]
    seed: int
    default: dict[str, Any] | None
    maximize: bool

    def train(self, number: int, params: Params, share: Fraction, report: Report) -> Outcome:
        start = time.perf_counter()
        score = self._score(params, self.seed)
        report(1, score)
        return Outcome(score, seconds=time.perf_counter() - start, steps=1)

    def train_fresh(self, name: str, params: Params | None, seed: int) -> FreshResult:
        chosen = self.default if params is None else params
        assert chosen is not None  # without a default there is nothing to compare with
        score = self._score(chosen, seed)
        return FreshResult(score, score, higher_is_better=self.maximize)

    def discard(self, number: int) -> None:
        """A function leaves no files."""

    def _score(self, params: Params, seed: int) -> float:
        try:
            score = self.function(dict(params), seed)
        except Exception as error:
            error.add_note(f"The parameters were {dict(params)}, the seed {seed}.")
            raise
        try:
            number = float(score)
        except (TypeError, ValueError) as error:
            what = f"returned {score!r:.80}, not a number."
            name = getattr(self.function, "__name__", "the objective")
            raise GlassnetError(what, where=name) from error
        return require_finite(number)
