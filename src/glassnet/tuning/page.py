"""`study.html`: one self-contained page about a study."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from glassnet.core.files import write_whole
from glassnet.core.plurals import counted
from glassnet.core.strict_json import json_text
from glassnet.pages.html import Html, bullets, data_table, definitions, join, numbers, section, tag
from glassnet.pages.page import page
from glassnet.pages.svg import side_by_side
from glassnet.runs.command import option_string
from glassnet.runs.manifest import manifest
from glassnet.tuning import figures
from glassnet.tuning.fresh import ERROR
from glassnet.tuning.importance import importances
from glassnet.tuning.objective import FreshResult
from glassnet.tuning.sentences import (
    command_to_use,
    luck_sentence,
    mean_of,
    score_name,
    score_of,
    shown_score,
    shown_test,
    shown_value,
    trials_sentence,
    verdict_sentence,
)
from glassnet.tuning.study import Study, Trial
from glassnet.tuning.table import COLUMNS, columns_of

PAGE_FILE = "study.html"
_BEST = 10  # trials that are shown before all others


def write_study_page(study: Study, path: Path) -> Path:
    """Write the page about a study, as it is now; return its path."""
    opening = [
        tag("p", answer(study), class_="lead"),
        tag("p", f"{trials_sentence(study)}."),
        *(tag("p", warning, class_="warn") for warning in _warnings(study)),
        _numbers(study),
    ]
    sections = [
        _comparison(study),
        _winner(study.winner, study) if study.winner else Html(),
        section("The search", side_by_side(figures.history(study), figures.learning_curves(study))),
        _parameters(study),
        section("Cost", figures.costs(study)) if study.seconds else Html(),
        _trials(study),
        _method(study),
    ]
    html = page(f"Study {study.name}", opening, [part for part in sections if part])
    write_whole(path, html.encode(errors="surrogateescape"))
    return path


def answer(study: Study) -> str:
    """The answer of the study, or why there is none."""
    if study.verdict is not None:
        sentence = verdict_sentence(study.verdict, study.definition.data is None)
        return f"{sentence[0].upper()}{sentence[1:]}."
    if study.winner is None:
        return "No trial has completed, so the study has no answer."
    assert study.winner.score is not None
    best = f"Trial {study.winner.number} is the best: {score_of(study, study.winner.score)}."
    return (
        f"{best} Whether its settings are better than the default ones is not known: they were not "
        "compared on fresh seeds. The best score of many is too good on average."
    )


def _warnings(study: Study) -> Iterator[str]:
    """What a reader must know before the numbers."""
    ended = sum(trial.ended for trial in study.trials)
    planned = max(study.planned, len(study.trials))
    if ended < planned:
        yield (
            f"The search has not ended: {ended} of {counted(planned, 'trial')} have. It was "
            "interrupted, its time was up, or it is still running; the same command goes on."
        )
    if errors := _errors(study):
        yield f"{counted(sum(errors.values()), 'training')} failed: see Errors, under Trials."


def _errors(study: Study) -> Counter[str]:
    """The errors of trials and of trainings with fresh seeds, with their numbers."""
    trials = [trial.error for trial in study.trials if trial.error]
    fresh = [trial.user_attrs[ERROR] for trial in study.fresh if ERROR in trial.user_attrs]
    return Counter([*trials, *fresh])


def _numbers(study: Study) -> Html:
    """The headline numbers."""
    verdict, winner = study.verdict, study.winner
    pairs: list[tuple[str, str, str]] = []
    if verdict is not None:
        for which, results in (("winner", verdict.winner), ("default", verdict.default)):
            mean, half = mean_of(results).split(" ± ")
            note = f"± {half} (95%), mean of {len(results)} fresh seeds"
            pairs.append((f"{_test_name(study, results[0])}, {which}", mean, note))
    if winner is not None and winner.score is not None:
        best = f"trial {winner.number}, best of {len(study.trials)}"
        shown = shown_score(study, winner.score)
        pairs.append((f"{score_name(study)}, in the search", shown, best))
    pairs.append(("trials", f"{len(study.trials):,}", f"{study.seconds:,.1f} s of training"))
    return numbers(pairs)


def _comparison(study: Study) -> Html:
    """The winner and the default on fresh seeds."""
    verdict = study.verdict
    if verdict is None:
        return Html()
    of_function = study.definition.data is None

    def row(name: str, *results: FreshResult) -> list[str]:
        shown = [[shown_score(study, r.validation), shown_test(r, r.test)] for r in results]
        return [name, *(cell for cells in shown for cell in cells[of_function:])]

    names = [score_name(study), _test_name(study, verdict.winner[0])][of_function:]
    settings = ("winner", "default")
    heads = ["fresh seed", *(f"{which}: {name}" for which in settings for name in names)]
    pairs = list(zip(verdict.winner, verdict.default, strict=True))
    rows = [row(str(number), *pair) for number, pair in enumerate(pairs, 1)]
    means = row("mean", _mean(verdict.winner), _mean(verdict.default))
    where = "" if of_function else " on the test set, which the search never saw"
    p, least = verdict.difference.sign_flip_p, 2.0 ** (1 - len(pairs))
    exact = (
        f"The sign-flip test, which assumes no normal distribution, gives p = {p:.2g}; with "
        f"{len(pairs)} seeds it can’t be below {least:.2g}."
    )
    return section(
        "Is it better?",
        tag(
            "p",
            "The winner of a search is the best of many scores, so its score is too good on "
            "average. Its settings and the default ones were therefore trained again with seeds "
            f"that no trial used, and compared{where}.",
        ),
        tag("p", f"The winner: {luck_sentence(study)}."),
        tag("p", exact) if p is not None else "",
        data_table(
            "The trainings with fresh seeds.", [heads, *rows, means], f"<{'>>' * len(names)}"
        ),
    )


def _test_name(study: Study, result: FreshResult) -> str:
    return result.test_name if study.definition.data is None else f"test {result.test_name}"


def _mean(results: Sequence[FreshResult]) -> FreshResult:
    """The means of the scores."""
    validation = float(np.mean([result.validation for result in results]))
    test = float(np.mean([result.test for result in results]))
    return replace(results[0], validation=validation, test=test)


def _winner(winner: Trial, study: Study) -> Html:
    """The winner's settings, to be used."""
    title = "To train with them"
    if study.definition.data is None:
        title = "Arguments of the function"
    elif study.prefers_default:
        title = "They are worse: to train with the default settings"
    rows = [["parameter", "value"], *([name, shown_value(v)] for name, v in winner.params.items())]
    return section(
        "The winner’s settings",
        data_table(f"The parameters of trial {winner.number}.", rows, "<<"),
        tag("h3", title),
        tag("pre", command_to_use(study), class_="command"),
    )


def _parameters(study: Study) -> Html:
    """Which parameters matter."""
    result = importances(study)
    drawn = figures.importance(result)
    if not drawn:
        drawn = tag("p", f"There are no importances of the parameters: {result.reason}.")
    plots = side_by_side(figures.slice_plots(study), figures.coordinates(study))
    return section("Parameters", drawn, plots)


def _trials(study: Study) -> Html:
    """All trials, the best ones first, and the errors."""
    errors = [
        f"{counted(count, 'training')}: {error}" for error, count in _errors(study).most_common()
    ]
    everything = _table(study, "All trials.", study.trials)
    if len(study.trials) > _BEST:
        everything = tag("details", tag("summary", f"All {len(study.trials):,} trials"), everything)
        everything = join(best_trials(study), everything)
    failed = join(tag("h3", "Errors"), bullets(errors)) if errors else ""
    return section("Trials", everything, failed) if study.trials else Html()


def best_trials(study: Study) -> Html:
    """The trials with the best scores, if any has completed."""
    sign = -1 if study.definition.maximize else 1
    completed = [t for t in study.trials if t.state == "completed" and t.score is not None]
    best = sorted(completed, key=lambda trial: (sign * (trial.score or 0), trial.number))[:_BEST]
    caption = f"The best {len(best)} of {counted(len(completed), 'completed trial')}."
    return _table(study, caption, best) if best else Html()


def _table(study: Study, caption: str, trials: Sequence[Trial]) -> Html:
    names = [parameter.name for parameter in study.definition.space.parameters]
    rows = [["trial", *COLUMNS[1:], *names]]
    for trial in trials:
        number, state, score, epochs, steps, seconds = columns_of(trial)
        shown = "" if score is None else shown_score(study, score)
        cells = [str(number), state, shown, str(epochs), f"{steps:,}", f"{seconds:.2f}"]
        rows.append([*cells, *(shown_value(trial.params.get(name)) for name in names)])
    return data_table(caption, rows, "><>>>>" + "<" * len(names))


def _method(study: Study) -> Html:
    """Everything that the trials depend on."""
    definition = study.definition
    values = {
        "data": definition.data or "a Python function",
        f"{'function' if definition.data is None else 'data'} sha256": definition.sha256,
        "method": definition.method,
        "pruning": definition.prune,
        "trials per round": definition.round_size,
        "score": f"{score_name(study)}, {'higher' if definition.maximize else 'lower'} is better",
        "folds": definition.options.get("folds"),
        "seed": definition.seed,
        "begins with the trials of": definition.inherits,
        "options": option_string(definition.options) or None,
        "study sha256": study.sha256,
    }
    pairs = [(name, str(value)) for name, value in values.items() if value is not None]
    machine = {"optuna": version("optuna"), **manifest(definition.seed, definition.sha256)}
    versions = [(name, str(value)) for name, value in machine.items() if value is not None]
    return section(
        "Method and manifest",
        definitions(pairs),
        tag("h3", "Space"),
        tag("pre", _space(study), tabindex=0),
        tag("h3", "Machine and versions, when this page was written"),
        definitions(versions),
        tag(
            "p",
            "The same data, options, space, method and seed give the same trials and the same hash "
            "of the study, whatever the number of workers and however often it was interrupted.",
        ),
    )


def _space(study: Study) -> str:
    """The space, a line for each parameter."""
    values = study.definition.space.to_dict()
    return "\n".join(f"{name} = {json_text(value)}" for name, value in values.items())
