"""`glassnet summary`."""

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import show, show_json


def command(run: RunOrFile, as_json: AsJson = False) -> None:
    """Show the layers of a trained network, with their shapes and numbers of weights."""
    from glassnet.model.model import Model

    model = Model.load(run)
    if as_json:
        show_json(model.describe())
        return
    lines: list[str] = []
    model.summary(lines.append)
    show([*lines, *([f"Classes: {', '.join(model.class_names)}"] if model.class_names else [])])
