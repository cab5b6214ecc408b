"""`glassnet lr-find`."""

import shlex
from typing import Annotated

import typer

from glassnet.cli import network as net
from glassnet.cli.common import AsJson, DataDir, show, show_json, sizes
from glassnet.core.errors import GlassnetError


def command(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="As for `glassnet train`.")
    ] = "fashion-mnist",
    network: net.Network = None,
    hidden: net.Hidden = None,
    filters: net.Filters = None,
    units: net.Units = None,
    width: net.Width = None,
    depth: net.Depth = None,
    heads: net.Heads = None,
    patch: net.Patch = None,
    stem: net.Stem = None,
    embedding: net.Embedding = None,
    bidirectional: net.Bidirectional = None,
    activation: net.Activation = None,
    normalization: net.Normalization = None,
    dropout: net.Dropout = None,
    l1: net.L1 = None,
    l2: net.L2 = None,
    optimizer: Annotated[
        str | None, typer.Option(help="adam, sgd, ...", show_default="the network's own")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Examples in a step.", show_default="the network's own")
    ] = None,
    engine: Annotated[str, typer.Option(help="numpy or jax.")] = "numpy",
    steps: Annotated[int, typer.Option(help="At most so many.", min=50)] = 200,
    low: Annotated[float, typer.Option(help="The rate of the first step.")] = 1e-6,
    high: Annotated[float, typer.Option(help="The rate of the last one.")] = 10.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same test.")] = 0,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw it (.png or .svg).")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find a learning rate: raise it from step to step and see where the loss falls fastest.

    Writes nothing but the picture. The rule and its limits: Smith, 2017.
    """
    from glassnet.data import kind_of
    from glassnet.runs.data import TrainingData
    from glassnet.runs.lr_find import find_for
    from glassnet.runs.settings import choose
    from glassnet.training.lr_range import RULE

    said = {
        "hidden": hidden, "filters": filters, "units": units, "width": width, "depth": depth,
        "heads": heads, "patch": patch, "stem": stem, "embedding": embedding,
        "bidirectional": bidirectional, "activation": activation, "normalization": normalization,
        "dropout": dropout, "l1": l1, "l2": l2, "optimizer": optimizer, "batch_size": batch_size,
    }  # fmt: skip
    lists = {"hidden": sizes(hidden, "--hidden"), "filters": sizes(filters, "--filters")}
    settings = choose(data, kind_of(data), network, engine=engine, seed=seed, **(said | lists))
    if not 0 < low < high < float("inf"):
        what = f"needs 0 < low < high, got {low:g} and {high:g}."
        raise GlassnetError(what, where="--low, --high")
    training_data = TrainingData.load(settings, data_dir)
    found = find_for(training_data, plot, steps=steps, low=low, high=high)
    if as_json:
        show_json({**found.to_dict(), "plot": plot})
        return
    last = f"{found.rates[-1]:.2g}"
    end = f"diverged at {last}" if found.diverged else f"did not diverge up to {last}"
    said |= {
        "engine": None if engine == "numpy" else engine,
        "seed": seed or None,
        "data_dir": data_dir,
    }
    same = "".join(
        f" --{key.replace('_', '-')}" + ("" if value is True else f" {shlex.quote(str(value))}")
        for key, value in said.items()
        if value is not None
    )
    lines = [
        f"learning rate {found.suggestion:.2g}: {RULE}",
        f"{len(found.rates)} steps of {settings.batch_size} examples; the loss {end}",
        f"glassnet train {shlex.quote(data)} --network {settings.network}{same} "
        f"--learning-rate {found.suggestion:.2g}",
    ]
    show([*lines, plot] if plot else lines)
