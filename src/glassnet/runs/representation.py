"""What a run shows in a notebook: what was trained, its test results, its curves."""

from typing import TYPE_CHECKING, Any

from glassnet.model.file import METRICS_FILE
from glassnet.pages.html import Html, numbers, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.plots.curves import curves
from glassnet.runs.scores import scores_of

if TYPE_CHECKING:
    from glassnet.runs.run import Run


def html_of(run: "Run") -> str:
    """The output of a notebook cell."""
    from glassnet.runs.run import CONFIG_FILE

    config: dict[str, Any] = run.read(CONFIG_FILE)
    settings, data = config.get("settings", {}), config.get("data", {})
    metrics = run.read(METRICS_FILE) if run.ended else {}
    cells = [
        (f"test {score.name}", score.shown(score.value), "")
        for score in scores_of(metrics.get("test"))
    ]
    for key, unit in (("parameters", "weights"), ("epochs", "epochs"), ("seconds", "seconds")):
        if isinstance(value := metrics.get(key), int | float):
            cells.append((unit, f"{value:,.1f}" if isinstance(value, float) else f"{value:,}", ""))
    network = settings.get("network", "an imported network")
    about = tag("p", f"{network} on {data.get('name', '?')}, in {run.folder}.", class_="soft")
    note = tag("p", run.unfinished_note, class_="warn") if run.unfinished_note else ""
    drawing = Html()
    if run.has_history:
        drawing = drawn(curves(run.history()), "Training curves; the best epoch is circled")
    return shown(f"Run {run.folder.name}", about, note, numbers(cells) if cells else "", drawing)
