"""What is tried next: Optuna's samplers, so called that the answer depends only on the seed.

The parameters of a round are a function of the study's seed, of the round's number and of the
trials of earlier rounds, in the order of their numbers. So they are the same whatever number of
workers there is, and after any interruption: the sampler itself holds nothing that could be lost.
"""

import copy
import hashlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import optuna
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.core.errors import GlassnetError, unknown
from glassnet.tuning.extra import quiet
from glassnet.tuning.rounds import ROUND
from glassnet.tuning.space import Space

_ATTEMPTS = 100  # proposals of parameters that were tried before, until the space counts as used up

SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cma-es": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "gp": lambda seed: GPSampler(seed=seed, deterministic_objective=True),
}
METHODS = ("grid", *SAMPLERS)
_NEEDS = {"cma-es": "cmaes", "gp": "torch"}


def require_method(method: str) -> None:
    """Raise if there is no such method, or what it needs is not installed."""
    if method not in METHODS:
        raise unknown("method", method, METHODS, where="--method")
    module = _NEEDS.get(method)
    if module is not None:
        try:
            __import__(module)
        except ImportError as error:
            what = f"{method} needs {module}, which is not installed."
            fix = f"pip install {module}, or choose --method tpe."
            raise GlassnetError(what, where="--method", fix=fix) from error


def study_of(
    trials: Sequence[FrozenTrial], maximize: bool, sampler: BaseSampler | None = None
) -> optuna.Study:
    """Return a study in memory with these trials."""
    with quiet():
        study = optuna.create_study(
            direction="maximize" if maximize else "minimize", sampler=sampler
        )
    study.add_trials([_shared(trial) for trial in trials])
    return study


class _Shared(FrozenTrial):
    """An ended trial. Nothing of it changes, so its copies share all it has: to copy a thousand
    trials in each round, as Optuna does, would take most of the time of a search.
    """

    def __deepcopy__(self, memo: object) -> "_Shared":
        return copy.copy(self)


def _shared(trial: FrozenTrial) -> FrozenTrial:
    if not trial.state.is_finished():
        return trial
    trial = copy.copy(trial)
    trial.__class__ = _Shared
    return trial


def proposals(
    space: Space, method: str, seed: int, number: int, count: int,
    earlier: Sequence[FrozenTrial], maximize: bool,
) -> list[FrozenTrial]:  # fmt: skip
    """Return the trials of a round, waiting; fewer than `count` if the space is used up."""
    tried = {_key(trial.params) for trial in earlier}
    if method == "grid":
        grid = [p for p in sample_of_grid(space.grid(), seed) if _key(p) not in tried]
        distributions = space.distributions()
        return [
            _waiting(params, {name: distributions[name] for name in params}, {}, number)
            for params in grid[:count]
        ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = SAMPLERS[method](_seed_of(seed, number))
        history = () if method == "random" else earlier  # which random search does not look at
        study = study_of(history, maximize, sampler)
        asked = _new(study, space, tried)
        return [
            _waiting(trial.params, trial.distributions, trial.system_attrs, number)
            for trial in islice(asked, count)
        ]


def sample_of_grid(grid: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Return the grid in a random order: with fewer trials than points, a sample of it is tried."""
    order = np.random.default_rng(seed).permutation(len(grid))
    return [grid[i] for i in order]


def _new(study: optuna.Study, space: Space, tried: set[Any]) -> Iterator[FrozenTrial]:
    """Yield trials with parameters that were not tried, until there are none left."""
    repeated = 0
    while repeated < _ATTEMPTS:
        trial = study.ask()
        space.suggest(trial)
        key = _key(trial.params)
        if key in tried:
            repeated += 1
            study.tell(trial, state=TrialState.FAIL)
            continue
        repeated = 0
        tried.add(key)
        yield study.get_trials(deepcopy=False)[trial.number]


def _waiting(
    params: Mapping[str, Any],
    distributions: Mapping[str, Any],
    attrs: Mapping[str, Any],
    number: int,
) -> FrozenTrial:
    return create_trial(
        state=TrialState.WAITING,
        params=dict(params),
        distributions=dict(distributions),
        system_attrs=dict(attrs),
        user_attrs={ROUND: number},
    )


def _key(params: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(params.items()))


def _seed_of(seed: int, number: int) -> int:
    """Return the seed of a round, 32 bits."""
    digest = hashlib.sha256(f"{seed} {number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
