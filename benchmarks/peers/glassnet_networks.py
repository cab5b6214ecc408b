"""The same three networks in glassnet, written as layers, trained by `Model.fit`.

Freed memory stays in the process, as on glassnet's command line.
"""

from typing import Any

from setup import Data, Setup

from glassnet import Adam, Model
from glassnet.core.memory import keep_freed_memory
from glassnet.layers import (
    LSTM,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    Layer,
    LayerNormalization,
    MaxPooling2D,
    MultiHeadAttention,
    Rescaling,
    Reshape,
    Residual,
)


def _cnn() -> list[Layer]:
    return [
        Reshape((28, 28, 1)),
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(),
        Conv2D(64, 3, activation="relu"),
        MaxPooling2D(),
        Flatten(),
        Dense(128, "relu"),
    ]


def _lstm() -> list[Layer]:
    return [LSTM(64)]


def _transformer() -> list[Layer]:
    blocks: list[Layer] = []
    for _ in range(4):
        blocks.append(Residual((LayerNormalization(), MultiHeadAttention(4, 16))))
        blocks.append(Residual((LayerNormalization(), Dense(128, "gelu"), Dense(64))))
    return [Dense(64), *blocks, LayerNormalization(), GlobalAveragePooling1D()]


NETWORKS = {"cnn": _cnn, "lstm": _lstm, "transformer": _transformer}


def build(setup: Setup, data: Data, network: str, engine: str = "numpy") -> Any:
    keep_freed_memory()
    if engine == "jax":
        import jax  # noqa: F401 (a missing JAX is reported as missing, not as an error)

    layers = [Rescaling(1 / 255), *NETWORKS[network](), Dense(10, "softmax")]
    model = Model(layers, seed=setup.seed)
    model.compile(Adam(setup.learning_rate), "sparse_categorical_crossentropy")

    def train() -> None:
        size, epochs = setup.batch_size, setup.epochs
        model.fit(data.x, data.y, size, epochs, verbose=0, engine=engine)

    def predict(x: Any) -> Any:
        return model.predict(x.reshape(-1, 28, 28) * 255)

    return train, predict
