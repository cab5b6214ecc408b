"""gradcheck itself: it passes what is right (the contract test), and catches what is wrong."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import INFERENCE, Add, CallContext, Dense, Layer, Sequential
from glassnet.layers.base import Weight
from glassnet.layers.initializers import Ones, Zeros
from glassnet.losses import Loss
from glassnet.verify.cases import CASES, Case
from glassnet.verify.cases.base import numbers
from glassnet.verify.gradcheck import drawn_weights, gradcheck
from tests.test_contract import arrays, upstream

Change = Callable[[np.ndarray], np.ndarray]


def one_entry_off(gradient: np.ndarray) -> np.ndarray:
    """The largest entry 1% too large."""
    wrong = gradient.copy()
    wrong.flat[np.abs(wrong).argmax()] *= 1.01
    return wrong


def one_entry_missing(gradient: np.ndarray) -> np.ndarray:
    wrong = gradient.copy()
    wrong.flat[np.abs(wrong).argmax()] = 0
    return wrong


BREAKS: dict[str, Change] = {
    "sign flipped": lambda g: -g,
    "0.1% too large": lambda g: g * 1.001,
    "a factor 2 missing": lambda g: g / 2,
    "divided by the batch": lambda g: g / (len(g) + 1 if g.ndim else 2),
    "zero": np.zeros_like,
    "shifted": lambda g: g + 1e-3,
    "axes swapped": lambda g: np.ascontiguousarray(g.T).reshape(g.shape),
    "turned round": lambda g: g[..., ::-1] if g.ndim else g,
    "rolled": lambda g: np.roll(g, 1),
    "one entry off": one_entry_off,
    "one entry missing": one_entry_missing,
    "an axis lost": lambda g: g.sum(axis=0),
    "an axis too many": lambda g: g[None],
}


def changed(answer: Any, which: int, change: Change) -> Any:
    """A pullback's answer with its gradient number `which` changed."""
    counter = itertools.count()

    def walk(node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(walk(item) for item in node)
        if isinstance(node, dict):
            return {key: walk(item) for key, item in node.items()}
        if node is None:
            return None  # the indices that an embedding looks up have no gradient
        return change(np.asarray(node)) if next(counter) == which else node

    return walk(answer)


class Remembering:
    """An op, loss or layer that computes the answer to the same numbers once."""

    def __init__(self, subject: Any) -> None:
        self.subject = subject
        self.known: dict[tuple[bytes, ...], tuple[Any, Any]] = {}

    def __call__(self, *arguments: Any, **constants: Any) -> tuple[Any, Any]:
        loss = isinstance(self.subject, Loss)
        function = self.subject.forward if loss else self.subject
        return self._answer(function, arguments, constants)

    def weights(self, shape: tuple[int, ...]) -> Any:
        return self.subject.weights(shape)

    def forward(self, params: Any, x: Any, *context: Any) -> tuple[Any, Any]:
        return self._answer(
            lambda *numbers: self.subject.forward(*numbers, *context), (params, x), {}
        )

    def _answer(self, function: Any, numbers: Any, constants: Any) -> tuple[Any, Any]:
        key = tuple(part.tobytes() for part in arrays(numbers))
        if key not in self.known:
            self.known[key] = function(*numbers, **constants)
        return self.known[key]


class Mutant:
    """An op, loss or layer whose pullback breaks one of its gradients."""

    def __init__(self, subject: Any, which: int, change: Change) -> None:
        self.subject, self.which, self.change = subject, which, change

    def __call__(self, *arguments: Any, **constants: Any) -> tuple[Any, Any]:
        return self._broken(*self.subject(*arguments, **constants))

    def _broken(self, y: Any, pullback: Callable[[Any], Any]) -> tuple[Any, Any]:
        return y, lambda dy: changed(pullback(dy), self.which, self.change)


class MutantLayer(Mutant):
    """The same with a layer's face."""

    def weights(self, shape: tuple[int, ...]) -> Any:
        return self.subject.weights(shape)

    def forward(self, *arguments: Any) -> tuple[Any, Any]:
        return self._broken(*self.subject.forward(*arguments))


def caught(case: Case, subject: Any, which: int, change: Change) -> bool:
    mutant = (MutantLayer if case.is_layer else Mutant)(subject, which, change)
    try:
        gradcheck(mutant, *case.arguments, layouts=["contiguous"], **case.constants)
    except GlassnetError:
        return True
    return False


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_broken_gradient_is_caught(case: Case) -> None:
    y, pullback = case()
    gradients = list(arrays(pullback(upstream(y))))
    subject = Remembering(case.subject)
    breaks = survivors = 0
    for (which, gradient), change in itertools.product(enumerate(gradients), BREAKS.values()):
        if gradient.ndim == 0 and change(np.ones((2, 2))).ndim != 2:
            continue  # a number has no axis to lose
        wrong = change(gradient)
        if wrong.shape == gradient.shape and np.allclose(wrong, gradient, rtol=1e-9, atol=0):
            continue  # a single entry can't be turned round
        breaks += 1
        survivors += not caught(case, subject, which, change)
    assert breaks >= sum(8 if gradient.any() else 3 for gradient in gradients)
    assert survivors == 0


@pytest.mark.parametrize("case", [case for case in CASES if len(case.arguments) > 1], ids=str)
def test_a_gradient_left_out_is_an_error(case: Case) -> None:
    class Forgetful(MutantLayer if case.is_layer else Mutant):  # type: ignore[misc]
        def _broken(self, y: Any, pullback: Any) -> tuple[Any, Any]:
            return y, lambda dy: pullback(dy)[:1]

    with pytest.raises(ValueError, match=r"shorter|longer|gradients"):
        gradcheck(Forgetful(case.subject, 0, np.copy), *case.arguments, **case.constants)


def test_a_wrong_formula_is_named_with_both_slopes() -> None:
    def cube(x: np.ndarray) -> tuple[np.ndarray, Any]:
        return x**3, lambda dy: dy * 2 * x * x  # 3 is right

    with pytest.raises(GlassnetError, match=r"cube: the pullback gives the slope .* but it is"):
        gradcheck(cube, numbers(3))


def test_a_path_that_only_a_layout_takes_is_checked() -> None:
    def square(x: np.ndarray) -> tuple[np.ndarray, Any]:
        right = x.flags.c_contiguous
        return x * x, lambda dy: dy * x * (2 if right else 3)

    with pytest.raises(GlassnetError, match="transposed input"):
        gradcheck(square, numbers(3, 4))


def test_the_checks_say_what_was_measured() -> None:
    checks = gradcheck(Dense(2), numbers(3, 4), context=CallContext(training=True))
    assert all(check.ok for check in checks)
    assert len({check.layout for check in checks}) == 4
    assert all(check.measured == pytest.approx(check.claimed) for check in checks)


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(GlassnetError, match="unknown layout 'spiral'"):
        gradcheck(Dense(2), numbers(3, 4), layouts=["spiral"])


def test_a_layer_gets_new_weights_or_those_given() -> None:
    layer, x = Dense(2, "tanh"), numbers(3, 4)
    params = drawn_weights(layer, (4,), seed=1)
    new, given = gradcheck(layer, x, seed=1), gradcheck(layer, x, params)
    assert new[0].measured != given[0].measured
    assert new == gradcheck(layer, x, params, seed=1)


def test_a_large_input_does_not_hide_a_small_weight_s_error() -> None:
    @dataclass(frozen=True)
    class HalfABias(Dense):
        def forward(self, params, x, context=INFERENCE):  # type: ignore[no-untyped-def]
            y, back = super().forward(params, x, context)

            def wrong(dy):  # type: ignore[no-untyped-def]
                dx, grads = back(dy)
                return dx, {**grads, "bias": grads["bias"] * 0.5}

            return y, wrong

    x = np.random.default_rng(0).standard_normal((4, 3)) * 1e6
    gradcheck(Dense(2), x)
    with pytest.raises(GlassnetError, match="along argument 1/bias"):
        gradcheck(HalfABias(2), x)


@dataclass(frozen=True)
class Affine(Layer):
    """y = γ (x − mean) + β, with a pullback that is right only at γ = 1, mean = 0 or β = 0."""

    wrong: str = ""

    def weights(self, shape: Any) -> Any:
        ones, zeros = Weight(shape, Ones()), Weight(shape, Zeros())
        mean = Weight(shape, Zeros(), trainable=False)
        return {"gamma": ones, "beta": zeros, "mean": mean}

    def forward(self, params: Any, x: Any, context: CallContext = INFERENCE) -> Any:
        gamma, beta, mean = params["gamma"], params["beta"], params["mean"]

        def pullback(dy: Any) -> Any:
            dx = dy if self.wrong == "gamma" else dy * gamma
            dgamma = dy * (x if self.wrong == "mean" else x - mean)
            dgamma = dgamma + (beta * dy if self.wrong == "beta" else 0)
            return dx, {"gamma": dgamma.sum(axis=0), "beta": dy.sum(axis=0)}

        return gamma * (x - mean) + beta, pullback


@pytest.mark.parametrize("wrong", ["gamma", "mean", "beta"])
def test_a_pullback_that_is_right_only_at_the_initial_weights_is_caught(wrong: str) -> None:
    x = numbers(4, 3)
    gradcheck(Affine(), x)
    with pytest.raises(GlassnetError, match="the pullback gives the slope"):
        gradcheck(Affine(wrong), x)
    with pytest.raises(GlassnetError, match="the pullback gives the slope"):
        gradcheck(Sequential((Dense(3), Affine(wrong), Dense(2))), x)


def test_weights_that_are_passed_are_not_changed() -> None:
    ones, zeros = np.ones(3), np.zeros(3)
    gradcheck(Affine("gamma"), numbers(4, 3), {"gamma": ones, "beta": zeros, "mean": zeros})
    assert (ones == 1).all()
    assert (zeros == 0).all()


def test_plain_functions_are_checked_with_jax_s_derivative_or_their_own() -> None:
    pytest.importorskip("jax")

    def squares(y_true: Any, y_pred: Any) -> Any:
        return ((y_true - y_pred) ** 2).mean(axis=-1)

    def half(x: Any) -> Any:
        return x * x, lambda dy: dy * x

    x = np.random.default_rng(0).normal(size=(3, 4))
    for checks in (
        gradcheck(squares, x, targets=x + 1),
        gradcheck(lambda w: (w * w).sum(), x),
        gradcheck(Add(), (x, x + 1)),
    ):
        assert all(check.ok for check in checks)
    with pytest.raises(GlassnetError, match="half: the pullback gives the slope"):
        gradcheck(half, x)
