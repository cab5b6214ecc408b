"""A graph with two inputs: do two pictures of digits show the same digit?"""

import numpy as np

from glassnet import Dense, Flatten, Model, Multiply, Rescaling, Sequential, load
from glassnet.layers import Input

data = load("digits")
rng = np.random.default_rng(0)


def pairs(x, y, count):
    """Pictures in pairs, half of them of the same digit, and whether they are."""
    first = rng.integers(len(y), size=count)
    second = rng.integers(len(y), size=count)
    for row in range(0, count, 2):
        second[row] = rng.choice(np.flatnonzero(y == y[first[row]]))
    return (x[first], x[second]), (y[first] == y[second]).astype("float32")[:, None]


left, right = Input((8, 8), name="left"), Input((8, 8), name="right")
encoder = Sequential((Flatten(), Rescaling(1 / 16), Dense(64, "relu"), Dense(32)), name="encoder")
same = Dense(1, "sigmoid")(Dense(32, "relu")(Multiply()(encoder(left), encoder(right))))
model = Model(inputs=[left, right], outputs=same)  # the encoder is shared: one set of weights
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])

x, y = pairs(data.x_train, data.y_train, 4000)
model.fit(x, y, epochs=12, verbose=0)
x, y = pairs(data.x_test, data.y_test, 1000)
loss, accuracy = model.evaluate(x, y, verbose=0)
print(f"{model.count_params():,} weights, shared by both inputs")
print(f"same digit or not: right for {accuracy:.1%} of the test pairs")
