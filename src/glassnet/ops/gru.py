"""Gated recurrent units (GRU), with the reset gate after or before the recurrent product."""

from typing import Any

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback
from glassnet.ops.activations import sigmoid, tanh
from glassnet.ops.recurrence import Elementwise, kernel_gradient, over_time, scaled, with_slope
from glassnet.ops.scan import Arrays


def gru(
    z: Array,
    recurrent_kernel: Array,
    recurrent_bias: Array | None = None,
    activation: Elementwise = tanh,
    recurrent_activation: Elementwise = sigmoid,
    dropout_mask: Array | None = None,
    mask: Array | None = None,
    return_sequences: bool = True,
    initial_state: Arrays = (),
    return_state: bool = False,
) -> tuple[Any, Pullback]:
    """hₜ = z hₜ₋₁ + (1 − z) g, with the reset gate after the product, as in cuDNN and Keras.

    a = hₜ₋₁ @ recurrent_kernel + recurrent_bias; the input's part is zₜ = x @ kernel + bias:
    update z = σ(z_z + a_z);   reset r = σ(z_r + a_r);   candidate g = tanh(z_g + r a_g)

    z (T, N, 3u), kernel (u, 3u), bias (3u,) -> h (T, N, u), or only the last h without
    `return_sequences`. `dropout_mask` (N, u), of recurrent dropout, multiplies hₜ₋₁ in the product.
    Source: Cho et al. 2014, first version (arXiv:1406.1078v1).
    """
    xp = namespace(z)
    u = recurrent_kernel.shape[0]

    def step(state: Arrays, z: Array) -> tuple[Arrays, Arrays]:
        (h,) = state
        a = scaled(h, dropout_mask) @ recurrent_kernel
        a = a if recurrent_bias is None else a + recurrent_bias
        gates, slope_gates = with_slope(recurrent_activation, z[:, : 2 * u] + a[:, : 2 * u])
        update, reset = gates[:, :u], gates[:, u:]
        g, slope_g = with_slope(activation, z[:, 2 * u :] + reset * a[:, 2 * u :])
        slope_g = (1 - update) * slope_g
        slopes = xp.concat(  # ∂h/∂z of the three parts
            [(h - g) * slope_gates[:, :u], slope_g * a[:, 2 * u :] * slope_gates[:, u:], slope_g],
            axis=-1,
        )
        return (update * h + (1 - update) * g,), (slopes, gates)

    def back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        (dh,), (slopes, gates) = dstate, saved
        update, reset = gates[:, :u], gates[:, u:]
        dz = xp.concat([dh, dh, dh], axis=-1) * slopes
        da = xp.concat([dz[:, : 2 * u], dz[:, 2 * u :] * reset], axis=-1)
        return (dh * update + scaled(da @ recurrent_kernel.T, dropout_mask),), (dz, da)

    y, (h, *_), back_over_time = over_time(
        step, back, z, (u,), mask, return_sequences, initial_state, return_state
    )
    first = scaled(initial_state[0], dropout_mask) if initial_state else None

    def pullback(dy: Any) -> tuple[Array, ...]:
        dstate, (dz, da) = back_over_time(dy)
        drecurrent_kernel = kernel_gradient(scaled(h, dropout_mask), da, first)
        if recurrent_bias is None:
            return dz, drecurrent_kernel, *dstate
        return dz, drecurrent_kernel, da.sum(axis=(0, 1)), *dstate

    return y, pullback


def gru_reset_before(
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
    """The GRU with the reset gate before the product: g = tanh(z_g + (r hₜ₋₁) @ kernel_g).

    z (T, N, 3u), kernel (u, 3u) -> h (T, N, u).
    Source: Cho et al. 2014, published version (arXiv:1406.1078v3).
    """
    xp = namespace(z)
    u = recurrent_kernel.shape[0]
    gates_kernel, g_kernel = recurrent_kernel[:, : 2 * u], recurrent_kernel[:, 2 * u :]

    def step(state: Arrays, z: Array) -> tuple[Arrays, Arrays]:
        (h,) = state
        h_masked = scaled(h, dropout_mask)
        z_gates = z[:, : 2 * u] + h_masked @ gates_kernel
        gates, slope_gates = with_slope(recurrent_activation, z_gates)
        update, reset = gates[:, :u], gates[:, u:]
        reset_h = reset * h_masked
        g, slope_g = with_slope(activation, z[:, 2 * u :] + reset_h @ g_kernel)
        dh_dz_z, dh_dz_g = (h - g) * slope_gates[:, :u], (1 - update) * slope_g
        dreset_h_dz_r = h_masked * slope_gates[:, u:]
        slopes = xp.concat([dh_dz_z, dreset_h_dz_r, dh_dz_g], axis=-1)
        return (update * h + (1 - update) * g,), (reset_h, slopes, gates)

    def back(dstate: Arrays, saved: Arrays) -> tuple[Arrays, Arrays]:
        (dh,), (_, slopes, gates) = dstate, saved
        update, reset = gates[:, :u], gates[:, u:]
        dz_g = dh * slopes[:, 2 * u :]
        dreset_h = dz_g @ g_kernel.T
        dgates = xp.concat([dh, dreset_h], axis=-1) * slopes[:, : 2 * u]
        dh_masked = dreset_h * reset + dgates @ gates_kernel.T
        dz = xp.concat([dgates, dz_g], axis=-1)
        return (dh * update + scaled(dh_masked, dropout_mask),), (dz,)

    y, (h, reset_h, *_), back_over_time = over_time(
        step, back, z, (u,), mask, return_sequences, initial_state, return_state
    )
    first = scaled(initial_state[0], dropout_mask) if initial_state else None

    def pullback(dy: Any) -> tuple[Array, ...]:
        dstate, (dz,) = back_over_time(dy)
        dgates_kernel = kernel_gradient(scaled(h, dropout_mask), dz[..., : 2 * u], first)
        # r hₜ₋₁ is saved at step t itself
        dg_kernel = reset_h.reshape(-1, u).T @ dz[..., 2 * u :].reshape(-1, u)
        return dz, xp.concat([dgates_kernel, dg_kernel], axis=-1), *dstate

    return y, pullback
