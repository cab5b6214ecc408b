"""Checkpoints: a position of training in one file, from which it resumes bit for bit.

Arrays are tensors of the file, and everything else is one JSON object. The floats of the history,
which may be NaN, are stored as their 64 bits.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import refuse, require_header
from glassnet.core.tensor_file import Kinds, Stored, open_tensors, write_tensors
from glassnet.core.trees import from_items, items
from glassnet.engines.state import State
from glassnet.training.callbacks.callback_list import RESERVED
from glassnet.training.history import History
from glassnet.training.loop import Position
from glassnet.training.running_means import Means

FORMAT = 1
STEPS = 2**32  # that the keys of random numbers can distinguish
ROOM = 1024 * 1024  # bytes of JSON: the network, its training, the states of callbacks
_KEY = "checkpoint"
_FIELDS = {
    "format": int,
    "training": dict,
    "step": int,
    "began": int,
    "epoch": int,
    "epoch_step": int,
    "seconds": float,
    "count": int,
    "sums": dict,
    "learning_rate": dict,
    "stopped": bool,
    "kept": list,
    "memories": dict,
    "numbers": list,
}


def write_checkpoint(path: str | Path, position: Position, training: Mapping[str, Any]) -> None:
    """Write a position and the description of its training, completely or not at all."""
    state, history, rate = position.state, position.history, position.learning_rate
    saved_states = {str(index): saved for index, saved in position.saved_states.items()}
    header = {
        "format": FORMAT,
        "training": dict(training),
        "step": state.step,
        "epoch": position.epoch,
        "epoch_step": position.step,
        "seconds": float(position.seconds),
        "count": position.means.count,
        "sums": {name: total.hex() for name, total in position.means.sums.items()},
        "learning_rate": {} if rate is None else {"asked": rate},
        "stopped": position.stopped,
        "began": state.began,
        "kept": [[index, saved.step] for index, saved in saved_states.items()],
        "memories": {str(i): dict(state) for i, state in position.callback_states.items() if state},
        "numbers": list(history.history),
    }
    states = {"state": state} | {f"kept/{index}": saved for index, saved in saved_states.items()}
    tensors = {
        f"{of}/{n}": leaf for of, tree in states.items() for n, leaf in _arrays(tree).items()
    }
    tensors |= _history_tensors(history)
    write_tensors(path, header, tensors, _KEY, ROOM)


def read_checkpoint(
    path: str | Path, state: Kinds, callbacks: int
) -> tuple[Position, dict[str, Any]]:
    """Return (position, description of its training).

    Raises GlassnetError, naming the file, unless it holds states with arrays of these kinds, for
    this number of callbacks.
    """
    with open_tensors(path, _KEY, ROOM) as stored:
        header, where = _checked(stored, callbacks), stored.where
        kinds = {f"state/{name}": kind for name, kind in state.items()}
        for number, _ in header["kept"]:
            kinds |= {f"kept/{number}/{name}": kind for name, kind in state.items()}
        epochs = stored.kinds.get("history/epoch", ((0,), ""))[0]
        if len(epochs) != 1:
            refuse(where, "its history is not a list of epochs.")
        for name in ("epoch", "seconds", *(f"of/{number}" for number in header["numbers"])):
            kinds[f"history/{name}"] = epochs, "int64"
        tensors = stored.read(kinds)
    try:
        sums = {str(name): float.fromhex(total) for name, total in header["sums"].items()}
    except (TypeError, ValueError, OverflowError):
        refuse(where, "its means are not valid numbers.")
    means, began = Means(), header["began"]
    means.count, means.sums = header["count"], sums
    position = Position(
        _state(tensors, "state", header["step"], began),
        header["epoch"],
        header["epoch_step"],
        header["seconds"],
        means,
        _history(tensors, header["numbers"]),
        header["learning_rate"].get("asked"),
        header["stopped"],
        {int(n): _state(tensors, f"kept/{n}", step, began) for n, step in header["kept"]},
        {int(index): state for index, state in header["memories"].items()},
    )
    return position, header["training"]


def read_training(path: str | Path) -> dict[str, Any] | None:
    """Return the description of a checkpoint's training, unchecked; None if it can't be read."""
    with suppress(GlassnetError), open_tensors(path, _KEY, ROOM) as stored:
        training = stored.header.get("training")
        return training if isinstance(training, dict) else None
    return None


def _checked(stored: Stored, callbacks: int) -> dict[str, Any]:
    """Return the header; raise if a value in it is invalid."""
    header, where = {"began": 0, **stored.header}, stored.where  # older files have no "began"
    require_header(header, FORMAT, _FIELDS, where)
    for name in ("step", "epoch", "epoch_step", "seconds", "count", "began"):
        if not header[name] >= 0:
            refuse(where, f"{name!r} is {header[name]}.")
    if header["step"] >= STEPS or header["began"] > header["step"]:
        refuse(where, f"'step' is {header['step']}.")
    if header["epoch_step"] > header["step"] or (header["epoch_step"] and not header["count"]):
        refuse(where, "has more steps in its epoch than in its training, or no examples.")
    rate, asked = header["learning_rate"], header["learning_rate"].get("asked")
    if rate and not (set(rate) == {"asked"} and type(asked) is float and asked >= 0):
        refuse(where, "has no valid 'learning_rate'.")
    indices, states = {str(index) for index in range(callbacks)}, header["memories"]
    if not set(states) <= indices or not all(type(state) is dict for state in states.values()):
        refuse(where, "has no valid 'memories'.")
    for pair in header["kept"]:
        valid = type(pair) is list and [type(item) for item in pair] == [str, int]
        if not valid or pair[0] not in indices or not 0 <= pair[1] < STEPS:
            refuse(where, "has no valid 'kept'.")
    names = header["numbers"]
    valid = all(type(name) is str and name not in RESERVED for name in names)
    if not valid or len(set(names)) < len(names):
        refuse(where, "has no valid 'numbers'.")
    return header


def array_kinds(state: State) -> Kinds:
    """Return the shape and dtype of each array of a state."""
    return {name: (leaf.shape, leaf.dtype.name) for name, leaf in _arrays(state).items()}


def _arrays(state: State) -> dict[str, Array]:
    return dict(items({"params": state.params, "slots": dict(state.slots)}))


def _state(tensors: Mapping[str, Array], prefix: str, step: int, began: int) -> State:
    """Return a state; one of before the optimizer began again has the slots of the beginning."""
    start = f"{prefix}/"
    leaves = {n.removeprefix(start): leaf for n, leaf in tensors.items() if n.startswith(start)}
    trees = from_items(leaves)
    return State(step, trees["params"], trees.get("slots", {}), began if step > began else 0)


def _history_tensors(history: History) -> dict[str, Array]:
    columns = {"seconds": history.seconds} | {
        f"of/{name}": values for name, values in history.history.items()
    }
    bits = {f"history/{n}": np.array(v, np.float64).view(np.int64) for n, v in columns.items()}
    return {"history/epoch": np.array(history.epoch, np.int64), **bits}


def _history(tensors: Mapping[str, Array], names: list[str]) -> History:
    def column(name: str) -> list[float]:
        return tensors[f"history/{name}"].view(np.float64).tolist()

    return History(
        tensors["history/epoch"].tolist(),
        {name: column(f"of/{name}") for name in names},
        column("seconds"),
    )
