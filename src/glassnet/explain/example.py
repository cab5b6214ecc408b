"""Explain a model's prediction for one example."""

from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.explain import Explanation, Question, explain
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of

Class = int | str | None  # its number or its name


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
) -> Explanation:
    """Why the model says what it says of one example, x without a batch axis; with evidence.

    Of the class it predicts, unless `of` names another; "why `of`, not `against`?" is the method
    "contrast". `baseline` is what counts as nothing: if not given, the background of the pictures
    that the model was trained on, the mean of the rows in `training`, or 0. An edit stays within
    `bounds`, which come from the same places. The nearest examples are looked for in `training`,
    (x, y). The methods, their equations and when not to believe them: docs/explanations.md.
    """
    if model.inputs > 1:
        raise GlassnetError("explains networks with one input.", where="explain_example")
    example = np.asarray(x)
    if example.shape != model.input_shape:
        raise GlassnetError(
            f"has shape {example.shape}, but one example has {model.input_shape}.",
            where="x",
            fix="Give one example, without a batch axis.",
        )
    found = _reference(model, training)
    question = Question(
        example, _number(model, of), _number(model, against),
        found[0] if baseline is None else baseline, bounds or found[1], training,
    )  # fmt: skip
    return explain(model.network, model.params, question, method, dtype=model.dtype)


def _reference(model: Model, training: tuple[Any, Any] | None) -> tuple[Any, Any]:
    """(baseline, bounds): of pictures the background and black and white, of rows by column."""
    if model.about.get("preprocessing") is not None:
        pictures = preprocessing_of(model, "model")
        background = pictures.low if pictures.background == "dark" else pictures.high
        return background, (pictures.low, pictures.high)
    if training is None:
        return 0.0, None
    x = np.asarray(training[0])
    if x.ndim > 2:
        return 0.0, (x.min(), x.max())
    return x.mean(axis=0), (x.min(axis=0), x.max(axis=0))


def _number(model: Model, name: Class) -> int | None:
    """A class's number."""
    if name is None or isinstance(name, int | np.integer):
        return name
    if name in model.class_names:
        return model.class_names.index(name)
    if name.isdecimal():
        return int(name)
    raise unknown("class", name, model.class_names, where="explain")
