"""Plot of an explanation: the example, its attribution, and whether to trust it."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.plots.colors import BLUE, GRAY, INK, ORANGE
from glassnet.plots.images import upright
from glassnet.plots.labels import short_names
from glassnet.plots.style import house_style

_BARS = 15  # columns of a row of numbers that are shown
_LETTERS = 30  # characters in a line of text, per panel


@dataclass(frozen=True, eq=False)
class Bars:
    """What columns or words add, those that count most first."""

    title: str
    labels: Sequence[str]
    values: Sequence[float]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture or a spectrogram in a table, and its attribution."""

    title: str
    example: Array
    values: Array
    is_clip: bool


@house_style
def explanation(
    example: Array | None,
    values: Array | None,
    *,
    title: str,
    evidence: Sequence[str],
    warnings: Sequence[str] | None,
    deletion: tuple[Array, Array, Array] | None = None,
    counterfactual: Array | None = None,
    counterfactual_title: str = "",
    neighbors: Sequence[tuple[Array, str]] = (),
    columns: int = 5,
    clips: bool = False,
    parts: Sequence[Bars | Picture] = (),
    meaning: str = "evidence for the class",
) -> Figure:
    """Draw panels for the example, its attribution, the edit, the neighbors and the deletion curve
    (shares, most attributed first, in random order); below them, the evidence and the verdict.
    `parts` are drawn in place of the example: the columns of a table, the words of a text. Without
    `warnings` (None), there are no words below.

    The color scale is symmetric: red is evidence for the class, blue against it. A row of numbers
    is drawn as bars; spectrograms of `clips` with time to the right and pitch upward. `meaning` is
    what the attributions are. Raises GlassnetError for examples that are neither rows nor images.
    """
    if example is not None and example.ndim > 3:
        raise GlassnetError(
            f"examples of shape {example.shape} can't be drawn, only rows of numbers and images.",
            where="explain",
            fix="Call explain_example(model, x) in Python: its result has the attribution.",
        )
    turned = upright if clips else np.asarray
    title_of_input = "the network's input" + ": time →, pitch ↑" * clips
    panels = [panel for part in parts for panel in _panels(part, meaning)]
    if example is not None and not parts:
        panels.append(lambda axes: _example(axes, turned(example), title_of_input))
    if values is not None:
        panels.append(lambda axes: _attribution(axes, turned(values), meaning))
    if counterfactual is not None:
        edited = turned(counterfactual)
        panels.append(lambda axes: _example(axes, edited, counterfactual_title))
        change = turned(counterfactual - example)
        panels.append(lambda axes: _attribution(axes, change, "the edit", "more", "less"))
    for image, label in neighbors:
        panels.append(lambda axes, i=image, label=label: _example(axes, turned(i), label))
    if deletion is not None:
        panels.append(lambda axes: _deletion(axes, *deletion))
    columns = min(len(panels), columns)
    rows = -(-len(panels) // columns)
    width = max(columns * 2.5, 5.0)
    lines = _lines(evidence, warnings, round(width / 2.5 * _LETTERS))
    text_height = 0.2 * len(lines) + 0.25 if lines else 0.0
    heading = "\n".join(textwrap.wrap(title, round(width / 2.5 * _LETTERS)))
    panels_height = 2.5 * rows + (0.4 if heading else 0.0)
    figure = Figure(figsize=(width, panels_height + text_height), layout="constrained")
    if heading:
        figure.suptitle(heading, x=0.02, ha="left", weight="bold", size=10)
    top: Any = figure
    if lines:
        heights = (panels_height, text_height)
        top, bottom = figure.subfigures(2, 1, height_ratios=heights, squeeze=False)[:, 0]
    cells = top.subplots(rows, columns, squeeze=False).ravel()
    for axes in cells[len(panels) :]:
        axes.set_axis_off()
    for draw, axes in zip(panels, cells, strict=False):
        draw(axes)
    for number, (text, color) in enumerate(lines):
        y = 1 - (number + 0.7) / (len(lines) + 0.7)
        bottom.text(0.02, y, text, color=color, weight="normal" if color == INK else "bold")
    return figure


def _panels(part: Bars | Picture, meaning: str) -> list[Any]:
    """Return the panels of a part, each a function that draws on axes."""
    if isinstance(part, Bars):
        return [lambda axes: _named_bars(axes, part)]
    turned = upright if part.is_clip else np.asarray
    return [
        lambda axes: _example(axes, turned(part.example), part.title),
        lambda axes: _attribution(axes, turned(part.values), f"{part.title}: {meaning}"),
    ]


def _named_bars(axes: Any, part: Bars) -> None:
    axes.set_title("\n".join(textwrap.wrap(part.title, _LETTERS)), weight="normal", size=9)
    values = np.array(part.values[:_BARS])
    _bars(axes, values, [ORANGE if v > 0 else BLUE for v in values], part.labels[:_BARS])


def _lines(
    evidence: Sequence[str], warnings: Sequence[str] | None, width: int
) -> list[tuple[str, str]]:
    """Return (line, its color) for the evidence and the verdict."""
    if warnings is None:
        return []
    verdicts = warnings or ("It passes all of its tests.",)
    color = ORANGE if warnings else BLUE
    texts = [(text, INK) for text in evidence] + [(text, color) for text in verdicts]
    return [(line, ink) for text, ink in texts for line in textwrap.wrap(text, width)]


def _example(axes: Any, example: Array, title: str) -> None:
    axes.set_title("\n".join(textwrap.wrap(title, _LETTERS)), weight="normal", size=9)
    if example.ndim == 1:
        _bars(axes, example[:_BARS], GRAY, [f"column {n}" for n in range(len(example))[:_BARS]])
        return
    axes.set_axis_off()
    low, high = float(example.min()), float(example.max())
    if example.size == np.prod(example.shape[:2]):
        axes.imshow(example.reshape(example.shape[:2]), cmap="gray_r", vmin=min(low, 0))
    elif example.shape[-1] == 3:
        axes.imshow((example - min(low, 0)) / max(high - min(low, 0), 1e-9))
    else:
        axes.imshow(example.mean(axis=-1), cmap="gray_r")


def _attribution(
    axes: Any, values: Array, title: str, more: str = "for", less: str = "against"
) -> None:
    axes.set_title(title, weight="normal", size=9)
    if values.ndim == 1:
        strongest = np.argsort(-np.abs(values), kind="stable")[:_BARS]
        colors = [ORANGE if v > 0 else BLUE for v in values[strongest]]
        _bars(axes, values[strongest], colors, [f"column {n}" for n in strongest])
        return
    picture = values.sum(axis=-1) if values.ndim == 3 else values
    limit = float(np.abs(picture).max()) or 1.0
    axes.set_axis_off()
    image = axes.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit)
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.75, ticks=[-limit, 0, limit])
    bar.outline.set_visible(False)
    bar.ax.set_yticklabels([f"{less}\n−{limit:.3g}", "0", f"{more}\n{limit:.3g}"], size=7)


def _bars(axes: Any, values: Array, color: Any, labels: Sequence[str]) -> None:
    positions = np.arange(len(values))
    axes.barh(positions, values, color=color)
    axes.axvline(0, color=GRAY, linewidth=0.6)
    axes.set_yticks(positions, short_names(labels), size=7)
    axes.invert_yaxis()


def _deletion(axes: Any, shares: Array, most_first: Array, at_random: Array) -> None:
    axes.set_title("score by parts removed", weight="normal", size=9)
    axes.fill_between(100 * shares, most_first, at_random, color=GRAY, alpha=0.2, linewidth=0)
    axes.plot(100 * shares, most_first, color=ORANGE, label="most attributed first")
    axes.plot(100 * shares, at_random, color=BLUE, linestyle="--", label="at random")
    axes.set_xlabel("% of positions")
    axes.legend(frameon=False, fontsize=7)
