"""`fine_tune`: train a model that was trained before on other data, in one call."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from glassnet import losses, optimizers
from glassnet.core.arrays import as_numbers, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.core.terminal import say
from glassnet.core.unknown_arguments import checked_arguments, unknown_argument
from glassnet.doctor import glance_at_fine_tuning
from glassnet.layers.shapes import is_multi_input
from glassnet.losses import BinaryCrossentropy, Crossentropy, Loss
from glassnet.model.model import Model
from glassnet.optimizers import Optimizer
from glassnet.runs.defaults import FINE_TUNING
from glassnet.runs.settings import ALL_BUT_HEAD
from glassnet.runs.source import Source, Transfer
from glassnet.runs.trained_layers import adapt_layers, freeze_layers
from glassnet.runs.transfer import form_of, transferred
from glassnet.training.batches import is_batched
from glassnet.training.callbacks import Callback, Unfreeze, checked_callbacks
from glassnet.training.checks.targets import target_numbers

log = logging.getLogger(__name__)

_OF_FIT = [name for name in signature(Model.fit).parameters if name not in ("self", "x", "y")]


@checked_arguments("fine_tune")
def fine_tune(
    source: Model | str | Path,
    x: Any,
    y: Any,
    *,
    class_names: Sequence[str] = (),
    freeze: str | Sequence[str] | None = None,
    unfreeze_at: int | None = None,
    layer_decay: float | None = None,
    lora: int | None = None,
    epochs: int = FINE_TUNING.epochs,
    batch_size: int = FINE_TUNING.batch_size,
    learning_rate: Any = None,
    optimizer: str | Optimizer = FINE_TUNING.optimizer,
    loss: str | Loss | None = None,
    metrics: Any = None,
    callbacks: Callback | Sequence[Callback] | None = None,
    seed: int = 0,
    **options: Any,
) -> Model:
    """Return a copy of a model, trained on other data: the same body, with a new head.

    `source` is a model, a run's folder or a model file; it stays as it is. The head is its last
    layer with weights. With `class_names`, outputs of classes that the source has by the same name
    keep their weights; if no class has a name, all do if there are as many. The loss follows from
    y: labels, one-hot rows, zeros and ones as floating-point numbers or in several columns (binary
    cross-entropy), or values (a regression).

    `freeze` names layers that are not trained, "all-but-head" or patterns of their paths such as
    "conv2d*"; what is frozen in the source stays frozen, except with "none". From epoch
    `unfreeze_at` on everything is trained, and until then by default only the head. With
    `layer_decay`, each layer's learning rate is this times that of the layer after it; with `lora`,
    low-rank adapters are trained in place of kernels (`merge_lora` adds them). `options` are those
    of `fit`: validation_data, validation_split, augment, engine, ...; the history is the model's
    `history`. Warns as `fit`, and of what often goes wrong in fine-tuning. Raises GlassnetError if
    the source doesn't take such examples.
    """
    for option in options:
        if option not in _OF_FIT:
            known = {*signature(fine_tune).parameters, *_OF_FIT} - {"options"}
            raise unknown_argument(option, known, "fine_tune", "fine_tune")
    if is_batched(x):
        raise GlassnetError("takes arrays, not data in batches.", where="fine_tune: x")
    model = source if isinstance(source, Model) else Model.load(source)
    if not model.built:
        fix = "Train it on its own data first, or load its weights."
        raise GlassnetError("has no weights yet.", where="fine_tune: the model", fix=fix)
    path = "the model" if isinstance(source, Model) else str(source)
    origin = Source(path, model, write=say if options.get("verbose", "auto") else log.info)
    if is_multi_input(model.accepted_shape):
        raise GlassnetError("takes multiple inputs.", where="fine_tune: the model")
    examples, targets = as_numbers(x, "x"), target_numbers(y, "y")
    if not targets.ndim or not len(targets):
        raise GlassnetError("has no rows.", where="fine_tune: y")
    criterion = losses.get(loss) if loss is not None else _loss_for(model, targets)
    outputs = targets.shape[-1] if targets.ndim > 1 else 1
    if criterion.labels:
        outputs = len(class_names) or int(targets.max()) + 1
    activation = "linear"
    if isinstance(criterion, Crossentropy) and not criterion.from_logits:
        activation = criterion.fused_activation
    new = transferred(origin, examples, outputs, activation, class_names, seed)
    new.about |= {key: model.about[key] for key in ("kind", "tokenizer") if key in model.about}
    if "tokenizer" not in new.about:
        new.about["preprocessing"] = as_json(form_of(origin, examples))
    if unfreeze_at is not None:
        freeze = ALL_BUT_HEAD if freeze is None else freeze
        callbacks = [Unfreeze(unfreeze_at), *checked_callbacks(callbacks)]
        if unfreeze_at >= whole_number(epochs, "epochs", 0):
            what = f"must be below the number of epochs, {epochs}; got {unfreeze_at}."
            raise GlassnetError(what, where="fine_tune: unfreeze_at")
    freeze_layers(origin, new, freeze)
    if lora is not None:
        adapt_layers(origin, new, lora, unfreeze_at is not None)
    rule = optimizers.get(optimizer)
    if learning_rate is None and isinstance(optimizer, str):
        learning_rate = FINE_TUNING.learning_rate
    chosen = {"learning_rate": learning_rate, "layer_decay": layer_decay}
    rule = replace(rule, **{key: value for key, value in chosen.items() if value is not None})
    if metrics is None:
        metrics = ["accuracy"] if isinstance(criterion, Crossentropy) else []
    new.compile(rule, criterion, metrics)
    transfer = Transfer.of(new)
    assert transfer is not None
    with glance_at_fine_tuning(new.network, transfer.origin_of(new)):
        new.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=callbacks, **options)
    return new


def _loss_for(model: Model, y: Any) -> Loss:
    """Return the loss for targets of this kind; the source's, if it takes them."""
    own = model.loss
    values = own if own is not None and not isinstance(own, Crossentropy) else None
    columns = y.shape[-1] if y.ndim > 1 else 1
    binary = ((y == 0) | (y == 1)).all()
    if binary and isinstance(own, BinaryCrossentropy):
        return own
    if binary and columns > 1:
        one_hot = (y.sum(axis=-1) == 1).all()
        return losses.get("categorical_crossentropy" if one_hot else "binary_crossentropy")
    if y.dtype.kind == "f":
        return values or losses.get("binary_crossentropy" if binary else "mean_squared_error")
    if values and y.dtype.kind != "b":
        raise GlassnetError(
            f"contains whole numbers, and the model was trained with {type(values).__name__}.",
            where="fine_tune: y",
            fix="Give floating-point numbers to predict values, or pass loss="
            '"sparse_categorical_crossentropy" for labels.',
        )
    return losses.get("sparse_categorical_crossentropy")
