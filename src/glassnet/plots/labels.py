"""Names in plots: shortened, and at the ends of lines without overlap, instead of a legend."""

import unicodedata
from collections.abc import Sequence

from matplotlib.axes import Axes

_MOST = 24  # letters of a name: more leave no room for the plot


def short_names(names: Sequence[str], most: int = _MOST) -> list[str]:
    """Return the names, the long ones cut off; those that are then the same get their number."""
    cut = [_cut(" ".join(name.split()), most) for name in names]
    return [
        f"{_cut(short, most - 2 - len(str(i)))} {i}" if short.endswith("…") and cut.count(short) > 1
        else short
        for i, short in enumerate(cut)
    ]  # fmt: skip


def _cut(text: str, most: int) -> str:
    """Return at most as much of the text as `most` letters take up; a Chinese letter counts 2."""
    widths = [
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    ]
    if sum(widths) <= most:
        return text
    end = next(i for i in range(len(text)) if sum(widths[: i + 1]) > most - 1)
    return f"{text[:end].rstrip()}…"


def end_labels(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write each (x, y, name, color) at the right edge, as near to y as the others allow."""
    axes.autoscale_view()  # otherwise the limits are only set when it is drawn
    frame = axes.transAxes.inverted()
    height = axes.get_window_extent().height / axes.get_figure(root=True).dpi * 72  # type: ignore[union-attr]
    gap = 11 / height  # points: the height of a line of 9-point text
    targets = sorted(
        (float(frame.transform(axes.transData.transform((x, y)))[1]), name, color)
        for x, y, name, color in ends
    )
    heights: list[float] = []
    for y, _, _ in targets:
        heights.append(max(y, heights[-1] + gap) if heights else y)
    over = max(0.0, heights[-1] - 1.0) if heights else 0.0
    for i in reversed(range(len(heights))):  # move down what was pushed above the frame
        top = heights[i + 1] - gap if i + 1 < len(heights) else heights[i] - over
        heights[i] = min(heights[i], top)
    for y, (_, name, color) in zip(heights, targets, strict=True):
        axes.text(1.015, y, name, color=color, va="center", transform=axes.transAxes)
