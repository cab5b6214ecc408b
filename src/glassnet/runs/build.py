"""Build the compiled model and the callbacks of a training from its settings and data."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet import losses, networks, optimizers
from glassnet.core.arrays import shapes_of
from glassnet.core.errors import GlassnetError, errors_inside, unknown
from glassnet.core.registry import describe
from glassnet.core.strict_json import as_json
from glassnet.data import Corpus, Dataset, Interactions, Rows, Texts
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Normalization, Rescaling
from glassnet.model.model import Model
from glassnet.optimizers import SGD, CosineDecay, OneCycle, Optimizer, RMSprop, Schedule
from glassnet.runs.data import TrainingData
from glassnet.runs.defaults import require_readable
from glassnet.runs.settings import Settings, Sizes
from glassnet.runs.source import Source
from glassnet.runs.trained_layers import adapt_layers, freeze_layers
from glassnet.runs.transfer import form_of, transferred
from glassnet.training.callbacks import (
    Callback,
    EarlyStopping,
    MaxTime,
    ReduceLROnPlateau,
    Unfreeze,
)
from glassnet.training.callbacks.tensorboard import require_writer

SCHEDULES = ("constant", "cosine", "one-cycle")
SCALED = ("numbers", "images")  # kinds of data; all others are scaled where they are read
SCALINGS = ("standardize", "unit", "none")
NO_DECAY = ("bias", "gamma", "beta", "scale")
_LARGEST = float(np.finfo(np.float32).max)
_SMOOTHING = "--label-smoothing"
METRICS: dict[str, list[Any]] = {  # of the training history, by what is predicted
    "classes": ["accuracy"], "labels": ["binary_accuracy"], "numbers": [], "counts": [],
    "items": [],
}  # fmt: skip
WARMUP = 0.1  # of all steps, before the cosine


def new_model(data: TrainingData) -> Model:
    """Return the compiled model for these data, its scaling layer fitted to the training split."""
    settings, dataset, x = data.settings, data.dataset, data.train.x
    if settings.dropout and settings.hidden == ():
        raise GlassnetError("needs hidden layers, and there are none.", where="--dropout")
    require_readable(settings.network, dataset.kind, dataset.name)
    if settings.scaling not in SCALINGS:
        raise unknown("scaling", settings.scaling, SCALINGS, where="--scaling")
    if data.source is not None:
        return _compiled(_model_of_source(data, data.source), data)
    spec: dict[str, Any] = {
        "classes": dataset.outputs,
        "shape": shapes_of(x),
        "vocabulary": dataset.vocabulary,
        "rescaling": _scaling(settings.scaling, x, dataset.kind)
        if dataset.kind in SCALED
        else None,
    }
    if isinstance(dataset, Rows):
        rows = dataset.preprocessing
        spec |= {"features": rows.features, "inputs": rows.inputs}
    network = networks.recipe_for(
        settings.network, spec, output_activation=settings.output_activation, **settings.of(Sizes)
    )
    model = Model(network, shapes_of(x), seed=settings.seed)
    describe_data(model, dataset)
    return _compiled(model, data)


def _model_of_source(data: TrainingData, source: Source) -> Model:
    """Return the model that a training from this source starts with."""
    settings, dataset, x = data.settings, data.dataset, data.train.x
    if source.started:
        return source.model
    model = transferred(
        source, x, dataset.outputs, settings.output_activation, dataset.class_names, settings.seed
    )
    describe_data(model, dataset, source)
    with errors_inside("--freeze"):
        freeze_layers(source, model, settings.freeze)
    if settings.lora is not None:
        with errors_inside("--lora"):
            adapt_layers(source, model, settings.lora, settings.unfreeze_at is not None)
    return model


def _compiled(model: Model, data: TrainingData) -> Model:
    """Compile the model as the settings say."""
    settings = data.settings
    for option, number in (("epochs", settings.epochs), ("batch-size", data.batch_size)):
        if number < 1:
            raise GlassnetError(f"must be at least 1, got {number}.", where=f"--{option}")
    steps = settings.epochs * -(-len(data.train) // data.batch_size)
    model.compile(_optimizer(settings, steps), _loss(settings), METRICS[data.dataset.task])
    return model


def describe_data(model: Model, data: Dataset, source: Source | None = None) -> None:
    """Store in the model the class names, and how its data are read."""
    flat = isinstance(data, Rows | Interactions)
    outputs = (data.outputs,) if flat else (*data.y_train.shape[1:], data.outputs)
    if model.output_shape != outputs or model.input_shape != shapes_of(data.x_train):
        raise GlassnetError(
            f"maps {model.input_shape} to {model.output_shape}, but {data.name} has examples of "
            f"shape {shapes_of(data.x_train)} in {data.outputs} classes.",
            where="Model",
            fix="Name the data that the model was trained on.",
        )
    model.class_names = data.class_names
    if isinstance(data, Rows):
        model.about |= {"kind": data.kind, "rows": data.preprocessing.to_dict()}
        if data.kind == "images":
            height, width, channels = model.input_shape
            form = Preprocessing(height, width, 0.0, 255.0, "none", channels=channels)
            model.about["preprocessing"] = as_json(form)
        return
    if isinstance(data, Interactions):
        model.about |= {"kind": data.kind, "rows": data.events.to_dict()}
        return
    if isinstance(data, Texts | Corpus):
        model.about |= {"kind": data.kind, "tokenizer": describe(data.tokenizer)}
        if isinstance(data, Texts):
            model.about["columns_of_texts"] = list(data.columns)
        return
    model.about["preprocessing"] = as_json(form_of(source, data.x_train, data.objects))


def callbacks_for(settings: Settings, has_validation: bool) -> list[Callback]:
    """Return the callbacks that the settings name.

    Raises if one needs a validation split and `has_validation` is false.
    """
    for patience, where in (
        (settings.reduce_on_plateau, "--reduce-on-plateau"),
        (settings.early_stopping, "--early-stopping"),
    ):
        if patience is not None and not has_validation:
            raise GlassnetError("needs a validation split to monitor.", where=where)
    callbacks: list[Callback] = []
    if settings.reduce_on_plateau is not None:
        if settings.schedule != "constant":
            raise GlassnetError(
                f"the {settings.schedule} schedule already sets the learning rate.",
                where="--reduce-on-plateau",
                fix="Add --schedule constant.",
            )
        callbacks.append(ReduceLROnPlateau(patience=settings.reduce_on_plateau))
    if settings.early_stopping is not None:
        callbacks.append(EarlyStopping(patience=settings.early_stopping, restore_best_weights=True))
    if settings.max_time is not None:
        try:
            callbacks.append(MaxTime(settings.max_time))
        except GlassnetError as error:
            raise GlassnetError(error.what, where="--max-time", fix=error.fix) from error
    if settings.unfreeze_at is not None:
        if settings.unfreeze_at >= settings.epochs:
            raise GlassnetError(
                f"must be below the number of epochs, {settings.epochs}; got "
                f"{settings.unfreeze_at}.",
                where="--unfreeze-at",
            )
        callbacks.append(Unfreeze(settings.unfreeze_at))
    if settings.tensorboard is not None:
        require_writer()  # raises before the run's folder is created
    return callbacks


def _scaling(scaling: str, x: Any, kind: str) -> Rescaling | Normalization | None:
    """Return the scaling layer; only the columns of a table are scaled one by one."""
    if scaling == "none":
        return None
    low, high = (0.0, 255.0) if kind == "images" else (float(x.min()), float(x.max()))
    if scaling == "standardize" and x.ndim == 2:
        layer: Rescaling | Normalization = Normalization()
        numbers = [low**2, high**2]  # like their variance
    else:
        width = high - low or 1.0
        standard = scaling == "standardize"
        layer = Rescaling.fitted(x) if standard else Rescaling(1 / width, -low / width)
        numbers = [layer.scale, layer.offset, low, high]
    if not max(map(abs, numbers)) < _LARGEST:
        raise GlassnetError(
            f"can't scale values from {low:g} to {high:g} in float32.",
            where="--scaling",
            fix="Give the data in another unit, so that their range is near 1.",
        )
    return layer


def _loss(settings: Settings) -> losses.Loss:
    loss = losses.get(settings.loss)
    if not settings.label_smoothing:
        return loss
    if not isinstance(loss, losses.Crossentropy):
        raise GlassnetError(f"needs a cross-entropy loss, not {settings.loss}.", where=_SMOOTHING)
    with errors_inside(_SMOOTHING):
        return loss.smoothed(settings.label_smoothing)


def _optimizer(settings: Settings, steps: int) -> Optimizer:
    rate: float | Schedule = settings.learning_rate
    if settings.schedule not in SCHEDULES:
        raise unknown("schedule", settings.schedule, SCHEDULES, where="--schedule")
    if not 0 < settings.learning_rate < math.inf:
        raise GlassnetError(
            f"learning_rate must be a number > 0, got {settings.learning_rate}.",
            where="--learning-rate",
        )
    if settings.schedule == "cosine":
        warmup = int(WARMUP * steps)
        rate = CosineDecay(
            0.0, max(steps - warmup, 1), warmup_target=settings.learning_rate, warmup_steps=warmup
        )
    elif settings.schedule == "one-cycle":
        rate = OneCycle(settings.learning_rate, max(steps, 1))
    options: dict[str, Any] = {"learning_rate": rate}
    if settings.weight_decay is not None:
        # Only kernels decay: smaller biases and scales don't make a network simpler.
        options |= {"weight_decay": settings.weight_decay, "exclude_from_weight_decay": NO_DECAY}
    if settings.layer_decay is not None:
        options["layer_decay"] = settings.layer_decay
    if settings.clip is not None:
        if not settings.clip > 0:
            raise GlassnetError(f"must be a number > 0, got {settings.clip}.", where="--clip")
        options["global_clipnorm"] = settings.clip
    if settings.ema is not None:
        options |= {"use_ema": True, "ema_momentum": settings.ema}
    optimizer = replace(optimizers.get(settings.optimizer), **options)
    if isinstance(optimizer, SGD | RMSprop):
        return replace(optimizer, momentum=settings.momentum)
    if settings.momentum:
        raise GlassnetError(
            f"is for sgd and rmsprop; {settings.optimizer} has its own.", where="--momentum"
        )
    return optimizer
