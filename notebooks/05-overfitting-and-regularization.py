# %% [markdown]
# # 5. Overfitting and regularization
#
# A network with more weights than examples can learn the examples by heart: it is then right about all of them, and no
# better on new ones. This notebook provokes that, with 2,000 pictures, and tries what is said to help: early stopping, a
# smaller network, dropout, batch normalization, L1 and L2 penalties, augmentation, more data. Each is compared with the
# plain network, over the same five seeds, and the verdict is what the numbers say.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises import check_number, check_op, exercise, rejected
from scipy import stats
from threadpoolctl import threadpool_limits

from glassnet import (
    L1,
    L2,
    Activation,
    Adam,
    BatchNormalization,
    CosineDecay,
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    Model,
    Rescaling,
    load,
)

plt.rcParams.update({"figure.dpi": 72, "image.interpolation": "none"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
limits = threadpool_limits(1)  # the products are small: a second thread would cost time
data = load("fashion-mnist")
order = np.random.default_rng(0).permutation(len(data.x_train))


def rows(begin, end):
    return data.x_train[order[begin:end]], data.y_train[order[begin:end]]


x_train, y_train = rows(0, 2000)
x_more, y_more = rows(0, 16_000)
x_val, y_val = rows(50_000, 52_000)  # for the curves, and for early stopping
x_new, y_new = rows(52_000, 60_000)  # to compare the methods

# %% [markdown]
# ## Overfitting, seen
#
# A network 784-128-128-10 on 2,000 pictures, for 40 epochs with Adam's default learning rate.


# %%
def network(seed=0, width=128, dropout=0.0, batch_norm=False, regularizer=None, rate=1e-3):
    layers = [Flatten(), Rescaling(1 / 255)]
    for _ in range(2):
        layers.append(Dense(width, kernel_regularizer=regularizer))
        layers += [BatchNormalization()] if batch_norm else []
        layers.append(Activation("relu"))
        layers += [Dropout(dropout)] if dropout else []
    model = Model([*layers, Dense(10, "softmax")], (28, 28), seed=seed)
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model, x=x_train, y=y_train, epochs=40, **options):
    return model.fit(x, y, batch_size=64, epochs=epochs, verbose=0, **options).history


model = network()
plain = fit(model, validation_data=(x_val, y_val))
print(f"{model.count_params():,} weights, {len(x_train):,} pictures")

# %%
figure, panels = plt.subplots(1, 2, figsize=(8, 2.8))
for axes, name in zip(panels, ("loss", "accuracy"), strict=True):
    axes.plot(range(1, 41), plain[name], label="training")
    axes.plot(range(1, 41), plain[f"val_{name}"], label="validation")
    axes.set(xlabel="epoch", title=name)
panels[0].legend(frameon=False)
figure.tight_layout()
best = int(np.argmin(plain["val_loss"]))
print(f"training:   accuracy {plain['accuracy'][-1]:.1%}, loss {plain['loss'][-1]:.3f}")
print(f"validation: accuracy {plain['val_accuracy'][-1]:.1%}, loss {plain['val_loss'][-1]:.3f}")
print(f"the lowest validation loss was {plain['val_loss'][best]:.3f}, after epoch {best + 1}")
assert plain["accuracy"][-1] > 0.95
assert plain["val_loss"][-1] > 1.2 * plain["val_loss"][best]

# %% [markdown]
# The training accuracy approaches 100%; the validation accuracy stops far below. And the validation *loss* rises, though the
# validation *accuracy* hardly changes: the network is wrong about much the same pictures, but with ever higher
# probabilities, and the cross-entropy $-\log p_y$ punishes that.
#
# ## The methods
#
# | method | what it changes |
# |---|---|
# | early stopping | training ends when the validation loss has not improved for 5 epochs, and the best weights are restored |
# | smaller network | fewer weights to learn by heart with |
# | dropout | in each training step, a random share $r$ of the activations is set to 0, the others are divided by $1 - r$ |
# | batch normalization | the sums of each unit are standardized over the batch, then scaled and shifted by learned numbers |
# | L2 | adds $\lambda \sum w^2$ to the loss: pulls each weight to 0, the more the larger it is |
# | L1 | adds $\lambda \sum \lvert w \rvert$: pulls each weight to 0 with the same force, however small it is |
# | augmentation | each picture is changed at random whenever it is seen; its label stays |
#
# To compare two methods by one training each is to compare two lottery tickets: another seed, that is, other first weights
# and another order of the batches, gives another result. So there are five seeds, the same for every method, and we look at
# the *differences* $d$ from the plain network, seed by seed. If the 95% interval of their mean,
#
# $$ \bar d \pm t_{0.975,\,4} \; s_d / \sqrt 5 , $$
#
# excludes 0, the method helps or hurts; if not, five seeds are no evidence for either. The accuracies are those of 8,000 other
# pictures: early stopping has used the validation pictures already, to choose its epoch. The *gap* is the accuracy on the
# training pictures minus that on new ones. The learning rate falls to 0 along a cosine, so that the result depends less on
# what the last few batches happened to be; the loss is the cross-entropy on new ones, without penalties.

# %%
decay = CosineDecay(1e-3, 1250)
early = EarlyStopping(patience=5, restore_best_weights=True)
methods = {  # name: (what differs in the network, what differs in the training)
    "plain": ({}, {}),
    "early stopping": ({}, {"callbacks": [early], "validation_data": (x_val, y_val)}),
    "smaller network, 24": ({"width": 24}, {}),
    "dropout 0.3": ({"dropout": 0.3}, {}),
    "dropout 0.6": ({"dropout": 0.6}, {}),
    "batch normalization": ({"batch_norm": True}, {}),
    "L2, 0.0001": ({"regularizer": L2(1e-4)}, {}),
    "L2, 0.003": ({"regularizer": L2(3e-3)}, {}),
    "L2, 0.1": ({"regularizer": L2(0.1)}, {}),
    "L1, 0.0003": ({"regularizer": L1(3e-4)}, {}),
    "augmentation: shift": ({}, {"augment": "shift"}),
    "augmentation: flip": ({}, {"augment": "flip"}),
    "8 times the data": ({}, {"x": x_more, "y": y_more, "epochs": 5}),  # as many steps
}
SEEDS = range(5)


def crossentropy(model, x, y):
    """Without the penalties of L1 and L2, which the loss of `evaluate` includes."""
    return -np.log(np.maximum(model.predict(x)[np.arange(len(y)), y], 1e-7)).mean()


accuracy, loss, gap, models = {}, {}, {}, {}
for name, (settings, options) in methods.items():
    results = []
    for seed in SEEDS:
        model = network(seed, rate=decay, **settings)
        fit(model, **options)
        new = model.evaluate(x_new, y_new, verbose=0)[1]
        seen = model.evaluate(x_train, y_train, verbose=0)[1]
        results.append((new, crossentropy(model, x_new, y_new), seen - new))
    accuracy[name], loss[name], gap[name] = np.array(results).T
    models[name] = model  # that of the last seed


# %%
def interval(differences):
    half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return differences.mean() - half, differences.mean() + half


def verdict(low, high, helps, hurts):
    return helps if low > 0 else hurts if high < 0 else "no evidence"


verdicts = {}
print(f"{'':21}{'accuracy':>8}{'gap':>7}{'loss':>6}  difference in accuracy       the loss is")
for name in methods:
    line = f"{name:21}{accuracy[name].mean():8.1%}{gap[name].mean():7.1%}{loss[name].mean():6.2f}"
    if name != "plain":
        low, high = 100 * np.array(interval(accuracy[name] - accuracy["plain"]))
        verdicts[name] = verdict(low, high, "helps", "hurts")
        line += f"  {low:+5.1f} to {high:+5.1f}: {verdicts[name]:11}"
        line += f"  {verdict(*interval(loss[name] - loss['plain']), 'higher', 'lower')}"
    print(line)

# %%
figure, axes = plt.subplots(figsize=(7.5, 4))
colors = {"helps": "tab:blue", "hurts": "tab:red"}
for height, name in enumerate(reversed(methods)):
    color = colors.get(verdicts.get(name), "gray")
    axes.plot(100 * accuracy[name], [height] * len(SEEDS), "o", color=color, alpha=0.6, ms=5)
axes.axvline(100 * accuracy["plain"].mean(), color="gray", lw=1, ls=":")
axes.set_yticks(range(len(methods)), reversed(methods))
axes.set_xlabel("accuracy on new pictures in %, a point for each seed; blue helps, red hurts")
figure.tight_layout()

# %%
effect = {word: [n for n in verdicts if verdicts[n] == word] for word in ("helps", "hurts")}
for word, some in effect.items():
    print(f"{word}:", ", ".join(some))
assert {"8 times the data", "dropout 0.3"} <= set(effect["helps"])
assert {"L2, 0.1", "batch normalization", "augmentation: shift"} <= set(effect["hurts"])
assert loss["early stopping"].mean() < loss["plain"].mean()
assert loss["dropout 0.3"].mean() < loss["plain"].mean()

# %% [markdown]
# What can be read from it, for this network and these data:
#
# - **Accuracy and loss are two questions.** Nearly every method lowers the loss on new pictures, that is, makes the network less
#   sure where it is wrong. Few raise the accuracy. If probabilities matter to you, look at the loss.
# - **More data** helps far more than anything else. The regularizers are what one does without them.
# - **Dropout** helps both, if there isn't too much of it: a network of this size can't spare most of its units.
# - **Early stopping and the smaller network** lower the loss, not the accuracy. Early stopping ends in the middle of the schedule,
#   while the learning rate is still high; it saves time, though.
# - **Batch normalization** hurts. It is made to train deep networks faster; this one has two hidden layers, and learns the
#   training pictures by heart all the sooner. It is not a regularizer to rely on.
# - **L1 and L2** are a matter of strength: a weak penalty does nothing, a strong one is far worse than none. With Adam, whose
#   steps are divided by the size of the gradients, the penalty's gradients are divided, too; *decoupled* weight decay
#   (`AdamW`) avoids that.
# - **Augmentation** must resemble what new pictures look like. All of these are centered: a network of dense layers that must
#   also know shifted ones has a harder task, and gains nothing by it. With a convolutional network, or photos that are not
#   centered, it may be otherwise.
# - **A small gap is no success.** The strongest L2 penalty has the smallest gap, and the worst network.
#
# The five seeds change the first weights and the order of the batches, not the 2,000 pictures, so an interval says nothing about
# another sample of pictures, or another data set. And with twelve comparisons at 95%, one verdict that is mere chance would be no
# surprise.
#
# ## What the methods do to the weights
#
# One network of each kind: the weights of the first layer, and those of its first ten units as pictures (blue
# positive, red negative).

# %%
shown = ("plain", "dropout 0.3", "L2, 0.003", "L1, 0.0003", "8 times the data")
figure, cells = plt.subplots(len(shown), 10, figsize=(8.5, 4.5))
for line, name in zip(cells, shown, strict=True):
    kernel = next(w for w in models[name].get_weights() if w.ndim == 2)
    small, size = np.mean(np.abs(kernel) < 1e-3), np.sqrt(np.mean(kernel**2))
    print(f"{name:17} root mean square {size:.3f}; smaller than 0.001: {small:.0%}")
    limit = np.abs(kernel[:, :10]).max()
    for unit, cell in enumerate(line):
        cell.imshow(kernel[:, unit].reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
        cell.axis("off")
    line[0].set_title(name, loc="left", fontsize=9)
figure.tight_layout(h_pad=0.3)

# %% [markdown]
# Without a penalty, the random weights of the beginning are still there, as noise: nothing pulls them away where the pictures
# say nothing. L2 shrinks all, so that smooth shapes remain; L1 brings most of them to nearly 0, with a few large ones left.
#
# ## Exercises
#
# **1.** *Dropout.* `op(x, mask, rate)` returns $y$ in training, with the mask (1 for what is kept, 0 for what is dropped) and
# the share `rate` of what is dropped, and the pullback from $dy$ to $dx$. The expected value of $y$ must be $x$, so that
# nothing needs to be rescaled when the network is used.


# %%
@exercise("Exercise 1")
def check_dropout(op):
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(4, 6)), (rng.random((4, 6)) > 0.3).astype(float)
    check_op(op, x * mask / 0.7, x, mask=mask, rate=0.3)


check_dropout(...)

# %% [markdown]
# **2.** *Batch normalization in training.* `op(x, gamma, beta)` returns $y = \gamma\, (x - \mu) / \sqrt{\sigma^2 + 0.001} + \beta$
# with $\mu$ and $\sigma^2$ of each column over the rows, and the pullback from $dy$ to $(dx, d\gamma, d\beta)$.


# %%
@exercise("Exercise 2")
def check_batch_norm(op):
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=3)
    value = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.001) + beta
    check_op(op, value, x, gamma, beta)


check_batch_norm(...)

# %% [markdown]
# **3.** *Both penalties.* `op(w, l1, l2)` returns $\lambda_1 \sum \lvert w \rvert + \lambda_2 \sum w^2$ and the pullback from its gradient (a
# number) to $dw$.


# %%
@exercise("Exercise 3")
def check_penalty(op):
    w = np.random.default_rng(0).normal(size=(4, 3))
    check_op(op, 0.3 * np.abs(w).sum() + 0.2 * (w**2).sum(), w, l1=0.3, l2=0.2)


check_penalty(...)

# %% [markdown]
# **4.** Two methods had these accuracies, in percent, with the seeds 0 to 4. What is the lower end of the 95% interval of the mean
# difference $b - a$? The intervals of $a$ and of $b$ alone overlap: compare seed by seed.

# %%
a = np.array([82.1, 83.4, 81.9, 82.8, 83.0])
b = np.array([82.6, 83.8, 82.6, 83.2, 83.6])


@exercise("Exercise 4")
def check_interval(answer):
    check_number(answer, 0.3581, "Take the differences first, then their mean and error.", 1e-3)


check_interval(...)

# %% [markdown]
# **5.** *Many comparisons.* If none of 12 methods had any effect, and the comparisons were
# independent, what would be the probability that at least one 95% interval excludes 0?


# %%
@exercise("Exercise 5")
def check_comparisons(answer):
    check_number(answer, 1 - 0.95**12, "It is 1 minus the probability that all include 0.", 1e-3)


check_comparisons(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_dropout(x, mask, rate):
    scale = mask / (1 - rate)
    return x * scale, lambda dy: dy * scale


def unscaled_dropout(x, mask, rate):
    return x * mask, lambda dy: dy * mask


def solve_batch_norm(x, gamma, beta):
    sigma = np.sqrt(x.var(axis=0) + 0.001)
    z = (x - x.mean(axis=0)) / sigma

    def pullback(dy):
        dz = dy * gamma
        dx = (dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)) / sigma
        return dx, (dy * z).sum(axis=0), dy.sum(axis=0)

    return gamma * z + beta, pullback


def with_constant_statistics(x, gamma, beta):
    y, pullback = solve_batch_norm(x, gamma, beta)
    sigma = np.sqrt(x.var(axis=0) + 0.001)
    return y, lambda dy: (dy * gamma / sigma, *pullback(dy)[1:])


def solve_penalty(w, l1, l2):
    value = l1 * np.abs(w).sum() + l2 * (w**2).sum()
    return value, lambda dvalue: dvalue * (l1 * np.sign(w) + 2 * l2 * w)


def penalty_without_the_two(w, l1, l2):
    return solve_penalty(w, l1, l2)[0], lambda dvalue: dvalue * (l1 * np.sign(w) + l2 * w)


check_dropout(solve_dropout)
rejected(check_dropout, unscaled_dropout)
check_batch_norm(solve_batch_norm)
rejected(check_batch_norm, with_constant_statistics)
check_penalty(solve_penalty)
rejected(check_penalty, penalty_without_the_two)
check_interval(interval(b - a)[0])
rejected(check_interval, interval(b)[0] - interval(a)[0])
check_comparisons(1 - 0.95**12)
rejected(check_comparisons, 12 * 0.05)
