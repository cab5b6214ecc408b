"""How accurate is the default run? Seeds 0 to 4, test set touched once each, mean and interval.

    python benchmarks/accuracy.py [--write docs/results.md] [-- OPTIONS OF glassnet train ...]

Each seed is a whole `glassnet train` in a process of its own. The interval is Student's, 95%, over
the seeds: it says how far another seed may lie, not how far another test set would.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

STUDENT_95 = {
    2: 12.706,
    3: 4.303,
    4: 3.182,
    5: 2.776,
    6: 2.571,
    7: 2.447,
    8: 2.365,
    9: 2.306,
    10: 2.262,
}


def train(seed: int, options: list[str]) -> dict:
    """One run's JSON."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from glassnet.cli import main; main()", "train"]
        done = subprocess.run(
            [*command, *options, "--seed", str(seed), "--out", folder, "--json"],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout)


def mean_and_half_width(values: list[float]) -> tuple[float, float]:
    """The mean and half of its 95% interval."""
    error = statistics.stdev(values) / len(values) ** 0.5
    return statistics.mean(values), STUDENT_95[len(values)] * error


def main() -> None:
    """Train, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, choices=sorted(STUDENT_95))
    parser.add_argument("--write", type=Path)
    parser.add_argument("options", nargs="*", help="options of glassnet train, after --")
    arguments = parser.parse_args()
    lines = ["| seed | validation accuracy | test accuracy | test loss | epochs | seconds |"]
    lines.append("|---|---|---|---|---|---|")
    runs = []
    for seed in range(arguments.seeds):
        run = train(seed, arguments.options)
        runs.append(run)
        validation, test = run["validation"]["accuracy"], run["test"]
        lines.append(
            f"| {seed} | {100 * validation:.2f}% | {100 * test['accuracy']:.2f}% "
            f"| {test['loss']:.4f} | {run['epochs']} | {run['seconds']:.1f} |"
        )
        print(lines[-1], file=sys.stderr)
    cells = []
    for values in (
        [r["validation"]["accuracy"] for r in runs],
        [r["test"]["accuracy"] for r in runs],
    ):
        mean, half = mean_and_half_width([100 * value for value in values])
        cells.append(f"{mean:.2f}% ± {half:.2f}")
    lines.append(f"| **mean ± 95%** | **{cells[0]}** | **{cells[1]}** | | | |")
    print("\n".join(lines))
    if arguments.write:
        shown = " ".join(["glassnet train", *arguments.options])
        arguments.write.write_text(
            "# Results\n\nWritten by `python benchmarks/accuracy.py --write docs/results.md`; "
            f"each row is a whole run of `{shown}`.\nThe model of the last epoch, "
            f"{runs[0]['parameters']:,} parameters, judged once on the "
            f"{runs[0]['test']['count']:,} test examples.\n\n"
            + "\n".join(lines) + "\n"
        )  # fmt: skip


if __name__ == "__main__":
    main()
