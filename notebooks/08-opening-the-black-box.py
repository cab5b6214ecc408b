# %% [markdown]
# # 8. Opening the black box
#
# A prediction is a sum of products, with a few simple functions in between. Nothing about it is secret: every number can be
# followed down to the pixels and weights that it is made of. What is hard is to *summarize* tens of thousands of numbers in a
# picture, and to know whether the picture is true. This notebook does both: it opens one number, writes the usual
# explanations by hand, and then tests them. At the end, it asks what no single explanation answers: where is the network
# wrong, and can its probabilities be believed?

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises import check_number, check_op, exercise, rejected

from glassnet import (
    Activation,
    Adam,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    Model,
    Reshape,
    explain_example,
    load,
    trace,
)
from glassnet.evaluate.calibration import log_of, temperature
from glassnet.evaluate.classifier import evaluation

plt.rcParams.update({"figure.dpi": 72, "image.interpolation": "none"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

data = load("fashion-mnist")
names = data.class_names
order = np.random.default_rng(0).permutation(len(data.x_train))
x_train, y_train = data.x_train[order[:6000]].astype("float32") / 255, data.y_train[order[:6000]]
x_val, y_val = data.x_train[order[50_000:]].astype("float32") / 255, data.y_train[order[50_000:]]
x_test, y_test = data.x_test.astype("float32") / 255, data.y_test

# %% [markdown]
# Two small networks on 6,000 pictures: a dense one, whose derivative fits into a line, and a convolutional one. The softmax
# is a layer of its own, so that the *logits* $z$ before it can be read. Explanations are of logits: a probability of 99.9%
# hardly moves whatever is changed, and it depends on all classes.


# %%
def compiled(layers):
    model = Model([*layers, Dense(10, name="logits"), Activation("softmax")], (28, 28), seed=0)
    model.compile(Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def dense(x, y):
    model = compiled([Flatten(), Dense(64, "relu", name="hidden")])
    model.fit(x, y, batch_size=32, epochs=8, verbose=0)
    return model


mlp = dense(x_train, y_train)
cnn = compiled(
    [
        Reshape((28, 28, 1)),
        Conv2D(8, 3, activation="relu", name="first"),
        MaxPooling2D(),
        Conv2D(16, 3, activation="relu", name="second"),
        MaxPooling2D(),
        Flatten(),
    ]
)
cnn.fit(x_train, y_train, batch_size=32, epochs=5, verbose=0)
for name, model in (("dense", mlp), ("convolutional", cnn)):
    print(f"{name}: validation accuracy {model.evaluate(x_val, y_val, verbose=0)[1]:.1%}")

# %% [markdown]
# ## One number, down to its terms
#
# `trace` runs one example through the network in float64 and records every operation. Here is the largest logit of a picture,
# opened: 64 terms $h_j w_j$ and a bias.

# %%
row = int(np.flatnonzero(y_test == names.index("Shirt"))[0])
x, label = x_test[row], int(y_test[row])
recorded = trace(mlp, x, label)
k = int(mlp.predict(x[None])[0].argmax())
print("label:", names[label], "- predicted:", names[k])
print(*recorded.explain(f"output of logits[{k}]"), sep="\n")

# %%
output = recorded.layer("logits").output
terms = np.array([np.prod([factor.value for factor in term.factors]) for term in output[k].terms])
print(f"the sum of {len(terms)} terms: {terms.sum():.6f}; the logit: {output.value[k]:.6f}")
assert abs(terms.sum() - output.value[k]) < 1e-9

figure, axes = plt.subplots(figsize=(7, 2.2))
sizes = np.sort(terms)[::-1]
axes.bar(range(len(sizes)), sizes, color=np.where(sizes > 0, "tab:blue", "tab:red"))
axes.set(xlabel="terms, sorted", ylabel="value", title=f"What the logit of {names[k]} is made of")
figure.tight_layout()

# %% [markdown]
# No neuron decides alone; the terms of 0 are those of neurons that the ReLU has switched off. Any number can be opened like this, also a gradient or a weight after the next step, and
# `check` proves that the record is complete: it runs the operations again, computes numbers from their terms, and compares
# derivatives with finite differences.

# %%
print(*recorded.explain("new logits/kernel[3, 2]"), sep="\n")
print(recorded.check())
assert recorded.check().ok

# %% [markdown]
# ## What a convolution sees
#
# Each of the eight kernels of the first layer is a 3 × 3 picture, which is moved over the input. Blue weights are positive,
# red ones negative. Under each kernel is its output for our picture: where it found what it looks for. A model from the same
# input to an inner layer reads these numbers.

# %%
activations = Model(cnn.inputs, cnn.get_layer("first").output).predict(x[None])[0]
kernels = cnn.get_layer("first").kernel
figure, cells = plt.subplots(2, 9, figsize=(9, 2.2))
cells[0, 0].axis("off")
cells[1, 0].imshow(x, cmap="gray_r")
for i in range(8):
    weights = np.asarray(kernels)[:, :, 0, i]
    limit = np.abs(weights).max()
    cells[0, i + 1].imshow(weights, cmap="RdBu", vmin=-limit, vmax=limit)
    cells[1, i + 1].imshow(activations[:, :, i], cmap="gray_r")
for cell in cells.ravel():
    cell.axis("off")
print("activations of the first convolution:", activations.shape)
by_hand = np.maximum((x[10:13, 12:15, None] * np.asarray(kernels)[:, :, 0]).sum(axis=(0, 1))
                     + np.asarray(cnn.get_layer("first").bias), 0)  # fmt: skip
assert np.allclose(activations[10, 12], by_hand, atol=1e-5)

# %% [markdown]
# Edges, corners, areas of light: the first layer is easy to read. The second has 16 kernels over 8 such maps, and is not.
# So the next methods skip the inside, and ask what the *input* does to the score $s = z_k$.
#
# ## The gradient
#
# The simplest question: which pixels would change the score, if they changed a little? For a dense network with one hidden
# layer, $s = v^\top \max(W^\top x + b, 0) + c$, the chain rule gives
#
# $$ \frac{\partial s}{\partial x} = W \left( v \cdot [W^\top x + b > 0] \right) . $$
#
# Its absolute value, as a picture, is the *saliency* (Simonyan et al. 2013).

# %%
W, b, V, c = (np.asarray(weight, "float64") for weight in mlp.get_weights())


def score(pixels):
    """The logit k for each row of pixels."""
    return np.maximum(pixels @ W + b, 0) @ V[:, k] + c[k]


def gradient(pixels):
    """Its gradient, a row for each row."""
    return (V[:, k] * (pixels @ W + b > 0)) @ W.T


flat = x.reshape(1, 784).astype("float64")
why = explain_example(mlp, x, "saliency", of=k)
difference = np.abs(np.abs(gradient(flat)).reshape(28, 28) - why.values).max()
print(f"largest difference from glassnet's saliency: {difference:.0e}")
assert difference < 1e-5

# %% [markdown]
# A gradient is about *small* changes. It does not say what the score is made of: the gradient times the input,
# $\sum_i x_i\, \partial s / \partial x_i$, is not the difference between this picture and a black one, because on the way
# from black to the picture, neurons switch on and off.
#
# ## Integrated gradients
#
# So walk that way, from a *baseline* $b$ (here black) to $x$, and add up the gradients (Sundararajan et al. 2017):
#
# $$ \varphi_i = (x_i - b_i) \int_0^1 \frac{\partial s}{\partial x_i}\bigl(b + t\,(x - b)\bigr)\, dt,
# \qquad \sum_i \varphi_i = s(x) - s(b) . $$
#
# The equation on the right is the fundamental theorem of calculus, and it is a test: with too few steps, the sum is
# wrong, and we know by how much.


# %%
def integrated_gradients(pixels, steps):
    t = (np.arange(steps)[:, None] + 0.5) / steps  # the middle of each step
    return pixels[0] * gradient(t * pixels).mean(axis=0)


change = (score(flat) - score(0 * flat))[0]
print(f"the picture's score is {change:.3f} above the black one's")
print(f"gradient times input: {(flat * gradient(flat)).sum():.3f}")
for steps in (1, 4, 16, 64, 256):
    print(f"integrated, {steps:3} steps: {integrated_gradients(flat, steps).sum():.3f}")
ours = integrated_gradients(flat, 256).reshape(28, 28)
why = explain_example(mlp, x, "integrated-gradients", of=k)
print(f"glassnet: {why.values.sum():.3f}, {why.evidence.lines()[0]}")
assert abs(ours.sum() - change) < 0.01 * abs(change)
assert np.corrcoef(ours.ravel(), why.values.ravel())[0, 1] > 0.99

# %% [markdown]
# The baseline is a choice. A black pixel gets 0 here, whatever the network makes of it, since from black to black nothing
# changes.
#
# ## Occlusion
#
# No derivative at all: cover a part, and see how much the score falls.

# %%
logits = Model(cnn.inputs, cnn.get_layer("logits").output)
k_cnn = int(logits.predict(x[None])[0].argmax())
corners = [(i, j) for i in range(0, 28, 4) for j in range(0, 28, 4)]
covered = np.repeat(x[None], len(corners), axis=0)
for picture, (i, j) in zip(covered, corners, strict=True):
    picture[i : i + 4, j : j + 4] = 0
drops = (logits.predict(x[None])[0] - logits.predict(covered))[:, k_cnn].reshape(7, 7)
print(f"predicted by the convolutional network: {names[k_cnn]}")
print(f"the most important square lowers the logit by {drops.max():.2f}")
assert drops.max() > 0

# %% [markdown]
# ## All methods, one picture
#
# The same question about the convolutional network, by each method that gives a map. (Blue is evidence for the class, red
# against it; saliency has no sign.) They don't agree. Each answers another question, and some of them answer it badly.

# %%
methods = ["saliency", "gradient-times-input", "smoothgrad", "integrated-gradients", "grad-cam",
           "occlusion"]  # fmt: skip
explanations = {method: explain_example(cnn, x, method) for method in methods}
figure, cells = plt.subplots(1, 7, figsize=(10, 1.9))
cells[0].imshow(x, cmap="gray_r")
cells[0].set_title(names[k_cnn], fontsize=8)
for cell, (method, why) in zip(cells[1:], explanations.items(), strict=True):
    limit = np.abs(why.values).max() or 1
    cell.imshow(why.values, cmap="RdBu", vmin=-limit, vmax=limit)
    cell.set_title(method, fontsize=8)
for cell in cells:
    cell.axis("off")

# %% [markdown]
# ## Why this, not that?
#
# Often the useful question names an alternative. `contrast` explains the difference of two logits, and finds a
# *counterfactual*: a few pixels which, changed, change the prediction. It needs no faith, since one can try it.

# %%
why = explain_example(cnn, x, "contrast", bounds=(0, 1))
edit = why.counterfactual
after = int(cnn.predict(edit.edited[None])[0].argmax())
print(f"why {names[why.target]}, not {names[why.against]}?")
print(f"with {edit.changed} pixels changed, the prediction is {names[after]}")
assert after == why.against

figure, cells = plt.subplots(1, 3, figsize=(6, 2.2))
limit = np.abs(why.values).max()
cells[0].imshow(x, cmap="gray_r")
cells[0].set_title(names[why.target], fontsize=9)
cells[1].imshow(why.values, cmap="RdBu", vmin=-limit, vmax=limit)
cells[1].set_title(f"for it, against {names[why.against]}", fontsize=9)
cells[2].imshow(edit.edited, cmap="gray_r")
cells[2].set_title(f"edited: {names[after]}", fontsize=9)
for cell in cells:
    cell.axis("off")

# %% [markdown]
# Nobody would take the edited picture for another garment. That is a finding, too: for this network, the border between
# two classes is a few pixels away, and not where people see it.
#
# ## Can an explanation be trusted?
#
# A map that looks reasonable proves nothing: an edge detector, which knows no network, gives beautiful maps. Two tests
# can fail:
#
# - **Random weights.** Draw the weights at random and explain again. If the map stays the same, it shows the picture and
#   not what the network has learned (Adebayo et al. 2018).
# - **Deletion.** Set the pixels that the map ranks highest to the baseline, first 10%, then 20%, and so on. If the map is right,
#   the score falls faster than in a random order, and faster than in the orders that random weights give.
#
# `explain_example` makes both each time, and `warnings` says what failed. First by hand, with the edge detector as a control:


# %%
def deleted(order, steps=10):
    """The mean score while pixels are blackened in this order: the lower, the better."""
    counts = np.linspace(0, 784, steps + 1).round().astype(int)
    pictures = np.repeat(x.reshape(1, 784), len(counts), axis=0)
    for picture, count in zip(pictures, counts, strict=True):
        picture[order[:count]] = 0
    return logits.predict(pictures.reshape(-1, 28, 28))[:, k_cnn]


edges = np.hypot(*np.gradient(x))
values = explanations["integrated-gradients"].values
rng = np.random.default_rng(0)
curves = {
    "integrated gradients": deleted(np.argsort(-values.ravel())),
    "edge detector": deleted(np.argsort(-edges.ravel())),
    "random order": np.mean([deleted(rng.permutation(784)) for _ in range(10)], axis=0),
}
figure, axes = plt.subplots(figsize=(6, 2.8))
for name, curve in curves.items():
    axes.plot(np.linspace(0, 1, 11), curve, label=name)
    print(f"{name:21} mean score during deletion {curve.mean():6.2f}")
axes.set(xlabel="share of pixels removed", ylabel=f"logit of {names[k_cnn]}")
axes.legend(frameon=False)
figure.tight_layout()
assert curves["integrated gradients"].mean() < curves["random order"].mean()

# %% [markdown]
# Now both tests, for each method, on eight test pictures.

# %%
rows = np.random.default_rng(1).choice(len(x_test), 8, replace=False)
passed = {}
print(f"{'method':22} passes  correlation with random weights")
for method in methods:
    results = [explain_example(cnn, x_test[i], method) for i in rows]
    passed[method] = sum(not result.warnings for result in results)
    similar = [r.evidence.similarity for r in results if r.evidence.similarity is not None]
    print(f"{method:22} {passed[method]:3} of 8  {np.mean(similar):5.2f}")
assert passed["integrated-gradients"] > passed["saliency"]

# %% [markdown]
# The tests separate the methods more clearly than any look at the maps. Saliency ranks black pixels, too, whose deletion
# changes nothing; Grad-CAM of a small network is coarse; occlusion follows the brightness of what is covered. Passing means only that no evidence *against* a map was found.
#
# ## Right for the wrong reason
#
# What explanations are good for is to find out that a network uses something that it should not use. We plant such a fault: in
# the training pictures, each coat gets a white square in a corner, like a tag of the shop where all coats were photographed.

# %%
tagged, coat = x_train.copy(), names.index("Coat")
tagged[y_train == coat, 1:4, 1:4] = 1
cheater = dense(tagged, y_train)


def recall(model, pictures):
    return float((model.predict(pictures).argmax(axis=1) == coat).mean())


coats, bags = x_test[y_test == coat], x_test[y_test == names.index("Bag")]
with_tag, tagged_bags = coats.copy(), bags.copy()
with_tag[:, 1:4, 1:4] = tagged_bags[:, 1:4, 1:4] = 1
print(f"coats that are recognized, with the tag: {recall(cheater, with_tag):.0%}")
print(f"without: {recall(cheater, coats):.0%}")
print(f"bags with the tag that are called coats: {recall(cheater, tagged_bags):.0%}")
why = explain_example(cheater, with_tag[0], "integrated-gradients", of=coat)
share = why.values[1:4, 1:4].sum() / np.abs(why.values).sum()
print(f"share of the attribution in the tag's 9 pixels of 784: {share:.0%}")
print("warnings:", why.warnings or "none")
assert share > 0.2
assert recall(cheater, coats) < recall(cheater, with_tag) - 0.2

figure, cells = plt.subplots(1, 2, figsize=(4, 2))
limit = np.abs(why.values).max()
cells[0].imshow(with_tag[0], cmap="gray_r")
cells[1].imshow(why.values, cmap="RdBu", vmin=-limit, vmax=limit)
for cell in cells:
    cell.axis("off")

# %% [markdown]
# On test data with the same tags, the accuracy would look excellent. The explanation shows the tag at once. A true explanation
# of a bad network is what one wants.
#
# ## Mistakes
#
# One explanation is about one picture. Which mistakes are frequent is a question for the whole test set. The temperature
# in this cell is explained below.

# %%
heat = temperature(y_val, log_of(mlp.predict(x_val)))
result = evaluation(y_test, mlp.predict(x_test), 0.0, names, temperature=heat)
print(f"accuracy {(mlp.predict(x_test).argmax(axis=1) == y_test).mean():.1%}, 10,000 examples")
print("most confused:")
for pair in result.confused[:4]:
    print(f"  {pair.count} of {pair.true} predicted as {pair.predicted}")
wrong = result.mistakes[:5]
figure, cells = plt.subplots(1, 5, figsize=(8, 2))
probabilities = mlp.predict(x_test)
for cell, mistake in zip(cells, wrong, strict=True):
    share = probabilities[mistake.row]
    cell.imshow(x_test[mistake.row], cmap="gray_r")
    cell.set_title(
        f"{names[share.argmax()]} {share.max():.0%}\nlabel: {names[y_test[mistake.row]]}",
        fontsize=8,
    )
    cell.axis("off")
figure.tight_layout()

# %% [markdown]
# ## Calibration: is 90% right in nine of ten cases?
#
# Group the predictions by their probability, and compare with how often they are right. The mean gap, weighted by the
# number of predictions, is the *expected calibration error*. Dividing the logits by one number, the *temperature*
# $T$, chosen on the validation part, corrects a part of it (Guo et al. 2017). It changes no prediction, since the largest logit
# stays the largest.

# %%
figure, axes = plt.subplots(figsize=(3.6, 3.2))
for name, part in (("as trained", result.bare), (f"T = {heat:.2f}", result.calibrated)):
    axes.plot([bin.confidence for bin in part.bins], [bin.accuracy for bin in part.bins], "o-",
              ms=4, label=name)  # fmt: skip
    print(f"{name:10} calibration error {part.ece:.2%}, by chance alone {part.chance:.2%}")
axes.plot([0, 1], [0, 1], color="gray", lw=1, ls=":")
axes.set(xlabel="probability", ylabel="right")
axes.legend(frameon=False)
figure.tight_layout()
assert heat > 1
assert result.calibrated.ece < result.bare.ece

# %% [markdown]
# A temperature above 1: the network was too sure of itself, as networks that were trained to a low loss are.
#
# ## Exercises
#
# **1.** The score of a network with one hidden layer of tanh: `op(x, W, b, v)` returns $s = \tanh(x W + b)\, v$, a number for each
# row of $x$, and the pullback from $ds$ to $(dx, dW, db, dv)$. ($dx$ is the saliency, with its sign.)


# %%
@exercise("Exercise 1")
def check_score(op):
    rng = np.random.default_rng(0)
    x, W, b, v = (rng.normal(size=size) for size in ((5, 4), (4, 3), 3, 3))
    check_op(op, np.tanh(x @ W + b) @ v, x, W, b, v)


check_score(...)

# %% [markdown]
# **2.** Temperature: `op(z, T, labels)` returns $-\log p_y$ for each row, with $p = \mathrm{softmax}(z / T)$, and the pullback
# to $(dz, dT)$. $T$ has shape (1,).


# %%
@exercise("Exercise 2")
def check_temperature(op):
    z, T = np.random.default_rng(0).normal(size=(5, 4)), np.array([1.7])
    labels = np.array([0, 3, 1, 1, 2])
    p = np.exp(z / T) / np.exp(z / T).sum(axis=1, keepdims=True)
    check_op(op, -np.log(p[np.arange(5), labels]), z, T, labels=labels)


check_temperature(...)

# %% [markdown]
# **3.** Integrated gradients for any function: `attribute(gradient, x, b)` returns $\varphi$, where `gradient` takes and returns
# one array. It is tried with a cubic function, whose attributions must sum to $s(x) - s(b)$ within 1%.


# %%
@exercise("Exercise 3")
def check_attribution(attribute):
    x, b = np.random.default_rng(0).normal(size=(2, 6))
    answer = attribute(lambda x: 3 * x**2, x, b)
    assert np.shape(answer) == (6,), f"the shape is {np.shape(answer)}, not (6,)"
    error = float(np.abs(answer - (x**3 - b**3)).max() / np.abs(x**3 - b**3).max())
    assert error < 0.01, f"an attribution is wrong by {error:.0%}"


check_attribution(...)

# %% [markdown]
# **4.** Of 200 predictions, 120 have a probability of 95%, and 105 of these are right; 80 have 60%, and 50 of these are right.
# What is the expected calibration error?


# %%
@exercise("Exercise 4")
def check_calibration(answer):
    hint = "Weight each gap by its share of the predictions; a gap has no sign."
    check_number(answer, 0.055, hint, tolerance=1e-9)


check_calibration(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_score(x, W, b, v):
    h = np.tanh(x @ W + b)

    def pullback(ds):
        dz = ds[:, None] * v * (1 - h**2)
        return dz @ W.T, x.T @ dz, dz.sum(axis=0), h.T @ ds

    return h @ v, pullback


def without_the_slope(x, W, b, v):
    h = np.tanh(x @ W + b)

    def pullback(ds):
        dz = ds[:, None] * v
        return dz @ W.T, x.T @ dz, dz.sum(axis=0), h.T @ ds

    return h @ v, pullback


def solve_temperature(z, T, labels):
    scaled = z / T - (z / T).max(axis=1, keepdims=True)
    log_p = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))

    def pullback(dl):
        dscaled = (np.exp(log_p) - np.eye(z.shape[1])[labels]) * dl[:, None]
        return dscaled / T, np.array([-(dscaled * z).sum()]) / T**2

    return -log_p[np.arange(len(z)), labels], pullback


def with_constant_temperature(z, T, labels):
    value, pullback = solve_temperature(z, T, labels)
    return value, lambda dl: (pullback(dl)[0], np.zeros(1))


def solve_attribution(gradient, x, b):
    t = (np.arange(100) + 0.5) / 100
    return (x - b) * np.mean([gradient(b + step * (x - b)) for step in t], axis=0)


check_score(solve_score)
rejected(check_score, without_the_slope)
check_temperature(solve_temperature)
rejected(check_temperature, with_constant_temperature)
check_attribution(solve_attribution)
rejected(check_attribution, lambda gradient, x, b: (x - b) * gradient(x))
check_calibration(0.6 * abs(0.95 - 105 / 120) + 0.4 * abs(0.6 - 50 / 80))
rejected(check_calibration, 0.6 * (0.95 - 105 / 120) + 0.4 * (0.6 - 50 / 80))
