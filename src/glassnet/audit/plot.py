"""A plot of the likeliest label errors, so that people can check them."""

from pathlib import Path

import numpy as np

from glassnet.audit.findings import Audit
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.plots.images import is_image, predictions
from glassnet.plots.style import entitle, write_figure

SHOWN, TITLE = 25, "Likely label errors"


def write_suspects(audit: Audit, data: Dataset, out: str) -> Path:
    """Draw the first suspects to a file and return its path.

    Each is drawn with the suggested label, its probability, and the label. Raises GlassnetError if
    the examples are not images, and if there are no suspects.
    """
    if not is_image(data.x_train.shape[1:]):
        raise GlassnetError(f"{data.name} does not contain images.", where="--out")
    if not audit.suspects:
        raise GlassnetError("no label is suspect, so there is nothing to draw.", where="--out")
    suspects = audit.suspects[:SHOWN]
    x = {"train": data.x_train, "test": data.x_test}
    number = {name: c for c, name in enumerate(data.class_names)}
    probabilities = np.zeros((len(suspects), len(number)))
    for row, suspect in zip(probabilities, suspects, strict=True):
        row[number[suspect.suggested]] = suspect.suggested_probability
    figure = predictions(
        np.stack([x[s.place.split][s.place.row] for s in suspects]),
        np.array([number[s.label] for s in suspects]),
        probabilities,
        data.class_names,
    )
    entitle(figure, TITLE)
    write_figure(figure, path := Path(out), TITLE)
    return path
