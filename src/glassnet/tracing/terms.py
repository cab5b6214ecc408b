"""What one number is made of: its formula, and the terms with the numbers put in.

Copies (reshape, x[i], concat, ...) and choices (max, where) are followed to what they copy; the
reason is in `why`. A sum of products, x·w + ... + b, is one list of terms, however it is computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.kinds import compute
from glassnet.tracing.movement import Position, aligned, copied_from, reduced
from glassnet.tracing.names import name_of
from glassnet.tracing.program import Operation, Program

_SIGNS = {"add": "{} + {}", "subtract": "{} − {}", "multiply": "{} · {}", "divide": "{} / {}",
          "power": "{} ^ {}", "negative": "−{}", "less": "{} < {}", "less_equal": "{} ≤ {}",
          "greater": "{} > {}", "greater_equal": "{} ≥ {}", "equal": "{} = {}",
          "not_equal": "{} ≠ {}", "abs": "|{}|", "sqrt": "√{}"}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A number of the program: an entry of an operation's value."""

    operation: int
    position: Position
    value: float
    name: str
    dtype: str = "float64"


@dataclass(frozen=True)
class Term:
    """A product of numbers; `sign` is −1 if it is subtracted."""

    factors: tuple[Entry, ...]
    value: float
    sign: int = 1


@dataclass(frozen=True)
class Terms:
    """A number and what it is made of.

    kind: "sum" (of the terms, each a product of factors), "value" (an input or a constant), or the
    kind of an elementwise operation (or of argmax, any, all, ...), whose operands are the terms, of
    one factor each. `formula` has names for the numbers.
    """

    result: Entry
    kind: str
    formula: str
    terms: tuple[Term, ...] = ()
    why: tuple[str, ...] = ()  # why the result is this number, for each choice that was followed
    code: str = ""  # the statement that computes it, and where it is
    where: str = ""

    def computed(self, operands: "tuple[tuple[float, ...], ...] | None" = None) -> float:
        """Return the result computed from the terms, or from these numbers in their place."""
        numbers = operands or tuple(tuple(f.value for f in t.factors) for t in self.terms)
        if self.kind == "value":
            return self.result.value
        if self.kind == "sum":
            pairs = zip(self.terms, numbers, strict=True)
            return float(sum(term.sign * prod(factors) for term, factors in pairs))
        if self.kind in ("argmax", "argsort", "any", "all", "searchsorted"):
            return self.result.value
        values = [
            np.asarray(factors[0]).astype(term.factors[0].dtype)
            for term, factors in zip(self.terms, numbers, strict=True)
        ]
        return float(compute(self.kind, values, {}))


def terms_of(program: Program, index: int, position: Position = ()) -> Terms:
    """Return what the entry at `position` of operation `index` is made of.

    Raises GlassnetError if there is no such entry.
    """
    operation = program.operations[index]
    shape = operation.value.shape
    position = tuple(position)
    if len(position) != len(shape) or not all(-n <= i < n for i, n in zip(position, shape)):  # noqa: B905
        raise GlassnetError(
            f"there is no entry {list(position)}: its shape is {shape}.",
            where=name_of(program, index),
        )
    position = tuple(int(i) % n for i, n in zip(position, shape, strict=True))
    result = _entry(program, index, position)
    index, position, why = _followed(program, index, position)
    operation = program.operations[index]
    source = operation.source
    code = source.code if source else ""
    where = f"{source.file}:{source.line} {source.function}" if source else ""
    about = (tuple(why), code, where)
    if operation.kind in ("input", "constant", "pad"):
        name = "padding" if operation.kind == "pad" else name_of(program, index, position)
        return Terms(result, "value", name, (), *about)
    if _is_sum(operation.kind):
        terms = tuple(_sum(program, index, position, operation, 1))
        return Terms(result, "sum", _sum_formula(program, operation), terms, *about)
    if operation.kind == "multiply":
        term = _product(program, index, position, operation, 1)
        return Terms(result, "sum", " · ".join(f.name for f in term.factors), (term,), *about)
    entries = tuple(_operands(program, operation, position))
    names = [entry.name for entry in entries]
    formula = _SIGNS.get(operation.kind, "")
    if formula and len(names) <= 2:
        formula = formula.format(*names)
    else:
        shown = names if len(names) <= 4 else [*names[:2], "...", names[-1]]
        formula = f"{operation.kind}({', '.join(shown)})"
    terms = tuple(Term((entry,), entry.value) for entry in entries)
    return Terms(result, operation.kind, formula, terms, *about)


def _entry(program: Program, index: int, position: Position) -> Entry:
    value = program.operations[index].value[position]
    name = name_of(program, index, position)
    return Entry(index, position, float(value), name, str(value.dtype))


def _operand(program: Program, index: int, position: Position) -> Entry:
    """Return an operand: the entry that it copies, followed to the first with a name."""
    names = program.names
    while index not in names:
        before = copied_from(program, program.operations[index], position)
        if before is None:
            break
        index, position = before
    return _entry(program, index, position)


def _followed(program: Program, index: int, position: Position) -> tuple[int, Position, list[str]]:
    """Return the entry that is computed, not copied or chosen, and the reasons of the choices."""
    why: list[str] = []
    while True:
        operation = program.operations[index]
        before = copied_from(program, operation, position) or _chosen(
            program, operation, position, why
        )
        if before is None:
            return index, position, why
        index, position = before


def _chosen(
    program: Program, operation: Operation, position: Position, why: list[str]
) -> tuple[int, Position] | None:
    """Return the entry that max, maximum, minimum or where chooses; None for a number of the code:
    what it is compared with says more.
    """
    kind = operation.kind
    if kind in ("max", "min"):
        entries = reduced(program, operation, position)
        values = [program.operations[i].value[p] for i, p in entries]
        place = int(np.argmax(values) if kind == "max" else np.argmin(values))
        if len(entries) > 1:
            word = "largest" if kind == "max" else "smallest"
            why.append(f"the {word} of {len(entries)}: {name_of(program, *entries[place])}")
        return entries[place]
    if kind not in ("maximum", "minimum", "where"):
        return None
    places = [(i, aligned(position, program.operations[i].value.shape)) for i in operation.operands]
    values = [program.operations[i].value[p] for i, p in places]
    if kind == "where":
        condition, *places = places
        place = 0 if values[0] else 1
        word = f"where({name_of(program, *condition)}) is {bool(values[0])}".lower()
    else:
        place = int(np.argmax(values) if kind == "maximum" else np.argmin(values))
        other = name_of(program, *places[1 - place])
        number = float(values[1 - place])
        word = f"the {'larger' if kind == 'maximum' else 'smaller'} of two: the other is " + (
            f"{number:g}"
            if program.operations[places[1 - place][0]].kind == "constant"
            else f"{other} = {number:.6g}"
        )
    chosen = places[place]
    if program.operations[chosen[0]].kind == "constant":
        return None
    why.append(word)
    return chosen


def _is_sum(kind: str) -> bool:
    return kind in ("add", "subtract", "negative", "sum", "matmul", "cumulative_sum")


def _sum(
    program: Program, index: int, position: Position, of: Operation, sign: int
) -> Iterator[Term]:
    """Yield the terms of a sum; sums inside it, of the same function of the same layer, are one."""
    operation = program.operations[index]
    if operation.kind == "matmul":
        yield from _matmul(program, operation, position, sign)
        return
    if operation.kind in ("add", "subtract", "negative"):
        places = [
            (i, aligned(position, program.operations[i].value.shape)) for i in operation.operands
        ]
        signs = {"add": (1, 1), "subtract": (1, -1), "negative": (-1,)}[operation.kind]
    else:
        places = reduced(program, operation, position)
        signs = (1,) * len(places)
    for (inner, place), own in zip(places, signs, strict=True):
        yield from _part(program, inner, place, of, sign * own)


def _part(
    program: Program, index: int, position: Position, of: Operation, sign: int
) -> Iterator[Term]:
    names = program.names
    while index not in names:
        before = copied_from(program, program.operations[index], position)
        if before is None:
            break
        index, position = before
    operation = program.operations[index]
    same = (
        index not in names
        and operation.layer == of.layer
        and (operation.source and operation.source.function) == (of.source and of.source.function)
    )
    if same and _is_sum(operation.kind):
        yield from _sum(program, index, position, of, sign)
    elif same and operation.kind == "multiply":
        yield _product(program, index, position, of, sign)
    else:
        entry = _entry(program, index, position)
        yield Term((entry,), sign * entry.value, sign)


def _matmul(
    program: Program, operation: Operation, position: Position, sign: int
) -> Iterator[Term]:
    a, b = operation.operands
    left, right = program.operations[a].value, program.operations[b].value
    rest = list(position)
    column = (rest.pop(),) if right.ndim > 1 else ()
    row = (rest.pop(),) if left.ndim > 1 else ()
    of_left = aligned(tuple(rest), left.shape[:-2]) if left.ndim > 2 else ()
    of_right = aligned(tuple(rest), right.shape[:-2]) if right.ndim > 2 else ()
    for k in range(left.shape[-1]):
        factors = (
            _operand(program, a, (*of_left, *row, k)),
            _operand(program, b, (*of_right, k, *column)),
        )
        yield Term(factors, sign * factors[0].value * factors[1].value, sign)


def _product(program: Program, index: int, position: Position, of: Operation, sign: int) -> Term:
    """Return the product, with those inside it, of the same statement, as one."""

    def factors(index: int, position: Position) -> Iterator[Entry]:
        operation = program.operations[index]
        inside = operation.kind == "multiply" and operation.source == program.operations[top].source
        if index != top and (index in names or not inside):
            yield _operand(program, index, position)
            return
        for i in operation.operands:
            yield from factors(i, aligned(position, program.operations[i].value.shape))

    top, names = index, program.names
    entries = tuple(factors(index, position))
    return Term(entries, sign * prod(entry.value for entry in entries), sign)


def _sum_formula(program: Program, operation: Operation) -> str:
    if operation.kind in ("sum", "cumulative_sum"):
        return "the sum"
    return "the sum of products" if operation.kind == "matmul" else "the sum"


def _operands(program: Program, operation: Operation, position: Position) -> Iterator[Entry]:
    if operation.kind in ("argmax", "any", "all"):
        for index, place in reduced(program, operation, position):
            yield _operand(program, index, place)
    elif operation.kind == "argsort":
        (index,) = operation.operands
        axis = operation.settings["axis"]
        for i in range(operation.value.shape[axis]):
            yield _operand(program, index, (*position[:axis], i, *position[axis + 1 :]))
    elif operation.kind == "searchsorted":
        boundaries, values = operation.operands
        yield _operand(program, values, position)
        for i in range(program.operations[boundaries].value.shape[0]):
            yield _operand(program, boundaries, (i,))
    else:
        for i in operation.operands:
            place = aligned(position, program.operations[i].value.shape)
            yield _operand(program, i, place)
