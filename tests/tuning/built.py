"""Studies built from a list of trials, without training anything."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.tuning.definition import Definition
from glassnet.tuning.fresh import ERROR
from glassnet.tuning.objective import FreshResult
from glassnet.tuning.rounds import PROGRESS, ROUND, Progress
from glassnet.tuning.study import Study

STATES = {
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
    "waiting": TrialState.WAITING,
}


def trial_of(
    definition: Definition, number: int, params: dict[str, Any], state: str,
    curve: Sequence[float] = (), rungs: Sequence[float] = (), error: str = "", round_: int = 0,
) -> FrozenTrial:  # fmt: skip
    """A trial with the score after each epoch, and at the end of each rung: the last one."""
    rungs = rungs or curve[-1:]
    progress = Progress(tuple(rungs), error=error, seconds=0.5 * len(curve), steps=10 * len(curve))
    distributions = definition.space.distributions()
    trial = create_trial(
        state=STATES[state],
        value=curve[-1] if state == "completed" else None,
        params=params,
        distributions={name: distributions[name] for name in params},
        intermediate_values=dict(enumerate(curve, 1)),
        user_attrs={ROUND: round_, PROGRESS: progress.to_dict()},
    )
    trial.number = number
    return trial


def fresh_of(winner: int, scores: Sequence[tuple[float, float]], **kind: Any) -> list[FrozenTrial]:
    """The trainings with fresh seeds: the test scores (winner, default) of each seed."""
    trials = []
    for seed, pair in enumerate(scores, 1):
        for settings, test in zip((winner, "default"), pair, strict=True):
            result = asdict(FreshResult(validation=test + 0.01, test=test, **kind))
            attrs = {"settings": settings, "seed": seed, "result": result}
            trials.append(
                create_trial(
                    state=TrialState.COMPLETE, value=result["validation"], user_attrs=attrs
                )
            )
    return trials


def failed_fresh(winner: int, error: str) -> FrozenTrial:
    """A training with a fresh seed that failed."""
    attrs = {"settings": winner, "seed": 99, ERROR: error}
    return create_trial(state=TrialState.FAIL, user_attrs=attrs)


def study_of(
    definition: Definition, trials: Sequence[FrozenTrial], fresh: Sequence[FrozenTrial] = (),
    wanted: int | None = None,
) -> Study:  # fmt: skip
    """A study of these trials."""
    count = len(trials) if wanted is None else wanted
    return Study(Path("studies/s"), "s", definition, tuple(trials), tuple(fresh), count)
