"""What later commands do with a run or its file: ask it about photos and texts, import, export."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Corpus, Dataset, Texts, load
from glassnet.data.images.photo import read_photo
from glassnet.data.text.tokenizer import ByteTokenizer
from glassnet.runs.prepare import TABLE, data_record
from glassnet.runs.outputs import data_of
from glassnet.layers import Embedding, Layer, Normalization, Rescaling, Sequential
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.runs.manifest import manifest
from glassnet.model.model import Model
from glassnet.runs.build import describe_data
from glassnet.model.readers import preprocessing_of, tokenizer_of
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.evaluate.probabilities import answers, names_of
from glassnet.training.output_activation import made_by

EXPORTS = ("keras",)


def export(folder: str, to: str, out: str | None = None) -> Path:
    """Write a run's network for another program; where it was written."""
    if to not in EXPORTS:
        raise unknown("format", to, EXPORTS, where="--to")
    from glassnet.interop.keras.export import export_keras

    model = Model.load(folder)
    beside = Path(folder) if Path(folder).is_file() else Run(folder).model
    path = Path(out) if out else beside.with_suffix(".keras")
    export_keras(path, model.network, model.input_shape, model.params, model.dtype)
    return path


def import_model(
    file: str,
    data: str | None = None,
    *,
    like: str | None = None,
    scaling: str = "none",
    name: str | None = None,
    out: str = "runs",
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
    **table: str | None,
) -> Run:
    """A new run with the network and weights of a .keras file, named for a data set if given.

    `like` is a run whose data it is for, read as that run reads them: such a model has learned the
    words of its tokenizer, which a .keras file does not hold. `table` is what `data.load` takes of
    a table of texts. With the scaling "unit", a first layer brings the data's numbers to 0..1, for
    models whose training divided them by 255 before they came to the network.
    """
    from glassnet.interop.keras.reading.file import import_keras

    network, input_shape, params, dtype = import_keras(file)
    if scaling not in (choices := ("none", "unit")):
        raise unknown("scaling", scaling, choices, where="--scaling")
    if scaling == "unit" and data is None and like is None:
        raise GlassnetError("needs --data NAME, to know their range.", where="--scaling unit")
    config: dict[str, Any] = {"imported": str(file), "manifest": manifest()}
    dataset, said = _data_for(network, input_shape, data, like, table, data_dir, report)
    if dataset is not None:
        named = network.parts if isinstance(network, Sequential) else ((None, network),)
        if scaling == "unit":
            if dataset.kind != "numbers":
                raise GlassnetError(f"is for numbers; {dataset.name} has none.", where="--scaling")
            first = Rescaling(1 / float(dataset.x_train.max()), name="unit_scaling")
            network = Sequential((first, *(replace(layer, name=name) for name, layer in named)))
        elif dataset.kind == "numbers" and not any(
            isinstance(layer, Rescaling | Normalization) for _, layer in named
        ):
            report(
                "note: the file has no scaling layer. If its training divided the inputs by 255 "
                "outside the network, import it with --scaling unit."
            )
    model = Model(network, dtype=dtype)
    model.take(input_shape, params)
    if dataset is not None:
        describe_data(model, dataset)
        loss = "sparse_categorical_crossentropy"
        logits = made_by(network) not in ("softmax", "sigmoid")
        model.compile("adam", SparseCategoricalCrossentropy(from_logits=logits), ["accuracy"])
        config |= {"settings": said | {"loss": loss}, "data": data_record(dataset, data_dir)}
    run = Run.create(out, name, Path(file).stem)
    run.write(CONFIG_FILE, config)
    model.save(run.model)
    return run


def _data_for(
    network: Layer,
    input_shape: tuple[Any, ...],
    data: str | None,
    like: str | None,
    table: Mapping[str, str | None],
    data_dir: str | None,
    report: Callable[[str], None],
) -> tuple[Dataset | None, dict[str, str]]:
    """(the data that an imported network is for, as it reads them; what its run says of them)."""
    if data is not None and like is not None:
        raise GlassnetError("the run names the data.", where="--like", fix="Leave out --data.")
    if like is not None:
        run = Run(like)
        found = data_of(run, Model.load(run.model), data_dir, report)
        settings = run.read(CONFIG_FILE)["settings"]
        said = {key: settings.get(key) for key in ("data", *TABLE)}
    elif data is not None:
        found, said = load(data, data_dir, report, **table), {"data": data, **table}
        if isinstance(found, Texts | Corpus) and len(input_shape) == 1:
            found = found.tokenized(ByteTokenizer(input_shape[0]))
    else:
        return None, {}
    if isinstance(found, Texts | Corpus) and (ids := _ids(network)) != found.vocabulary:
        raise GlassnetError(
            f"reads {ids or 'no'} different ids; these texts are read as {found.vocabulary}.",
            where=like or data or "",
            fix="If the network was exported from a run, name it with --like RUN.",
        )
    files = {key: os.path.abspath(said[key]) for key in ("data", "test_file")
             if os.path.isfile(said.get(key) or "")}  # fmt: skip
    return found, {key: value for key, value in (said | files).items() if value is not None}


def _ids(layer: Layer) -> int | None:
    """How many ids the first table of a network knows; None if it looks up nothing."""
    if isinstance(layer, Embedding):
        return layer.input_dim
    return next((found for _, part in layer.parts if (found := _ids(part))), None)


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
        """The same as JSON values."""
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
                "seen": self.seen.round(4).tolist(),
            }
        return said


Refuse = Callable[[GlassnetError], None]


def _raise(error: GlassnetError) -> None:
    raise error


def predict(folder: str, subjects: list[str], refuse: Refuse = _raise) -> list[Prediction]:
    """What a run's network says of photos or of texts, whichever it was trained on.

    `refuse` is called for each that can't be read, and the others are answered.
    """
    about = Model.load(folder).about
    if about.get("tokenizer") is None:
        return predict_photos(folder, subjects, refuse)
    return predict_texts(folder, subjects)


def predict_photos(folder: str, paths: list[str], refuse: Refuse = _raise) -> list[Prediction]:
    """What a run's network says of photos; all are read before any is judged."""
    model = _classifier(folder)
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
    made = _predictions(
        model, read, [photo.polarity for photo in photos], answers(model, pixels, folder), "photo"
    )
    seen = (pixels.astype(np.float64) - preprocessing.low) / (
        preprocessing.high - preprocessing.low
    )
    made = [replace(one, seen=picture) for one, picture in zip(made, seen, strict=True)]
    if (typical := model.typical) is None:
        return made
    far = typical.distances(pixels, preprocessing)
    return [
        replace(one, distance=float(d), threshold=typical.threshold)
        for one, d in zip(made, far, strict=True)
    ]


def predict_texts(folder: str, texts: list[str], refuse: Refuse = _raise) -> list[Prediction]:
    """What a run's network says of texts."""
    model = Model.load(folder)
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


def _classifier(folder: str) -> Model:
    """A run's model, after a look that it puts out one number for each class."""
    model = Model.load(folder)
    if len(model.output_shape) != 1 or isinstance(model.output_shape[0], tuple):
        raise GlassnetError(f"puts out {model.output_shape}, and has no classes.", where=folder)
    return model


def _predictions(
    model: Model, subjects: Sequence[str], notes: Sequence[str], outputs: Any, kind: str
) -> list[Prediction]:
    names = names_of(model)
    return [
        Prediction(subject, note, {n: float(p) for n, p in zip(names, row, strict=True)}, kind)
        for subject, note, row in zip(subjects, notes, outputs, strict=True)
    ]
