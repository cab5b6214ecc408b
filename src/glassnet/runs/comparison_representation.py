"""What a comparison shows in a notebook: the runs, what differs between them, what follows."""

from typing import TYPE_CHECKING

from glassnet.pages.html import bullets, data_table
from glassnet.pages.notebook import shown
from glassnet.runs.comparison_sentences import sentences

if TYPE_CHECKING:
    from glassnet.runs.compare import Comparison


def html_of(comparison: "Comparison") -> str:
    """The output of a notebook cell."""
    scores, settings = comparison.runs[0].scores, list(comparison.differing)
    names = [name.replace("_", "-") for name in settings]
    rows = [["run", *names, *(score.name for score in scores), "weights"]]
    for run in comparison.runs:
        values = [score.shown(score.value) for score in run.scores]
        rows.append([run.name, *map(run.setting, settings), *values, f"{run.parameters:,}"])
    caption = f"The runs on the test set of {comparison.data['name']}."
    table = data_table(caption, rows, "<" * (1 + len(settings)) + ">" * (len(scores) + 1))
    return shown("Comparison", bullets(list(sentences(comparison))), table)
