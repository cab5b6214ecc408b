"""The figures of a study, each with a text alternative; empty if there is nothing to draw."""

import math

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.plurals import counted
from glassnet.core.tables import significant
from glassnet.evaluate.tuning_curve import TuningCurve, tuning_curve
from glassnet.pages.html import Html, figure
from glassnet.pages.svg import svg_of
from glassnet.plots.importance import parameter_importances
from glassnet.plots.parameters import MOST_LINES, Searched, parallel_coordinates, slices
from glassnet.plots.trials import Trials, trial_costs, trial_curves, trial_history
from glassnet.tuning.domain import Range
from glassnet.tuning.importance import ENOUGH, Importances
from glassnet.tuning.rounds import ROUND
from glassnet.tuning.sentences import score_name, score_of
from glassnet.tuning.study import Study


def trials_of(study: Study) -> Trials:
    """Return what is drawn of the trials."""
    scores = [math.nan if trial.score is None else trial.score for trial in study.trials]
    return Trials(
        np.array(scores, dtype=float),
        [trial.state for trial in study.trials],
        study.definition.maximize,
        score_name(study),
        None if study.winner is None else study.winner.number,
    )


def parameters_of(study: Study) -> list[Searched]:
    """Return the parameters that vary and that two or more trials have, with their values."""
    searched = []
    for parameter in study.definition.space.parameters:
        name, domain = parameter.name, parameter.domain
        values = [trial.params.get(name) for trial in study.trials]
        if isinstance(domain, Range):
            drawn = Searched(name, values, low=domain.low, high=domain.high, log=domain.log)
        else:
            drawn = Searched(name, values, domain.values)
        if parameter.varies and drawn.count > 1:
            searched.append(drawn)
    return searched


def no_band(study: Study) -> str:
    """Return why the tuning curve has no band; "" if it has one."""
    definition = study.definition
    if definition.method != "random":
        return f"the trials of the method {definition.method} are not independent of each other"
    if definition.prune != "none":
        return "trials that were pruned have no final score, and which they are depends on others"
    if any(trial.user_attrs[ROUND] < 0 for trial in study.frozen):
        return "its first trials are those of another study"
    if not all(trial.ended for trial in study.trials):
        return "not all trials have ended"
    if not any(_is_continuous(parameter.domain) for parameter in definition.space.parameters
               if not parameter.when):  # fmt: skip
        return (
            "combinations of a finite space are not tried twice, so the trials are not independent"
        )
    return ""


def _is_continuous(domain: object) -> bool:
    return isinstance(domain, Range) and not domain.whole and domain.step is None


def curve_of(study: Study) -> TuningCurve | None:
    """Return the tuning curve; None if the trials allow none, or there is only one."""
    if no_band(study) or len(study.trials) < 2:
        return None
    return tuning_curve(trials_of(study).scores, study.definition.maximize)


def history(study: Study) -> Html:
    """The scores by number."""
    curve, trials = curve_of(study), trials_of(study)
    band = None if curve is None else (curve.median, curve.low, curve.high)
    caption = "Crosses are trials that failed. " if len(trials.of("failed")) else ""
    if trials.cut:
        are = "score is" if trials.cut == 1 else "scores are"
        caption += f"{trials.cut} {are} beyond the axis, drawn at its end. "
    if curve is not None:
        caption += (
            "Dashed: the tuning curve, the median of the best of so many random trials. The true "
            "curve lies in the band for all numbers of trials at once with probability 95% "
            "(Lourie, Cho & He 2024), for this seed of the trainings; where the band reaches the "
            "end of the axis, the trials don’t bound it."
        )
    else:
        caption += f"The best so far has no band: {no_band(study) or 'there is one trial'}."
    alt = f"The {trials.metric} of {counted(len(study.trials), 'trial')}. "
    if study.winner is not None and study.winner.score is not None:
        alt += f"Trial {study.winner.number} is the best: {score_of(study, study.winner.score)}. "
    return _figure(trial_history(trials, study.best_so_far(), band), "history", alt, caption)


def learning_curves(study: Study) -> Html:
    """The scores by epoch, if there is a trial with two epochs or more."""
    curves = [trial.curve for trial in study.trials]
    longest = max(map(len, curves), default=0)
    if longest < 2:
        return Html()
    trials = trials_of(study)
    alt = (
        f"The {trials.metric} of each trial after each of up to {longest} epochs; "
        f"{len(trials.of('pruned'))} were pruned."
    )
    caption = "The learning curve of each trial."
    if len(trials.of("pruned")):
        caption += " Those of trials that were pruned end early."
    return _figure(trial_curves(trials, curves), "learning-curves", alt, caption)


def importance(result: Importances) -> Html:
    """The importances of the parameters."""
    if not result.shares:
        return Html()
    shares = ", ".join(f"{name} {share:.0%}" for name, share in result.shares.items())
    rung = ", by their scores at the end of the first rung" if result.first_rung else ""
    caption = (
        "How much the values of the best tenth of the trials differ from those of all "
        f"(Optuna’s PED-ANOVA, {result.trials} trials{rung})."
    )
    if result.trials < ENOUGH:
        caption += f" With fewer than {ENOUGH} trials these shares are rough."
    drawing = parameter_importances(result.shares)
    return _figure(drawing, "importance", f"Importance of the parameters: {shares}.", caption)


def coordinates(study: Study) -> Html:
    """The parameters and scores of the trials in parallel coordinates."""
    parameters, trials = parameters_of(study), trials_of(study)
    if not parameters or not len(trials.of("completed")):
        return Html()
    completed, pruned = len(trials.of("completed")), len(trials.of("pruned"))
    which = f"the best {MOST_LINES} of {completed}" if completed > MOST_LINES else f"{completed}"
    caption = f"Each line is a trial: {which} that completed; the stronger its color, the better."
    if pruned:
        first = f"The first {MOST_LINES} of {pruned}" if pruned > MOST_LINES else f"{pruned}"
        caption += f" {first} that were pruned are gray."
    if any(parameter.count < len(study.trials) for parameter in parameters):
        caption += " A line is broken where a trial does not have the parameter."
    names = ", ".join(parameter.name for parameter in parameters)
    alt = f"Parallel coordinates of {names} and the {trials.metric}."
    return _figure(parallel_coordinates(trials, parameters), "parallel", alt, caption)


def slice_plots(study: Study) -> Html:
    """The score against each parameter."""
    parameters, trials = parameters_of(study), trials_of(study)
    if not parameters or not np.isfinite(trials.scores).any():
        return Html()
    names = ", ".join(parameter.name for parameter in parameters)
    alt = f"The {trials.metric} against each of the parameters {names}."
    caption = "The score against each parameter, in the trials that have it."
    if len(trials.of("pruned")):
        caption += " Scores of trials that were pruned are those of their last epoch."
    return _figure(slices(trials, parameters), "slices", alt, caption)


def costs(study: Study) -> Html:
    """What each trial cost, in steps; in seconds if all have one step."""
    unit = "steps" if any(trial.steps > 1 for trial in study.trials) else "seconds"
    values: Array = np.array([float(getattr(trial, unit)) for trial in study.trials])
    if not values.sum():
        return Html()
    trials, total = trials_of(study), values.sum()
    shares = {state: values[trials.of(state)].sum() / total for state in ("completed", "pruned")}
    amount = f"{total:,.0f}" if unit == "steps" else significant(float(total))
    caption = f"{amount} {unit} in all"
    if shares["pruned"]:
        caption += f", {shares['pruned']:.0%} of them in trials that were pruned"
    alt = f"The {unit} of each trial, from {values.min():,.4g} to {values.max():,.4g}."
    return _figure(trial_costs(trials, values, unit), "costs", alt, f"{caption}.")


def _figure(drawing: Figure, name: str, alt: str, caption: str) -> Html:
    return figure(svg_of(drawing, name), f"{alt.strip()} {caption}", caption)
