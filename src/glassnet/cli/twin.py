"""`glassnet twin`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli import network as net
from glassnet.cli import texts
from glassnet.cli.common import AsJson, DataDir, show, show_json, sizes
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.verify.twin.compare import EngineParity


def command(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A name that `glassnet data` lists, or a file.npz, .csv, .tsv or .txt.",
        ),
    ] = "fashion-mnist",
    engines: Annotated[
        str,
        typer.Option(help="Two or more, the first is what the others are compared with."),
    ] = "numpy,jax",
    dtype: Annotated[str, typer.Option(help="float32, float64, or both.")] = "both",
    steps: Annotated[int, typer.Option(min=1, help="Training steps to compare.")] = 100,
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
    dropout: Annotated[
        float | None, typer.Option(help="Rate, 0 if not given; not with Keras.", **net.PANEL)
    ] = None,
    l1: net.L1 = None,
    l2: net.L2 = None,
    tokenizer: Annotated[str | None, typer.Option(help="word or byte.", **texts.PANEL)] = None,
    max_length: Annotated[int | None, typer.Option(help="Longest row.", **texts.PANEL)] = None,
    vocabulary: Annotated[int | None, typer.Option(help="Words to know.", **texts.PANEL)] = None,
    text_column: texts.TextColumn = None,
    label_column: texts.LabelColumn = None,
    test_file: texts.TestFile = None,
    output_activation: Annotated[str, typer.Option(help="Of the last layer.")] = "softmax",
    loss: Annotated[
        str, typer.Option(help="What training makes small.")
    ] = "sparse_categorical_crossentropy",
    optimizer: Annotated[str, typer.Option(help="adam, adamw, rmsprop, sgd, ...")] = "adam",
    learning_rate: Annotated[float, typer.Option(help="The rate.")] = 0.001,
    momentum: Annotated[float, typer.Option(help="Of sgd and rmsprop.")] = 0.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples in a step.")] = 32,
    tolerance: Annotated[
        float | None, typer.Option(help="Instead of 1e-4 in float32 and 1e-9 in float64.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of weights, batches and dropout.")] = 0,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Prove that engines compute the same, or name the first place where they don't.

    Same network, same weights, same batches: the layers' outputs, gradients, loss and new weights
    of every step are compared. Exit code 1 if they differ.
    """
    from glassnet.data import kind_of
    from glassnet.networks import options_of
    from glassnet.runs.data import TrainingData
    from glassnet.runs.settings import choose
    from glassnet.verify.twin.run import certify

    settings = choose(
        data, kind_of(data), network,
        hidden=sizes(hidden, "--hidden"), filters=sizes(filters, "--filters"),
        units=units, width=width, depth=depth, heads=heads, patch=patch, stem=stem,
        embedding=embedding,
        bidirectional=bidirectional, activation=activation, normalization=normalization,
        dropout=dropout, l1=l1, l2=l2, tokenizer=tokenizer, max_length=max_length,
        vocabulary=vocabulary, text_column=text_column, label_column=label_column,
        test_file=test_file, output_activation=output_activation, loss=loss,
        optimizer=optimizer, learning_rate=learning_rate, momentum=momentum, schedule="constant",
        batch_size=batch_size, seed=seed,
    )  # fmt: skip
    if dropout is None and "dropout" in options_of(settings.network):
        settings = replace(settings, dropout=0.0)  # Keras draws other numbers
    training_data = TrainingData.load(settings, data_dir)
    verdicts = certify(training_data, engines.split(","), dtype, steps, tolerance)
    if as_json:
        show_json({"verdicts": verdicts})
    else:
        for verdict in verdicts:
            show(_lines(verdict))
    if not all(verdict.agrees for verdict in verdicts):
        raise typer.Exit(1)


def _lines(verdict: "EngineParity") -> list[str]:
    rows = [("", "place", "largest difference", "in step")]
    for difference in verdict.largest:
        rows.append(
            (difference.kind, difference.place, f"{difference.size:.1e}", str(difference.step))
        )
    outcome = (
        f"agree within {verdict.tolerance:g} over {verdict.steps} steps"
        if verdict.agrees
        else "NOT PROVEN: fewer than half of the steps could be compared in full"
        if verdict.first is None
        else f"DIFFER by more than {verdict.tolerance:g}: {verdict.blame}"
    )
    notes = []
    if verdict.switches:
        notes = [
            f"in {verdict.switches} of the steps rounding decided a derivative (an input of a ReLU "
            "next to 0, two equal numbers in a pool, a weight under L1); there the engine was set "
            f"equal and went on, {verdict.switches - verdict.excused} of them compared in full"
        ]
    if verdict.resets:
        notes.append(
            f"after {verdict.resets} of the steps rounding had grown so much that the engine was "
            "set equal"
        )
    return [
        f"{verdict.engine} compared with {verdict.reference}, {verdict.dtype}",
        *table(rows, "<<>>"),
        *notes,
        outcome,
        "",
    ]
