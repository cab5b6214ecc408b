"""`glassnet predict`: predict the classes of photos or texts with a trained model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.photo import read_photo
from glassnet.data.text.tokenizer import UNKNOWN, Tokenizer, WordTokenizer
from glassnet.evaluate.probabilities import answers, names_of
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of, tokenizer_of
from glassnet.runs.run import Run, is_run


@dataclass(frozen=True)
class Prediction:
    """The predicted probabilities for one photo or text."""

    subject: str  # a photo's path, or the text
    note: str  # the polarity of the photo, or whether the text was truncated
    outputs: dict[str, float]  # of each class
    are_probabilities: bool = True
    kind: str = "photo"
    image: np.ndarray | None = None  # the preprocessed photo, 0 black to 1 white
    distance: float | None = None  # from the training images; None without a detector
    threshold: float | None = None  # on the distance, above which a photo is out of distribution
    doubts: tuple[str, ...] = ()  # what else is unlike the training images, in words

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons why the photo does not look like the training data, each in words."""
        if self.distance is None or self.threshold is None or self.distance <= self.threshold:
            return self.doubts
        far = (
            f"its distance is {self.distance:.1f}, but 99% of the training data are within "
            f"{self.threshold:.1f}"
        )
        return (*self.doubts, far)

    @property
    def out_of_distribution(self) -> bool:
        """True if the photo does not look like the training data; then no class is right."""
        return bool(self.reasons)

    def ranked(self) -> list[tuple[str, float]]:
        """Return (class name, output) pairs, the largest first."""
        return sorted(self.outputs.items(), key=lambda pair: -pair[1])

    def to_dict(self) -> dict[str, Any]:
        name, share = self.ranked()[0]
        subject, note = ("path", "polarity") if self.kind == "photo" else ("text", "note")
        result: dict[str, Any] = {
            subject: self.subject,
            "class": None if self.out_of_distribution else name,
            "probability": share if self.are_probabilities else None,
            note: self.note,
            "probabilities": self.outputs if self.are_probabilities else None,
        }
        if not self.are_probabilities:
            result["outputs"] = self.outputs
        if self.image is not None:
            result |= {
                "out_of_distribution": self.out_of_distribution,
                "distance": self.distance,
                "threshold": self.threshold,
                "reasons": self.reasons,
            }
        return result


OnError = Callable[[GlassnetError], None]


def raised(error: GlassnetError) -> None:
    """Raise the error."""
    raise error


def predict(
    folder: str, subjects: list[str], on_error: OnError = raised, model: Model | None = None
) -> list[Prediction]:
    """Predict the classes of photos or of texts, depending on the run's data.

    `on_error` is called for each that can't be read; the others are predicted. `model` is that of
    the folder, if it has been loaded.
    """
    model = model or Model.load(folder)
    if is_run(folder):
        Run(folder).warn_if_unfinished()
    predict_all = _predict_photos if model.about.get("tokenizer") is None else _predict_texts
    return predict_all(model, folder, subjects, on_error)


def _predict_photos(
    model: Model, folder: str, paths: list[str], on_error: OnError
) -> list[Prediction]:
    """Predict photos; all are read before the first is predicted."""
    if len(model.output_shape) != 1 or isinstance(model.output_shape[0], tuple):
        raise GlassnetError(
            f"has outputs of shape {model.output_shape}, not classes.", where=folder
        )
    preprocessing = preprocessing_of(model, folder)
    photos, readable = [], []
    for path in paths:
        try:
            photos.append(read_photo(path, preprocessing))
            readable.append(path)
        except GlassnetError as error:
            on_error(error)
    if not readable:
        return []
    pixels = np.stack([photo.pixels for photo in photos])
    answer, notes = answers(model, pixels, folder), [photo.polarity for photo in photos]
    predictions = _predictions(model, readable, notes, answer, "photo")
    low, high = preprocessing.low, preprocessing.high
    images = (pixels.astype(np.float64) - low) / (high - low)
    predictions = [
        replace(prediction, image=image, doubts=photo.doubts)
        for prediction, image, photo in zip(predictions, images, photos, strict=True)
    ]
    if (detector := model.typical) is None:
        return predictions
    distances = detector.distances(pixels, preprocessing)
    return [
        replace(prediction, distance=float(d), threshold=detector.threshold)
        for prediction, d in zip(predictions, distances, strict=True)
    ]


def _predict_texts(
    model: Model, folder: str, texts: list[str], on_error: OnError
) -> list[Prediction]:
    """Predict texts."""
    tokenizer = tokenizer_of(model, folder)
    if len(model.output_shape) > 1:
        raise GlassnetError(
            "generates text and has no classes.", where=folder, fix="Use glassnet generate."
        )
    for number, text in enumerate(texts, 1):
        if not text.strip():
            on_error(GlassnetError("is empty.", where=f"text {number}"))
    texts = [text for text in texts if text.strip()]
    if not texts:
        return []
    notes = [_note(tokenizer, text) for text in texts]
    return _predictions(model, texts, notes, answers(model, tokenizer(texts)[0], folder), "text")


def _note(tokenizer: Tokenizer, text: str) -> str:
    """Return whether the text was truncated, and how many of its words the network knows."""
    ids = tokenizer.ids(text)
    read = ids[: tokenizer.length]
    note = "whole" if len(read) == len(ids) else f"truncated to {tokenizer.length} tokens"
    if not isinstance(tokenizer, WordTokenizer) or not (unknown := read.count(UNKNOWN)):
        return note
    if unknown == len(read):
        return f"{note}; no word of it is known, so the prediction says nothing about it"
    return f"{note}; {unknown} of {len(read)} words unknown"


def _predictions(
    model: Model, subjects: Sequence[str], notes: Sequence[str], answer: tuple[Any, bool], kind: str
) -> list[Prediction]:
    names, (outputs, are) = names_of(model), answer
    return [
        Prediction(subject, note, {n: float(p) for n, p in zip(names, row, strict=True)}, are, kind)
        for subject, note, row in zip(subjects, notes, outputs, strict=True)
    ]
