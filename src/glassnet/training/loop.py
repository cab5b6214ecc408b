"""The loop over epochs: it owns the order of the examples and hands an engine segments of steps.

A segment is short (about 0.2 s), so that progress, Ctrl-C and callbacks act between segments,
and long enough that an engine may compile it or run ahead.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.data.splits import epoch_order
from glassnet.engines.state import Engine, Measures, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback, Record
from glassnet.trees import Array, Tree

SEGMENT_SECONDS = 0.2


@dataclass
class History:
    """What each epoch was like: `history` maps each number's name to its list, as in Keras."""

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)

    def append(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Add an epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Plan:
    """How to go through the data."""

    epochs: int
    batch_size: int
    shuffle: bool = True
    seed: int = 0
    initial_epoch: int = 0


def train(
    engine: Engine,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    plan: Plan,
    *,
    validate: Callable[[Tree], Mapping[str, float]] | None = None,
    callbacks: Sequence[Callback] = (),
) -> tuple[State, History]:
    """Train through all epochs, or until a callback stops; the last (or restored) state."""
    history, told = History(), _Callbacks(callbacks, engine)
    steps = -(-len(x) // plan.batch_size)
    record = Record(plan.initial_epoch, plan.epochs, steps=steps)
    told("on_train_begin", record)
    for epoch in range(plan.initial_epoch, plan.epochs):
        if told.stopped:
            break
        told("on_epoch_begin", Record(epoch, plan.epochs, steps=steps))
        began = time.perf_counter()
        means = _Means()
        first = engine.step
        order = epoch_order(len(x), plan.seed, first) if plan.shuffle else np.arange(len(x))
        done, length = 0, 1
        while done < steps:
            started = time.perf_counter()
            segment = range(done, min(done + length, steps))
            batches = [order[i * plan.batch_size : (i + 1) * plan.batch_size] for i in segment]
            rates = [optimizer.rate(first + i) for i in segment]
            means.add(engine.run(x, y, batches, rates))
            done += len(segment)
            elapsed = max(time.perf_counter() - started, 1e-6)
            length = max(1, min(4 * length, int(length * SEGMENT_SECONDS / elapsed)))
            seconds = time.perf_counter() - began
            told("on_segment_end", Record(epoch, plan.epochs, done, steps, means.logs(), seconds))
        logs = means.logs()
        if validate is not None:
            logs |= {
                f"val_{name}": value for name, value in sorted(validate(engine.params).items())
            }
        history.append(epoch, logs)
        record = Record(epoch, plan.epochs, done, steps, logs, time.perf_counter() - began)
        told("on_epoch_end", record)
    told("on_train_end", record)
    return told.kept if told.restore and told.kept else engine.state(), history


class _Means:
    """The running means of an epoch's losses and metrics, each batch weighted by its size."""

    def __init__(self) -> None:
        self.count = 0
        self.sums: dict[str, float] = {}

    def add(self, measures: Measures) -> None:
        self.count += int(measures.sizes.sum())
        for name, values in (("loss", measures.losses), *measures.metrics.items()):
            self.sums[name] = self.sums.get(name, 0.0) + float(values @ measures.sizes)

    def logs(self) -> dict[str, float]:
        ordered = sorted(self.sums, key=lambda name: name == "loss")  # as Keras: metrics, then loss
        return {name: self.sums[name] / self.count for name in ordered}


class _Callbacks:
    """Tells every callback, and gathers what they ask for."""

    def __init__(self, callbacks: Sequence[Callback], engine: Engine) -> None:
        self.callbacks, self.engine = callbacks, engine
        self.stopped = self.restore = False
        self.kept: State | None = None

    def __call__(self, point: str, record: Record) -> None:
        for callback in self.callbacks:
            request: Any = getattr(callback, point)(record)
            if request is None:
                continue
            self.stopped |= request.stop
            self.restore |= request.restore
            if request.keep:
                self.kept = self.engine.state()
