"""A run is evaluated on the test set of its data: what `glassnet evaluate` does."""

from glassnet.core.errors import GlassnetError
from glassnet.data import Corpus
from glassnet.evaluate.classification import Classification, classification
from glassnet.evaluate.classifier import Evaluation, evaluation
from glassnet.evaluate.language_model import NextByte, next_byte
from glassnet.evaluate.probabilities import fitted_temperature, names_of, temperature_of
from glassnet.model.model import Model
from glassnet.runs.data import TrainingData
from glassnet.runs.outputs import RunOutputs


def evaluate_run(
    folder: str, data_dir: str | None = None, *, top: int | None = None, calibrate: bool = False
) -> Evaluation | NextByte:
    """Evaluate a run's model, at the temperature that it has or that its validation split gives it.

    With `calibrate` that temperature is fitted anew and stored in the model file. Raises then if
    the data changed since the run.
    """
    outputs = RunOutputs(folder, data_dir, same_data=calibrate)
    outputs.run.trained_on()  # raises, with the fix, for a model that was imported without data
    if calibrate:
        _calibrate(outputs)
    return evaluate_outputs(outputs, top)


def evaluate_outputs(outputs: RunOutputs, top: int | None = None) -> Evaluation | NextByte:
    """The same, from the outputs of a run."""
    return (
        _continuing(outputs)
        if len(outputs.model.output_shape) > 1
        else evaluate_classifier(outputs, top)
    )


def evaluate_classifier(outputs: RunOutputs, top: int | None = None) -> Evaluation:
    """All that is to be said of a run's test set."""
    probable, stored = (
        outputs.has_probabilities,
        temperature_of(outputs.model, str(outputs.run.model)),
    )
    return evaluation(
        outputs.test.labels,
        outputs.probabilities() if probable else outputs.scores(),
        outputs.loss(),
        outputs.class_names,
        are_probabilities=probable,
        scores=outputs.scores(),
        temperature=_fitted(outputs) if stored is None else stored,
        stored=stored is not None,
        top=top,
        texts=outputs.test.texts,
    )


def _continuing(outputs: RunOutputs) -> NextByte:
    """Of a network that continues a text, which has no classes."""
    result = evaluate_test_set(outputs.model, outputs.training_data)
    assert isinstance(result, NextByte)
    return result


def _fitted(outputs: RunOutputs) -> float | None:
    """The temperature that its validation split gives the model; None without either."""
    if not outputs.validation:
        return None
    return fitted_temperature(
        outputs.model, outputs.scores("validation"), outputs.validation.labels
    )


def _calibrate(outputs: RunOutputs) -> None:
    """Store the temperature of the validation split in the model file, if it is another."""
    found = _fitted(outputs)
    if found is None:
        lack = "validation split" if outputs.has_probabilities else "probabilities of classes"
        raise GlassnetError(
            f"has no {lack} to fit a temperature to.", where=f"--calibrate {outputs.run.folder}"
        )
    if outputs.model.about.get("temperature") != found:
        outputs.model.about["temperature"] = found
        outputs.model.save(outputs.run.model)


def evaluate_test_set(model: Model, data: TrainingData) -> Classification | NextByte:
    """The model's numbers on the test set, its loss as in training."""
    dataset, test = data.dataset, data.test
    metrics = model.evaluate(test.x, test.y, verbose=0, return_dict=True)
    assert isinstance(metrics, dict)
    if isinstance(dataset, Corpus):
        return next_byte(dataset.y_train, test.labels, metrics["loss"], metrics["accuracy"])
    return classification(test.labels, model.predict(test.x), metrics["loss"], names_of(model))
