"""`glassnet verify`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import show, show_json
from glassnet.core.terminal import paced, say

if TYPE_CHECKING:
    from glassnet.verify.checks import Verification

_HEADINGS = {
    "differences": "differences",
    "compiled": "by XLA",
    "jax": "JAX's own",
    "keras": "Keras float32",
}
_EXPLAINED = {
    "differences": "our derivative against central differences, NumPy, float64 (at most 1e-6)",
    "compiled": "the same, compiled by XLA (at most 1e-6)",
    "jax": "our derivative against JAX's derivative of our forward pass (at most 1e-6)",
    "keras": "outputs and gradients against Keras with the same weights (at most 1e-5)",
}


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="A run whose layers are verified on its own data."),
    ] = None,
    only: Annotated[str, typer.Option(help="Only names that contain this.")] = "",
    keras: Annotated[bool, typer.Option(help="Also compare with Keras.")] = True,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify the derivatives of all ops, losses and layers, or of a run's layers on its own data.

    Exit code 1 if an error is above its tolerance, or if an op, loss or layer has no test case.
    """
    from glassnet.verify import verify

    missing = [] if run or only else verify.missing()
    proofs = (
        verify.verify_run(run, data_dir, keras, only) if run else verify.verify_all(only, keras)
    )
    say("loading JAX" + (", Keras (--no-keras is faster)" if keras else ""))
    results = []
    if as_json:
        progress = paced(say)
        for proof in proofs:
            results.append(proof)
            progress(f"{len(results)} verified, the last one {proof.kind} {proof.name}")
        show_json({"proofs": results, "missing": missing})
    else:
        checks = [check for check in _HEADINGS if keras or check != "keras"]
        for proof in proofs:  # each takes a second or more, so print it at once
            if not results:  # no table if the first one raises
                explained = [f"{_HEADINGS[check]:13}  {_EXPLAINED[check]}" for check in checks]
                show([*explained, "", _line("", "", map(_HEADINGS.__getitem__, checks), "")])
            results.append(proof)
            cells = map(_cell, (proof.errors[check] for check in checks))
            show([_line(proof.kind, proof.name, cells, "" if proof.ok else "WRONG")])
        lines = [f"{kind} {name}: MISSING, has no test case" for kind, name in missing]
        show([*lines, "", _verdict(results, len(missing))])
    if missing or not all(proof.ok for proof in results):
        raise typer.Exit(1)


def _line(kind: str, name: str, cells: Iterable[str], mark: str) -> str:
    columns = "  ".join(f"{cell:>13}" for cell in cells)
    return f"{kind:5}  {name:44}  {columns}  {mark}".rstrip()


def _cell(error: float | str) -> str:
    return f"{error:.1e}" if isinstance(error, float) else error or "-"


def _verdict(proofs: "list[Verification]", uncovered: int) -> str:
    wrong = sum(not proof.ok for proof in proofs)
    if wrong or uncovered:
        return f"{wrong} of {len(proofs)} WRONG, {uncovered} missing"
    if skipped := {check for proof in proofs for check in proof.skipped}:
        extras = "jax,keras" if {"compiled", "jax"} & skipped else "keras"
        count = len(_HEADINGS) - len(skipped)
        return (
            f"all {len(proofs)} verified by {count} of {len(_HEADINGS)} checks; "
            f"to run the others: pip install 'glassnet[{extras}]'"
        )
    return f"all {len(proofs)} verified"
