"""`glassnet summary`."""

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import show_result


def command(run: RunOrFile, as_json: AsJson = False) -> None:
    """Show the layers of a trained network, with their shapes and numbers of weights."""
    from glassnet.layers.low_rank import adapters_of
    from glassnet.model.model import Model

    model = Model.load(run)
    lines: list[str] = []
    model.summary(lines.append, bool(model.frozen_layers or adapters_of(model.network)))
    if model.class_names:
        lines.append(f"Classes: {', '.join(model.class_names)}")
    show_result(as_json, model.describe(), lines)
