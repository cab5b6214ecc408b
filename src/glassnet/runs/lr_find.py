"""Which learning rate? A range test on a copy of the model."""

from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.engines import KERAS_ENGINES
from glassnet.model.lr_finder import find_learning_rate
from glassnet.runs.build import new_model
from glassnet.runs.data import loaded, prepared, targets_for
from glassnet.runs.settings import Settings
from glassnet.training.lr_range import RangeTest


def find_for(
    settings: Settings,
    *,
    data_dir: str | None = None,
    plot: str | None = None,
    **options: Any,
) -> RangeTest:
    """The range test of what `train` would train; draws it if there is a path to draw to."""
    if settings.engine in KERAS_ENGINES:
        raise GlassnetError(
            "trains with Keras's own fit.", where="--engine", fix="Take numpy or jax."
        )
    data, rows, _ = prepared(settings, loaded(settings, data_dir))
    x, y = data.x_train[rows], targets_for(settings.loss, data)[0][rows]
    found = find_learning_rate(
        new_model(settings, data, x), x, y, settings.batch_size,
        augment=settings.augment, engine=settings.engine, **options,
    )  # fmt: skip
    if plot is not None:
        from glassnet.plots.rates import rate_curve
        from glassnet.plots.style import write_figure

        figure = rate_curve(found.rates, found.losses, found.smoothed, found.suggestion)
        write_figure(figure, Path(plot))
    return found
