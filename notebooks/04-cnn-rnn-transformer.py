# %% [markdown]
# # 4. CNN, RNN, transformer: three ways to look at the same pictures
#
# A dense layer connects every pixel with every unit, and knows nothing of pictures. The three families in this notebook have an
# assumption built in: a *convolutional* network looks at small neighborhoods, with the same weights everywhere; a *recurrent*
# one reads the picture row by row, and keeps a state; a *transformer* cuts it into patches, each of which looks at all others.
# All get the same pictures and the same effort, and then we look inside.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from exercises import check_number, check_op, exercise, rejected
from threadpoolctl import threadpool_limits

from glassnet import (
    GRU,
    LSTM,
    Adam,
    Add,
    Conv2D,
    CosineDecay,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling2D,
    Input,
    LayerNormalization,
    MaxPooling2D,
    Model,
    MultiHeadAttention,
    PositionEmbedding,
    Rescaling,
    Reshape,
    load,
)

plt.rcParams.update({"figure.dpi": 72, "image.interpolation": "none"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
limits = threadpool_limits(1)  # the products are small: a second thread would cost time
data = load("fashion-mnist")
names = data.class_names
order = np.random.default_rng(0).permutation(len(data.x_train))
x_train, y_train = data.x_train[order[:2000]], data.y_train[order[:2000]]
x_val, y_val = data.x_train[order[50_000:51_000]], data.y_train[order[50_000:51_000]]
x_test, y_test = data.x_test[:3000], data.y_test[:3000]

# %% [markdown]
# ## The networks
#
# Five networks with about 20,000 weights each, so that none wins by its size.
#
# **Dense**: $784 \to 25 \to 10$, for comparison.
#
# **CNN**: a convolution multiplies each 3 × 3 neighborhood by the same kernel,
#
# $$ y_{ijf} = b_f + \sum_{u,v,c} x_{i+u,\,j+v,\,c}\; w_{uvcf}, $$
#
# and pooling takes the largest of each 2 × 2 outputs. What moves in the picture moves in the output, by as much.
#
# **LSTM and GRU**: the picture is a sequence of 28 rows, each a vector of 28 pixels. After each row, a state
# $h_t = f(h_{t-1}, x_t)$ is computed, with the same weights for all rows; the last state gives the class. *Gates*, numbers
# between 0 and 1, decide how much of the old state stays, so that the top of the picture isn't forgotten at the bottom.
# For the GRU (here without the biases):
#
# $$ z = \sigma(x_t W_z + h U_z), \quad r = \sigma(x_t W_r + h U_r), \quad
#    \tilde h = \tanh(x_t W_h + r \odot (h U_h)), \quad h_t = z \odot h + (1 - z) \odot \tilde h . $$
#
# **Transformer**: the picture is cut into 7 × 7 patches of 4 × 4 pixels. Each becomes a vector, to which a learned vector for its
# place is added: without it, the order of the patches would make no difference. Then each patch asks a *query* $q$, which is
# compared with the *keys* $k$ of all patches, and takes the mean of their *values* $v$, weighted by how well they match:
#
# $$ y = \mathrm{softmax}\!\left( \frac{q k^\top}{\sqrt n} \right) v . $$


# %%
def dense():
    return [Flatten(), Rescaling(1 / 255), Dense(25, "relu"), Dense(10, "softmax")]


def cnn():
    return [
        Reshape((28, 28, 1)),
        Rescaling(1 / 255),
        Conv2D(8, 3, padding="same", activation="relu"),
        MaxPooling2D(2),
        Conv2D(32, 3, padding="same", activation="relu"),
        MaxPooling2D(2),
        Conv2D(60, 3, padding="same", activation="relu"),
        GlobalMaxPooling2D(),
        Dense(10, "softmax"),
    ]


def recurrent(cell, units):
    return [Rescaling(1 / 255), cell(units), Dense(10, "softmax")]


def transformer(seed):
    """Return the model, and one that returns the attention of its two blocks."""
    picture, attention = Input((28, 28)), []
    patches = Conv2D(32, 4, strides=4)(Rescaling(1 / 255)(Reshape((28, 28, 1))(picture)))
    h = PositionEmbedding(49)(Reshape((49, 32))(patches))
    for _ in range(2):
        normal = LayerNormalization()(h)
        y, weights = MultiHeadAttention(4, 8)(normal, normal, return_attention_scores=True)
        attention.append(weights)
        h = Add()([h, y])
        h = Add()([h, Dense(32)(Dense(64, "gelu")(LayerNormalization()(h)))])
    output = Dense(10, "softmax")(GlobalAveragePooling1D()(LayerNormalization()(h)))
    model = Model(inputs=picture, outputs=output, seed=seed)
    return model, Model(inputs=picture, outputs=attention)


builders = {
    "dense": lambda seed: Model(dense(), (28, 28), seed=seed),
    "CNN": lambda seed: Model(cnn(), (28, 28), seed=seed),
    "LSTM": lambda seed: Model(recurrent(LSTM, 56), (28, 28), seed=seed),
    "GRU": lambda seed: Model(recurrent(GRU, 68), (28, 28), seed=seed),
    "transformer": lambda seed: transformer(seed)[0],
}
for name, build in builders.items():
    print(f"{name:12} {build(0).count_params():,} weights")

# %% [markdown]
# ## The same effort
#
# 2,000 pictures, 8 epochs, Adam with a rate that falls to 0. Each network may choose between two learning rates, by the accuracy
# on the validation pictures after 3 epochs; with the chosen one it is trained three times, with different seeds, and tested.


# %%
def fit(model, rate, epochs=8, x=x_train):
    rate = CosineDecay(rate, epochs * -(-len(x) // 32))
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    begin = time.perf_counter()
    model.fit(x, y_train, batch_size=32, epochs=epochs, verbose=0)
    return time.perf_counter() - begin


def accuracy(model, x, y):
    return model.evaluate(x, y, verbose=0)[1]


models, rates, results, seconds = {}, {}, {}, {}
for name, build in builders.items():
    scores = {}
    for rate in (1e-3, 4e-3):
        model = build(0)
        fit(model, rate, epochs=3)
        scores[rate] = accuracy(model, x_val, y_val)
    rates[name] = max(scores, key=scores.get)
    results[name], times = [], []
    for seed in range(3):
        models[name] = build(seed)
        times.append(fit(models[name], rates[name]))
        results[name].append(accuracy(models[name], x_test, y_test))
    seconds[name] = min(times)

# %%
figure, axes = plt.subplots(figsize=(6.5, 2.6))
print(f"{'':12} rate   test accuracy, by seed     mean   seconds for an epoch")
for height, (name, shares) in enumerate(results.items()):
    by_seed = "  ".join(f"{share:.1%}" for share in shares)
    print(f"{name:12}{rates[name]:6}   {by_seed}   {np.mean(shares):.1%}   {seconds[name] / 8:.2f}")
    axes.plot(100 * np.array(shares), [height] * 3, "o")
axes.set_yticks(range(len(results)), results)
axes.invert_yaxis()
axes.set_xlabel("test accuracy in %, a point for each seed")
figure.tight_layout()
assert min(seconds["CNN"], seconds["transformer"]) > 2 * seconds["dense"]
assert min(min(shares) for shares in results.values()) > 0.65

# %% [markdown]
# Compare the differences between networks with those between seeds, and don't read a ranking of the families out of it: these
# are small networks, few pictures and few epochs. What the table does show is the price. A weight that is used at many places
# costs a multiplication at each of them, so with *the same number of weights* the CNN and the transformer take many times as
# long as the dense network. The recurrent networks use each weight 28 times, one step after the other.
#
# ## What if the order of the pixels is lost?
#
# Now all pictures have their pixels shuffled, all in the same way. No information is lost. What is lost is what the built-in
# assumptions are about: neighbors are no longer neighbors.

# %%
shuffled = np.random.default_rng(1).permutation(784)


def shuffle(x):
    return x.reshape(-1, 784)[:, shuffled].reshape(-1, 28, 28)


lost = {}
for name, build in builders.items():
    model = build(0)
    fit(model, rates[name], x=shuffle(x_train))
    after = accuracy(model, shuffle(x_test), y_test)
    lost[name] = np.mean(results[name]) - after
    print(f"{name:12} shuffled {after:.1%}, {100 * lost[name]:+.1f} points lost")
assert abs(lost["dense"]) < 0.03
assert lost["CNN"] > lost["dense"] + 0.03

# %% [markdown]
# One training each: a difference of a point or two may be chance, as those between seeds above show. The dense network never knew
# which pixels are neighbors, and loses nothing. The CNN does: its kernels now see nine pixels that have nothing to do with each
# other, and it falls behind the dense network. So does the transformer, whose patches are made of neighbors. For the
# recurrent networks, a row is a vector without order anyway. That is what a built-in assumption is: help where it is right, harm
# where it is wrong.
#
# ## Inside the CNN: kernels and activations
#
# The eight kernels of the first layer, and what each makes of one picture: some answer to edges of one direction, some to bright
# areas. The outputs of the second convolution are coarser, and each combines all eight.

# %%
picture = x_test[np.flatnonzero(y_test == 5)[0]]  # a sandal
trained = models["CNN"]
first, second = Model(trained.layers[:3], (28, 28)), Model(trained.layers[:5], (28, 28))
kernels = trained.get_weights()[0]
maps, coarse = first.predict(picture[None])[0], second.predict(picture[None])[0]
figure, cells = plt.subplots(3, 9, figsize=(8.5, 3.1))
for cell in cells.ravel():
    cell.axis("off")
cells[1, 0].imshow(picture, cmap="gray_r")
for row, title in enumerate(("3 × 3 kernels", "after the first convolution", "after the second")):
    cells[row, 1].set_title(title, loc="left", fontsize=9)
for number, column in enumerate(cells.T[1:]):
    limit = np.abs(kernels).max()
    column[0].imshow(kernels[:, :, 0, number], cmap="RdBu", vmin=-limit, vmax=limit)
    column[1].imshow(maps[:, :, number], cmap="viridis")
    column[2].imshow(coarse[:, :, number], cmap="viridis")
figure.tight_layout(h_pad=0.3, w_pad=0.3)
print("shapes:", kernels.shape, maps.shape, coarse.shape)

# %% [markdown]
# ## Inside the GRU: reading row by row
#
# The state after each row has the same meaning as the last one, so the last layer can be asked after each row: which class would it
# be if the picture ended here? The same weights, in a model that returns every state:

# %%
reader = Model([Rescaling(1 / 255), GRU(68, return_sequences=True), Dense(10, "softmax")], (28, 28))
reader.set_weights(models["GRU"].get_weights())
chosen = [np.flatnonzero(y_test == label)[0] for label in (1, 8, 9)]
figure, panels = plt.subplots(
    2, 3, figsize=(8.5, 4), width_ratios=(1, 1, 1), height_ratios=(1, 1.2)
)
for (above, below), row in zip(panels.T, chosen, strict=True):
    opinions = reader.predict(x_test[row][None])[0]
    above.imshow(x_test[row].T, cmap="gray_r")
    above.axis("off")
    above.set_title(f"{names[y_test[row]]} (read from left to right)", fontsize=9)
    for label in np.argsort(-opinions.max(axis=0))[:3]:
        below.plot(range(1, 29), opinions[:, label], label=names[label])
    below.set(xlabel="rows read", ylim=(0, 1))
    below.legend(frameon=False, fontsize=8)
figure.tight_layout()
last = reader.predict(x_test[:100])[:, -1]
print(
    "the last opinion is the prediction:",
    np.allclose(last, models["GRU"].predict(x_test[:100]), atol=1e-5),
)
right = (reader.predict(x_test).argmax(axis=2) == y_test[:, None]).mean(axis=0)
for rows in (7, 14, 21, 28):
    print(f"accuracy after {rows} of 28 rows: {right[rows - 1]:.1%}")
assert right[-1] > right[6]

# %% [markdown]
# The pictures are turned, so that the rows are read from left to right. The network was only ever asked at the end, so its
# earlier opinions are by-products: what it says after a few rows is no calibrated guess.
#
# ## Inside the transformer: attention
#
# Each of 49 patches has a weight for each of 49 patches, in each of four heads of two blocks; the 49 weights add to 1. For
# three patches (marked), where do they look, averaged over the heads of a block?

# %%
model, looker = transformer(0)  # they share their layers, and so their weights
model.set_weights(models["transformer"].get_weights())
weights = looker.predict(picture[None])
figure, cells = plt.subplots(2, 4, figsize=(7.5, 3.8))
for block, line in enumerate(cells):
    line[0].imshow(picture, cmap="gray_r")
    line[0].set_title(f"block {block + 1}", fontsize=9)
    for cell, (down, right_) in zip(line[1:], ((3, 1), (3, 3), (5, 5)), strict=True):
        shares = weights[block][0].mean(axis=0)[7 * down + right_].reshape(7, 7)
        cell.imshow(shares, cmap="viridis", vmin=0)
        cell.plot(right_, down, "rs", ms=9, fillstyle="none")
    for cell in line:
        cell.axis("off")
figure.tight_layout()
print(
    "weights of one patch:",
    weights[0].shape[-1],
    "with the sum",
    weights[0][0, 0, 0].sum().round(4),
)
mean = weights[0].mean(axis=(0, 1))
print(f"the largest share is {mean.max() * 49:.1f} times that of equal attention")

# %% [markdown]
# Attention shows where the network *looks*, which isn't the same as what its prediction depends on: the values are mixed again
# in the dense layers and in the second block. For that, [notebook 8](08-opening-the-black-box.ipynb) has better tools.
#
# ## When which?
#
# | family | built in | strong where | price |
# |---|---|---|---|
# | dense | nothing | few features without order | many weights for large inputs |
# | CNN | neighbors belong together, and the same everywhere | pictures, sound, from few examples | many multiplications |
# | LSTM, GRU | order, and a state of fixed size | streams, short sequences, small memory | one step after the other |
# | transformer | nearly nothing: all parts may look at all | much data, or a pretrained network; texts | grows with the square of the length |
#
# ## Exercises
#
# **1.** How many weights has `Conv2D(32, 3)` on a picture with 8 channels, with its biases?


# %%
@exercise("Exercise 1")
def check_weights(answer):
    check_number(answer, 2336, "Each of 32 filters has 3 · 3 · 8 weights and a bias.")


check_weights(...)

# %% [markdown]
# **2.** *Convolution.* `op(x, kernel)` with $x$ of shape (height, width) and a kernel of shape $(a, b)$ returns
# $y_{ij} = \sum_{u,v} x_{i+u,\,j+v}\, w_{uv}$ wherever the kernel fits, and the pullback to $(dx, dw)$.


# %%
@exercise("Exercise 2")
def check_convolution(op):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(6, 5)), rng.normal(size=(3, 2))
    value = np.array(
        [[(x[i : i + 3, j : j + 2] * kernel).sum() for j in range(4)] for i in range(4)]
    )
    check_op(op, value, x, kernel)


check_convolution(...)

# %% [markdown]
# **3.** *Backpropagation through time.* `op(x, W, U)` with $x$ of shape (steps, features) computes $h_t = \tanh(x_t W + h_{t-1} U)$ from
# $h_0 = 0$, and returns the last state, and the pullback to $(dx, dW, dU)$.


# %%
@exercise("Exercise 3")
def check_recurrence(op):
    rng = np.random.default_rng(0)
    x, W, U = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 4)) / 2
    h = np.zeros(4)
    for row in x:
        h = np.tanh(row @ W + h @ U)
    check_op(op, h, x, W, U)


check_recurrence(...)

# %% [markdown]
# **4.** *Attention.* `op(q, k, v)` returns $y = \mathrm{softmax}(q k^\top / \sqrt n)\, v$, the softmax along the keys, $n$ the size of a query, and
# the pullback to $(dq, dk, dv)$.


# %%
@exercise("Exercise 4")
def check_attention(op):
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    p = np.exp(q @ k.T / 2)
    check_op(op, p / p.sum(axis=1, keepdims=True) @ v, q, k, v)


check_attention(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_convolution(x, kernel):
    (a, b), places = kernel.shape, np.lib.stride_tricks.sliding_window_view(x, kernel.shape)

    def pullback(dy):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(*dy.shape):
            dx[i : i + a, j : j + b] += dy[i, j] * kernel
        return dx, np.einsum("ij,ijuv->uv", dy, places)

    return np.einsum("ijuv,uv->ij", places, kernel), pullback


def turned_kernel(x, kernel):
    return solve_convolution(x, kernel[::-1, ::-1])


def solve_recurrence(x, W, U, through_time=True):
    states = [np.zeros(len(U))]
    for row in x:
        states.append(np.tanh(row @ W + states[-1] @ U))

    def pullback(dh):
        dx, dW, dU = np.zeros(x.shape), np.zeros(W.shape), np.zeros(U.shape)
        for t in reversed(range(len(x))):
            dz = dh * (1 - states[t + 1] ** 2)
            dx[t], dh = dz @ W.T, dz @ U.T
            dW += np.outer(x[t], dz)
            dU += np.outer(states[t], dz)
            if not through_time:
                break
        return dx, dW, dU

    return states[-1], pullback


def only_the_last_step(x, W, U):
    return solve_recurrence(x, W, U, through_time=False)


def solve_attention(q, k, v, scaled=True):
    scale = 1 / np.sqrt(q.shape[1])
    s = q @ k.T * scale
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)

    def pullback(dy):
        dp = dy @ v.T
        ds = p * (dp - (dp * p).sum(axis=1, keepdims=True)) * (scale if scaled else 1)
        return ds @ k, ds.T @ q, p.T @ dy

    return p @ v, pullback


def without_the_scale(q, k, v):
    return solve_attention(q, k, v, scaled=False)


check_weights(32 * (3 * 3 * 8) + 32)
rejected(check_weights, 32 * 3 * 3 + 32)
check_convolution(solve_convolution)
rejected(check_convolution, turned_kernel)
check_recurrence(solve_recurrence)
rejected(check_recurrence, only_the_last_step)
check_attention(solve_attention)
rejected(check_attention, without_the_scale)
