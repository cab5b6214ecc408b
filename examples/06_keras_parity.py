"""The same network in Keras: built from ours, with our weights, it gives the same probabilities."""

import sys
from importlib.util import find_spec

import numpy as np

from glassnet import Conv2D, Dense, GlobalAveragePooling2D, Model, Rescaling, Reshape, load
from glassnet.interop.keras.building.model import to_keras

if not find_spec("keras"):
    print("skipped: Keras is not installed (pip install 'glassnet[keras]')")
    sys.exit()

data = load("digits")
model = Model([
    Reshape((8, 8, 1)),
    Rescaling(1 / 16),
    Conv2D(16, 3, activation="relu"),
    GlobalAveragePooling2D(),
    Dense(10, "softmax"),
])  # fmt: skip
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(data.x_train, data.y_train, epochs=2, verbose=0)

keras_model = to_keras(model.network, model.input_shape, model.params)
ours = model.predict(data.x_test)
theirs = keras_model.predict(data.x_test, verbose=0)
print(f"{len(ours)} test images, largest difference {np.abs(ours - theirs).max():.0e}")
assert np.allclose(ours, theirs, atol=1e-5)
print("Keras computes the same")
