"""Which learning rate? A range test on a copy of the model."""

from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.engines import KERAS_ENGINES
from glassnet.model.lr_finder import find_learning_rate
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.training.lr_range import RangeTest


def find_for(data: TrainingData, plot: str | None = None, **options: Any) -> RangeTest:
    """The range test of what `train` would train; draws it if there is a path to draw to."""
    settings = data.settings
    if settings.engine in KERAS_ENGINES:
        raise GlassnetError(
            "trains with Keras's own fit.", where="--engine", fix="Take numpy or jax."
        )
    result = find_learning_rate(
        new_model(data), data.train.x, data.train.y, settings.batch_size,
        augment=settings.augment, engine=settings.engine, **options,
    )  # fmt: skip
    if plot is not None:
        from glassnet.plots.rates import rate_curve
        from glassnet.plots.style import write_figure

        figure = rate_curve(result.rates, result.losses, result.smoothed, result.suggestion)
        write_figure(figure, Path(plot))
    return result
