"""The training itself, by one of glassnet's engines or by Keras."""

from typing import Any

from glassnet.doctor import skip_glance
from glassnet.engines import KERAS_ENGINES
from glassnet.runs.prepare import PreparedTraining
from glassnet.training.callbacks import Callback
from glassnet.training.history import History


def fit(training: PreparedTraining, callbacks: list[Callback], **changes: Any) -> History:
    """Train with one of glassnet's engines, or with Keras's own fit.

    `changes` replace arguments of `Model.fit`, such as the number of epochs.
    """
    settings, model, train = training.settings, training.model, training.subject.train
    options: Any = {
        "batch_size": training.data.batch_size,
        "epochs": settings.epochs,
        "callbacks": callbacks,
        "validation_data": training.validation_data,
        "class_weight": training.data.class_weight,
        "sample_weight": training.data.sample_weight,
        **changes,
    }
    if settings.engine in KERAS_ENGINES:
        from glassnet.interop.keras.running.fit import fit

        backend = settings.engine.partition(":")[2]
        return fit(model, train.x, train.y, backend=backend, **options)
    options |= {"verbose": 0, "augment": settings.augment, "engine": settings.engine}
    with skip_glance():
        return model.fit(train.x, train.y, **options)
