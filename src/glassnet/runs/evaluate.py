"""`glassnet evaluate`: evaluate a run on the test set of its data."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data import Corpus, Interactions, Rows
from glassnet.data.ratings import Ratings
from glassnet.data.targets import Numbers, Target
from glassnet.evaluate.classification import Classification, classification
from glassnet.evaluate.classifier import Evaluation, evaluation
from glassnet.evaluate.intervals import intervals_of
from glassnet.evaluate.language_model import NextByte, next_byte
from glassnet.evaluate.probabilities import (
    activated,
    fitted_temperature,
    names_of,
    scores_are,
    temperature_of,
)
from glassnet.evaluate.ratings import rating_errors
from glassnet.evaluate.recommendation import TOP, recommendation
from glassnet.evaluate.regression import ErrorsOfTargets, Regression
from glassnet.evaluate.tasks import TaskResult, TestResult, task_result
from glassnet.model.model import Model
from glassnet.runs.data import TrainingData
from glassnet.runs.outputs import RunOutputs


def evaluate_run(
    folder: str, data_dir: str | None = None, *, top: int | None = None, calibrate: bool = False
) -> Evaluation | NextByte | TaskResult:
    """Evaluate a run's model, at its stored temperature or one fitted to the validation split.

    With `calibrate`, the temperature is fitted again and stored in the model file; raises if the
    data have changed since the run.
    """
    outputs = RunOutputs(folder, data_dir, same_data=calibrate)
    outputs.run.data_reference()  # raises, with a fix, for a model that was imported without data
    if calibrate:
        _calibrate(outputs)
    return evaluate_outputs(outputs, top)


def evaluate_outputs(
    outputs: RunOutputs, top: int | None = None
) -> Evaluation | NextByte | TaskResult:
    """Like `evaluate_run`, from the outputs of a run."""
    if len(outputs.model.output_shape) > 1 or outputs.training_data.dataset.task != "classes":
        result = evaluate_test_set(outputs.model, outputs.training_data, top or TOP)
        assert not isinstance(result, Classification)
        return result
    return evaluate_classifier(outputs, top)


def evaluate_classifier(outputs: RunOutputs, top: int | None = None) -> Evaluation:
    """Return the evaluation of a classifier on the test set."""
    stored = temperature_of(outputs.model, str(outputs.run.model))
    return of_classes(
        outputs.model,
        outputs.test.labels,
        outputs.scores(),
        outputs.loss(),
        temperature=_fitted_temperature(outputs) if stored is None else stored,
        stored=stored is not None,
        top=top,
        texts=outputs.test.texts,
        files=outputs.data.files_test,
        name_of=outputs.data.test_name,
    )


def of_classes(
    model: Model, labels: Array, scores: Array, loss: float, **options: Any
) -> Evaluation:
    """Return the results for classes; the options are those of `evaluation`."""
    outputs, are = activated(model, scores), scores_are(model) is not None
    names = names_of(model)
    return evaluation(labels, outputs, loss, names, are_probabilities=are, scores=scores, **options)


def of_values(
    model: Model,
    target: Target,
    outputs: np.ndarray,
    values: Array,
    loss: float,
    name_of: Callable[[int], str],
) -> TaskResult:
    """Return the results for numbers, counts or labels, with the names of the worst rows.

    `outputs` are the model's predictions for the rows.
    """
    intervals = intervals_of(model, "the model")
    result = task_result(target, values, outputs, loss, intervals)
    return result.placed(name_of) if isinstance(result, ErrorsOfTargets) else result


def _fitted_temperature(outputs: RunOutputs) -> float | None:
    """Return the temperature fitted to the validation split; None if that is impossible."""
    if not outputs.validation:
        return None
    return fitted_temperature(
        outputs.model, outputs.scores("validation"), outputs.validation.labels
    )


def _calibrate(outputs: RunOutputs) -> None:
    """Fit the temperature to the validation split, and store it in the model file if it changed."""
    temperature = _fitted_temperature(outputs)
    if temperature is None:
        missing = "validation split" if outputs.has_probabilities else "class probabilities"
        raise GlassnetError(
            f"has no {missing} to fit a temperature to.", where=f"--calibrate {outputs.run.folder}"
        )
    if outputs.model.about.get("temperature") != temperature:
        outputs.model.about["temperature"] = temperature
        outputs.model.save(outputs.run.model)


def evaluate_test_set(model: Model, data: TrainingData, top: int = TOP) -> TestResult:
    """Return the model's metrics on the test set; the loss is that of training.

    `top` is how many items are recommended to each user, if items are.
    """
    dataset, test = data.dataset, data.test
    metrics: Any = model.evaluate(test.x, test.y, verbose=0, return_dict=True)
    if isinstance(dataset, Rows) and dataset.task != "classes":
        values, loss, target = dataset.test.values, metrics["loss"], dataset.target
        outputs = model.predict(test.x)
        result = of_values(model, target, outputs, values, loss, dataset.test_name)
        if isinstance(dataset, Ratings) and isinstance(target, Numbers):
            assert isinstance(result, Regression)
            return rating_errors(
                result, values[:, 0], target.decoded(outputs)[:, 0],
                dataset.train.values[:, 0], *dataset.users_and_items(),
            )  # fmt: skip
        return result
    if isinstance(dataset, Interactions):
        relevant, loss = (test.y > 0).view(np.uint8), metrics["loss"]
        return recommendation(
            model.predict, dataset.x_train, test.x, relevant, dataset.known, loss, top
        )
    if isinstance(dataset, Corpus):
        return next_byte(dataset.y_train, test.labels, metrics["loss"], metrics["accuracy"])
    return classification(test.labels, model.predict(test.x), metrics["loss"], names_of(model))
