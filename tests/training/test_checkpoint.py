"""Checkpoints are restored bit for bit, and invalid ones are refused."""

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.core.trees import items
from glassnet.engines.state import State
from glassnet.training.checkpoint import ROOM, array_kinds, read_checkpoint, write_checkpoint
from glassnet.training.history import History
from glassnet.training.loop import Position
from glassnet.training.running_means import Means

TRAINING = {"engine": "numpy", "optimizer": {"class": "SGD", "learning_rate": 0.1}}

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
weights = arrays(np.float32, (2, 3), elements=finite)


def states(step: int = 3) -> st.SearchStrategy[State]:
    return st.builds(
        lambda kernel, scale, moment: State(
            step,
            {"dense": {"kernel": kernel}, "norm": {"scale": scale}},
            {"velocity": {"dense": {"kernel": moment}}},
        ),
        weights,
        arrays(np.float64, (), elements=st.floats(-1, 1)),
        weights,
    )


@st.composite
def positions(draw: st.DrawFn) -> Position:
    epochs = draw(st.integers(0, 4))
    losses = st.lists(st.floats(), min_size=epochs, max_size=epochs)
    history = History(list(range(epochs)), {}, draw(losses))
    history.history = {name: draw(losses) for name in ("loss", "val_a/b")} if epochs else {}
    means = Means()
    means.count = draw(st.integers(1, 2**40))
    means.sums = draw(st.dictionaries(st.text(min_size=1, max_size=5), st.floats(), max_size=3))
    rate = draw(st.none() | st.floats(0, 1))
    kept = draw(st.dictionaries(st.integers(0, 2), states(1), max_size=2))
    memories = draw(st.dictionaries(st.integers(0, 2), st.just({"best": "inf", "wait": 1})))
    seconds, stopped = draw(st.floats(0, 1e6)), draw(st.booleans())
    state, step = draw(states()), draw(st.integers(0, 3))
    return Position(
        state, epochs, step, seconds, means, history, rate, stopped, kept, memories
    )  # fmt: skip


def bits(value: Any) -> Any:
    """A value for comparisons in which NaN equals itself and 0.0 differs from -0.0."""
    if isinstance(value, float):
        return struct.pack("<d", value) if not math.isnan(value) else "nan"
    if isinstance(value, dict):
        return [(key, bits(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [bits(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes()
    return bits(vars(value)) if hasattr(value, "__dict__") else value


@given(positions())
def test_all_comes_back(tmp_path_factory: pytest.TempPathFactory, position: Position) -> None:
    path = tmp_path_factory.mktemp("c") / "checkpoint"
    write_checkpoint(path, position, TRAINING)
    found, training = read_checkpoint(path, array_kinds(position.state), 3)
    assert training == TRAINING
    assert bits(found) == bits(position)


def position() -> Position:
    state = State(7, {"a": np.ones((2, 2), np.float32)}, {"m": {"a": np.zeros((2, 2))}})
    means = Means()
    means.count = 20
    return Position(
        state, 1, 2, means=means, saved_states={0: state}, callback_states={0: {"best": "1.0"}}
    )


def test_the_same_position_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_checkpoint(tmp_path / name, position(), TRAINING)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "has format 2; this glassnet reads format 1"),
        ({"epoch": -1}, "'epoch' is -1"),
        ({"epoch": True}, "lacks a valid 'epoch'"),
        ({"seconds": -1.0}, "'seconds' is -1.0"),
        ({"learning_rate": {"asked": -0.5}}, "no valid 'learning_rate'"),
        ({"learning_rate": {"asked": "fast"}}, "no valid 'learning_rate'"),
        ({"learning_rate": {"other": 0.1}}, "no valid 'learning_rate'"),
        ({"memories": {"1": {}}}, "no valid 'memories'"),
        ({"memories": {"0": []}}, "no valid 'memories'"),
        ({"kept": [["1", 3]]}, "no valid 'kept'"),
        ({"kept": [["0", -3]]}, "no valid 'kept'"),
        ({"kept": [3]}, "no valid 'kept'"),
        ({"kept": []}, "kept/0"),
        ({"sums": {"loss": "many"}}, "means are not valid numbers"),
        ({"sums": {"loss": 3}}, "means are not valid numbers"),
        ({"epoch_step": 8}, "more steps in its epoch than in its training"),
        ({"count": 0}, "no examples"),
        ({"step": 2**32}, "'step' is 4294967296"),
        ({"kept": [["0", 2**32]]}, "no valid 'kept'"),
        ({"numbers": ["epoch"]}, "no valid 'numbers'"),
        ({"numbers": ["loss", "loss"]}, "no valid 'numbers'"),
        ({"numbers": [3]}, "no valid 'numbers'"),
        ({"numbers": ["loss"]}, "'history/of/loss' is missing"),
        ({"more": 1}, "unknown fields"),
    ],
)
def test_headers_that_cannot_be_are_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    """Invalid headers are refused even if the checksum was recomputed."""
    path = tmp_path / "checkpoint"
    write_checkpoint(path, position(), TRAINING)
    with open_tensors(path, "checkpoint", ROOM) as stored:
        tensors = stored.read(stored.kinds)
    write_tensors(path, stored.header | change, tensors, "checkpoint", ROOM)
    with pytest.raises(GlassnetError, match=words) as error:
        read_checkpoint(path, array_kinds(position().state), 1)
    assert str(path) in str(error.value)


def test_states_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    write_checkpoint(path, position(), TRAINING)
    kinds = array_kinds(
        State(0, {"a": np.ones((2, 3), np.float32)}, {"m": {"a": np.zeros((2, 3))}})
    )
    with pytest.raises(GlassnetError, match=r"state/params/a.*\(2, 2\).*needs"):
        read_checkpoint(path, kinds, 1)
    assert dict(items(position().state.params))


def test_a_model_file_is_no_checkpoint(tmp_path: Path) -> None:
    write_tensors(tmp_path / "m", {"format": 1}, {"a": np.ones(2, np.float32)})
    with pytest.raises(GlassnetError, match="holds no glassnet description"):
        read_checkpoint(tmp_path / "m", {}, 0)
