"""`Variable`: a view of a stored weight."""

import numpy as np
import pytest

from glassnet import SGD, Callback, Dense, GlassnetError, Model
from glassnet.layers import constraints, regularizers
from glassnet.layers.variable import Variable


def built() -> tuple[Model, Variable, Variable]:
    model = Model([Dense(3), Dense(2)], input_shape=(4,))
    kernel, bias = model.layers[0].variables
    return model, kernel, bias


def test_it_is_read_as_an_array() -> None:
    model, kernel, bias = built()
    array = model.get_weights()[0]
    assert (kernel.shape, kernel.dtype, kernel.ndim, kernel.size) == ((4, 3), "float32", 2, 12)
    assert (kernel.name, kernel.path, len(kernel)) == ("kernel", "dense/kernel", 4)
    np.testing.assert_array_equal(kernel.numpy(), array)
    np.testing.assert_array_equal(np.array(kernel), array)
    np.testing.assert_array_equal(kernel[1], array[1])
    np.testing.assert_allclose(2 * kernel + 1 - bias, 2 * array + 1)
    np.testing.assert_allclose(np.sum(kernel * kernel), (array**2).sum(), rtol=1e-6)
    assert (kernel == array).all()
    assert np.asarray(kernel, "float64").dtype == np.float64
    assert repr(bias) == "<Variable path=dense/bias, shape=(3,), dtype=float32>"
    kernel.numpy()[:] = 0  # a copy
    np.testing.assert_array_equal(kernel, array)


def test_it_has_the_penalty_and_the_constraint_of_its_layer() -> None:
    layer = Dense(3, kernel_regularizer="l2", kernel_constraint="non_neg")
    Model([layer], input_shape=(4,))
    kernel, bias = layer.variables
    assert (kernel.regularizer, kernel.constraint) == (regularizers.L2(), constraints.NonNeg())
    assert (bias.regularizer, bias.constraint) == (None, None)


def test_assigning_sets_it_in_all_models_that_share_it() -> None:
    model, _, bias = built()
    other = Model(model.layers[:1], input_shape=(4,))
    bias.assign([1, 2, 3]).assign_add(np.ones(3)).assign_sub([0, 0, 1])
    np.testing.assert_array_equal(other.predict(np.zeros((1, 4))), [[2, 3, 3]])
    assert bias.value.dtype == "float32"


def test_what_can_not_be_assigned() -> None:
    _, kernel, bias = built()
    with pytest.raises(GlassnetError, match=r"dense/bias.*\(3,\)"):
        bias.assign([1, 2])
    with pytest.raises(GlassnetError, match="dense/bias"):
        bias.assign([1, 2, np.nan])
    with pytest.raises(GlassnetError, match=r"can't be changed in place. Use w.assign"):
        bias += 1
    with pytest.raises(TypeError):
        kernel[0] = 1  # type: ignore[index]


def test_a_training_refuses_assignments() -> None:
    model, _, bias = built()
    model.compile(SGD(0.1), "mse")

    class Assigning(Callback):
        def on_epoch_end(self, record: object) -> None:
            bias.assign([0, 0, 0])

    with pytest.raises(GlassnetError, match="'dense/bias': is being trained"):
        model.fit(np.ones((3, 4)), np.ones((3, 2)), callbacks=[Assigning()], verbose=0)
    bias.assign([1, 1, 1])
