"""The winner of a search and the default settings, each trained again with fresh seeds.

The score of the winner in the search is too good on average, because it is the best of many. Only
these trainings say whether its settings are better than the default ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.evaluate.comparison import Difference, over_seeds
from glassnet.tuning.definition import Definition
from glassnet.tuning.objective import FreshResult, Objective, TrialError
from glassnet.tuning.storage import StudyStorage

LEVEL = 0.05
FRESH, DEFAULT, ERROR = "fresh", "default", "error"
_SETTINGS, _SEED, _WORKER, _RESULT = "settings", "seed", "worker", "result"


def best_trial(trials: Sequence[FrozenTrial], maximize: bool) -> FrozenTrial | None:
    """Return the completed trial with the best score, the first of equals; None without any."""
    completed = [t for t in trials if t.state == TrialState.COMPLETE]
    sign = -1 if maximize else 1
    return min(completed, key=lambda t: (sign * float(t.value or 0), t.number), default=None)


class FreshSeeds:
    """The trainings with fresh seeds, stored as a second study, NAME/fresh."""

    def __init__(
        self, definition: Definition, storage: StudyStorage, objective: Objective, seeds: int
    ) -> None:
        self.definition, self.objective, self.seeds = definition, objective, seeds
        self.storage = storage.sibling(FRESH)
        winner = best_trial(storage.trials(), definition.maximize)
        assert winner is not None  # without one, nothing is compared
        self.winner = winner

    def next(self, worker: str, is_alive: Callable[[str], bool]) -> FrozenTrial | bool:
        """Return the next training; True if others train the last ones, False at the end."""
        existing = [_identity(trial) for trial in self.storage.trials()]
        first = self.definition.seed + 1
        wanted = [
            (settings, seed)
            for seed in range(first, first + self.seeds)
            for settings in (DEFAULT, self.winner.number)
        ]
        self.storage.create(
            [
                create_trial(
                    state=TrialState.WAITING, user_attrs={_SETTINGS: settings, _SEED: seed}
                )
                for settings, seed in wanted
                if (settings, seed) not in existing
            ]
        )
        trials = [trial for trial in self.storage.trials() if _identity(trial) in wanted]
        unfinished = [trial for trial in trials if not trial.state.is_finished()]
        for trial in unfinished:
            holder = trial.user_attrs.get(_WORKER)
            if holder is None or not is_alive(holder):
                self.storage.start(trial)
                self.storage.set(trial, _WORKER, worker)
                return trial
        return bool(unfinished)

    def train(self, trial: FrozenTrial) -> Callable[[], None]:
        """Train one of them; return a function that stores its scores."""
        settings, seed = _identity(trial)
        params = None if settings == DEFAULT else self.winner.params
        name = f"{settings if settings == DEFAULT else f'trial-{settings}'}-seed-{seed}"
        try:
            result = self.objective.train_fresh(name, params, seed)
        except TrialError as error:
            return partial(self._store, trial, ERROR, str(error), TrialState.FAIL)
        values, score = asdict(result), result.validation
        return partial(self._store, trial, _RESULT, values, TrialState.COMPLETE, score)

    def _store(
        self, trial: FrozenTrial, key: str, value: Any, state: TrialState, *score: float
    ) -> None:
        self.storage.set(trial, key, value)
        self.storage.end(trial, state, *score)


def _identity(trial: FrozenTrial) -> tuple[str | int, int]:
    """Return the settings, a trial's number or `DEFAULT`, and the seed."""
    return trial.user_attrs[_SETTINGS], trial.user_attrs[_SEED]


@dataclass(frozen=True)
class Verdict:
    """Whether the winner's settings are better than the default ones, on fresh seeds."""

    answer: str  # better, no evidence, worse
    difference: Difference  # of the test scores, winner minus default, over seeds
    winner: tuple[FreshResult, ...]
    default: tuple[FreshResult, ...]


def verdict(trials: Sequence[FrozenTrial], winner: int) -> Verdict | None:
    """Compare the trainings with fresh seeds, by the paired t-test over seeds.

    None if fewer than two seeds have ended with both settings.
    """
    results = {
        _identity(trial): FreshResult(**trial.user_attrs[_RESULT])
        for trial in trials
        if trial.state == TrialState.COMPLETE
    }
    seeds = sorted(seed for settings, seed in results if settings == winner)
    seeds = [seed for seed in seeds if (DEFAULT, seed) in results]
    if len(seeds) < 2:
        return None
    tuned = tuple(results[winner, seed] for seed in seeds)
    default = tuple(results[DEFAULT, seed] for seed in seeds)
    count = tuned[0].count if tuned[0].is_share else None
    difference = over_seeds([r.test for r in default], [r.test for r in tuned], count)
    answer = "no evidence"
    if difference.p < LEVEL:
        improved = (difference.mean > 0) == tuned[0].higher_is_better
        answer = "better" if improved else "worse"
    return Verdict(answer, difference, tuned, default)
