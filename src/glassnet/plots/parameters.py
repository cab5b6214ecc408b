"""The parameters of a search: parallel coordinates, and the score against each of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, FAINT, GRAY, INK, ORANGE, PAPER, SKY
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, entitle, house_style
from glassnet.plots.trials import Trials, legend, mark

MOST_LINES = 60  # completed trials in parallel coordinates, the best ones; and as many pruned ones
_LETTERS = 72  # of all choices of a parameter that fit side by side
_SCORES = LinearSegmentedColormap.from_list("scores", [FAINT, SKY, BLUE])


@dataclass(frozen=True)
class Searched:
    """A parameter of a search, with its value in each trial."""

    name: str
    values: Sequence[Any]  # (T,); None in trials that don't have it
    choices: Sequence[Any] = ()  # else it is a number
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    @property
    def count(self) -> int:
        """The number of trials that have it."""
        return sum(value is not None for value in self.values)

    def places(self) -> Array:
        """Return the place of each trial's value on an axis from 0 to 1; NaN for none.   (T,)"""
        return np.array([np.nan if v is None else self._place(v) for v in self.values], dtype=float)

    def _place(self, value: Any) -> float:
        if self.choices:
            return (list(self.choices).index(value) + 0.5) / len(self.choices)
        low, high = float(self.low), float(self.high)
        if self.log:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return (value - low) / (high - low) if high > low else 0.5

    def ticks(self, letters: int = 24) -> tuple[list[float], list[str]]:
        """Return places and texts of an axis: all choices, or the lowest number, one in the middle
        and the highest.
        """
        if self.choices:
            names = short_names([str(choice) for choice in self.choices], letters)
            return [self._place(choice) for choice in self.choices], names
        low, high = self.low, self.high
        middle = math.sqrt(low * high) if self.log else (low + high) / 2
        whole = isinstance(low, int) and isinstance(high, int)
        rounded = round(middle) if whole else float(f"{middle:.2g}")
        numbers = [low, rounded, high] if low < rounded < high else [low, high]
        return [self._place(n) for n in numbers], [_short(n) for n in numbers]


def _short(number: float) -> str:
    return f"{number:.2g}" if abs(number) < 100 else f"{number:.4g}"


@house_style
def parallel_coordinates(trials: Trials, parameters: Sequence[Searched]) -> Figure:
    """A line for each trial from parameter to parameter, down to its score; better ones stand out.

    Trials that were pruned are gray and have no score. A line is broken where the trial does not
    have the parameter. Of more than 60 completed trials, the best are drawn; of more than 60
    pruned ones, the first.
    """
    rows = len(parameters) + 1
    figure = Figure(figsize=(WIDTH, 0.7 + 0.5 * rows), layout="constrained")
    axes = figure.subplots()
    low, high = trials.limits
    places = np.array([parameter.places() for parameter in parameters])  # (P, T)
    scores = (trials.shown - low) / (high - low)
    sign = 1 if trials.maximize else -1
    completed = trials.of("completed")
    order = completed[np.argsort(sign * trials.shown[completed], kind="stable")][-MOST_LINES:]
    y = np.arange(rows)
    for number in trials.of("pruned")[:MOST_LINES]:
        axes.plot(places[:, number], y[:-1], color=FAINT, linewidth=0.5, marker=".", markersize=2)
    for rank, number in enumerate(order):
        is_winner = number == trials.winner
        color = ORANGE if is_winner else _SCORES((rank + 1) / len(order))
        axes.plot([*places[:, number], scores[number]], y, color=color, marker=".",
                  linewidth=2.2 if is_winner else 0.9, markersize=7 if is_winner else 4,
                  zorder=3 + rank / len(order))  # fmt: skip
    for row, parameter in enumerate(parameters):
        letters = max(6, _LETTERS // max(1, len(parameter.choices)))
        _axis(axes, row, *parameter.ticks(min(24, letters)))
    ends = Searched(trials.metric, (), low=low, high=high)
    _axis(axes, rows - 1, *ends.ticks())
    names = short_names([*(parameter.name for parameter in parameters), trials.metric], 22)
    axes.set_yticks(y, names)
    axes.get_yticklabels()[-1].set_fontweight("bold")
    axes.set(ylim=(rows - 0.45, -0.5), xlim=(-0.04, 1.04), xticks=[])
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    entitle(figure, "Parameters of each trial and its score (orange: the winner)")
    return figure


def _axis(axes: Any, row: int, places: Sequence[float], texts: Sequence[str]) -> None:
    """Draw the horizontal axis of a row, with its ticks."""
    axes.plot([0, 1], [row, row], color=GRAY, linewidth=0.8, zorder=1)
    crowded = sum(map(len, texts)) > _LETTERS
    for number, (place, text) in enumerate(zip(places, texts, strict=True)):
        axes.plot([place, place], [row, row + 0.1], color=GRAY, linewidth=0.8, zorder=1)
        if not crowded or number % math.ceil(len(texts) / 8) == 0:
            side = "left" if place == 0 else "right" if place == 1 else "center"
            axes.text(
                place, row + 0.13, text, ha=side, va="top", size=7, color=INK, zorder=9,
                bbox={"facecolor": PAPER, "alpha": 0.75, "edgecolor": "none", "pad": 0.4},
            )  # fmt: skip


@house_style
def slices(trials: Trials, parameters: Sequence[Searched]) -> Figure:
    """The score against each parameter, in the trials that have it."""
    columns = min(3, len(parameters))
    rows = math.ceil(len(parameters) / columns)
    figure = Figure(figsize=(WIDTH, 0.7 + 1.75 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    size = 12 if len(trials.scores) <= 100 else 5
    for axes, parameter in zip(panels, parameters, strict=False):
        places = parameter.places()
        if parameter.choices:  # beside one another, so that equal scores show
            spread = 0.5 / len(parameter.choices)
            places = places + spread * (np.modf(np.arange(len(places)) * 0.618)[0] - 0.5)
        mark(axes, places, trials, size)
        ticks, texts = parameter.ticks(14)
        axes.set_xticks(ticks, texts, fontsize=7)
        if sum(map(len, texts)) > 22:
            axes.tick_params(axis="x", labelrotation=90)
        axes.set_xlim(-0.05, 1.05)
        axes.grid(True, axis="y")
        scale = " (log)" if parameter.log else ""
        axes.set_title(f"{short_names([parameter.name], 20)[0]}{scale}", fontsize=8)
        axes.tick_params(axis="y", labelsize=7)
    for axes in panels[len(parameters) :]:
        axes.set_visible(False)
    entitle(figure, f"{trials.metric.capitalize()} by parameter")
    legend(figure, panels[0])
    return figure
