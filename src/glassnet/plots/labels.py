"""Names beside the ends of lines, none over another: no legend to look up."""

from collections.abc import Sequence

from matplotlib.axes import Axes


def end_labels(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write each (x, y, name, colour) at the right edge, as near to y as the others let."""
    axes.autoscale_view()  # else the limits would only be found when it is drawn
    frame = axes.transAxes.inverted()
    height = axes.get_window_extent().height / axes.get_figure(root=True).dpi * 72  # type: ignore[union-attr]
    gap = 11 / height  # points: a line of 9
    wanted = sorted(
        (float(frame.transform(axes.transData.transform((x, y)))[1]), name, colour)
        for x, y, name, colour in ends
    )
    places: list[float] = []
    for y, _, _ in wanted:
        places.append(max(y, places[-1] + gap) if places else y)
    over = max(0.0, places[-1] - 1.0) if places else 0.0
    for i in reversed(range(len(places))):  # what was pushed above the frame comes down again
        top = places[i + 1] - gap if i + 1 < len(places) else places[i] - over
        places[i] = min(places[i], top)
    for y, (_, name, colour) in zip(places, wanted, strict=True):
        axes.text(1.015, y, name, color=colour, va="center", transform=axes.transAxes)
