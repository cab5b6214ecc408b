"""The same three networks trained by Keras's `fit`, on the backend named by KERAS_BACKEND."""

import os
from typing import Any

from setup import Data, Setup

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def build(setup: Setup, data: Data, network: str) -> Any:
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(setup.threads)
        tf.config.threading.set_inter_op_parallelism_threads(setup.threads)
    import keras

    keras.utils.set_random_seed(setup.seed)
    layers = keras.layers

    def cnn(x: Any) -> Any:
        x = layers.Reshape((28, 28, 1))(x)
        for filters in (32, 64):
            x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(x))
        return layers.Dense(128, activation="relu")(layers.Flatten()(x))

    def lstm(x: Any) -> Any:
        return layers.LSTM(64)(layers.Reshape((28, 28))(x))

    def transformer(x: Any) -> Any:
        x = layers.Dense(64)(layers.Reshape((28, 28))(x))
        for _ in range(4):
            h = layers.LayerNormalization()(x)
            x = x + layers.MultiHeadAttention(4, 16)(h, h)
            h = layers.Dense(128, activation="gelu")(layers.LayerNormalization()(x))
            x = x + layers.Dense(64)(h)
        return layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))

    images = keras.Input((784,))
    body = {"cnn": cnn, "lstm": lstm, "transformer": transformer}[network]
    model = keras.Model(images, layers.Dense(10, activation="softmax")(body(images)))
    model.compile(keras.optimizers.Adam(setup.learning_rate), "sparse_categorical_crossentropy")
    x, y = data.floats(), data.y

    def train() -> None:
        model.fit(x, y, batch_size=setup.batch_size, epochs=setup.epochs, verbose=0)

    def predict(images: Any) -> Any:
        return model.predict(images, batch_size=1000, verbose=0)

    return train, predict
