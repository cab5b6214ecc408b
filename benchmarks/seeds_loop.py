"""Compare the notebooks' loop over examples with glassnet.   python benchmarks/seeds_loop.py

784-240-120-60-10, sigmoid, squared error, gradient descent at rate 0.1, on Fashion-MNIST: first as
in a textbook, in NumPy with one step per example, then the same in glassnet with batch size 1 and
with larger batches. Each runs in its own process, measured in turn; the times are for an epoch of
54,000 examples.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from machine import as_users_have_it, description, hold_to_cores
from peers import ALL
from setup import ROWS, Setup, data_folder
from workers import Result, measure

BATCHES = (1, 32, 64, 128)
BAR = 20  # times as fast an epoch, with batches of 32 or more


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description="The notebooks' loop over examples, compared with glassnet."
    )
    parser.add_argument("--rows", type=int, default=6_400, help="examples per repeat")
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads and cores for each")
    parser.add_argument("--json", metavar="FILE", help="write all figures into this file")
    args = parser.parse_args(arguments)
    hold_to_cores(args.threads)
    about = description()
    with data_folder(args.rows) as folder:

        def setup(batch_size: int) -> Setup:
            return Setup(folder, batch_size, args.rows // batch_size, threads=args.threads)

        jobs = [("textbook", setup(1)), *(("glassnet-seeds", setup(size)) for size in BATCHES)]
        results = measure(jobs, args.repeats)
    print("\n".join(report(results, about)))
    if args.json:
        figures = {"machine": about, "results": [asdict(result) for result in results]}
        Path(args.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def report(results: Sequence[Result], about: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the report."""
    yield "784-240-120-60-10, sigmoid, squared error, gradient descent, Fashion-MNIST"
    yield from (f"{key:9} {value}" for key, value in about.items())
    yield ""
    yield f"{'':28}  {'batch':>5}  {'µs/step':>8}  {'s/epoch':>8}  {'× textbook':>10}"
    textbook = results[0]
    for row in results:
        seconds = row.median * ROWS / row.batch_size / 1e6
        ratio = row.times_faster(textbook) * row.batch_size
        line = f"{ALL[row.system].label:28}  {row.batch_size:5}  {row.median:8.0f}  {seconds:8.2f}"
        verdict = ""
        if row.batch_size > 1:
            verdict = f"  (bar {BAR}: {'reached' if ratio >= BAR else 'MISSED'})"
        yield f"{line}  {ratio:10.1f}{verdict}"


if __name__ == "__main__":
    as_users_have_it()
    sys.exit(main())
