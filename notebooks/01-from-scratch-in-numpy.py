# %% [markdown]
# # 1. A deep network from scratch, in NumPy
#
# Everything that a neural network does is in this notebook, and nothing is hidden: the data, the forward pass, the
# loss, backpropagation by hand, a check that the gradients are right, training, and an honest test. The network
# has about forty lines. At the end, you meet the same lines again inside glassnet.
#
# You need to know what a matrix product is, and what a derivative is.

# %%
import inspect
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from exercises import check_number, check_op, exercise, rejected
from threadpoolctl import threadpool_limits

from glassnet import SGD, Dense, Model, load
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.ops.linear import affine
from glassnet.ops.losses import one_hot, softmax_crossentropy
from glassnet.ops.piecewise import relu

plt.rcParams.update(
    {
        "figure.dpi": 72,
        "image.interpolation": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)
limits = threadpool_limits(
    1
)  # for products as small as ours, a second thread costs more time than it saves

# %% [markdown]
# ## The data
#
# Fashion-MNIST: pictures of clothes with 28 × 28 pixels from 0 to 255, each with one of ten names.

# %%
data = load("fashion-mnist")
names = np.array(data.class_names)
print(data.x_train.shape, data.x_train.dtype, "labels:", np.bincount(data.y_train))

figure, cells = plt.subplots(3, 10, figsize=(9, 3.2))
for label, column in enumerate(cells.T):
    column[0].set_title(names[label], fontsize=9)
    for cell, row in zip(column, np.flatnonzero(data.y_train == label)[:3], strict=True):
        cell.imshow(data.x_train[row], cmap="gray_r")
        cell.axis("off")

# %% [markdown]
# Each class has 6,000 pictures, so a network that guesses is right in 10% of cases: that is the number to beat.
#
# Three parts of the data have three roles, and mixing them up is the most common way to fool oneself:
#
# - the **training** part sets the weights,
# - the **validation** part decides between settings, such as learning rates,
# - the **test** part is looked at once, at the very end.
#
# The pixels are scaled to 0 … 1. With inputs up to 255, the sums in the first layer would be hundreds, and so would
# the gradients: no learning rate would suit all layers.

# %%
order = np.random.default_rng(0).permutation(len(data.x_train))
pixels = data.x_train.reshape(-1, 784).astype("float32") / 255
x_train, y_train = pixels[order[:50_000]], data.y_train[order[:50_000]]
x_val, y_val = pixels[order[50_000:]], data.y_train[order[50_000:]]
x_test, y_test = data.x_test.reshape(-1, 784).astype("float32") / 255, data.y_test
print(len(x_train), "for training,", len(x_val), "for validation,", len(x_test), "for the test")

# %% [markdown]
# ## Forward
#
# A layer multiplies its input by a matrix of weights and adds a bias. Between two layers stands an elementwise
# non-linear function, here the ReLU; without it, two layers would be one, since a product of matrices is a matrix:
#
# $$ a_0 = x, \qquad z_i = a_{i-1} W_i + b_i, \qquad a_i = \max(z_i, 0). $$
#
# The last layer has no ReLU. Its ten outputs, the *logits*, become probabilities by the softmax, and the loss is the
# mean of the negative logarithm of the probability of the right class, the *cross-entropy*:
#
# $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad L = -\frac1n \sum_{\text{rows}} \log p_y . $$
#
# In floating-point numbers, $e^{z}$ overflows for $z > 88$, and the logarithm of a probability that rounds to 0 is
# $-\infty$. So the maximum is subtracted first, which leaves $p$ as it is, and the logarithm is taken by hand:
# $\log p_k = z_k - \log \sum_j e^{z_j}$.
#
# ## Backward
#
# The chain rule, from the last layer to the first. Let $dz$ stand for $\partial L / \partial z$. For softmax and
# cross-entropy together, nearly everything cancels:
#
# $$ dz = \frac{1}{n} (p - \text{one-hot}(y)) . $$
#
# Then, through each layer: the weights' gradients are $dW_i = a_{i-1}^\top dz_i$ and $db_i = \sum_\text{rows} dz_i$;
# and what goes on to the layer below is $da_{i-1} = dz_i W_i^\top$, which the ReLU lets pass where its input was
# positive: $dz_{i-1} = da_{i-1} \cdot [z_{i-1} > 0]$.
#
# That is all. Here it is, for any number of layers:


# %%
def initialize(sizes, seed=0, dtype="float32"):
    """He et al. (2015): a variance of 2/n keeps the size of the activations from layer to layer."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, np.sqrt(2 / n), (n, m)).astype(dtype), np.zeros(m, dtype))
        for n, m in pairwise(sizes)
    ]


def forward(weights, x):
    """The activations of all layers: x, those of the hidden layers, the logits."""
    activations = [x]
    for i, (W, b) in enumerate(weights):
        z = activations[-1] @ W + b
        activations.append(z if i == len(weights) - 1 else np.maximum(z, 0))
    return activations


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def loss(weights, x, y):
    return -log_softmax(forward(weights, x)[-1])[np.arange(len(y)), y].mean()


def backward(weights, activations, y):
    """The gradients of the loss: for each layer, those of W and b."""
    dz = np.exp(log_softmax(activations[-1]))
    dz[np.arange(len(y)), y] -= 1
    dz /= len(y)
    gradients = []
    for i in reversed(range(len(weights))):
        gradients.insert(0, (activations[i].T @ dz, dz.sum(axis=0)))
        if i > 0:
            dz = (dz @ weights[i][0].T) * (activations[i] > 0)
    return gradients


# %%
weights = initialize([784, 64, 10])
print("shapes:", [a.shape for a in forward(weights, x_train[:32])])
print("weights:", sum(W.size + b.size for W, b in weights))
first = loss(weights, x_val, y_val)
print(f"loss of the untrained network {first:.2f}; of ten equal probabilities {np.log(10):.2f}")
assert sum(W.size + b.size for W, b in weights) == 784 * 64 + 64 + 64 * 10 + 10

# %% [markdown]
# ## Are the gradients right?
#
# A wrong gradient often trains, only worse, so believe none that you haven't checked. The definition of a derivative is
# the check: move one weight by $\pm h$ and look at the loss,
#
# $$ \frac{\partial L}{\partial w} \approx \frac{L(w + h) - L(w - h)}{2h}, $$
#
# with an error that falls with $h^2$, in float64. Here with two hidden layers, for weights of each array:


# %%
def numerical(weights, layer, part, index, x, y, h=1e-6):
    array = weights[layer][part]
    before = array[index]
    values = []
    for moved in (before + h, before - h):
        array[index] = moved
        values.append(loss(weights, x, y))
    array[index] = before
    return (values[0] - values[1]) / (2 * h)


small = initialize([784, 20, 15, 10], seed=1, dtype="float64")
x, y = x_train[:50].astype("float64"), y_train[:50]
gradients = backward(small, forward(small, x), y)
rng = np.random.default_rng(0)
largest = 0
for layer, pair in enumerate(gradients):
    for part, gradient in enumerate(pair):
        scale = np.abs(gradient).max()
        for flat in rng.choice(gradient.size, min(gradient.size, 40), replace=False):
            index = np.unravel_index(flat, gradient.shape)
            measured = numerical(small, layer, part, index, x, y)
            largest = max(largest, abs(measured - gradient[index]) / scale)
print(f"largest difference from the central difference, relative: {largest:.0e}")
assert largest < 1e-6

# %% [markdown]
# And a check of the check: with the ReLU's derivative left out, it must fail.


# %%
def backward_without_relu(weights, activations, y):
    return backward(
        weights, [activations[0], *(abs(a) + 1 for a in activations[1:-1]), activations[-1]], y
    )


wrong = backward_without_relu(small, forward(small, x), y)[0][0]
error = np.abs(wrong - gradients[0][0]).max() / np.abs(gradients[0][0]).max()
print(f"with a wrong derivative, relative: {error:.1f}")
assert error > 0.1

# %% [markdown]
# ## Stochastic gradient descent
#
# Shuffle the rows, take 32 of them, and take a step against the gradient: $w \leftarrow w - \eta\, dw$. When all rows
# have had their turn, an *epoch* is over. A batch of 32 rows is one matrix product; 32 single rows are 32 small ones,
# which take many times as long.


# %%
def accuracy(weights, x, y):
    return float((forward(weights, x)[-1].argmax(axis=1) == y).mean())


def train(weights, x, y, rate, epochs, seed=0, batch=32):
    """Train in place; return the validation loss after each epoch."""
    rng, losses = np.random.default_rng(seed), []
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(x)), len(x) // batch):
            for pair, gradient in zip(
                weights, backward(weights, forward(weights, x[rows]), y[rows]), strict=True
            ):
                for w, dw in zip(pair, gradient, strict=True):
                    w -= rate * dw
        losses.append(float(loss(weights, x_val, y_val)))
    return losses


weights = initialize([784, 64, 10])
losses = train(weights, x_train[:10_000], y_train[:10_000], rate=0.1, epochs=3)
print("validation loss by epoch:", [round(value, 2) for value in losses])
print(f"validation accuracy: {accuracy(weights, x_val, y_val):.1%}")
assert losses[-1] < first

# %% [markdown]
# ## Which learning rate?
#
# The learning rate decides more than any other setting. To choose it, train with some, on a part of the data, and
# compare on the **validation** part: the test part, once used to choose, would no longer be a test. One training per
# rate isn't enough, since another seed gives another result, and the differences between rates may be smaller than
# those between seeds. So: three seeds each.

# %%
rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
layouts = {"one hidden layer": [784, 64, 10], "two hidden layers": [784, 64, 32, 10]}
scores = {}
for layout, sizes in layouts.items():
    table = []
    for rate in rates:
        row = []
        for seed in range(3):
            weights = initialize(sizes, seed)
            with np.errstate(over="ignore", invalid="ignore"):  # too large a rate diverges
                train(weights, x_train[:10_000], y_train[:10_000], rate, epochs=2, seed=seed)
                row.append(accuracy(weights, x_val, y_val))
        table.append(row)
    scores[layout] = np.array(table)

figure, axes = plt.subplots(figsize=(7, 3.2))
for (layout, table), marker in zip(scores.items(), "os", strict=True):
    axes.plot(rates, table.mean(axis=1), label=layout)
    axes.plot(np.repeat(rates, 3), table.ravel(), marker, color=axes.lines[-1].get_color(), ms=4)
axes.set(xscale="log", xlabel="learning rate", ylabel="validation accuracy", ylim=(0, 1))
axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
axes.legend(frameon=False)
axes.set_title("Two epochs on 10,000 rows; each point is a seed", loc="left")
figure.tight_layout()

# %%
print("rate    " + "   ".join(f"{layout:>22}" for layout in scores))
for i, rate in enumerate(rates):
    cells = (
        f"{table[i].mean():.1%} ({table[i].min():.1%}-{table[i].max():.1%})"
        for table in scores.values()
    )
    print(f"{rate:<7g} " + "   ".join(f"{cell:>22}" for cell in cells))
layout, best = max(
    ((layout, i) for layout in scores for i in range(len(rates))),
    key=lambda choice: scores[choice[0]][choice[1]].mean(),
)
print(f"best on the validation part: {layout}, learning rate {rates[best]:g}")
assert rates[0] < rates[best] < rates[-1], "the best rate is not at the end of the list"
assert scores[layout][0].mean() < scores[layout][best].mean()

# %% [markdown]
# Small rates are too slow for two epochs; large ones jump over the minimum, and the seeds fall apart. In between is a
# wide good region. Had the best rate been the first or the last of the list, the list would have been too short.
#
# Whether one or two hidden layers are better is a closer question. Compare the difference with the spread of the
# seeds before you answer it.

# %% [markdown]
# ## The result
#
# Now with all of the training part, more epochs, and the settings chosen above; five seeds, because one accuracy says
# nothing about the next. The test part is used in this cell and in no other.

# %%
begin = time.perf_counter()
results = []
for seed in range(5):
    weights = initialize(layouts[layout], seed)
    losses = train(weights, x_train, y_train, rates[best], epochs=8, seed=seed)
    results.append(accuracy(weights, x_test, y_test))
seconds = time.perf_counter() - begin
print(f"test accuracy: {np.mean(results):.1%} ± {np.std(results, ddof=1):.1%} over 5 seeds")
print(f"{seconds / 40:.1f} s for an epoch of 50,000 pictures")
assert np.mean(results) > 0.85

# %% [markdown]
# What does it get wrong? Rows are true classes, columns predicted ones, in percent.

# %%
probabilities = np.exp(log_softmax(forward(weights, x_test)[-1]))
confusion = np.zeros((10, 10))
np.add.at(confusion, (y_test, probabilities.argmax(axis=1)), 100 / 1000)
figure, axes = plt.subplots(figsize=(6, 5))
axes.imshow(confusion, cmap="Blues")
for (i, j), value in np.ndenumerate(confusion):
    if value >= 1:
        axes.text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=8,
                  color="white" if value > 50 else "black")  # fmt: skip
axes.set_xticks(range(10), names, rotation=45, ha="right")
axes.set_yticks(range(10), names)
worst = int(confusion.diagonal().argmin())
print(f"hardest: {names[worst]}, right in {confusion[worst, worst]:.0f}% of cases")
assert names[worst] == "Shirt"

# %% [markdown]
# Shirts are hard: between a shirt, a T-shirt, a pullover and a coat, 28 × 28 gray pixels leave doubt. Each column of
# the first layer's matrix is a picture, too: what one hidden neuron looks for, with positive weights blue and negative
# ones red.

# %%
figure, cells = plt.subplots(2, 8, figsize=(8, 2.2))
for cell, column in zip(cells.ravel(), weights[0][0].T, strict=False):
    limit = np.abs(column).max()
    cell.imshow(column.reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
    cell.axis("off")

# %% [markdown]
# ## The same lines in glassnet
#
# glassnet is made of the same mathematics. Each function returns its value together with its *pullback*, the function
# from the gradient of the value to the gradients of the arguments. You know all of these lines:

# %%
for function in (affine, relu):
    print(inspect.getsource(function))

# %% [markdown]
# Composed by hand, they give our gradients:


# %%
def gradients_by_glassnet(weights, x, y):
    (W1, b1), (W2, b2) = weights
    z, back_hidden = affine(x, W1, b1)
    h, back_relu = relu(z)
    logits, back_output = affine(h, W2, b2)
    _, back_loss = softmax_crossentropy(logits, one_hot(y, logits))
    dh, dW2, db2 = back_output(back_loss(np.full(len(y), 1 / len(y))))
    _, dW1, db1 = back_hidden(back_relu(dh))
    return [(dW1, db1), (dW2, db2)]


two = initialize([784, 20, 10], dtype="float64")
ours, theirs = backward(two, forward(two, x), y), gradients_by_glassnet(two, x, y)
largest = max(
    np.abs(a - b).max()
    for p, q in zip(ours, theirs, strict=True)
    for a, b in zip(p, q, strict=True)
)
print(f"largest difference from our gradients: {largest:.0e}")
assert largest < 1e-12

# %% [markdown]
# And a `Model` trains as our loop does. From the same weights, with the same rows in the same order, the weights after
# 100 steps are the same, up to the rounding of float32:

# %%
start = initialize([784, 64, 10], seed=7)
model = Model([Dense(64, "relu"), Dense(10)], (784,))
model.set_weights([array for pair in start for array in pair])
model.compile(SGD(0.1), SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_train[:3200], y_train[:3200], batch_size=32, epochs=1, shuffle=False, verbose=0)

for rows in np.split(np.arange(3200), 100):
    for pair, gradient in zip(
        start, backward(start, forward(start, x_train[rows]), y_train[rows]), strict=True
    ):
        for w, dw in zip(pair, gradient, strict=True):
            w -= 0.1 * dw
largest = max(
    np.abs(a - b).max()
    for a, b in zip(model.get_weights(), (array for pair in start for array in pair), strict=True)
)
print(f"largest difference of a weight after 100 steps: {largest:.0e}")
assert largest < 1e-5

# %%
model.summary()

# %% [markdown]
# ## Exercises
#
# Write your answer in place of the dots and run the cell: the check says what is wrong, or that it is right. A function
# that you write returns its value and its pullback, like those above.
#
# **1.** How many weights (with biases) has a network 784-240-120-60-10?


# %%
@exercise("Exercise 1")
def check_count(answer):
    check_number(
        answer, 225_190, "Each layer has inputs × outputs weights, and a bias for each output."
    )


check_count(...)


# %% [markdown]
# **2.** The sigmoid, $\sigma(x) = 1 / (1 + e^{-x})$, with its derivative $\sigma (1 - \sigma)$.


# %%
@exercise("Exercise 2")
def check_sigmoid(op):
    x = np.random.default_rng(0).normal(size=(4, 3))
    check_op(op, 1 / (1 + np.exp(-x)), x)


check_sigmoid(...)


# %% [markdown]
# **3.** The squared error of each row, $l = \sum_k (p_k - t_k)^2$, where `targets` are constant: `op(p, targets)` returns
# $l$, one number for each row, and the pullback to the gradient of $p$. (With rows of ten numbers, $dl$ has a number for
# each row.)


# %%
@exercise("Exercise 3")
def check_squared_error(op):
    p, targets = np.random.default_rng(0).normal(size=(2, 5, 10))
    check_op(op, ((p - targets) ** 2).sum(axis=1), p, targets=targets)


check_squared_error(...)


# %% [markdown]
# **4.** A whole layer: `op(x, W, b)` returns $y = \tanh(x W + b)$ and the pullback from $dy$ to $(dx, dW, db)$.


# %%
@exercise("Exercise 4")
def check_layer(op):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    check_op(op, np.tanh(x @ W + b), x, W, b)


check_layer(...)


# %% [markdown]
# **5.** SGD with momentum: `step(w, velocity, gradient)` returns the new $w$ and velocity, with $\eta = 0.1$, $\mu = 0.9$:
# $v \leftarrow \mu v - \eta g$, then $w \leftarrow w + v$. It is compared with glassnet's `SGD(0.1, momentum=0.9)`.


# %%
@exercise("Exercise 5")
def check_momentum(step):
    w, velocity = np.array([1.0, -2.0]), np.zeros(2)
    expected, slots = w, (np.zeros(2),)
    for gradient in ([0.5, 1.0], [-1.0, 0.25], [2.0, 0.0]):
        w, velocity = step(w, velocity, np.array(gradient))
        expected, slots = SGD(0.1, momentum=0.9).update(np.array(gradient), slots, expected, 0.1, 0)
        assert np.allclose(w, expected), f"w is {w}, not {expected}"


check_momentum(...)


# %% [markdown]
# ### Solutions
#
# The next cell is folded. It also shows what the checks say about usual mistakes.


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


def solve_squared_error(p, targets):
    return ((p - targets) ** 2).sum(axis=1), lambda dl: 2 * (p - targets) * dl[:, None]


def solve_layer(x, W, b):
    y = np.tanh(x @ W + b)

    def pullback(dy):
        dz = dy * (1 - y**2)
        return dz @ W.T, x.T @ dz, dz.sum(axis=0)

    return y, pullback


def solve_momentum(w, velocity, gradient):
    velocity = 0.9 * velocity - 0.1 * gradient
    return w + velocity, velocity


check_count(785 * 240 + 241 * 120 + 121 * 60 + 61 * 10)
rejected(check_count, 784 * 240 + 240 * 120 + 120 * 60 + 60 * 10)  # without biases
check_sigmoid(solve_sigmoid)
rejected(check_sigmoid, lambda x: (1 / (1 + np.exp(-x)), lambda dy: dy * x * (1 - x)))
check_squared_error(solve_squared_error)
rejected(
    check_squared_error,
    lambda p, targets: (((p - targets) ** 2).sum(axis=1), lambda dl: (p - targets) * dl[:, None]),
)
check_layer(solve_layer)
rejected(
    check_layer,
    lambda x, W, b: (np.tanh(x @ W + b), lambda dy: (dy @ W.T, x.T @ dy, dy.sum(axis=0))),
)
check_momentum(solve_momentum)
rejected(check_momentum, lambda w, v, g: (w - 0.1 * g, v))
