"""Registered functions: their names in files, the order of their arguments, what is refused."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import Dense, GlassnetError, Lambda, Model, load, losses, optimizers, register
from glassnet.core import functions
from glassnet.core.functions import name_of, targets_first
from glassnet.core.registry import build, describe, require_registered, resolve
from glassnet.layers import initializers


def halved(x: Any) -> Any:
    return x / 2, lambda dy: dy / 2


def test_files_hold_the_name_of_a_registered_function(own_registry: None) -> None:
    register("layer")(halved)
    register("activation")(halved)
    for layer in (Lambda(halved), Dense(2, halved), Dense(2, "halved")):
        require_registered(layer)
        described = describe(layer)
        assert "halved" in described.values()
        assert describe(build("layer", described)) == described


def test_a_part_of_a_function_is_written_under_the_function_s_name(own_registry: None) -> None:
    @register("initializer", "third")
    def thirds(shape: Any) -> Any:
        return np.full(shape, 1 / 3)

    by_function, by_alias = Dense(2, kernel_initializer=thirds), Dense(2, None, True, "third")
    assert describe(by_function)["kernel_initializer"] == {"class": "thirds"}
    for layer in (by_function, by_alias, build("layer", describe(by_function))):
        np.testing.assert_allclose(Model(layer, (3,)).get_weights()[0], 1 / 3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"class": "Lambda", "function": "halved"}, "no function 'halved' is registered. Run the"),
        ({"class": "Lambda", "function": "os.system"}, "no function 'os.system' is registered"),
        ({"class": "Lambda", "function": 3}, "Lambda.function: 3 is not"),
        ({"class": "Lambda", "function": {"class": "Dense", "units": 2}}, "is not"),
        ({"class": "halved"}, "unknown layer 'halved'.*your own, run the code with its @register"),
        ({"class": "Dense", "units": 2, "activation": "halved"}, "unknown activation 'halved'"),
        (
            {"class": "Dense", "units": 2, "kernel_initializer": {"class": "halved"}},
            "unknown initializer 'halved'",
        ),
        (
            {"class": "Dense", "units": 2, "kernel_initializer": {"class": "InitializerFunction"}},
            "unknown initializer 'InitializerFunction'",
        ),
    ],
)
def test_a_file_can_call_only_what_was_registered(data: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        build("layer", data)


def test_a_function_of_another_kind_is_not_called_either(own_registry: None) -> None:
    register("activation")(halved)
    with pytest.raises(GlassnetError, match="no function 'halved' is registered"):
        build("layer", {"class": "Lambda", "function": "halved"})
    with pytest.raises(GlassnetError, match=r"Write def halved\(rng, shape\)"):
        register("initializer")(halved)
    register("constraint")(halved)
    described = {"class": "halved", "function": "halved"}
    with pytest.raises(GlassnetError, match="unknown field of halved 'function'"):
        build("constraint", described)


def test_a_name_is_not_taken_twice(own_registry: None) -> None:
    def zeros(shape: Any) -> Any:
        return np.ones(shape)

    with pytest.raises(GlassnetError, match="function zeros: glassnet has a part of this kind"):
        register("initializer")(zeros)

    def relu(x: Any) -> Any:
        return x, lambda dy: dy

    with pytest.raises(GlassnetError, match="function relu: glassnet has"):
        register("activation")(relu)

    def mlp(classes: Any) -> Any:
        return Dense(classes)

    with pytest.raises(GlassnetError, match="function mlp: glassnet has"):
        register("network")(mlp)
    register("activation")(halved)
    other = functools.wraps(halved)(lambda x: x)
    other.__module__ = "another"
    with pytest.raises(GlassnetError, match="has registered another one, and files hold only"):
        register("activation")(other)


def test_a_function_defined_again_is_the_same_but_a_closure_is_not(own_registry: None) -> None:
    def cell() -> Callable[..., Any]:
        def own(x: Any) -> Any:
            return x

        return own

    def times(factor: float) -> Callable[..., Any]:
        def scaled(x: Any) -> Any:
            return x * factor

        return scaled

    register("layer")(cell())
    require_registered(Lambda(cell()))
    one = register("layer")(times(2))
    require_registered(Lambda(one))
    with pytest.raises(GlassnetError, match="the function scaled is not registered"):
        require_registered(Lambda(times(3)))


@pytest.mark.parametrize("function", [lambda x: x, functools.partial(halved)])
def test_what_has_no_name_can_t_be_registered(function: Any) -> None:
    with pytest.raises(GlassnetError, match="is not a name that files could hold"):
        register("layer")(function)


def test_register_says_what_to_write() -> None:
    with pytest.raises(GlassnetError, match=r"unknown kind 'layers'. Did you mean 'layer'"):
        register("layers")
    with pytest.raises(GlassnetError, match=r'needs the kind.*@register\("loss"\) above Mine'):

        @register  # type: ignore[arg-type]
        class Mine(losses.Loss):
            pass

    with pytest.raises(GlassnetError, match="3 is neither a class nor a function"):
        register("layer")(3)


def test_keras_s_order_is_known_by_the_names() -> None:
    assert targets_first(lambda y_true, y_pred: 0)
    assert not targets_first(lambda outputs, targets, power=2: 0)
    for function in (lambda a, b: 0, lambda y_pred: 0, print, max):
        with pytest.raises(
            GlassnetError, match=r"Name them as in Keras: def \w+\(y_true, y_pred\)"
        ):
            targets_first(function)
    assert name_of(functools.partial(halved)) == "partial"


def test_where_a_function_does_not_fit(own_registry: None) -> None:
    def ones(size: Any) -> Any:
        return np.ones(size)

    with pytest.raises(GlassnetError, match=r"Write def ones\(rng, shape\).*as in Keras"):
        Dense(2, kernel_initializer=ones)
    with pytest.raises(GlassnetError, match="takes no step"):
        optimizers.SGD(lambda: 0.1)  # type: ignore[misc]
    with pytest.raises(GlassnetError, match=r"returns -1.0 for step 0"):
        optimizers.SGD(lambda step: -1.0).rate(0)
    with pytest.raises(GlassnetError, match="is not an optimizer"):
        resolve("optimizer", halved)


def test_own_data_sets_and_recipes(own_registry: None) -> None:
    register("data", "mine")(lambda_free(3))
    with pytest.raises(GlassnetError, match="data set mine: returned int, not a data set"):
        load("mine")
    with pytest.raises(GlassnetError, match="is for fashion-mnist, not for mine"):
        load("mine", "folder")
    with pytest.raises(GlassnetError, match=r"Known: .*mine"):
        load("min")
    register("network", "tiny")(lambda_free(3))
    with pytest.raises(GlassnetError, match="recipe tiny: returned int, not a layer"):
        Model("tiny")


def lambda_free(value: Any) -> Callable[[], Any]:
    def constant() -> Any:
        return value

    return constant


def test_an_initializer_function_draws_from_the_model_s_seed() -> None:
    def drawn(rng: Any, shape: Any) -> Any:
        return rng.normal(size=shape)

    one, other = (
        Model(Dense(2, kernel_initializer=drawn), (3,), seed=seed).get_weights()[0]
        for seed in (0, 1)
    )
    again = Model(Dense(2, kernel_initializer=initializers.get(drawn)), (3,)).get_weights()[0]
    assert (one == again).all()
    assert (one != other).all()
    assert functions.parameters_of(drawn) == ("rng", "shape")


@pytest.mark.parametrize(
    ("library", "name", "message"),
    [
        ("keras.src.losses.losses", "Poisson", "Poisson is Keras's, .* 'poisson', or use glassnet"),
        (
            "tensorflow.python.ops",
            "mse",
            r"mse is TensorFlow's, and can't run here\. Write 'mse'\.$",
        ),
        ("torch.nn.modules.loss", "MSELoss", r"MSELoss is PyTorch's.*docs/own-parts"),
    ],
)
def test_parts_of_other_libraries_are_named(library: str, name: str, message: str) -> None:
    foreign: Any = type(name, (), {"__module__": library, "__call__": lambda *_: 0.0})
    with pytest.raises(GlassnetError, match=message):
        resolve("loss", foreign())


def test_an_activation_of_another_library_is_named() -> None:
    with pytest.raises(GlassnetError, match=r"tanh is NumPy's, and can't run here\. Write 'tanh'"):
        Model([Dense(3, np.tanh)], input_shape=(4,))
