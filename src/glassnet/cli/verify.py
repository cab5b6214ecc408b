"""`glassnet verify`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import show, show_json, tell

if TYPE_CHECKING:
    from glassnet.verify.checks import Proof

_HEADS = {
    "differences": "differences",
    "compiled": "by XLA",
    "jax": "JAX's own",
    "keras": "Keras float32",
}
_EXPLAINED = """\
differences    our derivative against central differences, NumPy, float64 (at most 1e-6)
by XLA         the same, compiled by XLA (at most 1e-6)
JAX's own      our derivative against JAX's derivative of our forward formula (at most 1e-6)
Keras float32  outputs and gradients against Keras's own with the same weights (at most 1e-5)"""


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="A run, to verify its layers on its own data."),
    ] = None,
    only: Annotated[str, typer.Option(help="Only what has this in its name.")] = "",
    keras: Annotated[bool, typer.Option(help="Also compare with Keras.")] = True,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify every derivative: of all ops, losses and layers, or of a run's layers on its data.

    Exit code 1 if an error is above its tolerance, or something public has no case.
    """
    from glassnet.verify import verify

    tell("loading the judges: NumPy, JAX" + (", Keras (--no-keras is faster)" if keras else ""))
    absent = [] if run or only else verify.missing()
    proofs = (
        verify.verify_run(run, data_dir, tell, keras, only)
        if run
        else verify.verify_all(only, keras)
    )
    if as_json:
        results = list(proofs)
        show_json({"proofs": [p.to_dict() for p in results], "missing": absent})
    else:
        results = []
        for proof in proofs:  # each takes a second or more, so each is shown when it is there
            if not results:  # what can't be verified at all has no table
                show([_EXPLAINED, "", _line("", "", _HEADS.values(), "")])
            results.append(proof)
            cells = map(_cell, (proof.errors[judge] for judge in _HEADS))
            show([_line(proof.kind, proof.name, cells, "" if proof.ok else "WRONG")])
        lines = [f"{kind} {name}: MISSING, it has no case" for kind, name in absent]
        show([*lines, "", _verdict(results, len(absent))])
    if absent or not all(proof.ok for proof in results):
        raise typer.Exit(1)


def _line(kind: str, name: str, cells: Iterable[str], mark: str) -> str:
    columns = "  ".join(f"{cell:>13}" for cell in cells)
    return f"{kind:5}  {name:44}  {columns}  {mark}".rstrip()


def _cell(error: float | str) -> str:
    return f"{error:.1e}" if isinstance(error, float) else error or "-"


def _verdict(proofs: "list[Proof]", uncovered: int) -> str:
    wrong = sum(not proof.ok for proof in proofs)
    if wrong or uncovered:
        return f"{wrong} of {len(proofs)} WRONG, {uncovered} missing"
    if absent := {judge for proof in proofs for judge in proof.absent}:
        extras = "jax,keras" if {"compiled", "jax"} & absent else "keras"
        return (
            f"all {len(proofs)} verified by {len(_HEADS) - len(absent)} of {len(_HEADS)} judges; "
            f"the others: pip install 'glassnet[{extras}]'"
        )
    return f"all {len(proofs)} verified"
