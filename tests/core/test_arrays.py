"""Tests of `core/arrays.py`: what people pass in place of arrays, and numbers that would change."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

from glassnet import SGD, Dense, Embedding, Flatten, Input, Model
from glassnet.core.arrays import as_array, as_numbers, ranks_of, warn_if_merged
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.calibration import reliability
from glassnet.evaluate.comparison import mcnemar
from glassnet.layers.initializers import Constant, Initializer, RandomNormal
from glassnet.training.divergence import DivergenceError

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.arange(8) % 3
HIDDEN = np.ma.masked_array(X, X > 1)


class TensorWithGradient:
    """As a PyTorch tensor that requires a gradient: NumPy can't read it."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


def model(**options) -> Model:
    m = Model([Dense(3, "softmax")], input_shape=(4,), **options)
    m.compile(SGD(0.1), "sparse_categorical_crossentropy")
    return m


@pytest.mark.parametrize(
    "values",
    [
        TensorWithGradient(),
        X + 1j,
        X.astype(str),
        [[1.0], [1.0, 2.0]],
        HIDDEN,
        [HIDDEN[0], HIDDEN[1], np.ma.masked_array(X[0], True)],
        [[1.0, np.ma.masked]],
    ],
)
def test_what_is_no_array_of_numbers_is_refused_with_a_fix(values):
    with pytest.raises(GlassnetError) as caught:
        as_numbers(values, "x")
    assert caught.value.fix
    with pytest.raises(GlassnetError, match=r"^x: "):
        model().predict(values)


@pytest.mark.parametrize(
    "values",
    [
        scipy.sparse.csr_matrix(X),
        scipy.sparse.coo_array(X),
        jnp.asarray(X, jnp.bfloat16),
        np.asarray(jnp.asarray(X, jnp.bfloat16)),
        X.astype("float16"),
        [jnp.asarray(row) for row in X],
    ],
)
def test_arrays_of_other_kinds(values):
    wanted = X if "bfloat16" not in str(getattr(values, "dtype", "")) else X.astype(jnp.bfloat16)
    array = as_numbers(values, "x")
    np.testing.assert_allclose(array, wanted.astype("float32"), rtol=1e-3)
    assert model().predict(values).shape == (8, 3)


def test_tensors_of_pytorch_leave_their_graph():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(X, requires_grad=True)
    half = tensor.bfloat16()
    for values in (tensor, [*tensor], tensor.to_sparse(), half.float()):
        np.testing.assert_array_equal(as_numbers(values, "x"), values_of(values))
    np.testing.assert_array_equal(as_numbers(half, "x"), half.detach().float().numpy())


def values_of(values):
    return X if isinstance(values, list) else values.detach().to_dense().numpy()


class Tensor:
    """As a PyTorch tensor of bfloat16 on a GPU, in a graph."""

    layout, itemsize = "torch.strided", 2

    def __init__(self, *steps):
        self.steps = steps

    def detach(self):
        return Tensor(*self.steps, "detach")

    def cpu(self):
        return Tensor(*self.steps, "cpu")

    def is_floating_point(self):
        return True

    def float(self):
        assert self.steps == ("detach", "cpu")
        return X


def test_tensors_are_detached_moved_and_widened():
    assert as_array(Tensor(), "x") is X


def test_a_large_sparse_matrix_is_not_made_dense():
    with pytest.raises(GlassnetError, match=r"would take 74.5 GiB.*x\[rows\].toarray"):
        as_array(scipy.sparse.coo_array((100_000, 100_000)), "x")


def test_ragged_and_sparse_tensors_are_named():
    ragged, sparse = type("Ragged", (), {"to_tensor": 0})(), type("S", (), {"dense_shape": 0})()
    with pytest.raises(GlassnetError, match=r"is a ragged tensor. Pad its rows"):
        as_array(ragged, "x")
    with pytest.raises(GlassnetError, match=r"is a sparse tensor. .*to_dense\(x\)"):
        as_array(sparse, "x")
    with pytest.raises(GlassnetError, match="y: is a Ragged, not an array"):
        as_array(type("Ragged", (), {})(), "y")


def test_a_masked_array_without_masked_entries_is_an_array():
    np.testing.assert_array_equal(as_numbers(np.ma.masked_array(X, False), "x"), X)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.fit(HIDDEN, Y),
        lambda m: m.fit(X, np.ma.masked_array(Y, Y == 1)),
        lambda m: m.fit(X, Y, sample_weight=np.ma.masked_array(np.ones(8), Y == 1)),
        lambda m: m.fit(X, Y, validation_data=(HIDDEN, Y)),
        lambda m: m.fit(X, Y, validation_data=(X, Y, np.ma.masked_array(np.ones(8), Y == 1))),
        lambda m: m.fit(X, Y, engine="jax", sample_weight=np.ma.masked_array(np.ones(8), Y == 1)),
        lambda m: m.evaluate(HIDDEN, Y),
        lambda m: m.evaluate(X, np.ma.masked_array(Y, Y == 1)),
        lambda m: m.predict(HIDDEN),
        lambda m: m.set_weights([np.ma.masked_array(w, True) for w in m.get_weights()]),
        lambda m: reliability(Y, np.ma.masked_array(np.ones((8, 3)) / 3, True)),
        lambda m: mcnemar(np.ma.masked_array(Y == 1, Y == 2), Y == 0),
    ],
)
def test_masked_entries_are_refused_wherever_arrays_enter(call):
    with pytest.raises(GlassnetError, match="masked array"):
        call(model())


def test_masked_entries_of_one_of_multiple_inputs_are_refused():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    two = Model(inputs=[a, b], outputs=Dense(2)(a + b))
    for x in ([X, HIDDEN], {"a": X, "b": HIDDEN}):
        with pytest.raises(GlassnetError, match="masked array"):
            two.predict(x)


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float64"])
def test_whole_numbers_that_become_one_in_float32_are_noticed(dtype):
    times = np.array([[1_700_000_001], [1_700_000_002]], dtype)
    m = Model([Dense(1)], input_shape=(1,))
    m.compile(SGD(0.0001), "mse")
    with pytest.warns(UserWarning, match="x: 1700000001 and 1700000002 are the same number"):
        m.predict(times)
    with pytest.warns(UserWarning, match="y: 1700000001 and 1700000002 are the same number"):
        m.evaluate([[0.0], [1.0]], times, verbose=0)


def check_merged(values, dtype):
    warn_if_merged(values, values.astype(dtype), "x")


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([2**24, 2**24 + 2]), "float32"),
        (np.array([1e9 + 0.25, 1e9 + 0.5]), "float32"),
        (np.array([1_700_000_001, 1_700_000_002]), "float64"),
        (np.array([], "int64"), "float32"),
        (np.array([-(2**62)]), "float32"),
        (np.array([1, 2], "uint8"), "float32"),
    ],
)
def test_numbers_that_stay_different_give_no_warning(values, dtype):
    check_merged(values, dtype)  # warnings are errors in these tests


def test_large_negative_numbers_and_those_above_2_53_are_noticed():
    with pytest.warns(UserWarning, match="-16777217 and -16777216 are"):
        check_merged(np.array([-(2**24) - 1, -(2**24)]), "float32")
    with pytest.warns(UserWarning, match="same number in float64"):
        check_merged(np.array([2**53, 2**53 + 1]), "float64")


def test_merged_numbers_are_printed_exactly():
    numbers = "1152921504606846976 and 1152921504606846977 are"
    with pytest.warns(UserWarning, match=numbers):
        check_merged(np.array([[2**60], [2**60 + 1]]), "float32")
    with pytest.warns(UserWarning, match="18446744073709551614 and 18446744073709551615 are"):
        check_merged(np.array([2**64 - 1, 2**64 - 2], "uint64"), "float64")


@pytest.mark.parametrize(
    "values",
    [
        2**24 + np.arange(300_000)[:, None],
        np.random.default_rng(0).permutation(2**24 + np.arange(300_000))[:, None],
        np.random.default_rng(0).integers(0, 10**9, (300_000, 2)),
        np.random.default_rng(0).integers(-(2**62), 2**62, (300_000, 1)),
        np.where(np.arange(300_000) < 299_998, 1.0, 1e9 + np.arange(300_000))[:, None],
        (1_700_000_000 + np.arange(300_000.0))[::-1].reshape(-1, 2).T,
        np.full((4, 200_000), 2**24 + 1) + np.arange(4)[:, None],
    ],
    ids=["sorted", "shuffled", "table", "hashes", "few", "not contiguous", "wide"],
)
def test_merged_numbers_are_noticed_in_a_sample_of_many(values, monkeypatch):
    sizes = []
    sort = np.sort
    monkeypatch.setattr(np, "sort", lambda array: sizes.append(array.size) or sort(array))
    with pytest.warns(UserWarning, match="same number in float32"):
        check_merged(values, "float32")
    assert sizes[0] <= 16 * max(2**10, values.shape[1])


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_embedding_ids_above_2_24_are_refused_in_float32_and_right_in_float64(engine):
    rows, ids = 2**24 + 8, 2**24 + np.arange(4)[:, None]
    single = Model([Embedding(rows, 1, embeddings_initializer="zeros"), Flatten()], (1,))
    single.compile(SGD(1.0), "mse")
    for call in (
        lambda: single.predict(ids[1:2]),
        lambda: single.fit(ids[1:2], [[1.0]], verbose=0),
    ):
        with pytest.raises(GlassnetError, match=r"looks up row 1677721\d of an Embedding, but"):
            call()
    np.testing.assert_array_equal(single.predict([[2**24 - 1]]), [[0.0]])
    double = Model(
        [Embedding(rows, 1, embeddings_initializer="zeros"), Flatten()], (1,), dtype="float64"
    )
    double.compile(SGD(0.5), "mse")
    double.fit(ids, np.arange(4.0), batch_size=1, verbose=0, engine=engine)
    np.testing.assert_allclose(double.predict(ids)[:, 0], np.arange(4.0))


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w + 5j,
        lambda w: w.astype("float64") + 1e300,
        lambda w: w * np.nan,
        lambda w: w + np.inf,
        lambda w: w.astype(str),
        lambda w: w.astype(object),
        lambda w: w[..., None],
        lambda w: None,
    ],
)
def test_set_weights_takes_only_finite_real_numbers(change):
    m = model()
    before = m.get_weights()
    with pytest.raises(GlassnetError):
        m.set_weights([change(w) for w in before])
    for old, new in zip(before, m.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


class Wrong(Initializer):
    """Draws what no weight can hold."""

    def __init__(self, values):
        object.__setattr__(self, "values", values)

    def __call__(self, rng, shape):
        return self.values


@pytest.mark.parametrize(
    "initializer",
    [Constant(1e300), RandomNormal(stddev=1e300), Wrong(np.full(2, np.nan)), Wrong(np.ones(3))],
)
def test_initializers_give_only_finite_numbers_of_the_right_shape(initializer):
    from glassnet.layers.base import Layer, Weight

    class Own(Layer):
        def weights(self, shape):
            return {"w": Weight((2,), initializer)}

    with pytest.raises(GlassnetError, match=f"^{type(initializer).__name__}: "):
        Own().init(np.random.default_rng(0), (2,))


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_weights_that_the_last_step_made_infinite_are_not_adopted(engine):
    m = Model([Dense(1, use_bias=False)], input_shape=(1,))
    m.compile(SGD(1e38), "mse")
    before = m.get_weights()
    with pytest.raises(DivergenceError, match="contains NaN or infinity"):
        m.fit([[1.0]], [[1e3]], verbose=0, engine=engine)
    np.testing.assert_array_equal(before[0], m.get_weights()[0])


def test_ranks_are_those_of_scipy_ties_averaged():
    from scipy.stats import rankdata

    values = np.random.default_rng(0).integers(-5, 5, 40) / 3
    np.testing.assert_array_equal(ranks_of(values), rankdata(values))


def test_a_pair_and_a_function_say_how_fit_is_called() -> None:
    model = Model([Dense(2)], input_shape=(3,))
    model.compile("sgd", "mse")
    x, y = np.ones((4, 3)), np.ones((4, 2))
    with pytest.raises(GlassnetError, match=r"Write fit\(x, y\), not fit\(\(x, y\)\)"):
        model.fit((x, y))

    def batches() -> Any:
        yield x, y

    with pytest.raises(GlassnetError, match=r"Call it: batches\(\)\.$"):
        model.fit(batches)
