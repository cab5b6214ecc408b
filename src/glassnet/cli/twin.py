"""`glassnet twin`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import NETWORK, TEXTS, AsJson, Data, DataDir, offers
from glassnet.cli.printing import show, show_json, tell
from glassnet.core.tables import table
from glassnet.runs.settings import choose

if TYPE_CHECKING:
    from glassnet.verify.twin.compare import EngineParity


@offers(
    *NETWORK, "output_activation", *TEXTS, "loss", "momentum", "seed",
    optimizer="adam", learning_rate=0.001, batch_size=32,
)  # fmt: skip
def command(
    data: Data = "fashion-mnist",
    engines: Annotated[
        str,
        typer.Option(help="Two or more; the others are compared with the first."),
    ] = "numpy,jax",
    dtype: Annotated[str, typer.Option(help="float32, float64, or both.")] = "both",
    steps: Annotated[int, typer.Option(min=1, help="Training steps to compare.")] = 100,
    tolerance: Annotated[
        float | None, typer.Option(help="In place of 1e-4 in float32 and 1e-9 in float64.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """Prove that engines compute the same, or name the first place where they don't.

    Same network, same weights, same batches: the layers' outputs, gradients, loss and new weights
    of every step are compared. Exit code 1 if they differ. Without --dropout, there is none;
    Keras draws other numbers, so that the two don't go together.
    """
    from glassnet.data import kind_of
    from glassnet.networks import options_of
    from glassnet.verify.twin.run import certify

    settings = choose(data, kind_of(data), **chosen, schedule="constant")
    if settings.dropout is None and "dropout" in options_of(settings.network):
        settings = replace(settings, dropout=0.0)
    verdicts = certify(settings, engines.split(","), dtype, steps, tolerance, data_dir, tell)
    if as_json:
        show_json({"verdicts": [verdict.to_dict() for verdict in verdicts]})
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
