"""The trials of a search: their scores by number, their learning curves, what each cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, FAINT, GRAY, INK, ORANGE, PINK, SKY
from glassnet.plots.curves import by_epoch
from glassnet.plots.style import WIDTH, house_style

COLORS = {"completed": BLUE, "pruned": FAINT, "failed": PINK, "running": SKY, "waiting": SKY}
_REACH = 3  # scores further below the median than so many times the best above it are cut off


@dataclass(frozen=True)
class Trials:
    """What is drawn of trials, by number."""

    scores: Array  # (T,), the newest; NaN if there is none
    states: Sequence[str]  # keys of COLORS
    maximize: bool
    metric: str
    winner: int | None

    def of(self, *states: str) -> Array:
        """Return the numbers of the trials in these states."""
        return np.array([i for i, state in enumerate(self.states) if state in states], dtype=int)

    @property
    def limits(self) -> tuple[float, float]:
        """The scores at the ends of an axis: from the best to the worst, or not so far if a few are
        much worse than the others.
        """
        sign = 1 if self.maximize else -1
        scores = sign * self.scores[np.isfinite(self.scores)]
        if not len(scores):
            return (0.0, 1.0)
        best, middle = float(scores.max()), float(np.median(scores))
        worst = float(scores.min())
        if best > middle:
            worst = max(worst, middle - _REACH * (best - middle))
        margin = 0.06 * (best - worst) or 0.05 * abs(best) or 1.0
        low, high = sorted((sign * (worst - margin), sign * (best + margin)))
        return low, min(high, 1.002) if self.metric.endswith("accuracy") else high

    @property
    def shown(self) -> Array:
        """The scores, those beyond the limits at them; NaN, of failures, at the worst."""
        low, high = self.limits
        inside = np.clip(self.scores, low, high)
        return np.where(np.isnan(inside), low if self.maximize else high, inside)

    @property
    def cut(self) -> int:
        """The number of scores beyond the limits."""
        low, high = self.limits
        return int(((self.scores < low) | (self.scores > high)).sum())


def mark(axes: Any, places: Array, trials: Trials, size: float) -> None:
    """Draw a point for each trial; the winner has a ring. NaN in `places` is not drawn."""
    low, high = trials.limits
    axes.set_ylim(low, high)
    big = bool(len(places) > 300)  # as a picture: as shapes it would take megabytes
    for state, marker in (("pruned", "o"), ("completed", "o"), ("running", "D"), ("failed", "X")):
        numbers = trials.of(state)
        if state == "running":
            numbers = numbers[np.isfinite(trials.scores[numbers])]
        numbers = numbers[np.isfinite(places[numbers])]
        if len(numbers):
            axes.scatter(
                places[numbers], trials.shown[numbers], s=size, color=COLORS[state], marker=marker,
                linewidths=0, label=state, clip_on=False, zorder=2, rasterized=big,
            )  # fmt: skip
    if trials.winner is not None and np.isfinite(places[trials.winner]):
        axes.plot(
            places[trials.winner], trials.shown[trials.winner], "o", markersize=size**0.5 + 4,
            fillstyle="none", color=ORANGE, markeredgewidth=1.8, clip_on=False, zorder=4,
            label="winner",
        )  # fmt: skip


def legend(figure: Figure, axes: Axes, columns: int = 6) -> None:
    """Name what is drawn, under the plot."""
    handles, names = axes.get_legend_handles_labels()
    if names:
        figure.legend(handles, names, loc="outside lower left", ncols=columns, frameon=False,
                      fontsize=8, handletextpad=0.4, columnspacing=1.2)  # fmt: skip


@house_style
def trial_history(
    trials: Trials, best: Sequence[float], band: tuple[Array, Array, Array] | None = None
) -> Figure:
    """The score of each trial, and the best of the completed ones so far.

    `best` (E,) is the best score up to each of the E ended trials. `band` holds the median of the
    best of n random trials for n = 1, 2, ... and the ends of its band, each (N,).
    """
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    numbers, (low, high) = range(len(trials.scores)), trials.limits
    if band is not None:
        middle, bottom, top = (np.clip(part, low, high) for part in band)
        places = np.arange(len(middle))
        axes.fill_between(places, bottom, top, color=BLUE, alpha=0.13, linewidth=0,
                          label="95% band of the median")  # fmt: skip
        axes.plot(places, middle, color=BLUE, linewidth=1, linestyle="--",
                  label="median of the best of so many")  # fmt: skip
    mark(axes, np.arange(float(len(numbers))), trials, 14 if len(numbers) <= 200 else 6)
    ended = trials.of("completed", "pruned", "failed")
    bests = np.asarray(best, dtype=float)
    finite = np.isfinite(bests)
    axes.step(ended[finite], bests[finite], where="post", color=INK, linewidth=1.4,
              label="best so far", zorder=3)  # fmt: skip
    by_epoch(axes, numbers)
    axes.set(title=f"{trials.metric.capitalize()} of each trial", xlabel="trial")
    axes.set_ylim(low, high)
    legend(figure, axes, 4)
    return figure


@house_style
def trial_curves(trials: Trials, curves: Sequence[Mapping[int, float]]) -> Figure:
    """The score of each trial after each epoch, from 1; pruned ones are pale, the winner is thick.

    A curve that ends early is that of a trial that was pruned, or that had fewer epochs.
    """
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    ends = np.array([*trials.scores, *(score for curve in curves for score in curve.values())])
    low, high = Trials(ends, (), trials.maximize, "", None).limits
    if trials.metric.endswith("accuracy"):  # bounded: the curves of bad trials are shown in full
        low = min(low, float(np.nanmin(ends, initial=low)) - 0.02)
    many = len(curves) > 100
    labels = set()
    for state in ("pruned", "failed", "running", "completed", "winner"):
        numbers = [trials.winner] if state == "winner" else trials.of(state)
        for number in numbers:
            if number is None or (number == trials.winner) != (state == "winner"):
                continue
            points = sorted(curves[number].items())
            if not points:
                continue
            epochs, scores = zip(*points, strict=True)
            thick, color = (2.4, ORANGE) if state == "winner" else (0.9, COLORS[state])
            axes.plot(
                epochs, np.clip(scores, low, high), color=color, linewidth=thick,
                marker="o", markersize=3.5 if state == "winner" else 2.5,
                alpha=0.45 if many and state != "winner" else 1, rasterized=many,
                label=None if state in labels else state,
            )  # fmt: skip
            labels.add(state)
    longest = max((epoch for curve in curves for epoch in curve), default=1)
    by_epoch(axes, range(1, longest + 1))
    axes.set(title=f"{trials.metric.capitalize()} by epoch", xlabel="epoch", ylim=(low, high))
    legend(figure, axes)
    return figure


@house_style
def trial_costs(trials: Trials, costs: Array, unit: str) -> Figure:
    """What each trial cost, in this unit; the states have colors."""
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    axes = figure.subplots()
    numbers = range(len(costs))
    for state, color in COLORS.items():
        chosen = trials.of(state)
        if state != "waiting" and len(chosen):
            axes.bar(chosen, costs[chosen], 0.8 if len(costs) < 120 else 1.0, color=color,
                     linewidth=0, label=state, rasterized=len(costs) > 300)  # fmt: skip
    by_epoch(axes, numbers)
    axes.grid(False, axis="x")
    axes.set_axisbelow(True)
    axes.set(title=f"{unit.capitalize()} of each trial", xlabel="trial", ylim=(0, None))
    axes.spines["bottom"].set_color(GRAY)
    legend(figure, axes)
    return figure
