"""The results of a network that predicts numbers, counts or labels, as parts of a report."""

import math
from collections.abc import Iterator, Sequence

from glassnet.core.tables import significant
from glassnet.evaluate.counts import Counts
from glassnet.evaluate.multi_label import MultiLabel
from glassnet.evaluate.ratings import RatingErrors
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.regression import Regression, TargetErrors, WorstRow, shown, signed
from glassnet.evaluate.tasks import TaskResult
from glassnet.pages.html import Html, data_table, section, tag
from glassnet.pages.svg import side_by_side
from glassnet.report.plots import plots
from glassnet.report.sentences import name_list
from glassnet.runs.outputs import RunOutputs

CAPTIONS = {
    Regression: "For each target, with 95% intervals: the mean absolute error (MAE) and the root "
    "mean squared error (RMSE), beside those of always predicting the training median and mean, "
    "and the share of the variance that the network explains (R²).",
    RatingErrors: "For the network, and for the mean rating plus a bias of each user and each "
    "item, with 95% intervals: the mean absolute error (MAE) and the root mean squared error "
    "(RMSE), beside those of always predicting the training median and mean, and the share of the "
    "variance that is explained (R²).",
    Counts: "For each count, with 95% intervals: the Poisson deviance, beside that of always "
    "predicting the training mean, the share of it that the network explains (D²), and the mean "
    "absolute error (MAE), beside that of the training median.",
    MultiLabel: "For each label, with 95% intervals: the share of its predictions that are correct "
    "(precision), the share of its examples that are recognized (recall), the harmonic mean of the "
    "two (F1), and how well the probabilities rank the examples (AUC, average precision).",
    Recommendation: "For each recommender, with 95% bootstrap intervals over the users: how high "
    "it ranks the items that users chose later (NDCG), the share of them among the top ones "
    "(recall), the share of the users with at least one of them there (hit rate), the mean of 1 / "
    "the rank of the first (MRR), and the share of all items that are among somebody's top ones "
    "(coverage). All items that a user didn't have are ranked.",
}


def task_sentences(result: TaskResult) -> Iterator[str]:
    """The summary at the top of the page."""
    if isinstance(result, Recommendation):
        yield f"The network recommends {result.items:,} items to users, from those that they have."
        yield f"For {result.users:,} test users: {result.headline()}."
        yield from result.notes()
        return
    yield f"The network predicts {name_list(_names(result))}."
    if isinstance(result, Regression):
        for target in result.targets:
            if math.isfinite(target.mae.value):
                yield _off_by(target, result.count)
    else:
        yield f"On {result.count:,} test examples: {result.headline()}."
    yield from result.notes()


def _names(result: Regression | Counts | MultiLabel) -> list[str]:
    return [
        one.name for one in (result.labels if isinstance(result, MultiLabel) else result.targets)
    ]


def _off_by(target: TargetErrors, count: int) -> str:
    mae, sentence = target.mae, f"{target.name}: on average over {count:,} test examples"
    sentence += f", the prediction is off by {significant(mae.value)}"
    if mae.interval:
        low, high = map(significant, mae.interval)
        sentence += f" (95% interval {low} to {high})"
    median = significant(target.mae_of_median)
    return f"{sentence}; always predicting the training median would be off by {median}."


def task_numbers(result: TaskResult) -> list[tuple[str, str, str]]:
    """The most important numbers: (name, value, note)."""
    numbers = [("test loss", f"{result.loss:.4f}", f"{result.count:,} examples")]
    estimates: list[tuple[str, str]] = []
    if isinstance(result, Regression):
        for t in result.targets:
            estimates += [(f"MAE, {t.name}", shown(t.mae)), (f"R², {t.name}", shown(t.r2, 3))]
    elif isinstance(result, Counts):
        for c in result.targets:
            estimates += [(f"MAE, {c.name}", shown(c.mae)), (f"D², {c.name}", shown(c.d2, 3))]
    elif isinstance(result, Recommendation):
        best = result.scores[0]
        estimates.append((f"NDCG@{result.k}", shown(best.ndcg, 3)))
        estimates.append((f"recall@{result.k}", shown(best.recall, 3)))
    else:
        estimates.append(("F1, all labels", shown(result.micro_f1, 3)))
    for name, text in estimates:
        value, _, interval = text.partition(" ")
        numbers.append((name, value, interval.strip("()")))
    return numbers


def task_sections(outputs: RunOutputs, result: TaskResult) -> Iterator[Html]:
    """The sections on the test set."""
    if isinstance(result, Recommendation):
        yield section("Recommendations", task_table(result))
        return
    if isinstance(result, MultiLabel):
        yield section("Labels", task_table(result))
        return
    yield section(
        "Errors",
        task_table(result),
        *(tag("p", f"{t.name}: {t.coverage.line()}.") for t in result.targets if t.coverage),
        side_by_side(plots(outputs, "predicted"), plots(outputs, "errors", "error-histogram")),
        worst_table(result.worst),
    )


def task_table(result: TaskResult) -> Html:
    """The metrics of each target or label."""
    rows = result.rows()
    return data_table(CAPTIONS[type(result)], rows, "<" + ">" * (len(rows[0]) - 1))


def worst_table(worst: Sequence[WorstRow]) -> Html:
    """The rows with the largest errors."""
    rows: list[Sequence[str]] = [("row", "target", "true", "predicted", "error")]
    for one in worst:
        values = significant(one.true, 6), significant(one.predicted, 6), signed(one.error)
        rows.append((one.place, one.target, *values))
    return data_table("The test rows with the largest errors.", rows, "<<>>>")


def intended_use(result: TaskResult) -> str:
    """The line of the model card."""
    if isinstance(result, Recommendation):
        return "recommending items to users, from events like those of its data set"
    return f"predicting {name_list(_names(result))} for rows like those of its data set"
