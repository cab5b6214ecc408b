import json
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.tracing.array import TracedArray
from glassnet.tracing.program import Program
from glassnet.tracing.recorder import Recorder

X = np.array([1.0, -2.0, 3.0])


def program(code: Any) -> Program:
    recorder = Recorder()
    with recorder.recording():
        y = code(TracedArray(recorder.input("x", X)))
        recorder.marks["y"] = y.index
    return recorder.program()


def test_a_changed_input_changes_what_follows_and_nothing_else() -> None:
    recorded = program(lambda x: (x * x).sum() + 2.0)
    values = recorded.run({recorded.inputs["x"]: [1.0, 1.0, 1.0]})
    assert values[recorded.marks["y"]] == 5.0
    assert recorded.operations[recorded.marks["y"]].value == 16.0  # what was recorded stays


def test_any_value_can_be_replaced() -> None:
    recorded = program(lambda x: (x * x).sum() + 2.0)
    squares = next(o.index for o in recorded.operations if o.kind == "multiply")
    assert recorded.run({squares: [0.0, 0.0, 1.0]}, until=recorded.marks["y"])[-1] == 3.0


def test_a_decision_that_changes_is_an_error() -> None:
    recorded = program(lambda x: x * 2 if x.sum() > 0 else x)
    assert recorded.run({0: [1.0, 1.0, 1.0]})[-1].tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(GlassnetError, match=r"decide otherwise.*x.sum\(\) > 0"):
        recorded.run({0: [-1.0, -1.0, -1.0]})


def test_a_decision_does_not_concern_what_was_computed_before_it() -> None:
    def code(x: Any) -> Any:
        y = x.sum()
        return y * 2 if y > 0 else y

    recorded = program(code)
    total = next(o.index for o in recorded.operations if o.kind == "sum")
    assert recorded.run({0: [-1.0, -1.0, -1.0]}, until=total)[-1] == -3.0


def test_a_replacement_of_another_shape_is_an_error() -> None:
    with pytest.raises(GlassnetError, match=r"x: has shape \(3,\), got \(2,\)"):
        program(lambda x: x + 1.0).run({0: [1.0, 2.0]})


def test_an_index_out_of_range_is_one_clear_error() -> None:
    recorded = program(lambda x: X[::-1] * 1.0 + x[(x - 1.0).astype(int)])
    with pytest.raises(GlassnetError, match="can't compute take of the changed values"):
        recorded.run({0: [7.0, 0.0, 0.0]})


def test_json_has_everything_but_the_arrays() -> None:
    recorded = program(lambda x: (x - np.inf).sum() + np.ones(3))
    text = json.dumps(recorded.to_json(), allow_nan=False)
    plain = json.loads(text)
    kinds = [operation["kind"] for operation in plain["operations"]]
    assert kinds == ["input", "constant", "subtract", "sum", "constant", "add"]
    infinity, ones = (o for o in plain["operations"] if o["kind"] == "constant")
    assert infinity["value"] == "inf"
    assert ones["settings"] == {"fill": 1.0}
    assert ones["shape"] == [3]
    source = plain["sources"][plain["operations"][2]["source"]]
    assert source["part"] == "x - np.inf"
    assert plain["inputs"] == {"x": 0}
    assert plain["marks"] == {"y": 5}
