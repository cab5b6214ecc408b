"""A user's small program, strictly typed: tests/test_types.py checks and runs it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np

from glassnet import (
    Adam,
    Callback,
    Dense,
    EarlyStopping,
    Flatten,
    Lambda,
    Layer,
    Loss,
    Model,
    Schedule,
    Sequential,
    gradcheck,
    load,
    register,
)
from glassnet.core.protocols import Array, namespace
from glassnet.core.trees import Tree
from glassnet.layers import CallContext
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE
from glassnet.metrics import Metric, OutputKind
from glassnet.ops import ArrayPullback, Pullback
from glassnet.optimizers import SGD, CosineDecay
from glassnet.training.callbacks import Record


@dataclass(frozen=True)
class Swish(Layer):
    """y = x σ(βx)."""

    beta: float = 1.0

    keeps_steps: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        s = 1 / (1 + namespace(x).exp(-self.beta * x))

        def pullback(dy: Array) -> tuple[Array, Tree]:
            return dy * (s + self.beta * x * s * (1 - s)), {}

        return x * s, pullback


@register("layer")
class Shift(Layer):
    """y = x + shift, registered, which makes it a dataclass."""

    shift: float = 1.0

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        return x + self.shift, lambda dy: (dy, {})


@register("loss")
class Absolute(Loss):
    """|y − t|, times a factor."""

    factor: float = 1.0

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        d = outputs - targets
        sign = self.factor * namespace(d).sign(d) / d.shape[-1]
        return (self.factor * abs(d)).mean(axis=-1), lambda dl: dl[..., None] * sign


@register("metric")
class Largest(Metric):
    """The largest error of an example."""

    name: str = "largest"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        return abs(outputs - targets).max(axis=-1)


@register("schedule")
class Halving(Schedule):
    """The rate is halved in every so many steps."""

    first: float = 0.01
    every: int = 10

    def __call__(self, step: int) -> float:
        return float(self.first * 0.5 ** (step // self.every))


@register("loss")
def squares(y_true: Array, y_pred: Array) -> tuple[Array, ArrayPullback]:
    """(y − t)²."""
    d = y_pred - y_true
    return (d * d).mean(axis=-1), lambda dl: 2 * d * dl[..., None] / d.shape[-1]


@register("activation")
def bent(x: Array) -> tuple[Array, ArrayPullback]:
    """√(1 + x²)."""
    y = namespace(x).sqrt(1 + x * x)
    return y, lambda dy: dy * x / y


class Losses(Callback):
    """Remembers the loss of every epoch."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_epoch_end(self, record: Record) -> None:
        self.losses.append(record.logs["loss"])


def main() -> None:
    """Train, evaluate, predict, save, load."""
    data = load("digits")
    x, labels = data.x_train[:200] / np.float32(16), data.y_train[:200]
    model = Model([Flatten(), Dense(8), Swish(), Dense(10, "softmax")])
    model.compile(Adam(CosineDecay(0.01, 10)), "sparse_categorical_crossentropy", ["accuracy"])
    losses = Losses()
    history = model.fit(x, labels, epochs=2, callbacks=[losses, EarlyStopping("loss")], verbose=0)
    if losses.losses != history.history["loss"]:
        raise SystemExit("the callback saw other losses than the history has")
    model.compile(SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy")
    loss = model.evaluate(x, labels)
    answers: list[int] = model.predict(x[:3]).argmax(axis=-1).tolist()
    checks = gradcheck(Swish(2.0), np.linspace(-2, 2, 6).reshape(2, 3))
    plain = Sequential([Flatten(), Dense(10, "softmax")])
    plain.compile("sgd", "sparse_categorical_crossentropy")
    plain.fit(x, labels, epochs=1, verbose=0)
    swish = Swish(trainable=False)
    own = Model([Flatten(), Shift(0.5), Lambda(bent), swish, Dense(10, activation=bent)])
    own.layers[1].trainable = False
    own.compile(SGD(Halving(every=5)), Absolute(factor=2.0), [Largest()])
    own.compile(Adam(lambda step: 0.01), squares, ["mae"])
    own.fit(x, np.eye(10)[labels], epochs=1, verbose=0)
    largest = max(float(abs(weight.numpy()).max()) for weight in plain.variables)
    with TemporaryDirectory() as folder:
        plain.save(Path(folder) / "model.safetensors")
        same = Model.load(Path(folder) / "model.safetensors")
    print(loss, answers, largest, len(checks), same.predict(x[:1]).shape)


if __name__ == "__main__":
    main()
