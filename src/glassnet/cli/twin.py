"""`glassnet twin`."""

from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.common import AsJson, DataDir, show, show_json, sizes, tell

if TYPE_CHECKING:
    from glassnet.twin import Verdict


def command(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="fashion-mnist, digits, or a file.npz")
    ] = "fashion-mnist",
    engines: Annotated[
        str,
        typer.Option(help="Two or more, the first is what the others are compared with."),
    ] = "numpy,jax",
    dtype: Annotated[str, typer.Option(help="float32, float64, or both.")] = "both",
    steps: Annotated[int, typer.Option(min=1, help="Training steps to compare.")] = 100,
    hidden: Annotated[str, typer.Option(help="Sizes of the hidden layers.")] = "128",
    activation: Annotated[str, typer.Option(help="Of the hidden layers.")] = "relu",
    output_activation: Annotated[str, typer.Option(help="Of the last layer.")] = "softmax",
    loss: Annotated[
        str, typer.Option(help="What training makes small.")
    ] = "sparse_categorical_crossentropy",
    optimizer: Annotated[str, typer.Option(help="adam, rmsprop or sgd.")] = "adam",
    learning_rate: Annotated[float, typer.Option(help="The rate.")] = 0.001,
    momentum: Annotated[float, typer.Option(help="Of sgd and rmsprop.")] = 0.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples in a step.")] = 32,
    l1: Annotated[float, typer.Option("--l1", help="Penalty on all kernels: l1 Σ|w|.")] = 0.0,
    l2: Annotated[float, typer.Option("--l2", help="Penalty on all kernels: l2 Σw².")] = 0.0,
    dropout: Annotated[
        float, typer.Option(help="Rate after each hidden layer; not with Keras.")
    ] = 0.0,
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
    from glassnet.certify import certify
    from glassnet.experiment import Settings

    settings = Settings(
        data=data, hidden=sizes(hidden), activation=activation,
        output_activation=output_activation, loss=loss, optimizer=optimizer,
        learning_rate=learning_rate, momentum=momentum, schedule="constant",
        batch_size=batch_size, dropout=dropout, l1=l1, l2=l2, seed=seed,
    )  # fmt: skip
    verdicts = certify(settings, engines.split(","), dtype, steps, tolerance, data_dir, tell)
    if as_json:
        show_json({"verdicts": [verdict.to_dict() for verdict in verdicts]})
    else:
        for verdict in verdicts:
            show(_lines(verdict))
    if not all(verdict.agrees for verdict in verdicts):
        raise typer.Exit(1)


def _lines(verdict: "Verdict") -> list[str]:
    from glassnet.tables import table

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
            f"in {verdict.switches} of the steps rounding decided on which side of 0 a ReLU's "
            "input or a weight under L1 was; there the engine was set equal and went on"
        ]
    return [
        f"{verdict.engine} compared with {verdict.reference}, {verdict.dtype}",
        *table(rows, "<<>>"),
        *notes,
        outcome,
        "",
    ]
