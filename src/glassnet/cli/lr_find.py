"""`glassnet lr-find`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import NETWORK, AsJson, Data, DataDir, offers
from glassnet.cli.printing import show_result
from glassnet.core.errors import GlassnetError
from glassnet.runs.command import TABLE


@offers(
    *NETWORK,
    *TABLE,
    "from_",
    "freeze",
    "layer_decay",
    "lora",
    "optimizer",
    "batch_size",
    "seed",
    "engine",
)
def command(
    data: Data = "fashion-mnist",
    steps: Annotated[int, typer.Option(help="Maximum number of steps.", min=50)] = 200,
    low: Annotated[float, typer.Option(help="Learning rate of the first step.")] = 1e-6,
    high: Annotated[float, typer.Option(help="Learning rate of the last step.")] = 10.0,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE", help="File to draw the curve to (.png or .svg).")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Find a learning rate by a range test: increase it each step until the loss diverges.

    Suggests the rate at which the loss falls fastest (Smith 2017). Nothing is written but the
    plot. For the engines numpy and jax.
    """
    from glassnet.runs.command import train_command
    from glassnet.runs.data import TrainingData, chosen_settings
    from glassnet.runs.lr_find import lr_find
    from glassnet.training.lr_range import RULE

    settings = chosen_settings(data, **options)
    if not 0 < low < high < float("inf"):
        what = f"needs 0 < low < high, got {low:g} and {high:g}."
        raise GlassnetError(what, where="--low, --high")
    training_data = TrainingData.load(settings, data_dir)
    result = lr_find(training_data, plot, steps=steps, low=low, high=high)
    last = f"{result.rates[-1]:.2g}"
    end = f"diverged at {last}" if result.diverged else f"did not diverge up to {last}"
    command_options = {
        **options,
        "network": None if settings.from_ else settings.network,
        "data_dir": data_dir,
        "learning_rate": f"{result.suggestion:.2g}",
    }
    lines = [
        f"learning rate {result.suggestion:.2g}: {RULE}",
        f"{len(result.rates)} steps of {training_data.batch_size} examples; the loss {end}",
        train_command(data, command_options),
    ]
    show_result(as_json, {**result.to_dict(), "plot": plot}, [*lines, plot] if plot else lines)
