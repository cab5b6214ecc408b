"""Functions that differ have different hashes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.tuning.function_hash import function_hash
from glassnet.tuning.tune import tune

Params = dict[str, Any]
SPACE = {"x": [1, 2, 3]}


def up(params: Params, seed: int) -> float:
    return float(params["x"])


def down(params: Params, seed: int) -> float:
    return -float(params["x"])


def scaled(scale: float) -> Callable[[Params, int], float]:
    return lambda params, seed: scale * params["x"]


class Score:
    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, params: Params, seed: int) -> float:
        return self.scale * float(params["x"])

    def method(self, params: Params, seed: int) -> float:
        return float(seed)


def times(scale: float, params: Params, seed: int) -> float:
    return scale * float(params["x"])


def test_what_differs_has_another_hash() -> None:
    functions = [up, down, scaled(1.0), scaled(2.0), Score(1.0), Score(2.0), Score(1.0).method,
                 partial(times, 1.0), partial(times, 2.0), times, max]  # fmt: skip
    assert len({function_hash(function) for function in functions}) == len(functions)


def test_equal_functions_have_equal_hashes() -> None:
    assert function_hash(scaled(2.0)) == function_hash(scaled(2.0))
    assert function_hash(Score(2.0)) == function_hash(Score(2.0))
    assert function_hash(partial(times, 2.0)) == function_hash(partial(times, 2.0))


def test_a_changed_function_is_another_study(tmp_path: Path) -> None:
    out = str(tmp_path)
    for function, best in ((lambda params, seed: params["x"], 3), (lambda p, seed: -p["x"], 1)):
        study = tune(function, SPACE, method="grid", out=out)  # both are named <lambda>
        assert study.winner is not None
        assert study.winner.params == {"x": best}
    tune(up, SPACE, method="grid", out=out, name="one")
    with pytest.raises(GlassnetError, match="was started with another function"):
        tune(down, SPACE, method="grid", out=out, name="one")
    assert len(repr(study)) < 300


def test_what_changes_while_the_function_is_called_does_not_count() -> None:
    def counting() -> Callable[[dict[str, Any], int], float]:
        calls, seen = 0, []

        def score(params: dict[str, Any], seed: int) -> float:
            nonlocal calls
            calls += 1
            seen.append(seed)
            return 0.0

        return score

    score = counting()
    before = function_hash(score)
    score({}, 0)
    assert function_hash(score) == before
