"""Grid and random search, transfer learning."""

import logging
import re
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.figure import Figure

from drawings.base import ROOT, drawing, panels
from glassnet import tune
from glassnet.plots.colors import BLUE, GRAY, INK, ORANGE


def _score(params: dict[str, float], seed: int) -> float:
    """A score that depends much on the rate, and little on the dropout."""
    return float(np.exp(-40 * (params["rate"] - 0.8) ** 2) + 0.1 * params["dropout"])


@drawing
def grid_and_random_search() -> Figure:
    """Nine trials of a grid and nine random ones, for two settings of which one matters."""
    figure, axes = panels(2, 3.0, sharey=True)
    span = {"low": 0.0, "high": 1.0}
    line = np.linspace(0, 1, 80)
    scores = [[_score({"rate": u, "dropout": v}, 0) for u in line] for v in line]
    logging.getLogger("glassnet").setLevel(logging.ERROR)
    for place, method in zip(axes, ("grid", "random"), strict=True):
        space = {"rate": span, "dropout": span}
        if method == "grid":
            space = {name: span | {"points": 3} for name in space}
        with TemporaryDirectory() as folder:
            study = tune(_score, space, method=method, trials=9, workers=1, out=folder)
        points = np.array([[t.params["rate"], t.params["dropout"]] for t in study.trials])
        tried = len(set(points[:, 0].round(6)))
        best = max(t.score for t in study.trials)
        place.imshow(scores, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", alpha=0.8)
        place.scatter(*points.T, s=26, color=INK, zorder=3, clip_on=False)
        place.scatter(points[:, 0], np.full(len(points), -0.06), s=40, color=ORANGE, marker="|",
                      clip_on=False)  # fmt: skip
        place.set(title=f"{method}: {tried} values, best {best:.2f}",
                  xlabel="setting that matters", xlim=(0, 1), ylim=(0, 1), xticks=[],
                  yticks=[])  # fmt: skip
        place.xaxis.labelpad = 14
    axes[0].set_ylabel("setting that matters little")
    return figure


@drawing
def transfer() -> Figure:
    """What transfer gains: the table of docs/transfer-results.md, drawn."""
    text = (ROOT / "docs/transfer-results.md").read_text(encoding="utf-8")
    figure, axes = panels(2, 2.7, sharey=True)
    titles = {"Emoji": "Emoji, after ImageNet", "Fashion-MNIST": "Clothes, after other clothes"}
    for place, (start, title) in zip(axes, titles.items(), strict=True):
        section = text.split(f"## {start}")[1].split("\n## ")[0]
        rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \|", section, flags=re.M)
        columns = [list(column) for column in zip(*rows, strict=True)]
        for i, (name, color) in enumerate(
            (("from nothing", GRAY), ("new head", BLUE), ("fine-tuned", ORANGE))
        ):
            means, widths = zip(*(v.strip("%").split(" ± ") for v in columns[i + 1]), strict=True)
            at = np.arange(len(rows)) + 0.28 * (i - 1)
            place.bar(at, np.float64(means), 0.26, yerr=np.float64(widths), color=color,
                      ecolor=INK, label=name)  # fmt: skip
        place.set(title=title, xlabel="examples of each class", ylim=(0, 112))
        place.set_xticks(range(len(rows)), columns[0])
    axes[0].set_ylabel("test accuracy, %")
    axes[0].legend(frameon=False, loc="upper left", fontsize=8)
    return figure
