"""What later commands do with a run: judge it, ask it about photos, draw it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data import load
from glassnet.data.dataset import Dataset
from glassnet.data.photo import read_photo
from glassnet.data.preprocessing import Preprocessing
from glassnet.errors import GlassnetError, unknown
from glassnet.evaluate.classification import Classification
from glassnet.experiment import data_record, describe_data, judged, targets_for
from glassnet.layers import Normalization, Rescaling, Sequential
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.model import Model
from glassnet.runs import HISTORY_FILE, Run, environment
from glassnet.training.step import last_activation

EXPORTS = ("keras",)


def evaluate_run(
    folder: str, data_dir: str | None = None, report: Callable[[str], None] = lambda line: None
) -> Classification:
    """Judge a run's model on the test set of the data that it was trained on."""
    run = Run(folder)
    _, _, loss, digest = run.trained_on()
    model, data = Model.load(run.model), _data_of(run, data_dir, report)
    if data.sha256 != digest:
        report(f"note: {data.source} no longer holds the data of this run")
    _, targets = targets_for(loss, data)
    return judged(model, data.x_test, data.y_test, targets)


def export(folder: str, to: str, out: str | None = None) -> Path:
    """Write a run's network for another program; where it was written."""
    if to not in EXPORTS:
        raise unknown("format", to, EXPORTS, where="--to")
    from glassnet.bridges.keras import export_keras

    model = Model.load(folder)
    beside = Path(folder) if Path(folder).is_file() else Run(folder).model
    path = Path(out) if out else beside.with_suffix(".keras")
    export_keras(path, model.network, model.input_shape, model.params, model.dtype)
    return path


def import_model(
    file: str,
    data: str | None = None,
    *,
    scaling: str = "none",
    name: str | None = None,
    out: str = "runs",
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Run:
    """A new run with the network and weights of a .keras file, named for a data set if given.

    With the scaling "unit", a first layer brings the data's numbers to 0..1, for models whose
    training divided them by 255 before they came to the network.
    """
    from glassnet.bridges.keras_file import import_keras

    network, input_shape, params, dtype = import_keras(file)
    if scaling not in (choices := ("none", "unit")):
        raise unknown("scaling", scaling, choices, where="--scaling")
    if scaling == "unit" and data is None:
        raise GlassnetError("needs --data NAME, to know their range.", where="--scaling unit")
    config: dict[str, Any] = {"imported": str(file), "environment": environment()}
    if data is not None:
        dataset = load(data, data_dir, report)
        named = network.parts if isinstance(network, Sequential) else ((None, network),)
        if scaling == "unit":
            first = Rescaling(1 / float(dataset.x_train.max()), name="unit_scaling")
            network = Sequential((first, *(replace(layer, name=name) for name, layer in named)))
        elif not any(isinstance(layer, Rescaling | Normalization) for _, layer in named):
            report(
                "note: the file has no scaling layer. If its training divided the inputs by 255 "
                "outside the network, import it with --scaling unit."
            )
    model = Model(network, dtype=dtype)
    model.take(input_shape, params)
    if data is not None:
        describe_data(model, dataset)
        loss = "sparse_categorical_crossentropy"
        logits = last_activation(network) not in ("softmax", "sigmoid")
        model.compile("adam", SparseCategoricalCrossentropy(from_logits=logits), ["accuracy"])
        config |= {"settings": {"data": data, "loss": loss}, "data": data_record(dataset, data_dir)}
    run = Run.create(out, name, Path(file).stem)
    run.write("config.json", config)
    model.save(run.model)
    return run


@dataclass(frozen=True)
class Prediction:
    """What the network says of one photo."""

    path: str
    polarity: str
    probabilities: dict[str, float]  # or the bare outputs of a network that gives no probabilities

    def ranked(self) -> list[tuple[str, float]]:
        """(class name, probability), the likeliest first."""
        return sorted(self.probabilities.items(), key=lambda pair: -pair[1])

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        name, share = self.ranked()[0]
        return {
            "path": self.path,
            "class": name,
            "probability": share,
            "polarity": self.polarity,
            "probabilities": self.probabilities,
        }


def predict_photos(folder: str, paths: list[str]) -> list[Prediction]:
    """What a run's network says of photos; all are read before any is judged."""
    model = Model.load(folder)
    stored = model.about.get("preprocessing")
    if stored is None:
        raise GlassnetError(
            "was not trained on grey images, so it can't judge photos.", where=folder
        )
    preprocessing = Preprocessing.from_dict(stored)
    photos = [read_photo(path, preprocessing) for path in paths]
    outputs = model.predict(np.stack([photo.pixels for photo in photos]))
    names = model.class_names or tuple(map(str, range(outputs.shape[1])))
    return [
        Prediction(path, photo.polarity, {n: float(p) for n, p in zip(names, row, strict=True)})
        for path, photo, row in zip(paths, photos, outputs, strict=True)
    ]


def draw_overview(
    folder: str,
    out: str | None = None,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Path:
    """Draw a run's overview picture; where it was written."""
    from glassnet.evaluate.plots import overview, write_figure

    run = Run(folder)
    model, data = Model.load(run.model), _data_of(run, data_dir, report)
    path = Path(out) if out else run.folder / "overview.png"
    history = run.history() if (run.folder / HISTORY_FILE).exists() else []  # imported: none
    figure = overview(
        history, model.params, data.x_test, data.y_test, model.predict(data.x_test[:1000]),
        data.class_names,
    )  # fmt: skip
    write_figure(figure, path)
    return path


def _data_of(run: Run, data_dir: str | None, report: Callable[[str], None]) -> Dataset:
    """The data set of a run: from the folder given now, or the one given then."""
    name, folder, _, _ = run.trained_on()
    return load(name, data_dir or folder, report)
