"""`Trace.check`: terms add up, derivatives are slopes, and the model computes the same numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import distance
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import table
from glassnet.tracing.names import name_of
from glassnet.tracing.program import Program
from glassnet.tracing.terms import terms_of
from glassnet.tracing.values import derivative, gradient_of

TOLERANCE = 1e-6  # relative, of derivatives
_ROUNDING = 1e-12  # relative to the largest term
_SMALL = 1e-3  # of the largest derivative of an array: errors of smaller ones are relative to this


@dataclass(frozen=True)
class Proof:
    """One kind of check: how many numbers, and the largest error, relative."""

    what: str
    count: int
    error: float
    tolerance: float
    worst: str = ""  # the number with the largest error

    @property
    def ok(self) -> bool:
        """True if all are within the tolerance."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Proofs:
    """The checks of a trace."""

    each: tuple[Proof, ...]
    unmeasured: tuple[str, ...] = ()  # numbers whose derivative has no finite difference, and why

    @property
    def ok(self) -> bool:
        """True if all checks passed."""
        return all(proof.ok for proof in self.each)

    def lines(self) -> list[str]:
        """Return the checks as a table."""
        rows = [("check", "numbers", "largest error", "at most")]
        rows += [
            (proof.what, f"{proof.count:,}", f"{proof.error:.1e}", f"{proof.tolerance:.0e}")
            for proof in self.each
        ]
        lines = table(rows, "<>>>")
        if self.unmeasured:
            lines.append(f"no finite difference at {len(self.unmeasured)}: {self.unmeasured[0]}")
        return lines

    def require(self) -> None:
        """Raise if a check failed."""
        for proof in self.each:
            if not proof.ok:
                raise GlassnetError(
                    f"{proof.what}: the error is {proof.error:.1e} at {proof.worst}.",
                    where="trace",
                    fix="This is a bug of a layer's pullback or of the trace: check the layer with "
                    "gradcheck.",
                )

    def __repr__(self) -> str:
        return "\n".join(self.lines())


def check(program: Program, numbers: int, derivatives: int, model_numbers: Any = ()) -> Proofs:
    """Return the checks of a program, at this many numbers and derivatives chosen at random.

    `model_numbers` are (name, the program's array, the model's, tolerance).
    """
    rng = np.random.default_rng(0)
    proofs = [_reproduced(program), _terms(program, rng, numbers)]
    slopes, unmeasured = _derivatives(program, rng, derivatives)
    proofs.append(slopes)
    for name, ours, theirs, tolerance in model_numbers:
        error = distance(np.asarray(ours), np.asarray(theirs))
        proofs.append(Proof(name, int(np.size(ours)), error, tolerance, name))
    return Proofs(tuple(proofs), tuple(unmeasured))


def _reproduced(program: Program) -> Proof:
    """Executed again, the program has the same bits."""
    values = program.run()
    pairs = list(zip(program.operations, values, strict=True))
    wrong = [o for o, v in pairs if not np.array_equal(o.value, v, equal_nan=v.dtype.kind == "f")]
    count = sum(value.size for value in values)
    worst = name_of(program, wrong[0].index) if wrong else ""
    return Proof("executed again, the same bits", count, float(len(wrong)), 0.0, worst)


def _terms(program: Program, rng: Any, count: int) -> Proof:
    """Each number is what its terms add up to."""
    worst, largest, done = "", 0.0, 0
    for index, position in _chosen(program, range(len(program.operations)), rng, count):
        terms = terms_of(program, index, position)
        value, done = terms.result.value, done + 1
        size = max([abs(value), *(abs(term.value) for term in terms.terms)])
        computed = terms.computed()
        same = computed == value or (np.isnan(computed) and np.isnan(value))
        error = 0.0 if same else _nan_as_inf(abs(computed - value) / size)
        if error > largest:
            largest, worst = error, terms.result.name
    return Proof("numbers computed from their terms", done, largest, _ROUNDING, worst)


def _derivatives(program: Program, rng: Any, count: int) -> tuple[Proof, list[str]]:
    """Each derivative of the backward pass is the slope of the loss."""
    marks = [i for name, i in program.marks.items() if name.startswith("output")]
    places = [
        i
        for i in dict.fromkeys([*program.inputs.values(), *marks])
        if gradient_of(program, i) is not None
    ]
    worst, largest, done = "", 0.0, 0
    unmeasured: list[str] = []
    for index, position in _chosen(program, places, rng, count):
        one = derivative(program, index, position)
        if one.entry is None:
            continue
        if one.measured.missing:
            unmeasured.append(f"{one.of}: {one.measured.missing}")
            continue
        assert isinstance(one.backward, float)
        gradients = np.abs(program.operations[one.entry[0]].value)
        size = max(abs(one.backward), abs(one.measured.value), _SMALL * float(gradients.max()))
        error = _nan_as_inf(abs(one.backward - one.measured.value) / (size or 1.0))
        if one.measured.uncertainty > TOLERANCE * size and error:
            unmeasured.append(f"{one.of}: too small beside the rounding of the loss")
            continue
        done += 1
        if error > largest:
            largest, worst = error, one.of
    return Proof(
        "derivatives beside finite differences", done, largest, TOLERANCE, worst
    ), unmeasured


def _nan_as_inf(error: float) -> float:
    """Return the error; infinity, the largest, for that of a number that should not be NaN."""
    return float("inf") if np.isnan(error) else error


def _chosen(program: Program, places: Iterable[int], rng: Any, count: int) -> Any:
    """Return (operation, position) of numbers chosen at random, each operation equally likely."""
    sizes = [i for i in places if program.operations[i].value.size]
    chosen = rng.choice(len(sizes), min(count, len(sizes) * 4)) if sizes else []
    for i in chosen:
        shape = program.operations[sizes[i]].value.shape
        yield sizes[i], tuple(int(rng.integers(n)) for n in shape)
