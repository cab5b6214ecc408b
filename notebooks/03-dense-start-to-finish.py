# %% [markdown]
# # 3. A dense network on Fashion-MNIST, from start to finish
#
# What one does with a network in practice, in the order in which one does it: look at the data, normalize, build, read the
# summary, choose a learning rate, train in batches and epochs, stop in time, read the curves, evaluate, look at the
# mistakes, predict new pictures, save.

# %%
import os
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from exercises import check_number, check_op, exercise, rejected
from PIL import Image, ImageDraw

from glassnet import (
    Adam,
    Dense,
    EarlyStopping,
    Flatten,
    Model,
    Rescaling,
    find_learning_rate,
    load,
    plot_model,
)

plt.rcParams.update({"figure.dpi": 72, "image.interpolation": "none"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)  # what this notebook writes goes there, and vanishes with it

data = load("fashion-mnist")
names = data.class_names
data

# %% [markdown]
# ## Three parts
#
# 20,000 pictures for training and 5,000 for validation, so that this notebook is quick; the 10,000 test pictures are for
# the end. A validation part drawn at random from the training rows is enough when the rows are independent.

# %%
order = np.random.default_rng(0).permutation(len(data.x_train))
train, validation = order[:20_000], order[20_000:25_000]
x_train, y_train = data.x_train[train], data.y_train[train]
x_val, y_val = data.x_train[validation], data.y_train[validation]
print("pixels from", x_train.min(), "to", x_train.max())
print(f"mean {x_train.mean():.1f}, standard deviation {x_train.std():.1f}")
print("pictures of each class:", np.bincount(y_train))

# %% [markdown]
# ## Normalize, and see that it matters
#
# The first layer's sums grow with its inputs. Pixels up to 255 start the training with sums in the hundreds. `Rescaling`
# is a layer, so the scale is part of the model: whoever uses the model later can't forget it.


# %%
def network(*first):
    return Model([Flatten(), *first, Dense(128, "relu"), Dense(10, "softmax")], (28, 28))


def untrained_loss(model):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.evaluate(x_val, y_val, verbose=0)[0]


raw, scaled = untrained_loss(network()), untrained_loss(network(Rescaling(1 / 255)))
print(f"loss before any training: pixels 0 ... 255: {raw:.1f}, pixels 0 ... 1: {scaled:.2f}")
print(f"loss of ten equal probabilities: {np.log(10):.2f}")
assert raw > 10 * scaled

# %% [markdown]
# An untrained network should know nothing: a loss near $\log 10$. One that starts far above it is confident and wrong, and
# spends its first epochs on unlearning that.
#
# ## Build, and read the summary

# %%
model = network(Rescaling(1 / 255))
model.summary()

# %% [markdown]
# 98.7% of the weights are in the first layer. (None stands for the number of rows, which is open.) The same as a picture:

# %%
plot_model(model, show_shapes=True)

# %% [markdown]
# ## The learning rate
#
# A *range test* takes a few hundred steps while the rate grows from tiny to huge, and looks at the loss: too small a rate
# does nothing, too large a rate makes it rise. In between, where it falls fastest, is a good start. The test works on a
# copy; the model stays untrained.

# %%
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
test = find_learning_rate(model, x_train, y_train)
figure, axes = plt.subplots(figsize=(6, 2.6))
axes.plot(test.rates, test.smoothed)
axes.axvline(test.suggestion, color="tab:orange")
axes.set(xscale="log", xlabel="learning rate", ylabel="loss (smoothed)")
figure.tight_layout()
print(f"suggestion: {test.suggestion:.1e}; Adam's default is 1e-03")
rate = min(test.suggestion, 2e-3)

# %% [markdown]
# The suggestion is meant as the peak of a schedule. For a constant rate, as here, we don't go above 0.002.
#
# ## Train: batches, epochs, early stopping
#
# One *step* uses one batch of 64 rows. After all batches, an *epoch* is over, and the loss on the validation part is
# computed. The training loss goes on falling; the validation loss, at some point, no longer: the network then learns the
# training pictures by heart. *Early stopping* waits for three epochs without improvement, stops, and returns to the best
# weights.

# %%
model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
stopping = EarlyStopping(patience=3, restore_best_weights=True)
history = model.fit(
    x_train,
    y_train,
    batch_size=64,
    epochs=40,
    validation_data=(x_val, y_val),
    callbacks=[stopping],
    verbose=0,
)
losses = history.history["val_loss"]
print(f"{-(-len(x_train) // 64)} steps in an epoch")
print(f"stopped after {len(losses)} epochs; the best was epoch {int(np.argmin(losses)) + 1}")
assert len(losses) < 40
assert np.argmin(losses) == len(losses) - 4

# %%
epochs = np.arange(1, len(losses) + 1)
figure, panels = plt.subplots(1, 2, figsize=(8, 2.8))
for axes, name in zip(panels, ("loss", "accuracy"), strict=True):
    axes.plot(epochs, history.history[name], label="training")
    axes.plot(epochs, history.history[f"val_{name}"], label="validation")
    axes.axvline(np.argmin(losses) + 1, color="gray", lw=1, ls=":")
    axes.set(xlabel="epoch", title=name)
panels[0].legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# The gap between the two curves is *overfitting*; [notebook 5](05-overfitting-and-regularization.ipynb) is about what helps.
#
# ## Evaluate, once
#
# An accuracy on 10,000 pictures is an estimate: another 10,000 pictures would give another one. The standard error of a share
# $a$ of $n$ cases is $\sqrt{a (1 - a) / n}$, and about twice that on both sides is a 95% interval. (It doesn't include how
# much another *seed* would change.)

# %%
loss, accuracy = model.evaluate(data.x_test, data.y_test, verbose=0)
error = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(data.y_test))
print(
    f"test accuracy {accuracy:.1%}, 95% interval {accuracy - error:.1%} to {accuracy + error:.1%}"
)
assert accuracy > 0.85

# %%
probabilities = model.predict(data.x_test)
predicted = probabilities.argmax(axis=1)
print(f"{'class':12} precision  recall")
for label, name in enumerate(names):
    precision = (data.y_test[predicted == label] == label).mean()
    recall = (predicted[data.y_test == label] == label).mean()
    print(f"{name:12} {precision:9.1%} {recall:7.1%}")
recalls = [(predicted[data.y_test == c] == c).mean() for c in range(10)]
print("easiest:", names[int(np.argmax(recalls))], "- hardest:", names[int(np.argmin(recalls))])
assert names[int(np.argmin(recalls))] == "Shirt"

# %% [markdown]
# *Recall*: of the shirts, how many were called a shirt? *Precision*: of what was called a shirt, how many were one?
#
# ## Its worst mistakes
#
# The wrong predictions with the highest probabilities. Look at the labels, too: would you give the same ones?

# %%
wrong = np.flatnonzero(predicted != data.y_test)
worst = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:10]
figure, cells = plt.subplots(2, 5, figsize=(8, 3.6))
for cell, row in zip(cells.ravel(), worst, strict=True):
    cell.imshow(data.x_test[row], cmap="gray_r")
    share = probabilities[row].max()
    cell.set_title(
        f"{names[predicted[row]]} {share:.0%}\nlabel: {names[data.y_test[row]]}", fontsize=8
    )
    cell.axis("off")
figure.tight_layout()
print(
    f"{len(wrong)} of {len(predicted)} are wrong; of these, {(probabilities[wrong].max(axis=1) > 0.9).sum()}"
)
print("with a probability above 90%: a probability is no promise")

# %% [markdown]
# ## A new picture
#
# The network knows gray pictures of 28 × 28 pixels, light on black, as in the data set. A picture of your own must be brought
# into that form. Here we draw one: a pair of trousers.

# %%
drawing = Image.new("L", (280, 280), 0)
pen = ImageDraw.Draw(drawing)
pen.polygon(
    [(95, 20), (185, 20), (200, 260), (155, 260), (140, 90), (125, 260), (80, 260)], fill=200
)
picture = np.asarray(drawing.resize((28, 28), Image.Resampling.LANCZOS))
share = model.predict(picture[None])[0]
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), width_ratios=(1, 2))
left.imshow(picture, cmap="gray_r")
left.axis("off")
right.barh(names, share)
right.invert_yaxis()
right.set_xlabel("probability")
figure.tight_layout()
print(f"{names[int(share.argmax())]}: {share.max():.0%}")
assert names[int(share.argmax())] == "Trouser"

# %% [markdown]
# What does it say about something that is no clothing at all? It must choose one of ten names:

# %%
noise = np.random.default_rng(0).integers(0, 256, (28, 28)).astype("uint8")
share = model.predict(noise[None])[0]
print(f"random pixels: {names[int(share.argmax())]}, {share.max():.0%}")
assert share.max() > 0.3

# %% [markdown]
# ## Save and load

# %%
model.save("fashion.safetensors")
again = Model.load("fashion.safetensors")
print("the same predictions:", np.array_equal(again.predict(data.x_test), probabilities))
print(f"{os.path.getsize('fashion.safetensors') / 1e6:.1f} MB")
assert np.array_equal(again.predict(data.x_test), probabilities)

# %% [markdown]
# All of this is also one command, `glassnet train`, with a report as a page.
#
# ## Exercises
#
# **1.** With 54,000 training rows and batches of 32, how many steps has an epoch? (The last batch may be smaller.)


# %%
@exercise("Exercise 1")
def check_steps(answer):
    check_number(answer, 1688, "Divide, and count the last, smaller batch, too.")


check_steps(...)

# %% [markdown]
# **2.** Early stopping: `stop(losses, patience)` returns how many epochs are run when the validation losses of the epochs are
# these: it stops after an epoch if the lowest loss lies `patience` epochs back.


# %%
@exercise("Exercise 2")
def check_stopping(stop):
    for losses, patience, right in (
        ([5, 4, 3, 2], 2, 4),
        ([5, 4, 4.5, 4.2, 1], 2, 4),
        ([5, 4, 4.5, 3, 3.5, 3.2, 3.1], 3, 7),
        ([1, 2, 3, 4], 1, 2),
    ):
        answer = stop(losses, patience)
        assert answer == right, f"of {losses}, patience {patience}: {answer} epochs, not {right}"


check_stopping(...)

# %% [markdown]
# **3.** Softmax and cross-entropy together: `op(z, labels)` returns $-\log p_{y}$ for each row of $z$, with
# $p = \mathrm{softmax}(z)$, and the pullback to $dz$. Let it survive large $z$.


# %%
@exercise("Exercise 3")
def check_crossentropy(op):
    z, labels = np.random.default_rng(0).normal(size=(5, 4)), np.array([0, 3, 1, 1, 2])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    check_op(op, -np.log(p[np.arange(5), labels]), z, labels=labels)
    with np.errstate(all="ignore"):
        value, _ = op(1000 * z, labels)
    assert np.isfinite(value).all(), "with logits in the thousands, the loss is not finite"


check_crossentropy(...)

# %% [markdown]
# **4.** *Layer normalization*: each row minus its own mean, divided by its own standard deviation. `op(x)` returns
# $y = (x - \mu) / \sigma$ with $\mu$ and $\sigma$ of each row, and its pullback. ($\mu$ and $\sigma$ depend on $x$, too!)


# %%
@exercise("Exercise 4")
def check_layer_normalization(op):
    x = np.random.default_rng(0).normal(size=(4, 6))
    check_op(op, (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True), x)


check_layer_normalization(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_stopping(losses, patience):
    for epochs in range(1, len(losses) + 1):
        if epochs - 1 - int(np.argmin(losses[:epochs])) >= patience:
            return epochs
    return len(losses)


def solve_crossentropy(z, labels):
    rows = np.arange(len(z))
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[
        rows, labels
    ], lambda dl: (np.exp(log_p) - np.eye(z.shape[1])[labels]) * dl[:, None]


def unguarded_crossentropy(z, labels):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    one = np.eye(z.shape[1])[labels]
    return -np.log(p[np.arange(len(z)), labels]), lambda dl: (p - one) * dl[:, None]


def solve_layer_normalization(x):
    sigma = x.std(axis=1, keepdims=True)
    y = (x - x.mean(axis=1, keepdims=True)) / sigma

    def pullback(dy):
        mean = dy.mean(axis=1, keepdims=True)
        return (dy - mean - y * (dy * y).mean(axis=1, keepdims=True)) / sigma

    return y, pullback


def with_constant_statistics(x):
    return solve_layer_normalization(x)[0], lambda dy: dy / x.std(axis=1, keepdims=True)


check_steps(-(-54_000 // 32))
rejected(check_steps, 54_000 // 32)
check_stopping(solve_stopping)
rejected(check_stopping, lambda losses, patience: int(np.argmin(losses)) + 1)
check_crossentropy(solve_crossentropy)
rejected(check_crossentropy, unguarded_crossentropy)
check_layer_normalization(solve_layer_normalization)
rejected(check_layer_normalization, with_constant_statistics)
