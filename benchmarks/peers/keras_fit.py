"""Keras's `fit` on the backend named by KERAS_BACKEND."""

import os
from typing import Any

from setup import Data, Setup

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def build(setup: Setup, data: Data, steps_per_execution: int = 1) -> Any:
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(setup.threads)
        tf.config.threading.set_inter_op_parallelism_threads(setup.threads)
    import keras

    keras.utils.set_random_seed(setup.seed)
    x, y = data.floats(), data.y
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layers.Dense(setup.hidden, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(setup.learning_rate),
        "sparse_categorical_crossentropy",
        steps_per_execution=steps_per_execution,
    )

    def train() -> None:
        model.fit(x, y, batch_size=setup.batch_size, epochs=setup.epochs, verbose=0)

    def predict(images: Any) -> Any:
        return model.predict(images, batch_size=1000, verbose=0)

    return train, predict
