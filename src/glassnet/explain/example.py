"""Explain a model's prediction for one example."""

from typing import Any

import numpy as np

from glassnet.core.arrays import as_numbers
from glassnet.core.columns import columns_in_order, row_in_order
from glassnet.core.errors import GlassnetError, unknown
from glassnet.explain import Explanation, Question, explain
from glassnet.explain.effort import FULL, Effort
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of

Class = int | str | None  # a class by number or name


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

    x may be a row of a table, whose columns are matched by name with those of training.
    Explains the predicted class unless `of` names another; the method "contrast" answers "why
    `of`, not `against`?". `baseline` stands for "no information"; by default, it is the background
    of the images the model was trained on, the mean of the rows in `training`, or 0. A
    counterfactual stays within `bounds`, whose defaults have the same sources. The nearest examples
    are searched for in `training`, (x, y). `effort` limits the time. For the methods, their
    equations and when not to trust them, see docs/explanations.md. Raises GlassnetError for models
    with multiple inputs, for a wrong shape of x, and for an unknown method or class.
    """
    if model.network.inputs > 1:
        raise GlassnetError("only explains networks with one input.", where="explain_example")
    columns = model.columns[0] if model.columns else None
    example = as_numbers(row_in_order(x, columns, "x"), "x")
    if training is not None:
        training = columns_in_order(training[0], columns, "training"), training[1]
    if example.shape != model.input_shape:
        raise GlassnetError(
            f"has shape {example.shape}, but the shape of one example is {model.input_shape}.",
            where="x",
            fix="Pass one example, without a batch axis.",
        )
    default_baseline, default_bounds = _defaults(model, training)
    question = Question(
        example, _class_number(model, of), _class_number(model, against),
        default_baseline if baseline is None else baseline, bounds or default_bounds, training,
    )  # fmt: skip
    return explain(model.network, model.params, question, method, dtype=model.dtype, effort=effort)


def _defaults(model: Model, training: tuple[Any, Any] | None) -> tuple[Any, Any]:
    """Return (baseline, bounds): background and range of images, mean and range of columns.

    The baseline of images without a background is mid-gray.
    """
    if model.about.get("preprocessing") is not None:
        images = preprocessing_of(model, "model")
        return images.background_value, (images.low, images.high)
    if training is None:
        return 0.0, None
    x = as_numbers(training[0], "training")
    if x.ndim > 2:
        return 0.0, (x.min(), x.max())
    return x.mean(axis=0), (x.min(axis=0), x.max(axis=0))


def _class_number(model: Model, name: Class) -> int | None:
    """Return the number of a class given by name or number."""
    if name is None or isinstance(name, int | np.integer):
        return name
    if name in model.class_names:
        return model.class_names.index(name)
    if name.isdecimal():
        return int(name)
    raise unknown("class", name, model.class_names, where="explain")
