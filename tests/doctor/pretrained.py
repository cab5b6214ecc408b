"""Networks that were trained before, and what the doctor says of training them again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from glassnet import (
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlassnetError,
    GlobalAveragePooling2D,
    Model,
    Normalization,
    Rescaling,
    Reshape,
    load,
)
from glassnet.doctor import Origin, Subject, examine, skip_glance, symptoms
from glassnet.doctor.fine_tuning import above_start, unmoved_arrays
from glassnet.layers import Layer
from glassnet.training.changes import unmoved
from glassnet.training.source import Plan
from tests.doctor.given import SPARSE, Told

DIGITS = load("digits")
LOW = DIGITS.y_train < 5
SOURCE = DIGITS.x_train[LOW].astype("float32"), DIGITS.y_train[LOW]
X, Y = DIGITS.x_train[~LOW].astype("float32"), DIGITS.y_train[~LOW] - 5
BODIES: dict[str, Callable[[], Sequence[Layer]]] = {
    "relu": lambda: [Flatten(), Rescaling(1 / 16), Dense(32, "relu"), Dense(16, "relu")],
    "tanh": lambda: [Flatten(), Normalization(axis=None), Dense(16, "tanh")],
    "normalized": lambda: [
        Flatten(), Rescaling(1 / 16), Dense(32, "relu"), BatchNormalization(), Dense(16, "relu"),
    ],
    "pictures": lambda: [
        Rescaling(1 / 16), Reshape((8, 8, 1)), Conv2D(8, 3, activation="relu"),
        BatchNormalization(), Conv2D(8, 3, activation="relu"), GlobalAveragePooling2D(),
    ],
    "of raw values": lambda: [Flatten(), Dense(32), BatchNormalization(), Dense(16, "relu")],
}  # fmt: skip


@cache
def trained(body: str) -> Model:
    """The network for the digits 0 to 4."""
    model = Model([*BODIES[body](), Dense(5, "softmax", name="head")], input_shape=(8, 8))
    model.compile("adam", SPARSE)
    with skip_glance():
        x, y = SOURCE
        model.fit(x * (20 if body == "of raw values" else 1), y, epochs=12, verbose=0)
    return model


def transferred(body: str, head: bool = True, freeze: Any = None) -> Model:
    """A copy with a new head; `freeze` is the number of layers to freeze, None for the body."""
    source = trained(body).clone()
    layers = [*source.layers[:-1], Dense(5, "softmax", name="new_head")] if head else source.layers
    model = Model(layers, input_shape=(8, 8))
    for layer in model.layers[: -1 if freeze is None else freeze]:
        layer.trainable = False
    return model


def subject(
    model: Model,
    optimizer: Any,
    x: Any = X,
    y: Any = Y,
    epochs: int = 4,
    origin: Origin | None = None,
    class_names: tuple[str, ...] = (),
    loss: str = SPARSE,
) -> Subject:
    """The model as `train` examines it, with a validation split."""
    model.compile(optimizer, loss)
    train, held_out = model.examples(x[:200], y[:200]), model.examples(x[-200:], y[-200:])
    assert model.loss
    own = Subject.of(
        model.network, model.loss, model.objective(), model.adapted(x[:200]),
        model.compiled.optimizer, Plan(epochs, 16), train, held_out,
    )  # fmt: skip
    head = model.layers[-1].name or ""
    drawn = (head,) if head == "new_head" else ()
    return replace(own, origin=origin or Origin(drawn), class_names=class_names)


def fine_tuned(model: Model, optimizer: Any = "adam", **options: Any) -> Told:
    """The findings of a fine-tuning, before, in and after it."""
    start = subject(model, optimizer, **options)
    findings = examine(start)
    if not any(finding.level == "error" for finding in findings):
        held_out = start.held_out
        assert held_out is not None
        with np.errstate(all="ignore"), skip_glance():
            history = model.fit(
                start.train.x, start.train.y, batch_size=16, epochs=start.plan.epochs, verbose=0,
                validation_data=(held_out.x, held_out.y),
            ).history  # fmt: skip
        findings += symptoms(replace(start, params=model.params), history)
        findings += above_start(start, history)
        still = unmoved(start.params, model.params, start.objective.trained)
        moving = {p.rpartition("/")[0] for p in start.objective.trained if p not in still}
        findings += unmoved_arrays(dict.fromkeys(still), moving)
    return [(finding.level, str(finding)) for finding in findings]


def examined(model: Model, optimizer: Any = "adam", **options: Any) -> Told:
    """The findings before a fine-tuning."""
    try:
        findings = examine(subject(model, optimizer, **options))
    except GlassnetError as error:
        return [("error", str(error))]
    return [(finding.level, str(finding)) for finding in findings]
