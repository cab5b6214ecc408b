"""The notebooks' network and recipe in glassnet: images as bytes, targets one-hot."""

from typing import Any

from setup import Data, Setup

from glassnet import SGD, Model, Rescaling, to_categorical


def build(setup: Setup, data: Data) -> Any:
    model = Model(
        "mlp",
        classes=10,
        hidden=(240, 120, 60),
        activation="sigmoid",
        output_activation="sigmoid",
        rescaling=Rescaling(1 / 255),
        seed=setup.seed,
    )
    model.compile(SGD(0.1), "squared_error")
    targets = to_categorical(data.y, 10)

    def train() -> None:
        model.fit(data.x, targets, batch_size=setup.batch_size, verbose=0)

    def predict(x: Any) -> Any:
        return model.predict(x.reshape(-1, 28, 28) * 255)

    return train, predict
