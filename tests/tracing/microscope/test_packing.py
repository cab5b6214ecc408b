"""What the page computes, in Node.js, equals what Python computes."""

import random
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.errors import GlassnetError
from glassnet.tracing.differences import difference
from glassnet.tracing.digits import _parts, _sum_texts, result_of
from glassnet.tracing.microscope.packing import packed
from glassnet.tracing.program import Program
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.result import Trace
from glassnet.tracing.terms import terms_of
from glassnet.verify.cases import CASES
from tests.tracing.microscope.engine import answers, needs_node, number
from tests.tracing.test_program import program as recorded_code
from tests.tracing.test_tracing import recorded

pytestmark = needs_node

ROUNDING = 1e-11  # of sums in another order, relative to the largest number of an array
VALUES = "return (await unpacked(job)).program.values.map(({ data }) => data);"
TERMS = """
const { program } = await unpacked(job.data);
return job.numbers.map(([index, position]) => {
  const terms = termsOf(program, index, position);
  return {
    about: [terms.result.name, terms.kind, terms.formula, terms.why, terms.code, terms.where],
    terms: terms.terms.map(({ sign, factors }) => [sign, factors.map(({ name }) => name)]),
    result: resultOf(terms),
    rows: terms.kind === "sum" ? sumRows(terms, 12) : null,
  };
});
"""
DIFFERENCES = """
const { program } = await unpacked(job.data);
return Promise.all(job.numbers.map(([index, position]) => difference(program, index, position)));
"""


def require_equal(program: Program, values: list[Any]) -> None:
    assert len(values) == len(program.operations)
    for operation, data in zip(program.operations, values, strict=True):
        expected = np.asarray(operation.value, float).ravel()
        ours = np.array([number(x) for x in data])
        finite = np.abs(expected[np.isfinite(expected)])
        tolerance = ROUNDING * finite.max() if finite.size else 0.0
        np.testing.assert_allclose(
            ours, expected, rtol=0, atol=tolerance, err_msg=f"{operation.kind} {operation.settings}"
        )


def trace_of(model: gn.Model, y: Any, **options: Any) -> Trace:
    x = np.random.default_rng(0).random((1, *model.input_shape))
    return gn.trace(model, x, np.asarray([y]), **options)


def small(*layers: gn.Layer, shape: tuple[int, ...], optimizer: Any = "adam") -> gn.Model:
    model = gn.Sequential(layers)
    model.build(shape)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def dense() -> gn.Model:
    return small(gn.Dense(5, "relu"), gn.Dense(3, "softmax"), shape=(4,))


def chosen(program: Program, count: int) -> list[tuple[int, tuple[int, ...]]]:
    """Random numbers of a program."""
    rng = random.Random(0)
    operations = [operation for operation in program.operations if operation.value.size]
    return [
        (one.index, tuple(rng.randrange(n) for n in one.value.shape))
        for one in rng.choices(operations, k=count)
    ]


@pytest.mark.parametrize("part", range(8))
def test_all_ops_losses_and_layers_are_computed_as_numpy_does(part: int) -> None:
    programs = [recorded(case)[0] for case in CASES[part::8]]
    assert programs
    results = answers(VALUES, [packed(program, {}) for program in programs])
    for program, values in zip(programs, results, strict=True):
        require_equal(program, values)


@pytest.mark.parametrize(
    "optimizer", ["adam", "sgd", "rmsprop", "adagrad", "lion", "muon", gn.SGD(0.1, momentum=0.9)]
)
def test_the_update_is_computed_as_numpy_does(optimizer: Any) -> None:
    model = small(
        gn.Dense(5, "gelu", kernel_regularizer="l2"), gn.Dropout(0.5), gn.Dense(3, "softmax"),
        shape=(4,), optimizer=optimizer,
    )  # fmt: skip
    program = trace_of(model, 1, training=True).program
    (values,) = answers(VALUES, [packed(program, {})])
    require_equal(program, values)


NETWORKS = {
    "dense": dense,
    "convolutions": lambda: small(
        gn.Conv2D(3, 3, activation="relu"), gn.BatchNormalization(), gn.MaxPooling2D(),
        gn.Flatten(), gn.Dense(2, "softmax"), shape=(8, 8, 1),
    ),
    "recurrent": lambda: small(gn.LSTM(4), gn.Dense(2, "softmax"), shape=(5, 3)),
    "attention": lambda: small(
        gn.MultiHeadAttention(2, 3), gn.LayerNormalization(), gn.GlobalAveragePooling1D(),
        gn.Dense(2, "softmax"), shape=(5, 4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
def test_numbers_open_to_the_same_terms_with_the_same_digits(network: str) -> None:
    program = trace_of(NETWORKS[network](), 1).program
    numbers = chosen(program, 300)
    (results,) = answers(TERMS, [{"data": packed(program, {}), "numbers": numbers}])
    for (index, position), theirs in zip(numbers, results, strict=True):
        terms = terms_of(program, index, position)
        about = [terms.result.name, terms.kind, terms.formula, [*terms.why], terms.code]
        assert theirs["about"] == [*about, terms.where]
        named = [[term.sign, [factor.name for factor in term.factors]] for term in terms.terms]
        assert theirs["terms"] == named
        if terms.kind == "sum":
            largest, rest = _parts(terms, 12)
            texts, total = _sum_texts(terms, largest, rest)
            rows = [(row["numbers"], row["value"]) for row in theirs["rows"]["rows"]]
            assert rows == texts or theirs["result"] == "0"  # sums that cancel: rounding errors
            if rest and theirs["result"] != "0":
                assert theirs["rows"]["rest"] == {"count": len(rest), "value": total}
        assert theirs["result"] == result_of(terms)


@pytest.mark.parametrize("network", NETWORKS)
def test_finite_differences_are_the_same(network: str) -> None:
    program = trace_of(NETWORKS[network](), 1).program
    ahead = [one for one in chosen(program, 200) if _is_ahead(program, one[0])][:25]
    (results,) = answers(DIFFERENCES, [{"data": packed(program, {}), "numbers": ahead}])
    measured = 0
    for (index, position), theirs in zip(ahead, results, strict=True):
        ours = difference(program, index, position)
        if ours.missing:
            assert theirs["missing"].partition(":")[0] == ours.missing.partition(":")[0]
        else:
            measured += 1
            assert number(theirs["value"]) == pytest.approx(ours.value, rel=1e-6, abs=1e-10)
    assert measured >= 5


def _is_ahead(program: Program, index: int) -> bool:
    return program.operations[index].phase in ("forward", "loss")


def test_a_changed_number_changes_what_python_says() -> None:
    program = trace_of(dense(), 2).program
    kernel = program.inputs["dense/kernel"]
    changed = program.operations[kernel].value.copy()
    changed[1, 3] += 0.5
    code = """
    const { program } = await unpacked(job.data);
    const value = program.values[job.index];
    const changed = array(value.shape, value.data.slice(), value.dtype);
    changed.data[flatOf(value.shape, [1, 3])] += 0.5;
    return program.run(new Map([[job.index, changed]])).map(({ data }) => data);
    """
    (values,) = answers(code, [{"data": packed(program, {}), "index": kernel}])
    expected = program.run({kernel: changed})
    assert not np.array_equal(expected[program.marks["loss"]], program.operations[-1].value)
    for ours, theirs in zip(expected, values, strict=True):
        np.testing.assert_allclose([number(x) for x in theirs], np.ravel(ours), rtol=1e-9)


def test_a_change_by_which_the_code_would_decide_otherwise_is_refused() -> None:
    program = recorded_code(lambda x: x * 2 if x.sum() > 0 else x)
    with pytest.raises(GlassnetError, match="decide otherwise"):
        program.run({0: [-1.0, -1.0, -1.0]})
    code = """
    const { program } = await unpacked(job);
    const run = (x) => program.run(new Map([[0, array([3], Float64Array.from(x))]])).at(-1).data;
    try { return [run([1, 1, 1]), run([-1, -1, -1])]; } catch (problem) { return problem.message; }
    """
    (message,) = answers(code, [packed(program, {})])
    assert "decide otherwise" in message
    assert "x.sum() > 0" in message


def test_numbers_are_written_as_python_writes_them() -> None:
    rng = np.random.default_rng(0)
    values = [*(rng.standard_normal(500) * 10.0 ** rng.integers(-12, 12, 500)), 0.0, 1e5, 99999.5,
              1e-4, 0.5, -3.0, 12345678.0, 2.5, 0.125, 1234.25, 1234.75,
              *(rng.integers(-9999, 9999, 200) / 2.0 ** rng.integers(0, 8, 200))]  # fmt: skip
    jobs = [[float(value), digits] for value in values for digits in (1, 3, 5, 8, 17)]
    texts = answers("return shown(job[0], job[1]);", jobs)
    assert texts == [f"{value:.{digits}g}" for value, digits in jobs]


def test_arrays_that_float32_holds_take_half_the_room() -> None:
    exact = np.random.default_rng(0).random(10_000)
    sizes = []
    for values in (exact.astype(np.float32), exact):
        recorder = Recorder()
        recorder.input("x", np.asarray(values, float))
        sizes.append(len(packed(recorder.program(), {})))
    assert sizes[0] < 0.55 * sizes[1]
