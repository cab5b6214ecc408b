"""The exercises of the notebooks: a check says what is wrong with an answer, or that it is right."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from glassnet import GlassnetError, gradcheck

Check = Callable[[Any], None]


def exercise(title: str) -> Callable[[Check], Check]:
    """Turn a function that asserts what a right answer fulfills into the check of an exercise.

    An answer that is still `...` is open; a wrong one raises what the function raises.
    """

    def decorate(test: Check) -> Check:
        @wraps(test)
        def check(answer: Any) -> None:
            if answer is ...:
                print(f"{title}: open. Write your answer in place of the dots.")
                return
            test(answer)
            print(f"{title}: right.")

        return check

    return decorate


def rejected(check: Check, answer: Any) -> None:
    """Print what the check says about a wrong answer; raise if it doesn't reject it."""
    try:
        check(answer)
    except (AssertionError, GlassnetError) as error:
        print(f"rejected: {error}")
        return
    raise RuntimeError(f"{check.__name__} accepts a wrong answer.")


def check_op(op: Callable[..., Any], value: Any, *arguments: Any, **constants: Any) -> None:
    """Assert that the op returns this value, and check its pullback numerically."""
    y, _ = op(*arguments, **constants)
    assert np.shape(y) == np.shape(value), f"the shape is {np.shape(y)}, not {np.shape(value)}"
    difference = float(np.abs(y - value).max())
    assert difference < 1e-9, f"the value differs by up to {difference:.2g}; check it first"
    gradcheck(op, *arguments, **constants)


def check_number(answer: Any, right: float, hint: str, tolerance: float = 0) -> None:
    """Assert that the answer is this number, up to the tolerance."""
    assert np.isscalar(answer), f"{answer!r} should be a number"
    assert abs(answer - right) <= tolerance, f"{answer} is wrong. {hint}"
