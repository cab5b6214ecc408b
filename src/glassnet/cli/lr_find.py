"""`glassnet lr-find`."""

import shlex
from typing import Annotated, Any

import typer

from glassnet.cli.options import NETWORK, AsJson, Data, DataDir, offers, typed
from glassnet.cli.printing import show, show_json, tell
from glassnet.core.errors import GlassnetError
from glassnet.runs.settings import choose


@offers(*NETWORK, "optimizer", "batch_size", "seed", "engine")
def command(
    data: Data = "fashion-mnist",
    steps: Annotated[int, typer.Option(help="At most this many steps.", min=50)] = 200,
    low: Annotated[float, typer.Option(help="Learning rate of the first step.")] = 1e-6,
    high: Annotated[float, typer.Option(help="Learning rate of the last step.")] = 10.0,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw it (.png or .svg).")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """Find a learning rate: raise it from step to step and see where the loss falls fastest.

    Writes only the picture; on the engines numpy and jax. The rule and its limits: Smith,
    2017.
    """
    from glassnet.data import kind_of
    from glassnet.runs.lr_find import find_for
    from glassnet.training.lr_range import RULE

    settings = choose(data, kind_of(data), **chosen)
    if not 0 < low < high < float("inf"):
        what = f"needs 0 < low < high, got {low:g} and {high:g}."
        raise GlassnetError(what, where="--low, --high")
    result = find_for(
        settings, data_dir=data_dir, report=tell, plot=plot, steps=steps, low=low, high=high
    )
    if as_json:
        show_json({**result.to_dict(), "plot": plot})
        return
    last = f"{result.rates[-1]:.2g}"
    end = f"diverged at {last}" if result.diverged else f"did not diverge up to {last}"
    options = {
        **chosen,
        "network": settings.network,
        "data_dir": data_dir,
        "learning_rate": f"{result.suggestion:.2g}",
    }
    lines = [
        f"learning rate {result.suggestion:.2g}: {RULE}",
        f"{len(result.rates)} steps of {settings.batch_size} examples; the loss {end}",
        f"glassnet train {shlex.quote(data)} {typed(options)}",
    ]
    show([*lines, plot] if plot else lines)
