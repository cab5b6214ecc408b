"""Names at the ends of lines, without overlap, instead of a legend."""

from collections.abc import Sequence

from matplotlib.axes import Axes


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
