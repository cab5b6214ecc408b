"""What is shown can be computed again: by hand from the text, to the last digit."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from glassnet.tracing.array import TracedArray
from glassnet.tracing.digits import lines_of, shown
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.terms import terms_of

NUMBER = r"-?(?:\d+\.?\d*(?:e[+-]\d+)?|inf|nan)"
FLOATS = st.floats(-1e3, 1e3).map(lambda v: v if abs(v) > 1e-6 else 0.0)


def rounded_as(value: float, text: str) -> bool:
    """Whether the value is the text, within one unit of its last digit."""
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - places)
    return abs(value - float(text)) <= unit * (1 + 1e-9)


@settings(max_examples=150, deadline=None)
@given(arrays.arrays(np.float64, (2, 20), elements=FLOATS))
def test_a_sum_of_products_adds_up_as_shown(numbers: np.ndarray) -> None:
    recorder = Recorder()
    with recorder.recording():
        a, b = (TracedArray(recorder.input(n, row)) for n, row in zip("ab", numbers, strict=True))
        y = a @ b
    head, *lines = lines_of(terms_of(recorder.program(), y.index))
    total = 0.0
    for line in lines:
        if not (row := re.match(r"    ([+−])  (.*)  +(\S+)$", line)):
            continue
        sign, middle, value = row[1], row[2], row[3]
        if factors := re.search(rf"({NUMBER}) · ({NUMBER}) *$", middle):
            assert rounded_as(float(factors[1]) * float(factors[2]), value)
        total += (1 if sign == "+" else -1) * float(value)
    assert rounded_as(total, head.rpartition(" = ")[2])


@settings(deadline=None)
@given(st.floats(-30, 30), st.floats(0.01, 30))
def test_a_quotient_is_that_of_the_numbers_shown(a: float, b: float) -> None:
    recorder = Recorder()
    with recorder.recording():
        y = TracedArray(recorder.input("a", np.asarray(a))) / TracedArray(
            recorder.input("b", np.asarray(b))
        )
    head, *_, over, under = lines_of(terms_of(recorder.program(), y.index))
    quotient = float(over.split()[-1]) / float(under.split()[-1])
    assert rounded_as(quotient, head.rpartition(" = ")[2])


def test_numbers() -> None:
    assert [shown(v) for v in (0.0, -0.0, 1.0, 1 / 3, 123456.0, 1e-9)] == [
        "0", "0", "1", "0.33333", "1.2346e+05", "1e-09"
    ]  # fmt: skip


def test_a_result_that_is_rounding_is_0() -> None:
    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", np.array([0.1, 0.2, -0.3])))
        y = x.sum()
    assert y.value != 0
    assert lines_of(terms_of(recorder.program(), y.index))[0].endswith("= 0")


def test_an_infinite_result_is_shown_with_its_operands() -> None:
    recorder = Recorder()
    with recorder.recording():
        y = TracedArray(recorder.input("x", np.array(1.0))) / 0.0
    head, *_, over, under = lines_of(terms_of(recorder.program(), y.index))
    assert head.endswith(" = inf")
    assert (over.split()[-1], under.split()[-1]) == ("1", "0")
