"""An explanation, drawn: the example, what speaks for and against, and whether to believe it."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.style import BLUE, GREY, INK, ORANGE, house_style

_BARS = 15  # numbers of a row that are shown
_LETTERS = 30  # a line of text to each panel


@house_style
def explanation(
    example: Array,
    values: Array | None,
    *,
    title: str,
    evidence: Sequence[str],
    warnings: Sequence[str],
    deletion: tuple[Array, Array, Array] | None = None,
    edited: Array | None = None,
    edit_title: str = "",
    neighbours: Sequence[tuple[Array, str]] = (),
    columns: int = 5,
) -> Figure:
    """A panel each for the example, its attribution, the edit, the neighbours and the deletion
    curve (shares, most attributed first, in random order); below them the evidence and verdict.

    The scale is symmetric: what speaks for the class is red, what speaks against it is blue. A row
    of numbers is drawn as bars.
    """
    draws: list[Any] = [lambda axes: _example(axes, example, "what the network sees")]
    if values is not None:
        draws.append(lambda axes: _attribution(axes, values))
    if edited is not None:
        draws.append(lambda axes: _example(axes, edited, edit_title))
        change = edited - example
        draws.append(lambda axes: _attribution(axes, change, "the edit", "more", "less"))
    for image, label in neighbours:
        draws.append(lambda axes, image=image, label=label: _example(axes, image, label))
    if deletion is not None:
        draws.append(lambda axes: _deletion(axes, *deletion))
    columns = min(len(draws), columns)
    rows = -(-len(draws) // columns)
    wide = max(columns * 2.5, 5.0)
    said = _lines(evidence, warnings, round(wide / 2.5 * _LETTERS))
    tall = 0.2 * len(said) + 0.25
    figure = Figure(figsize=(wide, 2.5 * rows + tall + 0.4), layout="constrained")
    heading = "\n".join(textwrap.wrap(title, round(wide / 2.5 * _LETTERS)))
    figure.suptitle(heading, x=0.02, ha="left", weight="bold", size=10)
    top, bottom = figure.subfigures(2, 1, height_ratios=(2.5 * rows + 0.4, tall), squeeze=False)[
        :, 0
    ]
    cells = top.subplots(rows, columns, squeeze=False).ravel()
    for axes in cells[len(draws) :]:
        axes.set_axis_off()
    for draw, axes in zip(draws, cells, strict=False):
        draw(axes)
    for number, (text, colour) in enumerate(said):
        y = 1 - (number + 0.7) / (len(said) + 0.7)
        bottom.text(0.02, y, text, color=colour, weight="normal" if colour == INK else "bold")
    return figure


def _lines(evidence: Sequence[str], warnings: Sequence[str], width: int) -> list[tuple[str, str]]:
    """(a line, its colour): what was measured, and the verdict."""
    verdicts = warnings or ("None of its tests speaks against it.",)
    colour = ORANGE if warnings else BLUE
    said = [(text, INK) for text in evidence] + [(text, colour) for text in verdicts]
    return [(line, ink) for text, ink in said for line in textwrap.wrap(text, width)]


def _example(axes: Any, example: Array, title: str) -> None:
    axes.set_title("\n".join(textwrap.wrap(title, _LETTERS)), weight="normal", size=9)
    if example.ndim == 1:
        _bars(axes, example, np.arange(len(example))[:_BARS], GREY)
        return
    axes.set_axis_off()
    low, high = float(example.min()), float(example.max())
    grey = (
        example.reshape(example.shape[:2]) if example.size == np.prod(example.shape[:2]) else None
    )
    if grey is not None:
        axes.imshow(grey, cmap="gray_r", vmin=min(low, 0))
    elif example.shape[-1] == 3:
        axes.imshow((example - min(low, 0)) / max(high - min(low, 0), 1e-9))
    else:
        axes.imshow(example.mean(axis=-1), cmap="gray_r")


def _attribution(
    axes: Any,
    values: Array,
    title: str = "what speaks for it",
    more: str = "for",
    less: str = "against",
) -> None:
    axes.set_title(title, weight="normal", size=9)
    if values.ndim == 1:
        strongest = np.argsort(-np.abs(values), kind="stable")[:_BARS]
        _bars(axes, values, strongest, [ORANGE if v > 0 else BLUE for v in values[strongest]])
        return
    picture = values.sum(axis=-1) if values.ndim == 3 else values
    limit = float(np.abs(picture).max()) or 1.0
    axes.set_axis_off()
    drawn = axes.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit)
    bar = axes.figure.colorbar(drawn, ax=axes, shrink=0.75, ticks=[-limit, 0, limit])
    bar.outline.set_visible(False)
    bar.ax.set_yticklabels([f"{less}\n−{limit:.3g}", "0", f"{more}\n{limit:.3g}"], size=7)


def _bars(axes: Any, values: Array, numbers: Array, colour: Any) -> None:
    places = np.arange(len(numbers))
    axes.barh(places, values[numbers], color=colour)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.set_yticks(places, [f"column {n}" for n in numbers], size=7)
    axes.invert_yaxis()


def _deletion(axes: Any, shares: Array, most_first: Array, at_random: Array) -> None:
    axes.set_title("score as places are taken away", weight="normal", size=9)
    axes.fill_between(100 * shares, most_first, at_random, color=GREY, alpha=0.2, linewidth=0)
    axes.plot(100 * shares, most_first, color=ORANGE, label="most marked first")
    axes.plot(100 * shares, at_random, color=BLUE, linestyle="--", label="at random")
    axes.set_xlabel("% of places")
    axes.legend(frameon=False, fontsize=7)
