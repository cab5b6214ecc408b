"""Measure the test accuracy of a training command over several seeds: mean and 95% interval.

    python benchmarks/accuracy.py [--seeds 5] [--write docs/results.md] [-- TRAIN OPTIONS]

Each seed is a whole `glassnet train` in its own process, which uses the test set once. The 95%
interval is Student's over the seeds: it covers the variation between seeds, not between test sets.
With --write, the section of the same command in the file is replaced, and the others stay.
"""

import argparse
import json
import re
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
    """Train in a new process and return the run's JSON."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from glassnet.cli import main; main()", "train"]
        done = subprocess.run(
            [*command, *options, "--seed", str(seed), "--out", folder, "--json"],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout)


def mean_and_half_width(values: list[float]) -> tuple[float, float]:
    """Return the mean and half of its 95% interval."""
    error = statistics.stdev(values) / len(values) ** 0.5
    return statistics.mean(values), STUDENT_95[len(values)] * error


def main() -> None:
    """Train with each seed, print the section, and write it with --write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, choices=sorted(STUDENT_95))
    parser.add_argument("--write", type=Path)
    parser.add_argument("options", nargs="*", help="options of glassnet train, after --")
    arguments = parser.parse_args()
    runs = []
    for seed in range(arguments.seeds):
        runs.append(train(seed, arguments.options))
        print(row(seed, runs[-1]), file=sys.stderr)
    command = " ".join(["glassnet train", *arguments.options])
    print(written := section(command, runs))
    if arguments.write:
        old = arguments.write.read_text() if arguments.write.exists() else ""
        arguments.write.write_text(page(sections(old) | sections(written)))


BEGIN = """# Results

Written by `python benchmarks/accuracy.py --write docs/results.md -- OPTIONS OF glassnet train`: one
section per command, one row per training. The model of the last epoch is evaluated once on the test
set. ± is the 95% interval over the seeds. Seconds are those of the training; docs/log.md names the
machine.

| command | parameters | test accuracy | seconds |
|---|---|---|---|
"""


def section(command: str, runs: list[dict]) -> str:
    """Return the section of a command: its heading and the table of its seeds."""
    lines = [f"## `{command}`", "", f"{runs[0]['parameters']:,} parameters.", ""]
    lines.append("| seed | validation accuracy | test accuracy | test loss | epochs | seconds |")
    lines.append("|---|---|---|---|---|---|")
    lines += [row(seed, run) for seed, run in enumerate(runs)]
    cells = []
    for part in ("validation", "test"):
        if runs[0][part] is None:  # trained on all rows, without a validation split
            cells.append("none")
            continue
        mean, half = mean_and_half_width([100 * run[part]["accuracy"] for run in runs])
        cells.append(f"{mean:.2f}% ± {half:.2f}")
    seconds = statistics.mean(run["seconds"] for run in runs)
    lines.append(f"| mean | {' | '.join(cells)} | | | {seconds:.0f} |")
    return "\n".join(lines) + "\n"


def row(seed: int, run: dict) -> str:
    """Return a row of the table."""
    validation, test = run["validation"], run["test"]
    validation_accuracy = "none" if validation is None else f"{100 * validation['accuracy']:.2f}%"
    return (
        f"| {seed} | {validation_accuracy} | {100 * test['accuracy']:.2f}% "
        f"| {test['loss']:.4f} | {run['epochs']} | {run['seconds']:.1f} |"
    )


def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their commands."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.split("`")[1]: part.strip() for part in parts if part.startswith("## ")}


def page(by_command: dict[str, str]) -> str:
    """Return the whole page: a summary of the sections, then the sections."""
    lines = []
    for command, text in by_command.items():
        mean = text.splitlines()[-1].split("|")
        parameters = re.search(r"^([\d,]+) parameters", text, re.MULTILINE)[1]
        lines.append(f"| `{command}` | {parameters} | {mean[3].strip()} | {mean[6].strip()} |")
    return BEGIN + "\n".join(lines) + "\n\n" + "\n\n".join(by_command.values()) + "\n"


if __name__ == "__main__":
    main()
