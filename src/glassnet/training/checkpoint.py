"""The checkpoint: a position of training in one file, from which it goes on bit for bit.

Tensors for what is arrays, one JSON object for the rest. Floating-point numbers of the history,
which may be NaN, are kept as their 64 bits.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.strict_json import refuse, require_header
from glassnet.core.tensor_file import Kinds, Stored, open_tensors, write_tensors
from glassnet.core.trees import from_items, items
from glassnet.engines.state import State
from glassnet.training.loop import TAKEN, History, Position
from glassnet.training.running_means import Means

FORMAT = 1
STEPS = 2**32  # that the keys of random numbers can tell apart
ROOM = 1024 * 1024  # bytes of JSON: a network, its training, what callbacks remember
_KEY = "checkpoint"
_FIELDS = {
    "format": int,
    "training": dict,
    "step": int,
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
    """Write a position, and what training it is of, whole or not at all."""
    state, history, asked = position.state, position.history, position.learning_rate
    kept = {str(number): kept for number, kept in position.kept.items()}
    header = {
        "format": FORMAT,
        "training": dict(training),
        "step": state.step,
        "epoch": position.epoch,
        "epoch_step": position.step,
        "seconds": float(position.seconds),
        "count": position.means.count,
        "sums": {name: total.hex() for name, total in position.means.sums.items()},
        "learning_rate": {} if asked is None else {"asked": asked},
        "stopped": position.stopped,
        "kept": [[number, one.step] for number, one in kept.items()],
        "memories": {str(number): dict(kept) for number, kept in position.memories.items() if kept},
        "numbers": list(history.history),
    }
    states = {"state": state} | {f"kept/{number}": one for number, one in kept.items()}
    tensors = {f"{of}/{n}": leaf for of, one in states.items() for n, leaf in _arrays(one).items()}
    tensors |= _history_tensors(history)
    write_tensors(path, header, tensors, _KEY, ROOM)


def read_checkpoint(
    path: str | Path, state: Kinds, callbacks: int
) -> tuple[Position, dict[str, Any]]:
    """(position, what training it is of), for states of these kinds and so many callbacks.

    Raises GlassnetError, naming the file, if that is not what it holds.
    """
    with open_tensors(path, _KEY, ROOM) as stored:
        header, where = _checked(stored, callbacks), stored.where
        kinds = {f"state/{name}": kind for name, kind in state.items()}
        for number, _ in header["kept"]:
            kinds |= {f"kept/{number}/{name}": kind for name, kind in state.items()}
        epochs = stored.kinds.get("history/epoch", ((0,), ""))[0]
        if len(epochs) != 1:
            refuse(where, "its history is no list of epochs.")
        for name in ("epoch", "seconds", *(f"of/{number}" for number in header["numbers"])):
            kinds[f"history/{name}"] = epochs, "int64"
        tensors = stored.read(kinds)
    try:
        sums = {str(name): float.fromhex(total) for name, total in header["sums"].items()}
    except (TypeError, ValueError, OverflowError):
        refuse(where, "its means are no numbers.")
    means = Means()
    means.count, means.sums = header["count"], sums
    position = Position(
        _state(tensors, "state", header["step"]),
        header["epoch"],
        header["epoch_step"],
        header["seconds"],
        means,
        _history(tensors, header["numbers"]),
        header["learning_rate"].get("asked"),
        header["stopped"],
        {int(n): _state(tensors, f"kept/{n}", step) for n, step in header["kept"]},
        {int(number): memory for number, memory in header["memories"].items()},
    )
    return position, header["training"]


def _checked(stored: Stored, callbacks: int) -> dict[str, Any]:
    """The header; raises if a value in it can't be."""
    header, where = stored.header, stored.where
    require_header(header, FORMAT, _FIELDS, where)
    for name in ("step", "epoch", "epoch_step", "seconds", "count"):
        if not header[name] >= 0:
            refuse(where, f"{name!r} is {header[name]}.")
    if header["step"] >= STEPS:
        refuse(where, f"'step' is {header['step']}.")
    if header["epoch_step"] > header["step"] or (header["epoch_step"] and not header["count"]):
        refuse(where, "counts more steps of its epoch than of its training, or no examples.")
    rate = header["learning_rate"]
    if rate and not (
        set(rate) == {"asked"} and type(rate["asked"]) is float and rate["asked"] >= 0
    ):
        refuse(where, "has no valid 'learning_rate'.")
    known, memories = {str(number) for number in range(callbacks)}, header["memories"]
    if not set(memories) <= known or not all(type(one) is dict for one in memories.values()):
        refuse(where, "has no valid 'memories'.")
    for pair in header["kept"]:
        if type(pair) is not list or [type(item) for item in pair] != [str, int]:
            refuse(where, "has no valid 'kept'.")
        if pair[0] not in known or not 0 <= pair[1] < STEPS:
            refuse(where, "has no valid 'kept'.")
    names = header["numbers"]
    if not all(type(name) is str and name not in TAKEN for name in names) or (
        len(set(names)) < len(names)
    ):
        refuse(where, "has no valid 'numbers'.")
    return header


def kinds_of(state: State) -> Kinds:
    """The shape and dtype of each of a state's arrays."""
    return {name: (leaf.shape, leaf.dtype.name) for name, leaf in _arrays(state).items()}


def _arrays(state: State) -> dict[str, Array]:
    return dict(items({"params": state.params, "slots": dict(state.slots)}))


def _state(tensors: Mapping[str, Array], prefix: str, step: int) -> State:
    start = f"{prefix}/"
    found = {n.removeprefix(start): leaf for n, leaf in tensors.items() if n.startswith(start)}
    trees = from_items(found)
    return State(step, trees["params"], trees.get("slots", {}))


def _history_tensors(history: History) -> dict[str, Array]:
    numbers = {"seconds": history.seconds} | {
        f"of/{name}": values for name, values in history.history.items()
    }
    bits = {f"history/{n}": np.array(v, np.float64).view(np.int64) for n, v in numbers.items()}
    return {"history/epoch": np.array(history.epoch, np.int64), **bits}


def _history(tensors: Mapping[str, Array], names: list[str]) -> History:
    def numbers(name: str) -> list[float]:
        found: list[float] = tensors[f"history/{name}"].view(np.float64).tolist()
        return found

    return History(
        tensors["history/epoch"].tolist(),
        {name: numbers(f"of/{name}") for name in names},
        numbers("seconds"),
    )
