"""`glassnet explain`: explain a prediction for a test row or raw input."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import map_arrays, take
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.tables import significant
from glassnet.data import Dataset, Rows
from glassnet.data.columns.files import FILES
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.probabilities import names_of
from glassnet.explain.effort import FULL, Effort
from glassnet.explain.example import Class, explain_example, refuse_recommender
from glassnet.explain.lifting import needs_lifting
from glassnet.model.model import Model
from glassnet.model.readers import rows_of, tokenizer_of
from glassnet.runs.data import Split
from glassnet.runs.explained_columns import (
    ExplainedColumn,
    columns_of,
    text_of,
)
from glassnet.runs.explained_example import ExplainedExample
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.raw_example import raw_example


@dataclass(frozen=True)
class Query:
    """The method, the class to explain, and the class to contrast it with; None: the default.

    A class is given by its number or its name.
    """

    method: str | None = None
    of: Class = None
    against: Class = None


def explain_row(
    outputs: RunOutputs,
    row: int,
    query: Query = Query(),
    training_limit: int | None = None,
    effort: Effort = FULL,
) -> ExplainedExample:
    """Explain the prediction of a run's network for a row of its test set.

    Neighbors are searched among the first `training_limit` training rows.
    """
    refuse_recommender(outputs.model)
    whole = outputs.training_data
    data, test = whole.dataset, whole.test
    if not isinstance(data, Rows) or data.task == "classes":
        data, test = outputs.data, outputs.test  # raise if there are none
    if not 0 <= row < len(test):
        raise GlassnetError(f"the test set has rows 0 to {len(test) - 1}.", where="--row")
    limit = slice(training_limit)
    training = take(data.x_train, limit), data.y_train[limit]
    subject = f"{data.test_name(row)} ({_truth(data, test, row, outputs.class_names)})"
    raw: Any = data.test.typed[row : row + 1] if isinstance(data, Rows) else None
    raw = test.texts[row] if len(test.texts) else raw
    explained = _explained(outputs.model, take(test.x, row), subject, query, training, effort, raw)
    return replace(explained, training_name=data.training_name)


def explain_raw(
    folder: str,
    subject: str,
    row: int | None = None,
    query: Query = Query(),
    data_dir: str | None = None,
) -> ExplainedExample:
    """Explain the prediction for a raw input: a row of a table, a picture, a clip or a text.

    They are read as `glassnet predict` reads them; "-" is stdin. `row` counts the rows from 0.
    """
    model = Model.load(folder)
    refuse_recommender(model)
    data = _training_data(model, folder, query, data_dir)
    training = (data.x_train, data.y_train) if data else None
    explained = _explained_raw(model, folder, subject, row, query, training)
    return replace(explained, training_name=data.training_name) if data else explained


def _explained_raw(
    model: Model,
    folder: str,
    subject: str,
    row: int | None,
    query: Query,
    training: tuple[Any, Any] | None,
) -> ExplainedExample:
    one = raw_example(model, folder, subject, row)
    explained = _explained(model, one.x, one.name, query, training, raw=one.raw)
    doubts = tuple(f"The photo does not look like the training data: {d}." for d in one.doubts)
    result = explained.explanation
    return replace(explained, explanation=replace(result, warnings=(*doubts, *result.warnings)))


def _training_data(model: Model, folder: str, query: Query, data_dir: str | None) -> Dataset | None:
    """Return the run's data if the method searches the training rows, or needs their range."""
    contrasts = query.method == "contrast" or (query.method is None and query.against is not None)
    of_range = contrasts and not (needs_lifting(model.network) or "preprocessing" in model.about)
    if query.method != "nearest" and not of_range:
        return None
    return RunOutputs(folder, data_dir).training_data.dataset


def _truth(data: Dataset, test: Split, row: int, names: tuple[str, ...]) -> str:
    """Return the true class, labels or values of a test row."""
    if not isinstance(data, Rows) or data.task == "classes":
        return names[test.labels[row]]
    values = data.test.values[row]
    if data.task == "labels":
        return ", ".join(np.array(names)[values > 0]) or "no label"
    return ", ".join(significant(value) for value in values)


def _explained(
    model: Model,
    x: Any,
    subject: str,
    query: Query,
    training: tuple[Any, Any] | None,
    effort: Effort = FULL,
    raw: Any = None,
) -> ExplainedExample:
    """Explain an example; `raw` is the typed row, or the text, that it was made of."""
    rows = rows_of(model, "the model") if "rows" in model.about else None
    task, names = rows.target.kind if rows else "classes", names_of(model)
    if rows and task != "classes":
        if query.method in ("contrast", "nearest") or query.against is not None:
            what = f"compares classes, but the network predicts {task}."
            raise GlassnetError(what, where=f"--method {query.method or 'contrast'}")
        names = rows.target.names
        if isinstance(query.of, str) and not query.of.isdecimal():
            if query.of not in names:
                raise unknown("target", query.of, names, where="--of")
            query = replace(query, of=names.index(query.of))
    result = explain_example(model, x, **vars(query), training=training, effort=effort)
    outputs = _outputs(model, x)
    answer, unit, values = names[int(outputs[0].argmax())], "", None
    if rows and isinstance(rows.target, Numbers | Counts):
        unit = names[result.target]
        value = rows.target.decoded(outputs)[0, result.target]
        answer = f"{unit} {significant(value)}"
        if result.scores:
            values = value, value + (result.scores[1] - result.scores[0]) * result.scale
    elif task == "labels":
        answer = f"{names[result.target]} with {outputs[0, result.target]:.1%}"
    prediction, is_clip = f"the network predicts {answer}", model.about.get("kind") == "audio"
    columns: tuple[ExplainedColumn, ...] = ()
    if rows:
        in_parts = len(rows.inputs) > 1 or rows.inputs[0].kind not in FILES
    else:
        in_parts = "tokenizer" in model.about
    if rows and raw is not None:
        columns = columns_of(rows, raw, x, result)
    elif raw is not None:
        columns = text_of(tokenizer_of(model, "the model"), raw, result)
    x = map_arrays(lambda array: array.astype(model.dtype), x)
    return ExplainedExample(
        subject,
        x,
        names,
        prediction,
        result,
        is_clip,
        columns,
        unit,
        values,
        in_parts=in_parts,
    )


def _outputs(model: Model, x: Any) -> Any:
    batch = map_arrays(lambda array: array[None], x)
    return model.predict(list(batch) if isinstance(batch, tuple) else batch)
