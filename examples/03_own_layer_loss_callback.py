"""Your own layer, loss and callback, in the same `fit` as the built-in ones."""

from dataclasses import dataclass

from glassnet import (
    Callback,
    Dense,
    Flatten,
    Layer,
    Loss,
    Model,
    Request,
    Rescaling,
    Weight,
    gradcheck,
    load,
)
from glassnet.core.registry import register
from glassnet.layers import INFERENCE
from glassnet.layers.initializers import Ones


@register("layer")  # so that model files can hold it
@dataclass(frozen=True)
class Scale(Layer):
    """y = x · scale, with one learned factor for each feature."""

    def weights(self, shape):
        return {"scale": Weight((shape[-1],), Ones())}

    def forward(self, params, x, context=INFERENCE):
        scale = params["scale"]

        def pullback(dy):
            axes = tuple(range(dy.ndim - 1))
            return dy * scale, {"scale": (dy * x).sum(axis=axes)}

        return x * scale, pullback


@register("loss", "root_error")
@dataclass(frozen=True)
class RootError(Loss):
    """l = √(Σᵢ (yᵢ − tᵢ)² + 1), which grows like |y − t| for large errors."""

    def each(self, outputs, targets):
        xp = outputs.__array_namespace__()
        difference = outputs - targets
        value = xp.sqrt((difference * difference).sum(axis=-1) + 1)
        return value, lambda dvalue: difference * (dvalue / value)[..., None]


class StopAt(Callback):
    """Stop when the training loss is low enough."""

    def __init__(self, loss):
        self.loss = loss

    def on_epoch_end(self, record):
        return Request(stop=record.logs["loss"] < self.loss)


data = load("digits")
x, y = data.x_train, (data.y_train[:, None] == range(10)).astype("float32")

gradcheck(Scale(), x[:4].reshape(4, 64) / 16.0)
gradcheck(RootError(), x[:4, 0] / 16.0, targets=x[4:8, 0] / 16.0)
print("Scale and RootError: both derivatives are right")

model = Model([Flatten(), Rescaling(1 / 16), Scale(), Dense(32, "relu"), Dense(10)])
model.compile("adam", RootError(), metrics=["categorical_accuracy"])
history = model.fit(x, y, epochs=50, verbose=0, callbacks=[StopAt(1.05)])
print(f"stopped after {len(history.epoch)} epochs, loss {history.history['loss'][-1]:.3f}")
predictions = model.predict(data.x_test).argmax(axis=1)
print(f"test accuracy: {(predictions == data.y_test).mean():.1%}")
