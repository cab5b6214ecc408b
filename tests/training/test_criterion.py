"""The loss of multiple outputs is the weighted sum of their losses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.trees import from_items, items
from glassnet.layers import CallContext, Dense, Flatten, Graph, Input, Masking
from glassnet.losses import MeanSquaredError, SparseCategoricalCrossentropy
from glassnet.metrics import chosen
from glassnet.metrics.accuracies import sparse_accuracy
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.criterion import Criteria, Criterion, pair
from glassnet.training.evaluate import Evaluation
from glassnet.training.examples import Examples
from glassnet.training.output_specs import OutputSpec, objective_of
from glassnet.verify.gradcheck import gradcheck

RNG = np.random.default_rng(0)
A, B, C = RNG.standard_normal((6, 3)), RNG.standard_normal((6, 2)), RNG.standard_normal((6, 4))
LABELS, VALUES, WEIGHTS = np.arange(6) % 3, RNG.standard_normal((6, 2)), RNG.uniform(0, 2, 6)
KIND = Criterion(SparseCategoricalCrossentropy(True), {"accuracy": sparse_accuracy})
PLACE = Criterion(MeanSquaredError())
MASKS = (None, None, None)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_loss_is_the_weighted_sum_and_so_is_its_gradient(first: float, second: float) -> None:
    criteria = Criteria({"a": KIND, "b": PLACE, "c": None}, {"a": first, "b": second})
    loss, metrics, back = criteria((A, B, C), (LABELS, (VALUES, WEIGHTS)), MASKS)
    kind, accuracy, back_kind = KIND(A, LABELS, None)
    place, _, back_place = PLACE(B, (VALUES, WEIGHTS), None)
    assert loss == pytest.approx(first * kind + second * place)
    assert metrics == {"a_loss": kind, "a_accuracy": accuracy["accuracy"], "b_loss": place}
    da, db, dc = back(2.0)
    np.testing.assert_allclose(da, back_kind(2 * first))
    np.testing.assert_allclose(db, back_place(2 * second))
    assert dc.shape == C.shape
    assert not dc.any()


def test_where_one_output_alone_has_a_loss_it_has_no_name_of_its_own() -> None:
    criteria = Criteria({"a": KIND, "b": None}, {"a": 2.0})
    loss, metrics, _ = criteria((A, B), (LABELS,), MASKS[:2])
    assert loss == 2 * KIND(A, LABELS, None)[0]
    assert list(metrics) == ["a_accuracy"]


def test_a_pair_is_targets_and_weights() -> None:
    assert pair(LABELS) == (LABELS, None)
    assert pair((LABELS, WEIGHTS)) == (LABELS, WEIGHTS)


def _network() -> Graph:
    """A network with an output per step, with padding, and an output per sequence."""
    x = Input((5, 4))
    h = Masking()(x)
    return Graph.between(x, [Dense(3, "softmax")(h), Dense(2)(Flatten()(h))])


def _objective(network: Graph):  # type: ignore[no-untyped-def]
    wanted = {
        "dense": OutputSpec(SparseCategoricalCrossentropy(), chosen(["accuracy", "recall"])),
        "dense_1": OutputSpec(MeanSquaredError(), (), (), 0.5),
    }
    return objective_of(network, wanted, network.weights((5, 4)), ((5, 3), (2,)))


def test_the_step_is_the_derivative_with_each_activation_in_its_loss() -> None:
    network = _network()
    objective = _objective(network)
    params, _ = network.init(np.random.default_rng(1), (5, 4), "float64")
    assert objective.criterion.of["dense"].loss == SparseCategoricalCrossentropy(from_logits=True)
    x, labels = RNG.standard_normal((3, 5, 4)), RNG.integers(0, 3, (3, 5))
    x[0, 2:] = 0
    paths = [path for path, _ in items(params)]

    def op(*leaves: np.ndarray):  # type: ignore[no-untyped-def]
        tree = from_items(dict(zip(paths, leaves, strict=True)))
        value, _, grads = objective.value_and_gradients(
            tree, x, (labels, VALUES[:3]), CallContext(True, wrt_x=False)
        )
        found = dict(items(grads))
        return value, lambda dy: tuple(dy * found[path] for path in paths)

    gradcheck(op, *(leaf for _, leaf in items(params)))


@pytest.mark.parametrize("size", [1, 4, 100])
def test_each_output_is_evaluated_with_its_own_padding_for_any_block_size(size: int) -> None:
    network = _network()
    params, _ = network.init(np.random.default_rng(1), (5, 4), "float64")
    x, labels = RNG.standard_normal((6, 5, 4)), RNG.integers(0, 3, (6, 5))
    x[:4, 2:] = 0
    mask = x.any(axis=-1)
    data = Examples(x, (labels, VALUES))
    evaluation = Evaluation(_objective(network), data, "float64", batch_size=size)
    found = evaluation(params, CallbackList(()))
    kinds, places = network.forward(params, x)[0]
    kind = SparseCategoricalCrossentropy()(labels[mask], kinds[mask])
    place = MeanSquaredError()(VALUES, places)
    assert found["loss"] == pytest.approx(kind + 0.5 * place)
    assert found["dense_loss"] == pytest.approx(kind)
    assert found["dense_1_loss"] == pytest.approx(place)
    right = kinds[mask].argmax(axis=-1) == labels[mask]
    assert found["dense_accuracy"] == pytest.approx(right.mean())
    assert "dense_recall" in found
