# %% [markdown]
# # 9. Your own data
#
# From raw files to predictions, three times: a table, a folder of pictures, texts. Each time in the same order: look at what is
# read, let the data be checked, train, evaluate, explain, predict, save and load. The data are made here, from what is installed, and
# some faults with them, of the kinds that real files have.
#
# Lines with `!` are commands, as one types them in a terminal; `2>&1 | cat` isn't needed there, it only leaves out the progress.

# %%
import ast
import csv
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from exercises import check_op, exercise, rejected
from PIL import Image
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import explain_example, load, load_model

plt.rcParams.update({"figure.dpi": 72, "image.interpolation": "none"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # this Python's commands
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)  # what this notebook writes goes there, and vanishes with it

# %% [markdown]
# ## A table
#
# Cells of 569 tumors, measured under the microscope: benign or malignant? Six measurements come with scikit-learn. The
# table below is as such tables are: it has a number for each case, -999 where a value is missing, and a column that was filled in
# later, when the diagnosis was known.

# %%
rng = np.random.default_rng(0)
cancer = load_breast_cancer()
measured = {
    name.removeprefix("mean "): cancer.data[:, column].round(4)
    for column, name in enumerate(cancer.feature_names)
    if name.split()[-1] in ("radius", "texture", "smoothness", "concavity", "symmetry")
    and name.startswith("mean")
}
diagnosis = cancer.target_names[cancer.target]
treated = (diagnosis == "malignant") ^ (rng.random(len(diagnosis)) < 0.01)
raw = pl.DataFrame(measured).with_columns(
    pl.Series("clinic", rng.choice(["north", "south", "west"], len(diagnosis))),
    pl.Series("treated", np.where(treated, "yes", "no")),
    pl.Series("diagnosis", diagnosis),
)
raw = raw.sample(fraction=1, shuffle=True, seed=0).with_row_index("case", 1001)
raw = raw.with_columns(
    texture=pl.when(pl.col("case") % 14 == 0).then(-999.0).otherwise(pl.col("texture"))
)
raw[:419].write_csv("cells.csv")
print(Path("cells.csv").read_text()[:300])

# %% [markdown]
# What is read, with the type of each column and why it has it:

# %%
# !glassnet data cells.csv --target diagnosis 2>&1 | cat

# %% [markdown]
# ### What the checks find
#
# `glassnet doctor` checks the raw rows, the network and the first steps, and trains nothing. (`glassnet train` runs the same checks first.)

# %%
# !glassnet doctor cells.csv --target diagnosis 2>&1 | cat

# %% [markdown]
# Both are right. -999 is no texture: cells without a value must be empty. And `treated` is known only after the diagnosis; a
# network with this column would learn nothing else, look excellent in the test, and be useless for a new patient. Is a
# column known when the prediction is needed? No program can know; ask it of each column. The number of the case is no
# property of the cells either, so it goes, too. Look at what the leak would have done:

# %%
clean = raw.with_columns(
    texture=pl.when(pl.col("texture") == -999).then(None).otherwise(pl.col("texture"))
)
clean[:419].write_csv("clean.csv")
clean[419:].write_csv("later.csv")  # rows that come in after the training
# !glassnet train clean.csv --target diagnosis --drop case --name leak -q --no-report 2>&1 | cat
# !glassnet train clean.csv --target diagnosis --drop case --drop treated --name cells -q --no-report 2>&1 | cat

# %% [markdown]
# The first result, with the leak, is the one that is too good to be true. What the doctor says after a training, and what helps, is
# the subject of [notebook 5](05-overfitting-and-regularization.ipynb).
#
# ### Evaluate on rows that came later
#
# The test rows above were a fifth of the table. Now 150 new rows, with their diagnoses; beside the network a much simpler model, a
# logistic regression. The difference of two accuracies on so few rows must be large to mean anything.

# %%
# !glassnet evaluate runs/cells later.csv 2>&1 | cat

# %%
later = pl.read_csv("later.csv")
train_rows = pl.read_csv("clean.csv").drop_nulls()  # it can't read missing values
features = list(measured)
simple = make_pipeline(StandardScaler(), LogisticRegression())
simple.fit(train_rows[features].to_numpy(), train_rows["diagnosis"].to_numpy())
model = load_model("runs/cells")
predicted = model.predict(later)
complete = later.drop_nulls()
right_simple = simple.predict(complete[features].to_numpy()) == complete["diagnosis"].to_numpy()
right = predicted["predicted_diagnosis"].to_numpy() == later["diagnosis"].to_numpy()
majority = (later["diagnosis"] == "benign").mean()
for name, share, rows in (
    ("always 'benign'", majority, len(later)),
    ("logistic regression", right_simple.mean(), len(complete)),
    ("network", right.mean(), len(later)),
):
    error = 1.96 * np.sqrt(share * (1 - share) / rows)
    print(f"{name:20} accuracy {share:.1%} ± {error:.1%} on {rows} rows")
assert right.mean() > majority + 0.1

# %% [markdown]
# On a few hundred rows with six columns, a network has no advantage over a model that is fitted in a moment and easier to read. So
# begin with the simple one: it is the bar.
#
# ### Predict and explain
#
# The model takes raw rows: what was done to the columns of the training table (filling gaps, scaling, encoding) is part of the
# model's file. A row may miss values; a category that was never seen gets a warning.

# %%
row = later[:1].drop("diagnosis")
print(model.predict(row))
why = explain_example(model, row)
figure, axes = plt.subplots(figsize=(6, 2.6))
names, shares = list(why.columns), list(why.columns.values())
axes.barh(
    [f"{name} = {row[name][0]}" for name in names],
    shares,
    color=["tab:blue" if share > 0 else "tab:red" for share in shares],
)
axes.invert_yaxis()
axes.axvline(0, color="gray", lw=1)
axes.set_xlabel("what the column adds to the logit of the predicted class")
figure.tight_layout()
print("compared with", why.baseline)

# %% [markdown]
# ### Save and load
#
# A run is a folder; its model is one file with network, weights, preprocessing and class names. It can be copied anywhere:

# %%
shutil.copy("runs/cells/model.safetensors", "cells.safetensors")
again = load_model("cells.safetensors")
print(again.predict(later).equals(predicted), f"{os.path.getsize('cells.safetensors'):,} bytes")
assert again.predict(later).equals(predicted)

# %% [markdown]
# ## A folder of pictures
#
# One folder for each class, and files in them. Here: 120 pictures of each of four kinds of clothes as PNG files; a download that
# broke off; and twelve dresses that somebody also put into the folder of bags.

# %%
clothes = load("fashion-mnist")
for label in (0, 3, 5, 8):
    place = Path("clothes", clothes.class_names[label].replace("/", "-"))
    place.mkdir(parents=True)
    for number, row in enumerate(np.flatnonzero(clothes.y_train == label)[:120]):
        Image.fromarray(clothes.x_train[row]).save(place / f"{number:03}.png")
broken = Path("clothes/Sandal/005.png")
broken.write_bytes(broken.read_bytes()[:100])
for number in range(12):
    shutil.copy(f"clothes/Dress/{number:03}.png", f"clothes/Bag/copy-{number}.png")
# !glassnet doctor clothes 2>&1 | cat

# %% [markdown]
# A picture that can't be read is an error that names it. Without that file, the search goes on, and finds the dresses: as
# pictures with two labels, and as test pictures that are training pictures, too, which would make the test too easy.

# %%
broken.unlink()
# !glassnet doctor clothes 2>&1 | cat

# %%
for copy in Path("clothes/Bag").glob("copy-*.png"):
    copy.unlink()
# !glassnet train clothes --name clothes --network cnn --filters 8,16 --epochs 12 -q --no-report 2>&1 | cat

# %% [markdown]
# 480 pictures are few: read the intervals, not only the accuracy. Other pictures, and what the network looks at, measured by the
# gradient along the way from a black picture to this one (*integrated gradients*):

# %%
model = load_model("runs/clothes")
Path("new").mkdir()
files = []
for label in (0, 3, 5, 8):
    row = np.flatnonzero(clothes.y_test == label)[0]
    files.append(f"new/{label}.png")
    Image.fromarray(clothes.x_test[row]).save(files[-1])
answer = model.predict(pl.DataFrame({"file": files}))
figure, cells = plt.subplots(2, 4, figsize=(7, 3.8))
for column, file, label in zip(cells.T, files, answer["predicted_label"], strict=True):
    why = explain_example(model, pl.DataFrame({"file": [file]}))
    column[0].imshow(Image.open(file), cmap="gray_r")
    column[0].set_title(label)
    values = np.squeeze(why.values)
    limit = np.abs(values).max()
    column[1].imshow(values, cmap="RdBu", vmin=-limit, vmax=limit)
for cell in cells.ravel():
    cell.axis("off")
figure.tight_layout()

# %% [markdown]
# Blue pixels speak for the class, red ones against it. From the command line, the same is `glassnet predict runs/clothes new` and
# `glassnet explain runs/clothes new/0.png`:

# %%
# !glassnet predict runs/clothes new 2>&1 | cat

# %% [markdown]
# ## Texts
#
# A table with a text and a label in each row, or a folder of `.txt` files for each class. Here: first sentences of the documentation
# inside four Python packages, and the question what a sentence is about.


# %%
def sentences(*modules):
    """The first paragraphs of the docstrings of these modules, without doubles."""
    texts = set()
    for module in modules:
        file = Path(find_spec(module).origin)
        for path in sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    words = (ast.get_docstring(node) or "").split("\n\n")[0].split()
                    if 5 <= len(words) <= 30:
                        texts.add(" ".join(words))
    return sorted(texts)


topics = {
    "plots": sentences("matplotlib.axes"),
    "statistics": sentences("scipy.stats"),
    "signals": sentences("scipy.signal", "scipy.fft"),
    "learning": sentences("sklearn.linear_model", "sklearn.metrics", "sklearn.ensemble"),
}
rng = np.random.default_rng(0)
with open("sentences.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["text", "topic"])
    for topic, texts in topics.items():
        for text in rng.permutation(texts)[:250]:
            writer.writerow([text, topic])
# !glassnet doctor sentences.csv 2>&1 | cat
# !glassnet train sentences.csv --name topics --network gru --units 24 --embedding 24 --max-length 32 --epochs 15 -q --no-report 2>&1 | cat

# %%
# !glassnet predict runs/topics "Plot a histogram of the data." "The variance of a random variable." "A cake with cherries" 2>&1 | cat

# %% [markdown]
# Of cakes, the network has learned nothing, and yet it must choose one of four topics; the number of unknown words is the sign
# that the answer means nothing. And which words decide?

# %%
# !glassnet explain runs/topics "Return the frequency response of a digital filter." 2>&1 | cat

# %% [markdown]
# ## Exercises
#
# **1.** *Fit on the training rows only.* `standardize(train, test)` returns both, minus the mean and divided by the standard
# deviation of each column, so that nothing of the test rows is used.


# %%
@exercise("Exercise 1")
def check_standardize(standardize):
    rng = np.random.default_rng(0)
    train, test = rng.normal(3, 2, (50, 3)), rng.normal(5, 4, (20, 3))
    ours, theirs = standardize(train, test)
    assert np.allclose(ours.mean(axis=0), 0), "the training columns should have the mean 0"
    assert np.allclose(ours.std(axis=0), 1), "the training columns should have the deviation 1"
    moved = standardize(train, 10 * test)[0]
    assert np.allclose(ours, moved), "the training rows depend on the test rows"
    assert np.allclose(theirs, (test - train.mean(axis=0)) / train.std(axis=0)), (
        "the test rows should be scaled by the numbers of the training rows"
    )


check_standardize(...)

# %% [markdown]
# **2.** *A split by patient.* Several rows may belong to one patient. `split(patients, share)` returns, for an array of patients, an
# array that is True for test rows: all rows of a patient are on one side, and between half of `share` and twice `share` of the
# rows are for testing.


# %%
@exercise("Exercise 2")
def check_split(split):
    patients = np.random.default_rng(0).integers(0, 60, 400)
    for share in (0.2, 0.4):
        test = np.asarray(split(patients, share))
        assert test.dtype == bool, "one True or False for each row"
        assert test.shape == patients.shape, "one True or False for each row"
        both = set(patients[test]) & set(patients[~test])
        assert not both, f"patient {min(both)} is on both sides"
        assert share / 2 < test.mean() < 2 * share, f"{test.mean():.0%} of the rows are for testing"


check_split(...)

# %% [markdown]
# **3.** *An embedding* gives each word a row of a table. `op(table, ids)` returns the rows of these ids, and the pullback from
# $dy$ to the gradient of the table. A word may occur twice.


# %%
@exercise("Exercise 3")
def check_embedding(op):
    table, ids = np.random.default_rng(0).normal(size=(5, 3)), np.array([[1, 4, 1], [0, 1, 2]])
    check_op(op, table[ids], table, ids=ids)


check_embedding(...)

# %% [markdown]
# **4.** *Rare classes.* `op(z, labels, weights)` returns for each row of logits $z$ the weighted loss $-w_y \log p_y$ with
# $p = \mathrm{softmax}(z)$ and the weight $w_y$ of the row's class, and the pullback to $dz$.


# %%
@exercise("Exercise 4")
def check_weighted(op):
    z, labels = np.random.default_rng(0).normal(size=(5, 3)), np.array([0, 2, 1, 1, 2])
    weights = np.array([1.0, 0.5, 4.0])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    value = -weights[labels] * np.log(p[np.arange(5), labels])
    check_op(op, value, z, labels=labels, weights=weights)


check_weighted(...)

# %% [markdown]
# ### Solutions


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def solve_standardize(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation


def with_all_rows(train, test):
    both = np.concatenate([train, test])
    return (train - both.mean(axis=0)) / both.std(axis=0), test


def solve_split(patients, share):
    known = np.unique(patients)
    chosen = np.random.default_rng(1).permutation(known)[: round(share * len(known))]
    return np.isin(patients, chosen)


def by_rows(patients, share):
    return np.random.default_rng(1).random(len(patients)) < share


def solve_embedding(table, ids):
    def pullback(dy):
        dtable = np.zeros(table.shape)
        np.add.at(dtable, ids, dy)
        return dtable

    return table[ids], pullback


def without_doubles(table, ids):
    def pullback(dy):
        dtable = np.zeros(table.shape)
        dtable[ids] += dy  # equal ids: only the last one counts
        return dtable

    return table[ids], pullback


def solve_weighted(z, labels, weights):
    rows, w = np.arange(len(z)), weights[labels]
    log_p = z - z.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    one = np.eye(z.shape[1])[labels]
    return -w * log_p[rows, labels], lambda dl: (np.exp(log_p) - one) * (w * dl)[:, None]


def unweighted_gradient(z, labels, weights):
    value, _ = solve_weighted(z, labels, weights)
    return value, solve_weighted(z, labels, np.ones_like(weights))[1]


check_standardize(solve_standardize)
rejected(check_standardize, with_all_rows)
check_split(solve_split)
rejected(check_split, by_rows)
check_embedding(solve_embedding)
rejected(check_embedding, without_doubles)
check_weighted(solve_weighted)
rejected(check_weighted, unweighted_gradient)
