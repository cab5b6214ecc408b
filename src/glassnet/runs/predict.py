"""What later commands do with a run or its file: ask it about photos and texts, import, export."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.photo import read_photo
from glassnet.evaluate.probabilities import answers, names_of
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of, tokenizer_of


@dataclass(frozen=True)
class Prediction:
    """What the network says of one photo or text."""

    subject: str  # a photo's path, or the text
    note: str  # how the photo was turned, or that the text was cut off
    probabilities: dict[str, float]  # or the bare outputs of a network that gives no probabilities
    kind: str = "photo"
    seen: np.ndarray | None = None  # of a photo: what the network saw, 0 black to 1 white
    distance: float | None = None  # from the training pictures, where the model knows them
    threshold: float | None = None  # beyond which a photo is none such

    @property
    def unlike(self) -> bool:
        """Whether the photo does not look like the training data: then no class is right."""
        return (
            self.distance is not None
            and self.threshold is not None
            and not self.distance <= self.threshold
        )

    def ranked(self) -> list[tuple[str, float]]:
        """(class name, probability), the likeliest first."""
        return sorted(self.probabilities.items(), key=lambda pair: -pair[1])

    def to_dict(self) -> dict[str, Any]:
        name, share = self.ranked()[0]
        subject, note = ("path", "polarity") if self.kind == "photo" else ("text", "note")
        said: dict[str, Any] = {
            subject: self.subject,
            "class": None if self.unlike else name,
            "probability": share,
            note: self.note,
            "probabilities": self.probabilities,
        }
        if self.seen is not None:
            said |= {
                "unlike": self.unlike,
                "distance": self.distance,
                "threshold": self.threshold,
                "seen": self.seen.round(4),
            }
        return said


Refuse = Callable[[GlassnetError], None]


def _raise(error: GlassnetError) -> None:
    raise error


def predict(folder: str, subjects: list[str], refuse: Refuse = _raise) -> list[Prediction]:
    """What a run's network says of photos or of texts, whichever it was trained on.

    `refuse` is called for each that can't be read, and the others are answered.
    """
    model = Model.load(folder)
    answer = _of_photos if model.about.get("tokenizer") is None else _of_texts
    return answer(model, folder, subjects, refuse)


def _of_photos(model: Model, folder: str, paths: list[str], refuse: Refuse) -> list[Prediction]:
    """What the network says of photos; all are read before any is classified."""
    if len(model.output_shape) != 1 or isinstance(model.output_shape[0], tuple):
        raise GlassnetError(f"puts out {model.output_shape}, and has no classes.", where=folder)
    preprocessing = preprocessing_of(model, folder)
    photos, read = [], []
    for path in paths:
        try:
            photos.append(read_photo(path, preprocessing))
            read.append(path)
        except GlassnetError as error:
            refuse(error)
    if not read:
        return []
    pixels = np.stack([photo.pixels for photo in photos])
    outputs, notes = answers(model, pixels, folder), [photo.polarity for photo in photos]
    predictions = _predictions(model, read, notes, outputs, "photo")
    seen = (pixels.astype(np.float64) - preprocessing.low) / (
        preprocessing.high - preprocessing.low
    )
    predictions = [
        replace(one, seen=picture) for one, picture in zip(predictions, seen, strict=True)
    ]
    if (typical := model.typical) is None:
        return predictions
    far = typical.distances(pixels, preprocessing)
    return [
        replace(one, distance=float(d), threshold=typical.threshold)
        for one, d in zip(predictions, far, strict=True)
    ]


def _of_texts(model: Model, folder: str, texts: list[str], refuse: Refuse) -> list[Prediction]:
    """What the network says of texts."""
    tokenizer = tokenizer_of(model, folder)
    if len(model.output_shape) > 1:
        raise GlassnetError(
            "continues texts, and has no classes.", where=folder, fix="Ask it with: generate."
        )
    for number, text in enumerate(texts, 1):
        if not text.strip():
            refuse(GlassnetError("is empty.", where=f"text {number}"))
        elif _is_file(text):
            fix = f'Give what is in it: glassnet predict {folder} "$(cat {text})".'
            refuse(GlassnetError("is a file, not a text.", where=text, fix=fix))
    texts = [text for text in texts if text.strip() and not _is_file(text)]
    if not texts:
        return []
    notes = [
        f"cut off after {tokenizer.length} tokens" if len(tokenizer.ids(text)) > tokenizer.length
        else "whole"
        for text in texts
    ]  # fmt: skip
    outputs = answers(model, tokenizer(texts)[0], folder)
    return _predictions(model, texts, notes, outputs, "text")


def _is_file(text: str) -> bool:
    return len(text) < 256 and os.path.isfile(text)


def _predictions(
    model: Model, subjects: Sequence[str], notes: Sequence[str], outputs: Any, kind: str
) -> list[Prediction]:
    names = names_of(model)
    return [
        Prediction(subject, note, {n: float(p) for n, p in zip(names, row, strict=True)}, kind)
        for subject, note, row in zip(subjects, notes, outputs, strict=True)
    ]
