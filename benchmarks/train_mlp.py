"""Compare a training step of 784-128-10 with other systems.   python benchmarks/train_mlp.py

Batch 32, 128 and 512, Adam at its default rate, float32, two threads, on Fashion-MNIST. Every
system has its own process, is built and warmed up with one pass through the data, and is then
measured once in every round, so that the noise of a shared machine affects all alike. A ratio is
the median of the ratios within a round. Validation accuracy after the same number of steps shows
that all did the same work.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from machine import as_users_have_it, description, environment, hold_to_cores, machine_limit
from peers import SYSTEMS
from setup import ROWS, Setup, data_folder
from tabular import unequal
from workers import Result, measure, say

BASES = {"pytorch": "PyTorch", "sklearn": "scikit-learn"}  # the references of the ratios
BARS_128 = {"glassnet-jax": {"pytorch": 1.5}}  # at batch 128: required speed ratios
BARS = {  # at batch 32
    "glassnet": {"pytorch": 1.35, "sklearn": 1.8, "keras-tensorflow": 4.0},
    "glassnet-jax": {
        "pytorch": 3.5, "sklearn": 4.5, "keras-tensorflow": 10.0, "keras-jax": 2.5,
        "keras-jax-32": 1.8, "jax-scan": 1.0,
    },
}  # fmt: skip
MEMORY_BAR = 300  # MB
IDLE = 0.05  # share of a core that a waiting system may use while another is measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    args = parsed(arguments)
    hold_to_cores(args.threads)
    about = description()
    results: list[Result] = []
    steps = [min(args.steps, ROWS // size) for size in args.batch]
    rows = max(size * count for size, count in zip(args.batch, steps, strict=True))
    with data_folder(rows) as folder:
        for size, count in zip(args.batch, steps, strict=True):
            setup = Setup(folder, size, count, args.epochs, threads=args.threads)
            results += measure([(name, setup) for name in args.only], args.repeats)
    whole = None if args.no_whole else whole_training(args.threads)
    print("\n".join(report(results, about, args, steps)))
    if whole is not None:
        print("\n" + whole_line(whole))
    if limit := machine_limit():
        print("\n" + limit)
    if args.json:
        figures: dict[str, Any] = {
            "machine": about,
            "threads": args.threads,
            "results": [asdict(result) for result in results],
            "whole": whole,
        }
        Path(args.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the parsed options."""
    parser = argparse.ArgumentParser(
        description="A training step of 784-128-10, compared with other systems."
    )
    parser.add_argument("--batch", default="32,128,512", help="batch sizes (default 32,128,512)")
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default 5)")
    parser.add_argument(
        "--steps", type=int, default=1000, help="steps per epoch, at most (default 1000)"
    )
    parser.add_argument("--epochs", type=int, default=5, help="epochs per repeat (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads and cores for each")
    parser.add_argument("--only", help=f"systems, of {','.join(SYSTEMS)}")
    parser.add_argument("--no-whole", action="store_true", help="skip the whole training process")
    parser.add_argument("--json", metavar="FILE", help="write all figures into this file")
    args = parser.parse_args(arguments)
    args.batch = [int(size) for size in args.batch.split(",")]
    args.only = args.only.split(",") if args.only else list(SYSTEMS)
    if unknown := [name for name in args.only if name not in SYSTEMS]:
        parser.error(f"unknown system {unknown[0]!r}; known: {', '.join(SYSTEMS)}")
    if min(args.repeats, *args.batch) < 1:
        parser.error("--repeats and --batch must be at least 1")
    return args


def whole_training(threads: int) -> dict[str, float]:
    """Return peak memory and seconds of a process that runs a whole `glassnet train`."""
    say("a whole training process")
    script = Path(__file__).with_name("whole_process.py")
    done = subprocess.run(
        [sys.executable, script],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | environment(threads),
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def whole_line(whole: dict[str, float]) -> str:
    """Return the sentence about the whole training process."""
    return (
        f"Whole training process: peak memory {whole['megabytes']:.0f} MB "
        f"(target: under {MEMORY_BAR}), {whole['seconds']:.1f} s."
    )


def report(
    results: Sequence[Result], about: dict[str, str], args: argparse.Namespace, steps: Sequence[int]
) -> Iterator[str]:
    """Yield the lines of the report."""
    yield "784-128-10, Adam, float32, Fashion-MNIST; one training step, after warm-up"
    yield f"{args.threads} threads; median of {args.repeats} repeats, measured in turn"
    yield from (f"{key:9} {value}" for key, value in about.items())
    for size, count in zip(args.batch, steps, strict=True):
        rows = [result for result in results if result.batch_size == size]
        yield ""
        yield f"batch {size}, {args.epochs} epochs of {count} steps per repeat"
        yield from _table(rows)
        for row in rows:
            if row.idle_cores and (idle := statistics.median(row.idle_cores)) > IDLE:
                yield f"warning: {row.system} used {idle:.0%} of a core while others were timed"
        yield from _bars(rows, {32: BARS, 128: BARS_128}.get(size, {}))
        yield from unequal(rows)


def _table(rows: Sequence[Result]) -> Iterator[str]:
    measured = {row.system: row for row in rows if not row.missing}
    width = max(len(SYSTEMS[row.system].label) for row in rows)
    bases = [name for name in BASES if name in measured]
    heads = ["µs/step", "fastest", "slowest", *(f"× {BASES[name]}" for name in bases)]
    heads += ["cores", "build s", "accuracy", "peak MB"]
    yield "  ".join([" " * width, *(f"{head:>8}" for head in heads)])
    for row in rows:
        label = f"{SYSTEMS[row.system].label:{width}}"
        if row.missing:
            yield f"{label}  missing: no module {row.missing!r}"
            continue
        times = (row.median, min(row.microseconds), max(row.microseconds))
        cells = [f"{time:.0f}" for time in times]
        cells += [f"{row.times_faster(measured[name]):.2f}" for name in bases]
        cells += [
            f"{statistics.median(row.cores):.2f}",
            f"{row.build_seconds:.1f}",
            f"{row.accuracy:.2%}",
        ]
        cells += [f"{row.megabytes:.0f}"]
        pairs = zip(cells, heads, strict=True)
        yield "  ".join([label, *(f"{cell:>{max(8, len(head))}}" for cell, head in pairs)])


def _bars(rows: Sequence[Result], table: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    measured = {row.system: row for row in rows if not row.missing}
    for ours, bars in table.items():
        for name, bar in bars.items():
            if ours in measured and name in measured:
                ratio = measured[ours].times_faster(measured[name])
                verdict = "reached" if ratio >= bar else "MISSED"
                label = SYSTEMS[ours].label.partition(",")[0]
                yield f"{label} {ratio:.2f} × {SYSTEMS[name].label} (bar {bar:g}: {verdict})"


if __name__ == "__main__":
    as_users_have_it()
    sys.exit(main())
