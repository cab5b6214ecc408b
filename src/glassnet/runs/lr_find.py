"""`glassnet lr-find`: find a learning rate by a range test on a copy of the model."""

from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.engines import KERAS_ENGINES
from glassnet.model.lr_finder import find_learning_rate
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.training.lr_range import RangeTest


def lr_find(data: TrainingData, plot: str | None = None, **options: Any) -> RangeTest:
    """Run the range test on the network that `train` would train; draw it if a path is given."""
    settings = data.settings
    if settings.engine in KERAS_ENGINES:
        raise GlassnetError(
            "trains with Keras's own fit.", where="--engine", fix="Choose numpy or jax."
        )
    result = find_learning_rate(
        new_model(data), data.train.x, data.train.y, data.batch_size,
        augment=settings.augment, engine=settings.engine, **options,
    )  # fmt: skip
    if plot is not None:
        from glassnet.plots.rates import rate_curve
        from glassnet.plots.style import write_figure

        figure = rate_curve(result.rates, result.losses, result.smoothed, result.suggestion)
        write_figure(figure, Path(plot))
    return result
