"""Recurrent layers: cells, directions, padding masks."""

import itertools
from typing import Any

import numpy as np

from glassnet import layers
from glassnet.core.trees import map_leaves
from glassnet.layers import CallContext
from glassnet.ops import activations, gru, lstm, masking, rnn
from glassnet.verify.cases.base import TRAINING, Case, numbers

X = numbers(3, 4, 2, scale=0.5)  # (N, T, n)
MASK = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1]], bool)
KEPT = np.array([[2.0, 0, 1.5], [1, 2, 0], [0.5, 1, 1]])
U = 3
OPTIONS = {"dropout_mask": KEPT, "mask": MASK.T, "return_sequences": False}


def _z(parts: int) -> np.ndarray:
    return numbers(4, 3, parts * U, scale=0.5)  # time-major


def _kernel(parts: int) -> np.ndarray:
    return numbers(U, parts * U, seed=1, scale=0.5)


OPS = [
    Case(rnn.simple_rnn, (_z(1), _kernel(1))),
    Case(rnn.simple_rnn, (_z(1), _kernel(1)), {**OPTIONS, "activation": activations.elu}, "all"),
    Case(lstm.lstm, (_z(4), _kernel(4))),
    Case(lstm.lstm, (_z(4), _kernel(4)), OPTIONS, "options"),
    Case(
        lstm.lstm, (_z(4), _kernel(4)),
        {"activation": activations.softplus, "recurrent_activation": activations.tanh},
        "activations",
    ),
    Case(gru.gru, (_z(3), _kernel(3), numbers(3 * U))),
    Case(gru.gru, (_z(3), _kernel(3)), label="no-bias"),
    Case(gru.gru, (_z(3), _kernel(3), numbers(3 * U)), OPTIONS, "options"),
    Case(gru.gru_reset_before, (_z(3), _kernel(3))),
    Case(gru.gru_reset_before, (_z(3), _kernel(3)), OPTIONS, "options"),
    Case(masking.keep_steps, (X,), {"mask": MASK}),
]  # fmt: skip


def _case(layer: Any, label: str = "", states: tuple[Any, ...] = (), **call: Any) -> Case:
    """Return a case with weights of both signs, so that no gate closes and no gradient vanishes."""
    seeds = itertools.count(7)
    params, _ = layer.init(np.random.default_rng(5), X.shape[1:], "float64")
    params = map_leaves(lambda w: numbers(*w.shape, seed=next(seeds), scale=0.7), params)
    x = (X, *states) if states else X
    return Case(layer, (x, params), {"context": CallContext(**call)}, label)


DROPPING: dict[str, Any] = {"dropout": 0.4, "recurrent_dropout": 0.3}
STATES = tuple(numbers(3, 3, seed=i, scale=0.5) for i in range(4))  # (N, units)
BOTH: dict[str, Any] = {"return_sequences": True, "return_state": True}
NETWORK = layers.Sequential(
    (
        layers.LSTM(3, return_sequences=True),
        layers.TimeDistributed(layers.Dense(2, "tanh")),
        layers.Bidirectional(layers.GRU(2)),
        layers.Dense(2),
    )
)

LAYERS = [
    _case(layers.SimpleRNN(3)),
    _case(layers.SimpleRNN(3, "relu", use_bias=False), "no-bias", mask=MASK),
    _case(layers.LSTM(3, return_sequences=True), mask=MASK),
    _case(layers.LSTM(2, **DROPPING, go_backwards=True), "dropout", **TRAINING),
    _case(layers.GRU(3, return_sequences=True, go_backwards=True), mask=MASK),
    _case(layers.GRU(2, **DROPPING), "dropout", **TRAINING),
    _case(layers.GRU(3, use_bias=False), "no-bias"),
    _case(layers.GRU(3, "silu", reset_after=False), "reset-before", mask=MASK),
    _case(layers.Bidirectional(layers.GRU(2))),
    *(
        _case(layers.Bidirectional(layers.LSTM(2, return_sequences=True), m), m, mask=MASK)
        for m in ("concat", "sum", "mul", "ave")
    ),
    _case(layers.SimpleRNN(3, return_state=True), "states", STATES[:1]),
    _case(layers.LSTM(3, **BOTH), "states", STATES[:2]),
    _case(layers.LSTM(3, return_state=True), "state", mask=MASK),
    _case(layers.GRU(3, **BOTH, **DROPPING), "states", STATES[:1], **TRAINING),
    _case(layers.GRU(3, reset_after=False, go_backwards=True), "initial", STATES[:1]),
    _case(layers.Bidirectional(layers.LSTM(3, **BOTH)), "states", STATES),
    _case(layers.Bidirectional(layers.GRU(3, **BOTH), None), "unmerged", STATES[:2]),
    _case(layers.TimeDistributed(layers.Dense(3, "tanh"))),
    _case(layers.Masking()),
    _case(NETWORK, "recurrent", mask=MASK),
]
