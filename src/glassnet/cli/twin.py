"""`glassnet twin`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import NETWORK, TEXTS, AsJson, Data, DataDir, offers
from glassnet.cli.printing import show_result
from glassnet.core.tables import table
from glassnet.runs.command import TABLE

if TYPE_CHECKING:
    from glassnet.verify.twin.compare import EngineParity


@offers(
    *NETWORK, "output_activation", *TABLE, *TEXTS, "loss", "momentum", "seed",
    optimizer="adam", learning_rate=0.001, batch_size=32,
)  # fmt: skip
def command(
    data: Data = "fashion-mnist",
    engines: Annotated[
        str,
        typer.Option(help="Two or more engines; all are compared with the first."),
    ] = "numpy,jax",
    dtype: Annotated[str, typer.Option(help="float32, float64, or both.")] = "both",
    steps: Annotated[int, typer.Option(min=1, help="Number of training steps.")] = 100,
    tolerance: Annotated[
        float | None,
        typer.Option(help="Tolerance.", show_default="1e-4 in float32, 1e-9 in float64"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Check that engines compute the same, or find the first place where they differ.

    From the same network, weights and batches, the layer outputs, gradients, loss and updated
    weights of every step are compared. Exit code 1 if they differ. Dropout is off unless --dropout
    is given; it can't be compared with Keras, whose random numbers differ.
    """
    from glassnet.networks import options_of
    from glassnet.runs.data import TrainingData, chosen_settings
    from glassnet.verify.twin.run import run_twin

    settings = chosen_settings(data, **options, schedule="constant")
    if settings.dropout is None and "dropout" in options_of(settings.network):
        settings = replace(settings, dropout=0.0)
    training_data = TrainingData.load(settings, data_dir)
    verdicts = run_twin(training_data, engines.split(","), dtype, steps, tolerance)
    lines = [line for verdict in verdicts for line in _lines(verdict)]
    show_result(as_json, {"verdicts": verdicts}, lines)
    if not all(verdict.agrees for verdict in verdicts):
        raise typer.Exit(1)


def _lines(verdict: "EngineParity") -> list[str]:
    rows = [("", "place", "largest difference", "in step")]
    rows += [(d.kind, d.place, f"{d.size:.1e}", str(d.step)) for d in verdict.largest]
    conclusion = (
        f"agree within {verdict.tolerance:g} over {verdict.steps} steps"
        if verdict.agrees
        else "INCONCLUSIVE: fewer than half of the steps could be compared in full"
        if verdict.first is None
        else f"DIFFER by more than {verdict.tolerance:g}: {verdict.blame}"
    )
    notes = []
    if verdict.switches:
        notes = [
            f"in {verdict.switches} steps, rounding decided a derivative (an input of a ReLU close "
            "to 0, two equal values in a pool, a weight with an L1 penalty); the engine was then "
            "reset to the first engine's state. "
            f"{verdict.switches - verdict.excused} of these steps were compared in full"
        ]
    if verdict.resets:
        notes.append(
            f"after {verdict.resets} steps, rounding errors had grown so much that the engine was "
            "reset to the first engine's state"
        )
    if verdict.note:
        notes.append(verdict.note)
    return [
        f"{verdict.engine} compared with {verdict.reference}, {verdict.dtype}",
        *table(rows, "<<>>"),
        *notes,
        conclusion,
        "",
    ]
