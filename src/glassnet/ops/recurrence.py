"""Backpropagation through time, for any recurrent cell.

A cell is a step and its pullback. The step takes the state, a tuple of arrays (N, units) that
starts with the cell's output h, and its slice of the input. It returns the new state and what its
pullback needs: `step(state, z) -> (state, saved)`. The pullback takes the gradient of the new
state: `back(dstate, saved) -> (dstate, gradients of this step)`.

Sequences are time-major here, (T, N, ...), so that each step's slice is contiguous in memory.
Source: Werbos 1990, "Backpropagation through time: what it does and how to do it".
"""

from collections.abc import Callable
from typing import Any

from glassnet.core.protocols import Array, namespace
from glassnet.ops.activations import linear, sigmoid, tanh
from glassnet.ops.masking import keep_steps
from glassnet.ops.scan import Arrays, scan

Step = Callable[..., tuple[Arrays, Arrays]]
Elementwise = Callable[[Array], tuple[Array, Callable[[Array], Array]]]


def over_time(
    step: Step,
    back: Step,
    z: Array,
    states: tuple[int, ...],
    mask: Array | None = None,
    return_sequences: bool = True,
    initial_state: Arrays = (),
    return_state: bool = False,
) -> tuple[Any, Arrays, Callable[[Any], tuple[Arrays, Arrays]]]:
    """Run the cell over z (T, N, k) from `initial_state`, by default zeros of the widths `states`.

    Returns the outputs (T, N, units), or only the last one, with `return_state` as a tuple with the
    last state; the arrays that the steps saved, h first; and the pullback dy -> (gradients of the
    initial state, of all steps). Where `mask` (T, N) is false, the step is skipped: the state, and
    with it the output, stays unchanged. As in Keras, the output before the first step that is not
    skipped is 0, also with an initial state.
    """
    xp = namespace(z)
    sequences: Arrays = (z,)
    if mask is not None:
        step, back = _masked(step, back)
        sequences = (z, xp.expand_dims(mask, axis=-1))

    def forward(state: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
        state, saved = step(state, *slices)
        return state, (state[0], *saved)

    zeros = tuple(xp.zeros((z.shape[1], units), dtype=z.dtype) for units in states)
    last, saved = scan(forward, initial_state or zeros, sequences)
    h = saved[0]
    y, back_start = h if return_sequences else h[-1], linear(h)[1]
    if mask is not None and initial_state:
        begun = xp.cumulative_sum(mask.astype(xp.int32), axis=0) > 0
        y, back_start = keep_steps(y, begun if return_sequences else begun[-1])

    def pullback(dy: Any) -> tuple[Arrays, Arrays]:
        dy, *dlast = dy if return_state else (dy, *zeros)
        dy = back_start(dy)

        def backward(dstate: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
            dh, *saved = slices  # dh of this output; the gradient from later steps is in dstate
            return back((dstate[0] + dh, *dstate[1:]), saved)

        if return_sequences:
            dstart, grads = scan(backward, tuple(dlast), (dy, *saved[1:]), reverse=True)
        else:
            dh = dy + dlast[0] if return_state else dy
            dstart, grads = scan(back, (dh, *dlast[1:]), saved[1:], reverse=True)
        return dstart if initial_state else (), grads

    return (y, *last) if return_state else y, saved, pullback


def _masked(step: Step, back: Step) -> tuple[Step, Step]:
    """Return the cell with its state left unchanged where `real` (N, 1) is false."""

    def masked_step(state: Arrays, z: Array, real: Array) -> tuple[Arrays, Arrays]:
        where = namespace(real).where
        new, saved = step(state, z)
        return tuple(where(real, a, b) for a, b in zip(new, state, strict=True)), (*saved, real)

    def masked_back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        *saved_inside, real = saved
        where = namespace(real).where
        passed = tuple(where(real, 0, d) for d in dstate)  # straight to the previous state
        dstate, gradients = back(tuple(where(real, d, 0) for d in dstate), saved_inside)
        return tuple(a + b for a, b in zip(dstate, passed, strict=True)), gradients

    return masked_step, masked_back


def with_slope(activation: Elementwise, x: Array) -> tuple[Array, Array]:
    """Return y = activation(x), elementwise, and dy/dx."""
    xp = namespace(x)
    if activation is tanh:
        y = xp.tanh(x)
        return y, 1 - y * y
    if activation is sigmoid:
        # By one tanh: activations.sigmoid takes five passes to tell 1e-9 from 0, which a gate
        # does not need. This makes a training step of an LSTM a fifth faster.
        y = 0.5 * xp.tanh(0.5 * x) + 0.5
        return y, y * (1 - y)
    y, back = activation(x)
    return y, back(xp.ones_like(x))


def scaled(h: Array, scale: Array | None) -> Array:
    """h · scale, or h if there is no scale."""
    return h if scale is None else h * scale


def kernel_gradient(h: Array, da: Array, first: Array | None = None) -> Array:
    """Σₜ hₜ₋₁ᵀ daₜ in one product: the gradient of the kernel that multiplies hₜ₋₁ at step t.

    The state before the first step is `first`, by default 0, which adds nothing.
    """
    total = h[:-1].reshape(-1, h.shape[-1]).T @ da[1:].reshape(-1, da.shape[-1])
    return total if first is None else total + first.T @ da[0]
