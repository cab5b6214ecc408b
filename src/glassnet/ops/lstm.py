"""Long short-term memory (LSTM)."""

from typing import Any

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback
from glassnet.ops.activations import sigmoid, tanh
from glassnet.ops.recurrence import Elementwise, kernel_gradient, over_time, scaled, with_slope
from glassnet.ops.scan import Arrays


def lstm(
    z: Array,
    recurrent_kernel: Array,
    activation: Elementwise = tanh,
    recurrent_activation: Elementwise = sigmoid,
    dropout_mask: Array | None = None,
    mask: Array | None = None,
    return_sequences: bool = True,
    initial_state: Arrays = (),
    return_state: bool = False,
) -> tuple[Any, Pullback]:
    """hₜ = o tanh(cₜ) of a cell with state cₜ.   z (T, N, 4u), kernel (u, 4u) -> h (T, N, u).

    aᵢ, a_f, a_g, aₒ = zₜ + hₜ₋₁ @ recurrent_kernel
    i, f, o = σ(aᵢ), σ(a_f), σ(aₒ);   g = tanh(a_g);   cₜ = f cₜ₋₁ + i g;   hₜ = o tanh(cₜ)

    z = x @ kernel + bias is the input's part, for all steps; `dropout_mask` (N, u), of recurrent
    dropout, multiplies hₜ₋₁. Without `return_sequences`, only the last h is returned.
    Sources: Hochreiter & Schmidhuber 1997; the forget gate: Gers, Schmidhuber & Cummins 2000.
    """
    xp = namespace(z)
    u = recurrent_kernel.shape[0]

    def step(state: Arrays, z: Array) -> tuple[Arrays, Arrays]:
        h, c = state
        a = z + scaled(h, dropout_mask) @ recurrent_kernel
        i_f, slope_i_f = with_slope(recurrent_activation, a[:, : 2 * u])
        g, slope_g = with_slope(activation, a[:, 2 * u : 3 * u])
        o, slope_o = with_slope(recurrent_activation, a[:, 3 * u :])
        i, f = i_f[:, :u], i_f[:, u:]
        new_c = f * c + i * g
        t, slope_t = with_slope(activation, new_c)
        # ∂c/∂aᵢ, ∂c/∂a_f, ∂c/∂a_g, ∂h/∂aₒ: computed here, where their factors are available.
        slopes = xp.concat(
            [g * slope_i_f[:, :u], c * slope_i_f[:, u:], i * slope_g, t * slope_o], axis=-1
        )
        return (o * t, new_c), (slopes, o * slope_t, f)

    def back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        dh, dc = dstate
        slopes, dh_dc, f = saved
        dc = dc + dh * dh_dc
        dz = xp.concat([dc, dc, dc, dh], axis=-1) * slopes
        return (scaled(dz @ recurrent_kernel.T, dropout_mask), dc * f), (dz,)

    y, (h, *_), back_over_time = over_time(
        step, back, z, (u, u), mask, return_sequences, initial_state, return_state
    )
    first = scaled(initial_state[0], dropout_mask) if initial_state else None

    def pullback(dy: Any) -> tuple[Array, ...]:
        dstate, (dz,) = back_over_time(dy)
        return dz, kernel_gradient(scaled(h, dropout_mask), dz, first), *dstate

    return y, pullback
