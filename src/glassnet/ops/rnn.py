"""The simple (Elman) recurrent network."""

from typing import Any

from glassnet.core.trees import Array
from glassnet.ops import Pullback
from glassnet.ops.activations import tanh
from glassnet.ops.recurrence import Elementwise, kernel_gradient, over_time, scaled, with_slope
from glassnet.ops.scan import Arrays


def simple_rnn(
    z: Array,
    recurrent_kernel: Array,
    activation: Elementwise = tanh,
    dropout_mask: Array | None = None,
    mask: Array | None = None,
    return_sequences: bool = True,
    initial_state: Arrays = (),
    return_state: bool = False,
) -> tuple[Any, Pullback]:
    """hₜ = tanh(zₜ + hₜ₋₁ @ recurrent_kernel).   z (T, N, u), kernel (u, u) -> h (T, N, u).

    z = x @ kernel + bias is the input's part, for all steps; `dropout_mask` (N, u), of recurrent
    dropout, multiplies hₜ₋₁. Without `return_sequences`, only the last h is returned.
    Source: Elman 1990, "Finding structure in time".
    """
    units = recurrent_kernel.shape[0]

    def step(state: Arrays, z: Array) -> tuple[Arrays, Arrays]:
        h, slope = with_slope(activation, z + scaled(state[0], dropout_mask) @ recurrent_kernel)
        return (h,), (slope,)

    def back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        (dh,), (slope,) = dstate, saved
        dz = dh * slope
        return (scaled(dz @ recurrent_kernel.T, dropout_mask),), (dz,)

    y, (h, *_), back_over_time = over_time(
        step, back, z, (units,), mask, return_sequences, initial_state, return_state
    )
    first = scaled(initial_state[0], dropout_mask) if initial_state else None

    def pullback(dy: Any) -> tuple[Array, ...]:
        dstate, (dz,) = back_over_time(dy)
        return dz, kernel_gradient(scaled(h, dropout_mask), dz, first), *dstate

    return y, pullback
