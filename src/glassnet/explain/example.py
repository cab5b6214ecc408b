"""Explain a model's prediction for one example."""

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.arrays import as_numbers, as_tuple, map_arrays, shapes_of, take
from glassnet.core.columns import columns_in_order, row_in_order
from glassnet.core.errors import GlassnetError, unknown
from glassnet.data.sources.frames import is_frame, table_of
from glassnet.data.targets import Numbers
from glassnet.explain import Explanation, Question, explain
from glassnet.explain.baseline import default_baseline
from glassnet.explain.effort import FULL, Effort
from glassnet.model.model import Model
from glassnet.model.raw_rows import raw_inputs
from glassnet.model.readers import rows_of
from glassnet.training.checks.inputs import checked_rows

Class = int | str | None  # a class by number or name
BASELINE = "the baseline that was passed"


def explain_example(
    model: Model,
    x: Any,
    method: str | None = None,
    *,
    of: Class = None,
    against: Class = None,
    baseline: Any = None,
    bounds: tuple[Any, Any] | None = None,
    training: tuple[Any, Any] | None = None,
    effort: Effort = FULL,
) -> Explanation:
    """Explain the model's prediction for one example, x without a batch axis, with evidence.

    x may be a row of a table, whose columns are matched by name with those of training; with
    multiple inputs, it is a list of arrays. A model of a run on a table, on files or on texts also
    takes a raw row, a DataFrame of length 1; `columns` of the result is the sum for each column,
    in the target's unit if numbers are predicted.
    Explains the predicted class unless `of` names another; the method "contrast" answers "why
    `of`, not `against`?". `baseline` stands for "no information"; by default, it is the background
    of the images the model was trained on, the mean training row of a table, vectors of 0 for
    tokens, or 0. A counterfactual stays within `bounds`, by default the range of those images or of
    the rows in `training`. The nearest examples are searched for in `training`, (x, y). `effort`
    limits the time. For the methods, their equations and when not to trust them, see
    docs/explanations.md. Raises GlassnetError for a wrong shape of x, for an unknown method or
    class, and for networks that the method does not apply to.
    """
    refuse_recommender(model)
    if is_frame(x) and ("rows" in model.about or "tokenizer" in model.about):
        table = table_of(x, "x")
        if len(table) != 1:
            raise GlassnetError(f"has {len(table)} rows.", where="x", fix="Pass one: x[:1].")
        x = take(raw_inputs(model, table, "x"), 0)
    example, training = _as_in_training(model, x, training)
    default = default_baseline(model, training and training[0])
    question = Question(
        example, _class_number(model, of), _class_number(model, against),
        default.values if baseline is None else baseline, bounds or default.bounds, training,
        default.counts if baseline is None else None,
    )  # fmt: skip
    result = explain(
        model.network, model.params, question, method, dtype=model.dtype, effort=effort
    )
    if result.scores is None:
        return result
    words = default.words if baseline is None else BASELINE
    scale = _scale(model, result.target)
    return replace(result, baseline=words, columns=_columns(model, result, scale), scale=scale)


def refuse_recommender(model: Model) -> None:
    """Raise if a model recommends items."""
    if model.about.get("kind") == "interactions":
        raise GlassnetError(
            "recommends items to users; single recommendations are not explained.",
            where="explain",
            fix="glassnet predict RUN --user NAME shows them. To see what an item of the user's "
            "adds, predict for a table of the user's events without it.",
        )


def _as_in_training(
    model: Model, x: Any, training: tuple[Any, Any] | None
) -> tuple[Any, tuple[Any, Any] | None]:
    """Return the example and the training data as arrays, their columns in the model's order."""
    inputs = model.network.inputs
    columns = model.columns or (None,) * inputs
    if inputs == 1:
        x = as_numbers(row_in_order(x, columns[0], "x"), "x")
        if training is not None:
            training = columns_in_order(training[0], columns[0], "training"), training[1]
    elif isinstance(x, list | tuple) and len(x) == inputs:
        pairs = zip(x, columns, strict=True)
        x = tuple(as_numbers(row_in_order(part, names, "x"), "x") for part, names in pairs)
        if training is not None:
            training = tuple(training[0]), training[1]
    else:
        fix = "Pass a list of one array for each, without a batch axis."
        raise GlassnetError(f"the network takes {inputs} inputs.", where="x", fix=fix)
    batch = map_arrays(lambda array: array[None], x)
    if shapes_of(batch) != model.input_shape:
        raise GlassnetError(
            f"has shape {shapes_of(batch)}, but the shape of one example is {model.input_shape}.",
            where="x",
            fix="Pass one example, without a batch axis.",
        )
    checked_rows(model.network, batch)
    return x, training


def _scale(model: Model, output: int) -> float:
    """Return what a score of 1 is in the unit of the target, if numbers are predicted."""
    if not isinstance(model.about.get("rows"), dict):
        return 1.0
    target = rows_of(model, "the model").target
    return target.scale[output] if isinstance(target, Numbers) and target.scale else 1.0


def _columns(model: Model, result: Explanation, scale: float) -> dict[str, float] | None:
    """Return the sum of the values of each column of a table; None for other examples."""
    if not isinstance(model.about.get("rows"), dict):
        return None
    rows = rows_of(model, "the model")
    values = as_tuple(result.values)
    sums: dict[str, float] = {}
    for part, array in zip(rows.inputs, values, strict=True):
        if part.kind == "features":
            sums |= {name: float(array[[*at]].sum()) for name, at in rows.places.items()}
        else:
            sums[part.name] = float(array.sum())
    return {column.name: sums[column.name] * scale for column in rows.read}


def _class_number(model: Model, name: Class) -> int | None:
    """Return the number of a class given by name or number."""
    if name is None or isinstance(name, int | np.integer):
        return name
    if name in model.class_names:
        return model.class_names.index(name)
    if name.isdecimal():
        return int(name)
    raise unknown("class", name, model.class_names, where="explain")
