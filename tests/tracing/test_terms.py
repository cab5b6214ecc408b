import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.ops.linear import affine
from glassnet.ops.piecewise import relu
from glassnet.tracing.array import TracedArray
from glassnet.tracing.program import Program
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.terms import terms_of

X = np.array([[1.0, 2.0]])
KERNEL = np.array([[3.0, -5.0], [0.5, 1.0]])
BIAS = np.array([0.25, -1.0])


def layer() -> tuple[Program, int]:
    """x = (1, 2) through a dense layer with ReLU: 3 + 1 + 0.25 = 4.25, and −5 + 2 − 1 < 0."""
    recorder = Recorder()
    with recorder.recording():
        arrays = {"x": X, "dense/kernel": KERNEL, "dense/bias": BIAS}
        y, _ = affine(*(TracedArray(recorder.input(n, a)) for n, a in arrays.items()))
        y, _ = relu(y)
        recorder.marks["output of dense"] = y.index
    return recorder.program(), y.index


def test_an_output_is_the_sum_of_its_products() -> None:
    terms = terms_of(*layer(), (0, 0))
    assert terms.result.value == 4.25
    assert terms.kind == "sum"
    assert [t.value for t in terms.terms] == [3.0, 1.0, 0.25]
    names = [[f.name for f in term.factors] for term in terms.terms]
    assert names == [["x[0]", "dense/kernel[0, 0]"], ["x[1]", "dense/kernel[1, 0]"],
                     ["dense/bias[0]"]]  # fmt: skip
    assert terms.result.name == "output of dense[0]"
    assert terms.why == ("the larger of two: the other is 0",)
    assert (terms.code, terms.where.split(":")[0]) == ("y += bias", "ops/linear.py")


def test_where_relu_is_0_both_numbers_are_shown() -> None:
    terms = terms_of(*layer(), (0, 1))
    assert (terms.kind, terms.result.value) == ("maximum", 0.0)
    assert [term.value for term in terms.terms] == [-4.0, 0.0]
    assert terms.terms[0].factors[0].name == "affine.y #4[0, 1]"


def test_an_intermediate_opens_to_its_own_terms() -> None:
    program, index = layer()
    inner = terms_of(program, index, (0, 1)).terms[0].factors[0]
    terms = terms_of(program, inner.operation, inner.position)
    assert [term.value for term in terms.terms] == [-5.0, 2.0, -1.0]


def test_a_position_that_is_not_there_is_an_error() -> None:
    with pytest.raises(GlassnetError, match=r"output of dense: there is no entry \[0, 2\]"):
        terms_of(*layer(), (0, 2))


def test_signs_are_kept() -> None:
    recorder = Recorder()
    with recorder.recording():
        a = TracedArray(recorder.input("a", np.array(5.0)))
        y = -(a - 2.0 * a) + 1.0
    terms = terms_of(recorder.program(), y.index)
    assert [(t.sign, t.value) for t in terms.terms] == [(-1, -5.0), (1, 10.0), (1, 1.0)]
    assert terms.computed() == 6.0


def test_a_maximum_is_followed_to_the_largest() -> None:
    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", np.array([[2.0, 7.0, 1.0]])))
        y = x.max(axis=1)
    terms = terms_of(recorder.program(), y.index, (0,))
    assert (terms.formula, terms.why) == ("x[1]", ("the largest of 3: x[1]",))
