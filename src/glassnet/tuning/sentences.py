"""What a study says, in sentences: for the terminal and the page."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.core.intervals import half_width
from glassnet.core.plurals import counted
from glassnet.core.tables import significant
from glassnet.runs.command import train_command
from glassnet.tuning.fresh import Verdict
from glassnet.tuning.objective import FreshResult
from glassnet.tuning.study import Study

ANSWERS = {
    "better": "better: the tuned settings have a better score than the default ones",
    "no evidence": "no evidence that the tuned settings are better or worse than the default ones",
    "worse": "worse: the tuned settings have a worse score than the default ones",
}


def trials_sentence(study: Study) -> str:
    """How many trials there are, how they ended, and what they cost."""
    counts = Counter(trial.state for trial in study.trials)
    states = ", ".join(f"{counts[state]} {state}" for state in counts)
    return (
        f"{counted(len(study.trials), 'trial')} ({states}), {study.steps:,} steps, "
        f"{study.seconds:.1f} s of training"
    )


def verdict_sentence(verdict: Verdict, of_function: bool = False) -> str:
    """The answer, with the difference on the test set, its interval and its p-value.

    The score of a function has no test set.
    """
    first, d = verdict.winner[0], verdict.difference

    def shown(value: float) -> str:
        return f"{100 * value:+.2f}" if first.is_share else f"{value:+.4g}"

    unit = " points" if first.is_share else ""
    where = "" if of_function else " on the test set"
    low, high = map(shown, d.interval)
    return (
        f"{ANSWERS[verdict.answer]}: {first.test_name} {shown(d.mean)}{unit}{where} "
        f"(95%: {low} to {high}; paired t-test over {d.count} fresh seeds, "
        f"p = {d.p:.2g})"
    )


def luck_sentence(study: Study) -> str:
    """The winner's score in the search beside its mean on fresh seeds, which is not selected."""
    winner, verdict = study.winner, study.verdict
    assert winner is not None
    assert winner.score is not None
    assert verdict is not None
    fresh = float(np.mean([result.validation for result in verdict.winner]))
    return (
        f"{score_of(study, winner.score)} in the search, the best of "
        f"{counted(len(study.trials), 'trial')}; {score_of(study, fresh)} on average on fresh "
        "seeds, where nothing was selected"
    )


def shown_value(value: Any) -> str:
    """A parameter as text, with 5 digits."""
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def score_name(study: Study) -> str:
    """The name of the trials' scores, e.g. validation accuracy."""
    return study.definition.metric.replace("val_", "validation ")


def shown_score(study: Study, score: float) -> str:
    """A score of a trial as text."""
    is_share = study.definition.metric == "val_accuracy"
    return f"{100 * score:.2f}%" if is_share else significant(score)


def score_of(study: Study, score: float) -> str:
    """A score of a trial as text, with its name."""
    return f"{score_name(study)} {shown_score(study, score)}"


def shown_test(result: FreshResult, score: float) -> str:
    """A test score of this kind as text."""
    return f"{100 * score:.2f}%" if result.is_share else significant(score)


def mean_of(results: Sequence[FreshResult]) -> str:
    """The mean of test scores with half of its 95% interval over seeds."""
    scores = [result.test for result in results]
    mean, half = float(np.mean(scores)), half_width(scores)
    if results[0].is_share:
        return f"{100 * mean:.2f}% ± {100 * half:.2f}"
    return f"{significant(mean)} ± {significant(half, 2)}"


def command_to_use(study: Study) -> str:
    """The `glassnet train` command with the winner's settings, or with the default ones if the
    winner's are worse; of a function, the winner's arguments.
    """
    definition = study.definition
    if definition.data is None:
        return ", ".join(f"{name}={value!r}" for name, value in study.winning_options.items())
    options = study.default_options if study.prefers_default else study.winning_options
    own = {"seed": definition.seed, "data_dir": definition.data_dir}
    return train_command(definition.data, options | own)
