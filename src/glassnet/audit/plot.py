"""The likeliest wrong labels as pictures: whoever looks at them sees who is right."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.audit.findings import Audit
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN, TITLE = 25, "Likely wrong labels"


def draw_suspects(audit: Audit, data: Dataset) -> "Figure":
    """The first suspects: the suggested label with its probability, and the one that was given.

    Raises GlassnetError for examples that are no images, and if there is no suspect.
    """
    from glassnet.plots.images import is_image, predictions
    from glassnet.plots.style import entitle

    if not is_image(data.x_train.shape[1:]):
        raise GlassnetError(f"{data.name} holds no images.", where="--out")
    if not audit.suspects:
        raise GlassnetError("no label is suspect; there is nothing to draw.", where="--out")
    shown = audit.suspects[:SHOWN]
    x = {"train": data.x_train, "test": data.x_test}
    number = {name: c for c, name in enumerate(data.class_names)}
    probabilities = np.zeros((len(shown), len(number)))
    for row, one in zip(probabilities, shown, strict=True):
        row[number[one.suggested]] = one.suggested_probability
    figure = predictions(
        np.stack([x[one.place.split][one.place.row] for one in shown]),
        np.array([number[one.label] for one in shown]),
        probabilities,
        data.class_names,
    )
    entitle(figure, TITLE)
    return figure


def write_suspects(audit: Audit, data: Dataset, out: str) -> Path:
    """Draw them into a file; where it was written."""
    from glassnet.plots.style import write_figure

    write_figure(draw_suspects(audit, data), path := Path(out), TITLE)
    return path
