# %% [markdown]
# # 2. The same in TensorFlow and Keras
#
# The network of the [first notebook](01-from-scratch-in-numpy.ipynb), three times: in Keras, in TensorFlow by automatic
# differentiation, and in glassnet. Then not a look at two accuracies that resemble each other, but a certificate: the
# same weights and the same batches give the same outputs, losses, gradients and new weights, number by number.
#
# Keras and TensorFlow are installed with `pip install 'glassnet[keras]'`.

# %%
import os
import subprocess
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow is talkative
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from exercises import check_number, check_op, exercise, rejected

from glassnet import SGD, Adam, Dense, Model, load
from glassnet.interop.keras.building.model import to_keras
from glassnet.losses import SparseCategoricalCrossentropy

plt.rcParams.update({"figure.dpi": 72, "axes.spines.top": False, "axes.spines.right": False})
data = load("fashion-mnist")
x = data.x_train.reshape(-1, 784).astype("float32") / 255
x_train, y_train = x[:6400], data.y_train[:6400]
x_val, y_val = x[50_000:], data.y_train[50_000:]

# %% [markdown]
# ## One network, two libraries
#
# | | Keras | glassnet |
# |---|---|---|
# | a layer | `keras.layers.Dense(64, activation="relu")` | `Dense(64, "relu")` |
# | a network | `keras.Sequential([...])` | `Model([...])` |
# | loss and optimizer | `model.compile(optimizer, loss)` | the same |
# | training | `model.fit(x, y, batch_size=32, epochs=3)` | the same |
# | derivatives | automatic differentiation | written by hand, tested |
#
# The logits have no softmax: it is part of the loss (`from_logits=True`), where the two can be computed together
# without overflow.

# %%
theirs = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10),
    ]
)
theirs.compile(
    keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
)

ours = Model([Dense(64, "relu"), Dense(10)], (784,))
ours.compile(SGD(0.1), SparseCategoricalCrossentropy(from_logits=True))

ours.set_weights(theirs.get_weights())
print("the same shapes:", [w.shape for w in ours.get_weights()])
difference = np.abs(ours.predict(x_val) - theirs.predict(x_val, verbose=0)).max()
print(f"largest difference of a logit: {difference:.0e}")
assert difference < 1e-5

# %% [markdown]
# Now both train: 200 batches in the same order.

# %%
history = ours.fit(x_train, y_train, batch_size=32, shuffle=False, verbose=0)
keras_history = theirs.fit(x_train, y_train, batch_size=32, shuffle=False, verbose=0)
loss, keras_loss = history.history["loss"][0], keras_history.history["loss"][0]
print(f"loss: glassnet {loss:.6f}, Keras {keras_loss:.6f}")
assert abs(loss - keras_loss) < 1e-4
differences = [
    np.abs(a - b).max() for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True)
]
print("largest difference in each array of weights:", [f"{d:.0e}" for d in differences])
assert max(differences) < 1e-4

# %% [markdown]
# The last digits differ because the sums are added in another order: float32 has about seven digits, and
# $(a + b) + c \ne a + (b + c)$ in the last of them.

# %% [markdown]
# ## Automatic differentiation
#
# TensorFlow records what is computed on a *tape* and applies the chain rule backward along it. Nobody writes a
# derivative, and nobody sees one. Here is the gradient of the first weights, by the tape and by the five lines that
# you know:

# %%
W1, b1, W2, b2 = (w.astype("float64") for w in ours.get_weights())
rows, labels = x_train[:50].astype("float64"), y_train[:50]

with tf.GradientTape() as tape:
    variables = [tf.Variable(w) for w in (W1, b1, W2, b2)]
    hidden = tf.nn.relu(rows @ variables[0] + variables[1])
    logits = hidden @ variables[2] + variables[3]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
by_tape = [gradient.numpy() for gradient in tape.gradient(loss, variables)]

h = np.maximum(rows @ W1 + b1, 0)
z = h @ W2 + b2
p = np.exp(z - z.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
dz = (p - np.eye(10)[labels]) / len(labels)
dh = (dz @ W2.T) * (h > 0)
by_hand = [rows.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)]

difference = max(np.abs(a - b).max() for a, b in zip(by_tape, by_hand, strict=True))
print(f"largest difference between tape and hand: {difference:.0e}")
assert difference < 1e-12

# %% [markdown]
# ## The certificate
#
# `glassnet twin` does this for any network, and looks at everything: it lets each engine take the same training steps and
# compares the output of each layer, the loss, each gradient and each new weight, in float32 and in float64. If two
# differ, it names the first place. (`jax` is glassnet's own source, compiled by XLA.)


# %%
def glassnet(*arguments):
    """Run a command of glassnet and print what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "glassnet", *arguments], capture_output=True, text=True
    )
    print(done.stdout, end="")
    assert done.returncode == 0, done.stderr


engines = "numpy,jax,keras:tensorflow"
options = ["--hidden", "64", "--optimizer", "adam", "--steps", "50"]
glassnet("twin", "fashion-mnist", *options, "--engines", engines)

# %% [markdown]
# In float64 the differences are about $10^{-15}$: nothing but rounding.
#
# ## There and back
#
# A model of glassnet becomes a Keras model with the same weights, for whoever goes on in Keras. From the command line, it
# is `glassnet export RUN --to keras`, and `glassnet import model.keras` for the way back.

# %%
model = Model([Dense(64, "relu"), Dense(10, "softmax")], (784,))
model.compile(Adam(), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=5, verbose=0)
converted = to_keras(model.network, model.input_shape, model.params)
converted.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
loss, accuracy = model.evaluate(x_val, y_val, verbose=0)
keras_loss, keras_accuracy = converted.evaluate(x_val, y_val, verbose=0)
print(f"glassnet: loss {loss:.5f}, accuracy {accuracy:.4f}")
print(f"Keras:    loss {keras_loss:.5f}, accuracy {keras_accuracy:.4f}")
assert abs(loss - keras_loss) < 1e-4
assert abs(accuracy - keras_accuracy) < 1e-3

# %% [markdown]
# ## Equal in distribution
#
# In practice you train with another seed each time. Two libraries that compute the same must then agree as two seeds
# of one library do: not in each result, but in their spread.

# %%
results = {"glassnet": [], "Keras": []}
for seed in range(4):
    keras.utils.set_random_seed(seed)
    theirs = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
    )
    ours = Model([Dense(64, "relu"), Dense(10, "softmax")], (784,), seed=seed)
    for name, model in (("glassnet", ours), ("Keras", theirs)):
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x_train, y_train, epochs=4, verbose=0)
        results[name].append(model.evaluate(x_val, y_val, verbose=0)[1])

figure, axes = plt.subplots(figsize=(6, 1.8))
for height, (name, values) in enumerate(results.items()):
    axes.plot(values, [height] * len(values), "o", alpha=0.7)
    print(f"{name}: {np.mean(values):.1%} ± {np.std(values, ddof=1):.1%} on the validation part")
axes.set_yticks(range(2), results)
axes.set(ylim=(-0.5, 1.5), xlabel="validation accuracy, one point for each seed")
figure.tight_layout()
gap = abs(np.mean(results["glassnet"]) - np.mean(results["Keras"]))
assert gap < 0.02, gap

# %% [markdown]
# ## Exercises
#
# **1.** How many weights has `Flatten, Dense(128), Dense(64), Dense(10)` on pictures of 28 × 28 pixels?


# %%
@exercise("Exercise 1")
def check_count(answer):
    check_number(answer, 109_386, "A dense layer has (inputs + 1) × outputs weights.")


check_count(...)

# %% [markdown]
# **2.** Write this Keras model as a `Model` of glassnet. The check gives both the same weights and compares the outputs.

# %%
question = keras.Sequential(
    [
        keras.Input((28, 28)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="tanh"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)


@exercise("Exercise 2")
def check_translation(model):
    shapes = [w.shape for w in model.get_weights()]
    right = [w.shape for w in question.get_weights()]
    assert shapes == right, f"the weights have the shapes {shapes}, not {right}"
    model.set_weights(question.get_weights())
    pictures = data.x_train[:20]
    difference = np.abs(model.predict(pictures) - question.predict(pictures, verbose=0)).max()
    assert difference < 1e-5, f"with the same weights, the outputs differ by up to {difference:.2g}"


check_translation(...)

# %% [markdown]
# **3.** Keras's `swish` is $y = x\,\sigma(x)$. Write it with its pullback: `op(x)` returns $y$ and the function from $dy$ to
# $dx$.


# %%
@exercise("Exercise 3")
def check_swish(op):
    x = np.random.default_rng(1).normal(size=(3, 4))
    check_op(op, x / (1 + np.exp(-x)), x)


check_swish(...)

# %% [markdown]
# **4.** One step of Adam, with $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\varepsilon = 10^{-7}$, $\eta = 0.001$, counted from $t = 1$:
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
# w \leftarrow w - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \frac{m}{\sqrt{v} + \varepsilon} . $$
#
# `step(w, m, v, g, t)` returns the new $w$, $m$, $v$. It is compared with Keras.


# %%
@exercise("Exercise 4")
def check_adam(step):
    w, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    variable = keras.Variable(w, dtype="float64")
    optimizer = keras.optimizers.Adam()
    optimizer.build([variable])
    for t, gradient in enumerate(([0.5, 1.0], [-1.0, 0.25], [2.0, 0.0]), 1):
        w, m, v = step(w, m, v, np.array(gradient), t)
        optimizer.apply([tf.constant(gradient, "float64")])
        expected = np.asarray(variable)
        assert np.allclose(w, expected, rtol=1e-5), f"after step {t}, w is {w}, in Keras {expected}"


check_adam(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_swish(x):
    s = 1 / (1 + np.exp(-x))
    return x * s, lambda dy: dy * (s + x * s * (1 - s))


def solve_adam(w, m, v, g, t):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    return w - 0.001 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7), m, v


def adam_without_correction(w, m, v, g, t):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    return w - 0.001 * m / (np.sqrt(v) + 1e-7), m, v


from glassnet import Flatten, Rescaling

check_count(785 * 128 + 129 * 64 + 65 * 10)
rejected(check_count, 784 * 128 + 128 * 64 + 64 * 10)
check_translation(
    Model([Rescaling(1 / 255), Flatten(), Dense(32, "tanh"), Dense(10, "softmax")], (28, 28))
)
rejected(check_translation, Model([Flatten(), Dense(32, "tanh"), Dense(10, "softmax")], (28, 28)))
check_swish(solve_swish)
rejected(check_swish, lambda x: (solve_swish(x)[0], lambda dy: dy / (1 + np.exp(-x))))
check_adam(solve_adam)
rejected(check_adam, adam_without_correction)
