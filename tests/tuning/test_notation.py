"""The notation of spaces: its mistakes, and values of NumPy."""

from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.tuning.space import Choice, Range, Space

X = {"low": 0, "high": 9}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "^space: has no parameters. Declare one: learning_rate = "),
        ([1], "^space: is not a table"),
        ({"x": {"min": 0, "high": 1}}, r"^space: x\.min: unknown key 'min'\. Did you mean 'low'"),
        ({"x": {"low": 0, "max": 1}}, r"^space: x\.max: unknown key 'max'\. Did you mean 'high'"),
        ({"x": {"values": [1]}}, r"^space: x\.values: .* Write the choices: choices = "),
        ({"x": X | {"if": {}}}, r"^space: x\.if: .* Did you mean 'when'\?"),
        ({"x": X | {"type": "int"}}, r"^space: x\.type: .* Leave it out"),
        ({"x": X | {"n": 3}}, r"^space: x\.n: .* Did you mean 'points'\?"),
        ({"x": X | {"hihg": 3}}, r"^space: x\.hihg: .* Did you mean 'high'\?"),
        ({"x": {"low": 0}}, "^space: x: lacks high. Write high = a number.$"),
        ({"x": {"when": {}}}, "^space: x: lacks low. .* Or name the choices"),
        ({"x": X | {"choices": [1]}}, r"^space: x\.low: is for a range, but this one has choices"),
        ({"x": {"choices": [1], "log": True}}, r"^space: x\.log: is for a range"),
        ({"x": {"choices": []}}, r"^space: x\.choices: has no choices"),
        ({"x": []}, "^space: x: has no choices"),
        ({"x": [1, 1]}, "^space: x: has the choice 1 twice"),
        ({"x": [[1], [2]]}, r"^space: x: the list \[1\] is not a choice"),
        ({"x": None}, "^space: x: None is not a choice"),
        ({"hidden": [[8], [0]]}, r"^space: hidden: the list \[0\] is not a choice"),
        ({"x": {"low": 9, "high": 0}}, r"^space: x\.low: must be below high, 0; got 9\. Swap them"),
        ({"x-y": 1, "x_y": 2}, "^space: x_y: is there twice, once with - and once with _"),
        ({"x y": 1}, "^space: x y: 'x y' is not the name of a parameter"),
        ({"x.1": 1}, r"'x\.1' is not the name of a parameter"),
        ({"x": X | {"layers": [0, 2]}}, r"^space: x\.low: the size of a layer must be"),
        ({"x": {"low": 1.5, "high": 3, "layers": 2}}, r"^space: x\.low: the size of a layer"),
        ({"x": {"low": 1, "high": 3, "layers": [3, 1]}}, r"^space: x\.layers: .* got \[3, 1\]"),
        ({"x": {"low": 1, "high": 3, "layers": [1, 101]}}, r"at most 100; got \[1, 101\]"),
        ({"x": {"low": 1, "high": 3, "layers": True}}, r"^space: x\.layers: .* got True"),
        ({"x": X | {"when": "a"}}, r"^space: x\.when: must be a table, got 'a'"),
        ({"x": X | {"when": {"y": 1}}}, r"^space: x\.when\.y: .* Declare it above"),
        ({"yy": [1], "x": X | {"when": {"y": 1}}}, r"x\.when\.y: 'y' is not .* Did you mean 'yy'"),
        ({"x": X | {"when": {"y": 1}}, "y": [1]}, r"'y' is not a parameter above this one"),
        (
            {"y": ["relu"], "x": X | {"when": {"y": "rely"}}},
            r"y is never 'rely'\. Did you mean 'relu'",
        ),
        ({"y": [1, 2], "x": X | {"when": {"y": [1, 3]}}}, r"x\.when\.y: y is never 3\."),
        ({"y": X, "x": X | {"when": {"y": 10}}}, r"y is never 10\. It is from 0 to 9"),
        ({"y": [True], "x": X | {"when": {"y": 1}}}, r"y is never 1\."),
        ({"y": [1], "x": X | {"when": {"y": []}}}, r"x\.when\.y: has no values"),
        (
            {"x": {"low": 1, "high": 3, "layers": [1, 2], "when": {"y": 1}}},
            r"^space: x\.when\.y: 'y' is not a parameter above",
        ),
    ],
)
def test_mistakes(table: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        Space.from_dict(table)


def test_the_place_of_a_key_may_be_a_function_s() -> None:
    with pytest.raises(GlassnetError, match=r"^here x/low: must be"):
        Space.from_dict({"x": {"low": 9, "high": 0}}, lambda *keys: f"here {'/'.join(keys)}")


def test_values_of_numpy_are_python_s() -> None:
    space = Space.from_dict({"x": np.array([1, 2]), "y": {"low": np.float64(0.5), "high": 1}})
    assert space.parameters[0].domain == Choice((1, 2))
    assert all(type(value) is int for value in space.parameters[0].domain.grid)
    assert type(space.parameters[1].domain.grid[0]) is float


def test_one_number_of_layers() -> None:
    space = Space.from_dict({"hidden": {"low": 1, "high": 3, "layers": 2}})
    assert space.parameters[0].domain == Choice((2,))
    assert space.options({"hidden.layers": 2, "hidden.1": 1, "hidden.2": 3}) == {"hidden": (1, 3)}
    assert space.to_dict() == {"hidden": {"low": 1, "high": 3, "layers": [2, 2]}}


def test_the_number_of_layers_may_be_a_condition() -> None:
    table = {
        "hidden": {"low": 1, "high": 3, "layers": [1, 2]},
        "dropout": {"low": 0.0, "high": 0.5, "when": {"hidden.layers": [2]}},
    }
    space = Space.from_dict(table)
    assert space.parameters[-1].when == {"hidden.layers": (2,)}
    assert Space.from_dict(space.to_dict()) == space
    assert isinstance(space.parameters[0].domain, Range)


def test_a_low_end_of_0_stays_in_the_dict() -> None:
    assert Space.from_dict({"x": {"low": 0, "high": 1}}).to_dict() == {"x": {"low": 0, "high": 1}}
