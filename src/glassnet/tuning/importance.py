"""How important each parameter of a study is to its score, by Optuna's PED-ANOVA."""

import math
import warnings
from dataclasses import dataclass

from optuna.importance import get_param_importances
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.core.plurals import counted
from glassnet.tuning.proposals import study_of
from glassnet.tuning.rounds import Progress
from glassnet.tuning.study import Study

FEWEST = 20  # trials: PED-ANOVA compares the best tenth with all
ENOUGH = 50  # below it, the best tenth has fewer than the 5 trials that Optuna recommends


@dataclass(frozen=True)
class Importances:
    """The shares of all importance, by parameter, largest first; empty if there is a `reason`."""

    shares: dict[str, float]
    trials: int  # that were compared
    first_rung: bool = False  # by the score at the end of the first rung
    reason: str = ""


def importances(study: Study) -> Importances:
    """Return how much the parameters of the best tenth of the trials differ from those of all.

    With successive halving, few trials are trained to their ends; all of them are then compared by
    their scores at the end of the first rung. Source: Watanabe, Bansal & Hutter 2023, "PED-ANOVA".
    """
    definition = study.definition  # trials of another study may have had other rungs
    halving = definition.prune == "halving" and definition.inherits is None
    varying = {parameter.name for parameter in definition.space.parameters if parameter.varies}
    scored = [_scored(trial, halving, varying) for trial in study.frozen]
    trials = [trial for trial in scored if trial is not None]
    reason = _reason(trials)
    if reason:
        return Importances({}, len(trials), halving, reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # equal scores, experimental arguments
        shares = get_param_importances(study_of(trials, study.definition.maximize))
    return Importances(shares, len(trials), halving)


def _scored(trial: FrozenTrial, first_rung: bool, names: set[str]) -> FrozenTrial | None:
    """Return the trial as completed, with the score by which it is compared and the parameters of
    these names; None without a score.
    """
    scores = Progress.of(trial).scores
    completed = trial.state == TrialState.COMPLETE
    if not scores or not (completed or (first_rung and trial.state == TrialState.PRUNED)):
        return None
    score = scores[0] if first_rung else scores[-1]
    if not math.isfinite(score):
        return None
    params = {name: value for name, value in trial.params.items() if name in names}
    distributions = {name: trial.distributions[name] for name in params}
    return create_trial(value=score, params=params, distributions=distributions)


def _reason(trials: list[FrozenTrial]) -> str:
    """Return why there are no importances; "" if there are some."""
    if trials and len({name for trial in trials for name in trial.params}) < 2:
        return "fewer than two parameters vary"
    if len(trials) < FEWEST:
        return f"{counted(len(trials), 'trial')} with a score are too few; it takes {FEWEST}"
    if len({trial.value for trial in trials}) == 1:
        return "all scores are equal"
    return ""
