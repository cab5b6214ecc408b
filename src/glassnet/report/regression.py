"""The results of a network that predicts numbers, as parts of a report."""

import math
from collections.abc import Iterator, Mapping, Sequence

from glassnet.core.tables import significant
from glassnet.evaluate.regression import Regression, TargetErrors, shown, signed
from glassnet.report.html import Html, data_table
from glassnet.report.sentences import name_list


def regression_sentences(result: Regression) -> Iterator[str]:
    """The summary of a network that predicts numbers."""
    yield f"The network predicts {name_list([target.name for target in result.targets])}."
    for target in result.targets:
        if math.isfinite(target.mae.value):
            yield from _errors(target, result.count)
    yield from result.notes()


def _errors(target: TargetErrors, count: int) -> Iterator[str]:
    mae, sentence = target.mae, f"{target.name}: on average over {count:,} test examples"
    sentence += f", the prediction is off by {significant(mae.value)}"
    if mae.interval:
        low, high = map(significant, mae.interval)
        sentence += f" (95% interval {low} to {high})"
    median = significant(target.mae_of_median)
    yield f"{sentence}; always predicting the training median would be off by {median}."


def errors_table(result: Regression) -> Html:
    """The errors of each target, beside those of the best constants."""
    heading = "target", "MAE", "of the median", "RMSE", "of the mean", "R²"
    rows: list[Sequence[str]] = [heading]
    for t in result.targets:
        mae, rmse = (shown(t.mae), significant(t.mae_of_median)), (shown(t.rmse),)
        rows.append((t.name, *mae, *rmse, significant(t.rmse_of_mean), shown(t.r2, 3)))
    caption = (
        "For each target, with 95% intervals: the mean absolute error (MAE) and the root mean "
        "squared error (RMSE), beside those of always predicting the training median and mean, and "
        "the share of the variance that the network explains (R²)."
    )
    return data_table(caption, rows, "<>>>>>")


def worst_table(result: Regression, columns: Mapping[str, Sequence[str]] | None = None) -> Html:
    """The rows with the largest errors; `columns` are more cells of these rows, by column name."""
    columns = columns or {}
    rows: list[Sequence[str]] = [("test row", "target", "true", "predicted", "error", *columns)]
    for i, worst in enumerate(result.worst):
        values = significant(worst.true, 6), significant(worst.predicted, 6), signed(worst.error)
        cells = (column[i] for column in columns.values())
        rows.append((str(worst.row), worst.target, *values, *cells))
    caption = "The rows with the largest errors; rows are counted from 0."
    return data_table(caption, rows, "<<>>>" + "<" * len(columns))
