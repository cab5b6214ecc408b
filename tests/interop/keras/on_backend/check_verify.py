"""The Keras check of `glassnet verify`, which computes on JAX."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.layers import Dense
from glassnet.verify.cases import LAYERS, LOSSES, Case
from glassnet.verify.checks import KERAS_TOLERANCE, _keras_error
from tests.interop.keras.on_backend import BACKEND

if BACKEND != "jax":
    pytest.skip("the check computes on JAX", allow_module_level=True)

MASKED = ("GRU", "MultiHeadAttention-causal-mask", "Sequential-recurrent", "Huber")


def verdict(subject: Any, arguments: tuple[Any, ...], **constants: Any) -> Any:
    return _keras_error(subject, arguments, constants)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if str(case) in MASKED else pytest.mark.slow, id=str(case))
        for case in (*LAYERS, *LOSSES)
    ],
)
def test_keras_says_the_same_under_the_case_s_mask(case: Case) -> None:
    found = verdict(case.subject, case.arguments, **case.constants)
    if found != "draws other numbers":
        assert isinstance(found, float)
        assert found <= KERAS_TOLERANCE


class Own(Dense):
    """A person's own layer, of which Keras knows nothing."""


def test_what_keras_can_not_build_is_wrong_unless_it_is_a_person_s_own() -> None:
    params, _ = Dense(2).init(np.random.default_rng(1), (3,))
    x = np.ones((4, 3))
    assert verdict(Own(2), (x, params)) == "not in Keras"
    assert verdict(Dense(2, name="schön"), (x, params)) == math.inf
