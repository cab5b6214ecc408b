"""A plot of the likeliest label errors, so that people can check them."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.audit.findings import Audit
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN, TITLE = 25, "Likely label errors"


def draw_suspects(audit: Audit, data: Dataset) -> "Figure":
    """Draw the first suspects, each with the suggested label, its probability, and the label.

    Raises GlassnetError if the examples are not images, and if there are no suspects.
    """
    from glassnet.plots.images import is_image, predictions
    from glassnet.plots.style import entitle

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
    return figure


def write_suspects(audit: Audit, data: Dataset, out: str) -> Path:
    """Draw the suspects to a file and return its path."""
    from glassnet.plots.style import write_figure

    write_figure(draw_suspects(audit, data), path := Path(out), TITLE)
    return path
