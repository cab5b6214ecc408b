"""What a history shows in a notebook: its curves, and every epoch's numbers."""

from typing import TYPE_CHECKING

from glassnet.core.plurals import counted
from glassnet.core.tables import significant
from glassnet.pages.html import Html, data_table, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.plots.curves import curves

if TYPE_CHECKING:
    from glassnet.training.history import History


def html_of(history: "History") -> str:
    """The output of a notebook cell."""
    count = len(history.epoch)
    title = f"History of {counted(count, 'epoch')}"
    if not count:
        return shown(title)
    complete = {name: vs for name, vs in history.history.items() if len(vs) == count}
    rows = [
        {"epoch": epoch} | {name: values[i] for name, values in complete.items()}
        for i, epoch in enumerate(history.epoch)
    ]
    drawing = Html()
    if "loss" in complete:
        drawing = drawn(curves(rows), "Loss and accuracy by epoch; the best epoch is circled")
    cells = [["epoch", *complete, "seconds"]]
    for row, seconds in zip(rows, history.seconds, strict=True):
        values = (significant(row[name]) for name in complete)
        cells.append([str(row["epoch"] + 1), *values, f"{seconds:.2f}"])
    table = data_table("Metrics of each epoch.", cells, ">" * len(cells[0]))
    return shown(title, drawing, tag("details", tag("summary", "Metrics of each epoch"), table))
