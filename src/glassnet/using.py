"""What later commands do with a run: judge it, ask it about photos, draw it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data import load
from glassnet.data.photo import read_photo
from glassnet.data.preprocessing import Preprocessing
from glassnet.errors import GlassnetError
from glassnet.evaluate.classification import Classification
from glassnet.experiment import judged, targets_for
from glassnet.model import Model
from glassnet.runs import Run


def evaluate_run(
    folder: str, data_dir: str | None = None, report: Callable[[str], None] = lambda line: None
) -> Classification:
    """Judge a run's model on the test set of the data that it was trained on."""
    run = Run(folder)
    config, model = run.read("config.json"), Model.load(run.model)
    data = load(config["settings"]["data"], data_dir, report)
    if data.sha256 != config["data"]["sha256"]:
        report(f"note: {data.source} no longer holds the data of this run")
    _, targets = targets_for(config["settings"]["loss"], data)
    return judged(model, data.x_test, data.y_test, targets)


@dataclass(frozen=True)
class Prediction:
    """What the network says of one photo."""

    path: str
    polarity: str
    probabilities: dict[str, float]

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
    config, model = run.read("config.json"), Model.load(run.model)
    data = load(config["settings"]["data"], data_dir, report)
    path = Path(out) if out else run.folder / "overview.png"
    figure = overview(
        run.history(), model.params, data.x_test, data.y_test, model.predict(data.x_test[:1000]),
        data.class_names,
    )  # fmt: skip
    write_figure(figure, path)
    return path
