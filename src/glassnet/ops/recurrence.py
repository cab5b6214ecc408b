"""Backpropagation through time, for any recurrent cell.

A cell is a step and its pullback. The step gets the state, a tuple of arrays (N, units) that begins
with the cell's output h, and its slice of the input; it answers with the new state and whatever
its pullback will want: `step(state, z) -> (state, saved)`. The pullback goes the other way, from
the gradient of the new state: `back(dstate, saved) -> (dstate, gradients of this step)`.

Sequences are time-major here, (T, N, ...), so that a step's slice is one piece of memory.
Source: Werbos 1990, "Backpropagation through time: what it does and how to do it".
"""

from collections.abc import Callable

from glassnet.core.protocols import Array, namespace
from glassnet.ops.activations import sigmoid, tanh
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
) -> tuple[Array, Arrays, Callable[[Array], Arrays]]:
    """The cell over z (T, N, k), from states of 0 that are as wide as `states` says.

    Answers with the outputs (T, N, units), or the last one alone; with all that the steps saved,
    h first; and with the pullback dy -> gradients of all steps. Where `mask` (T, N) is false, the
    step is left out: the state stays as it is, and with it the output.
    """
    xp = namespace(z)
    sequences: Arrays = (z,)
    if mask is not None:
        step, back = _masked(step, back)
        sequences = (z, xp.expand_dims(mask, axis=-1))

    def forward(state: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
        state, saved = step(state, *slices)
        return state, (state[0], *saved)

    start = tuple(xp.zeros((z.shape[1], units), dtype=z.dtype) for units in states)
    _, saved = scan(forward, start, sequences)
    h = saved[0]

    def pullback(dy: Array) -> Arrays:
        def backward(dstate: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
            dh, *saved = slices  # of this output; what later steps say of it is in dstate
            return back((dstate[0] + dh, *dstate[1:]), saved)

        if return_sequences:
            return scan(backward, start, (dy, *saved[1:]), reverse=True)[1]
        return scan(back, (dy, *start[1:]), saved[1:], reverse=True)[1]

    return (h if return_sequences else h[-1]), saved, pullback


def _masked(step: Step, back: Step) -> tuple[Step, Step]:
    """The cell that leaves its state alone where `real` (N, 1) is false."""

    def masked_step(state: Arrays, z: Array, real: Array) -> tuple[Arrays, Arrays]:
        where = namespace(real).where
        new, saved = step(state, z)
        return tuple(where(real, a, b) for a, b in zip(new, state, strict=True)), (*saved, real)

    def masked_back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        *saved_inside, real = saved
        where = namespace(real).where
        passed = tuple(where(real, 0, d) for d in dstate)  # straight to the state before
        dstate, gradients = back(tuple(where(real, d, 0) for d in dstate), saved_inside)
        return tuple(a + b for a, b in zip(dstate, passed, strict=True)), gradients

    return masked_step, masked_back


def with_slope(activation: Elementwise, x: Array) -> tuple[Array, Array]:
    """y = activation(x), elementwise, and dy/dx."""
    xp = namespace(x)
    if activation is tanh:
        y = xp.tanh(x)
        return y, 1 - y * y
    if activation is sigmoid:
        # By one tanh: activations.sigmoid takes five passes to tell 1e-9 from 0, which a gate
        # need not. A training step of an LSTM is a fifth faster so.
        y = 0.5 * xp.tanh(0.5 * x) + 0.5
        return y, y * (1 - y)
    y, back = activation(x)
    return y, back(xp.ones_like(x))


def scaled(h: Array, scale: Array | None) -> Array:
    """h · scale, where there is a scale."""
    return h if scale is None else h * scale


def kernel_gradient(h: Array, da: Array) -> Array:
    """Σₜ hₜ₋₁ᵀ daₜ, one product for all steps: the gradient of the kernel that hₜ₋₁ met at step t.

    The state before the first step is 0, and adds nothing.
    """
    return h[:-1].reshape(-1, h.shape[-1]).T @ da[1:].reshape(-1, da.shape[-1])
