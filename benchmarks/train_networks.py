"""Compare a training step of three networks with other systems.   python train_networks.py

Batch 128, Adam at its default rate, float32, two threads, on Fashion-MNIST:
cnn          32 and 64 filters 3x3, each with pooling, dense 128, dense 10
lstm         64 units, the image row by row, dense 10
transformer  the rows as 28 steps of width 64, 4 blocks (pre-norm, 4 heads, feed-forward 128), mean,
             dense 10
Measured as in train_mlp.py: each system in its own process, measured in turn.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

from machine import as_users_have_it, description, hold_to_cores
from peers import NETWORKS
from setup import Setup, data_folder
from tabular import unequal
from workers import Result, measure

BARS = {  # required speed ratios
    "cnn": {"glassnet-jax": {"pytorch": 0.9, "keras-jax": 2.0}, "glassnet": {"pytorch": 0.55}},
    "lstm": {"glassnet-jax": {"pytorch": 1.0}},
    "transformer": {"glassnet-jax": {"pytorch": 1.0}},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table for each network."""
    parser = argparse.ArgumentParser(description="Training steps of three networks.")
    parser.add_argument("--network", help=f"of {','.join(NETWORKS)} (default: all)")
    parser.add_argument("--only", help="systems, such as glassnet,pytorch (default: all)")
    parser.add_argument("--batch", type=int, default=128, help="examples per step (default 128)")
    parser.add_argument("--steps", type=int, default=40, help="steps per repeat (default 40)")
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads and cores for each")
    args = parser.parse_args(arguments)
    hold_to_cores(args.threads)
    networks = args.network.split(",") if args.network else list(NETWORKS)
    about = description()
    lines = [
        "Adam, float32, Fashion-MNIST; one training step, after warm-up",
        f"{args.threads} threads; median of {args.repeats} repeats of {args.steps} steps, "
        "measured in turn",
        *(f"{key:9} {value}" for key, value in about.items()),
    ]
    with data_folder(args.steps * args.batch) as folder:
        setup = Setup(folder, args.batch, args.steps, threads=args.threads)
        for network in networks:
            names = [f"{network}-{name}" for name in args.only.split(",")] if args.only else ()
            jobs = [(name, setup) for name in names or NETWORKS[network]]
            lines += ["", f"{network}, batch {args.batch}"]
            lines += _report(network, measure(jobs, args.repeats))
    print("\n".join(lines))
    return 0


def _report(network: str, rows: Sequence[Result]) -> Iterator[str]:
    measured = {row.system.removeprefix(f"{network}-"): row for row in rows if not row.missing}
    labels = {name.removeprefix(f"{network}-"): s.label for name, s in NETWORKS[network].items()}
    width = max(map(len, labels.values()))
    yield f"{'':{width}}   ms/step   fastest   slowest  × PyTorch   build s  accuracy   peak MB"
    for row in rows:
        name = row.system.removeprefix(f"{network}-")
        if row.missing:
            yield f"{labels[name]:{width}}  missing: no module {row.missing!r}"
            continue
        base = measured.get("pytorch")
        ratio = f"{row.times_faster(base):.2f}" if base else "-"
        times = (row.median, min(row.microseconds), max(row.microseconds))
        yield (
            f"{labels[name]:{width}}  "
            + "  ".join(f"{time / 1000:8.1f}" for time in times)
            + f"  {ratio:>9}  {row.build_seconds:8.1f}  {row.accuracy:8.2%}  {row.megabytes:8.0f}"
        )
    for ours, bars in BARS[network].items():
        for other, bar in bars.items():
            if ours in measured and other in measured:
                ratio = measured[ours].times_faster(measured[other])
                verdict = "reached" if ratio >= bar else "MISSED"
                name = labels[ours].partition(",")[0]
                yield f"{name} {ratio:.2f} × {labels[other]} (bar {bar:g}: {verdict})"
    yield from unequal(rows)


if __name__ == "__main__":
    as_users_have_it()
    sys.exit(main())
