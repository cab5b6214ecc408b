"""What is to be done next in a study: pure decisions on the list of its trials.

Trials are proposed in rounds of a fixed size, and a round ends before the next begins. With
successive halving, the trials of a round are trained to a first rung, the best third of them to the
next, and so on; the others are pruned. Source: Jamieson & Talwalkar 2016.

No decision depends on which trial ended first, so a study with several workers is the same as with
one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from optuna.trial import FrozenTrial, TrialState

ETA = 3  # a rung trains this many times longer than the one before; this share goes on
ROUND = "round"  # the attribute of a trial that holds the number of its round
PROGRESS = "progress"  # the attribute of a trial that holds its `Progress`


@dataclass(frozen=True)
class Progress:
    """How far a trial is."""

    scores: tuple[float, ...] = ()  # at the end of each rung
    stopped: bool = False  # by the median rule
    error: str = ""  # why it failed
    worker: str = ""  # that trains it now
    epoch: int = 0  # at which that worker took it
    attempts: int = 0  # workers that died in the epoch after it
    seconds: float = 0.0  # of all rungs
    steps: int = 0

    @classmethod
    def of(cls, trial: FrozenTrial) -> "Progress":
        values: dict[str, Any] = dict(trial.user_attrs.get(PROGRESS, {}))
        return cls(**values | {"scores": tuple(values.get("scores", ()))})

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"scores": list(self.scores)}


@dataclass(frozen=True)
class Round:
    """The trials of one round: to be trained to a rung, or all ended."""

    due: tuple[FrozenTrial, ...] = ()  # in the order of their numbers
    rung: int = 0  # to which they are to be trained, from 0
    completed: frozenset[int] = field(default_factory=frozenset)  # numbers, once none is due

    @property
    def ended(self) -> bool:
        """True if no trial is left to be trained."""
        return not self.due


def rungs_of(prune: str, size: int) -> tuple[Fraction, ...]:
    """Return the share of a training after which each rung ends: 1/9, 1/3, 1 for rounds of 9."""
    count = 1
    if prune == "halving":
        while ETA**count <= size:
            count += 1
    return tuple(Fraction(1, ETA**i) for i in reversed(range(count)))


def state_of(trials: Sequence[FrozenTrial], rungs: int, maximize: bool) -> Round:
    """Return what is left to do of a round with these trials."""
    members = list(trials)
    for rung in range(rungs):
        progress = {trial.number: Progress.of(trial) for trial in members}
        due = [trial for trial in members if _is_due(trial, progress[trial.number], rung)]
        if due:
            return Round(tuple(due), rung)
        trained = [t for t in members if len(progress[t.number].scores) > rung]
        if rung + 1 < rungs:
            sign = -1 if maximize else 1
            trained.sort(key=lambda t: (sign * Progress.of(t).scores[rung], t.number))
            trained = _promoted(trained, rung, max(1, len(members) // ETA))
            trained.sort(key=lambda t: t.number)
        members = trained
    completed = [t.number for t in members if not Progress.of(t).stopped]
    return Round(completed=frozenset(completed))


def _promoted(ranked: list[FrozenTrial], rung: int, places: int) -> list[FrozenTrial]:
    """Return the first trials; one that fails before the next rung leaves its place to another."""
    promoted = []
    for trial in ranked:
        if not places:
            break
        promoted.append(trial)
        progress = Progress.of(trial)
        places -= not (progress.error and len(progress.scores) == rung + 1)
    return promoted


def _is_due(trial: FrozenTrial, progress: Progress, rung: int) -> bool:
    return len(progress.scores) <= rung and not progress.error and not progress.stopped


def outcome(trial: FrozenTrial, completed: frozenset[int]) -> tuple[TrialState, float | None]:
    """Return the final state and value of a trial of a round that has ended."""
    progress = Progress.of(trial)
    if progress.error:
        return TrialState.FAIL, None
    if trial.number in completed:
        return TrialState.COMPLETE, progress.scores[-1]
    return TrialState.PRUNED, progress.scores[-1] if progress.scores else None


def rounds(trials: Sequence[FrozenTrial]) -> list[list[FrozenTrial]]:
    """Return the trials of each round, by number."""
    groups: dict[int, list[FrozenTrial]] = {}
    for trial in trials:
        groups.setdefault(trial.user_attrs[ROUND], []).append(trial)
    return [groups[number] for number in sorted(groups)]
