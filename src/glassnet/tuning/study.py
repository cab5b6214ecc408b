"""`Study`: the trials of a study and its answer, as they are stored."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from optuna.trial import FrozenTrial, TrialState

from glassnet.core.strict_json import json_text
from glassnet.tuning.definition import Definition
from glassnet.tuning.fresh import FRESH, Verdict, best_trial, verdict
from glassnet.tuning.rounds import ROUND, Progress, rungs_of
from glassnet.tuning.storage import StudyStorage

_STATES = {
    TrialState.COMPLETE: "completed",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


@dataclass(frozen=True)
class Trial:
    """One trial of a study."""

    number: int  # from 0
    params: dict[str, Any]
    state: str  # completed, pruned, failed, running, waiting
    score: float | None  # the newest
    curve: dict[int, float]  # the score after each epoch, from 1
    seconds: float
    steps: int
    error: str

    @classmethod
    def of(cls, trial: FrozenTrial) -> Self:
        progress = Progress.of(trial)
        return cls(
            trial.number,
            dict(trial.params),
            _STATES[trial.state],
            progress.scores[-1] if progress.scores else None,
            dict(sorted(trial.intermediate_values.items())),
            progress.seconds,
            progress.steps,
            progress.error,
        )

    @property
    def bits(self) -> list[tuple[int, str]]:
        """The score after each epoch, in every bit."""
        return [(epoch, float(score).hex()) for epoch, score in self.curve.items()]

    @property
    def ended(self) -> bool:
        """True if it is not trained any more."""
        return self.state in ("completed", "pruned", "failed")


@dataclass(frozen=True, eq=False)
class Study:
    """A study: its definition, its trials, and whether the winner is better than the default."""

    folder: Path
    name: str
    definition: Definition = field(repr=False)
    frozen: tuple[FrozenTrial, ...] = field(repr=False)  # Optuna's trials
    fresh: tuple[FrozenTrial, ...] = field(repr=False)  # trainings with fresh seeds
    wanted: int  # trials of its own, at the end of the search

    @classmethod
    def of(cls, folder: Path, definition: Definition, storage: StudyStorage, wanted: int) -> Self:
        """Return a study as it is stored now."""
        trials, fresh = storage.trials(), storage.sibling(FRESH).trials()
        return cls(folder, storage.name, definition, tuple(trials), tuple(fresh), wanted)

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """All trials by number."""
        return tuple(map(Trial.of, self.frozen))

    @cached_property
    def winner(self) -> Trial | None:
        """The completed trial with the best score; None if none has completed."""
        best = best_trial(self.frozen, self.definition.maximize)
        return None if best is None else self.trials[best.number]

    @cached_property
    def verdict(self) -> Verdict | None:
        """The comparison with the default settings; None before it has ended."""
        return None if self.winner is None else verdict(self.fresh, self.winner.number)

    @property
    def winning_options(self) -> dict[str, Any]:
        """The options of `train`, or the arguments of the function, that won."""
        if self.winner is None:
            return {}
        return self._options(self.winner.params)

    @property
    def default_options(self) -> dict[str, Any]:
        """The options of `train` that the winner is compared with."""
        return self._options(self.definition.space.fixed)

    def _options(self, params: Mapping[str, Any]) -> dict[str, Any]:
        options = self.definition.options | self.definition.space.options(params)
        return {name: value for name, value in options.items() if name != "folds"}

    @property
    def prefers_default(self) -> bool:
        """True if the winner's settings turned out worse than the default ones."""
        return self.verdict is not None and self.verdict.answer == "worse"

    @property
    def planned(self) -> int:
        """The number of trials at the end of the search, inherited ones included."""
        return self.wanted + sum(trial.user_attrs[ROUND] < 0 for trial in self.frozen)

    @property
    def fresh_ended(self) -> int:
        """The number of trainings with fresh seeds that have ended."""
        return sum(trial.state.is_finished() for trial in self.fresh)

    @property
    def rungs(self) -> int:
        """The number of rungs of a round."""
        return len(rungs_of(self.definition.prune, self.definition.round_size))

    @property
    def steps(self) -> int:
        """The steps of all trials."""
        return sum(trial.steps for trial in self.trials)

    @property
    def seconds(self) -> float:
        """The seconds in which trials were trained, by all workers."""
        return sum(trial.seconds for trial in self.trials)

    @property
    def sha256(self) -> str:
        """A hash of definition, parameters, states and scores, in every bit: two studies with the
        same hash tried the same and found the same.
        """
        trials = [
            (trial.number, sorted(trial.params.items()), trial.state, trial.bits)
            for trial in self.trials
            if trial.ended
        ]
        text = json_text([self.definition.identity, trials])
        return hashlib.sha256(text.encode()).hexdigest()

    def _repr_html_(self) -> str:
        from glassnet.tuning.representation import html_of

        return html_of(self)

    def best_so_far(self) -> list[float]:
        """Return the best score of a completed trial up to each ended trial."""
        sign = 1 if self.definition.maximize else -1
        best, scores = -float("inf"), []
        for trial in self.trials:
            if trial.state == "completed" and trial.score is not None:
                best = max(best, sign * trial.score)
            if trial.ended:
                scores.append(sign * best)
        return scores

    def to_dict(self) -> dict[str, Any]:
        return {
            "study": str(self.folder),
            "name": self.name,
            "sha256": self.sha256,
            "metric": self.definition.metric,
            "maximize": self.definition.maximize,
            "winner": self.winner,
            "options": self.winning_options,
            "verdict": self.verdict,
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
            "trials": self.trials,
        }
