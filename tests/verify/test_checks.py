"""The checks: they pass what is right, and each of them catches what is wrong."""

import math
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from glassnet.core.strict_json import as_json
from glassnet.layers import INFERENCE, Dense
from glassnet.verify.cases import CASES, Case
from glassnet.verify.checks import Verification, run_checks

WITH_JAX = bool(find_spec("jax"))
X = np.random.default_rng(0).standard_normal((4, 3))


@dataclass(frozen=True)
class WrongDense(Dense):
    """A Dense layer whose kernel's gradient is 0.1% too large."""

    def forward(self, params: Any, x: Any, call: Any = INFERENCE) -> Any:
        y, back = super().forward(params, x, call)

        def wrong(dy: Any) -> Any:
            dx, grads = back(dy)
            return dx, {**grads, "kernel": grads["kernel"] * 1.001}

        return y, wrong


def test_a_right_layer_passes_and_a_wrong_one_is_caught_by_every_check() -> None:
    params, _ = Dense(2).init(np.random.default_rng(1), (3,), "float64")
    right = run_checks("layer", "Dense", Dense(2), (X, params), {}, keras=False)
    wrong = run_checks("layer", "Dense", WrongDense(2), (X, params), {}, keras=False)
    assert right.ok
    assert not wrong.ok
    for check in ("differences", "compiled", "jax") if WITH_JAX else ("differences",):
        assert right.errors[check] <= 1e-9  # type: ignore[operator]
        assert wrong.errors[check] > 1e-5  # type: ignore[operator]


def test_an_op_that_can_not_be_checked_is_wrong_and_json_has_no_infinity() -> None:
    def forgetful(a: Any, b: Any) -> Any:
        return a * b, lambda dy: (dy * b,)

    proof = run_checks("op", "forgetful", forgetful, (X, X + 1), {})
    assert not proof.ok
    assert proof.errors["differences"] == math.inf
    assert as_json(proof)["errors"]["differences"] is None


def test_what_is_not_installed_or_not_comparable_is_said_and_is_no_error() -> None:
    said = {"differences": 1e-9, "compiled": "not installed", "jax": "not installed"}
    assert Verification("op", "x", {**said, "keras": "not in Keras"}).ok
    assert Verification("op", "x", {**said, "keras": ""}).skipped == ("compiled", "jax")
    for error in (1e-4, np.float64(1e-4), np.float64("nan")):
        assert not Verification("op", "x", {**said, "keras": error}).ok


FEW = ("attention", "lstm", "gru", "max_pooling", "batch_normalization", "softmax_crossentropy")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if str(case) in FEW else pytest.mark.slow, id=str(case))
        for case in CASES
    ],
)
def test_jax_finds_the_same_derivatives(case: Case) -> None:
    pytest.importorskip("jax")
    proof = run_checks("case", str(case), case.subject, case.arguments, case.constants, keras=False)
    assert proof.ok, proof
    assert all(isinstance(proof.errors[check], float) for check in ("compiled", "jax"))
