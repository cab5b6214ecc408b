"""Numbers as they are shown: each result can be computed from the operands beside it.

A result has a few significant digits; its operands get as many as it takes to compute the result
from them, to its last digit.
"""

import math
from collections.abc import Sequence

from glassnet.core.tables import table
from glassnet.tracing.terms import Term, Terms

DIGITS = 5
_EXACT = 17  # significant digits of a float64


def shown(value: float, digits: int = DIGITS) -> str:
    """Return a number with so many significant digits, as Python reads it; no zeros at the end."""
    return f"{value + 0.0:.{digits}g}"


def lines_of(terms: Terms, most: int = 12) -> list[str]:
    """Return the terms as lines, the largest first, the others as one number; then their sum."""
    head = [f"{terms.result.name} = {result_of(terms)}"]
    head += [f"  {reason}" for reason in terms.why]
    if terms.code:
        head.append(f"  {terms.code}   ({terms.where})")
    if terms.kind == "value":
        return head if terms.formula == terms.result.name else [*head, f"  = {terms.formula}"]
    if terms.kind != "sum":
        operands = table(_operands(terms, most), "<>", rule=False)
        return [*head, f"  = {terms.formula}", *(f"    {line}" for line in operands)]
    largest, rest = _parts(terms, most)
    texts, total = _sum_texts(terms, largest, rest)
    count = len(terms.terms)
    head.append("  = the product" if count == 1 else f"  = the sum of {count:,} terms")
    rows = [
        ("−" if term.sign < 0 else "+" if count > 1 else "",
         " · ".join(factor.name for factor in term.factors),
         " · ".join(numbers) if len(numbers) > 1 else "",
         value)
        for term, (numbers, value) in zip(largest, texts, strict=True)
    ]  # fmt: skip
    if rest:
        rows.append(("+", f"{len(rest):,} more", "", total))
    return [*head, *(f"    {line}" for line in table(rows, "<<<>", rule=False))]


def result_of(terms: Terms) -> str:
    """Return the result as it is shown: to `DIGITS`, but none of them below the rounding errors of
    the terms.
    """
    value = terms.result.value
    largest = max((abs(term.value) for term in terms.terms), default=0.0)
    if terms.kind != "sum" or not math.isfinite(value) or not value or not math.isfinite(largest):
        return shown(value)
    certain = math.floor(math.log10(abs(value))) - math.floor(math.log10(largest or 1.0)) + 13
    return shown(value, min(DIGITS, certain)) if certain > 0 else "0"


def _parts(terms: Terms, most: int) -> tuple[list[Term], list[Term]]:
    """Return the largest terms in their order of size, and the others."""
    order = sorted(terms.terms, key=lambda term: -abs(term.value))
    return (order, []) if len(order) <= most + 1 else (order[:most], order[most:])


def _sum_texts(
    terms: Terms, largest: Sequence[Term], rest: Sequence[Term]
) -> tuple[list[tuple[list[str], str]], str]:
    """Return the texts of the factors and the value of each term, and the sum of the rest."""
    result = result_of(terms)
    others = _total(rest)
    for digits in range(DIGITS, _EXACT + 1):
        texts, total = [], float(shown(others, digits)) if rest else 0.0
        for term in largest:
            numbers = [shown(factor.value, digits) for factor in term.factors]
            value = shown(math.prod(map(float, numbers)), digits)
            texts.append((numbers, value))
            total += term.sign * float(value)
        if _same(total, result):
            break
    return texts, shown(others, digits)


def _total(terms: Sequence[Term]) -> float:
    """Return the sum of the terms, without rounding errors on the way if all are finite."""
    values = [term.value for term in terms]
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # a sum beyond the largest float; inf − inf
        return sum(values)


def _same(value: float, text: str) -> bool:
    """True if the value, rounded to the digits of the text, is the text."""
    number = float(text)
    if not math.isfinite(number):
        return math.isnan(value) if math.isnan(number) else value == number
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - places)
    if "." not in mantissa and not exponent:  # zeros at the end may have been cut off
        unit = 10.0 ** (math.floor(math.log10(abs(number))) - DIGITS + 1) if number else 1e-12
    return abs(value - number) <= 0.5 * unit * (1 + 1e-9) or value == number


def _operands(terms: Terms, most: int) -> list[tuple[str, str]]:
    """Return the names and texts of the operands of an elementwise operation."""
    entries = [term.factors[0] for term in terms.terms]
    result, digits = result_of(terms), DIGITS
    for digits in range(DIGITS, _EXACT + 1):
        numbers = tuple((float(shown(entry.value, digits)),) for entry in entries)
        if _same(terms.computed(numbers), result):
            break
    return [(entry.name, shown(entry.value, digits)) for entry in entries[: max(most, 3)]]
