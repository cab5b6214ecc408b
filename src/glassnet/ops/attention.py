"""Dot-product and additive attention, and the projections of input and output by heads."""

import math
from typing import Any

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback
from glassnet.ops.activations import linear
from glassnet.ops.dropout import dropout
from glassnet.ops.linear import affine


def attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    rate: float = 0.0,
    key: Array | None = None,
    scale: float | None = None,
    return_scores: bool = False,
) -> tuple[Any, Pullback]:
    """y = P v,   P = softmax(q kᵀ / √n).   q (..., T, n), k (..., S, n), v (..., S, m).

    Each query averages the values, weighted by how well it matches their keys. Where `mask`, which
    broadcasts to (..., T, S), is false, the query ignores the key; a query whose keys are all
    masked (padding, for example) attends to all of them equally. With a `key`, dropout with `rate`
    is applied to P. A `scale` replaces 1 / √n. With `return_scores`, the value is (y, P), P before
    dropout. Source: Vaswani et al. 2017.
    """
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    q = q * scale
    y, back = _weighted(q @ k.mT, v, mask, rate, key, return_scores)

    def pullback(dy: Any) -> tuple[Array, Array, Array]:
        dscores, dv = back(dy)
        return (dscores @ k) * scale, dscores.mT @ q, dv

    return y, pullback


def additive_attention(
    q: Array,
    k: Array,
    v: Array,
    scale: Array,
    mask: Array | None = None,
    rate: float = 0.0,
    key: Array | None = None,
    return_scores: bool = False,
) -> tuple[Any, Pullback]:
    """y = P v,   P = softmax(S),   S[t, s] = Σ scale · tanh(q[t] + k[s]).

    q (..., T, n), k (..., S, n), v (..., S, m), scale (n,). The other arguments are those of
    `attention`. Source: Bahdanau et al. 2015.
    """
    t = namespace(q).tanh(q[..., :, None, :] + k[..., None, :, :])
    y, back = _weighted(t @ scale, v, mask, rate, key, return_scores)

    def pullback(dy: Any) -> tuple[Array, ...]:
        dscores, dv = back(dy)
        dt = dscores[..., None] * (1 - t * t) * scale
        dscale = dscores.reshape(-1) @ t.reshape(-1, t.shape[-1])
        return dt.sum(axis=-2), dt.sum(axis=-3), dv, dscale

    return y, pullback


def _weighted(
    scores: Array,
    v: Array,
    mask: Array | None,
    rate: float,
    key: Array | None,
    return_scores: bool,
) -> tuple[Any, Pullback]:
    """y = softmax(scores) v. The scores, which nothing else uses, are overwritten.

    With E = exp(scores) and z its row sums, P = E / z is not formed unless it is returned: y and
    dy, which are smaller, are divided by z instead. For scores S, dS = P (dP − Σ dP P), where the
    sum equals Σ dy y. Source: Dao et al. 2022 (the sum).
    """
    xp = namespace(v)
    if mask is not None:
        scores = xp.where(mask, scores, xp.finfo(scores.dtype).min / 2)
    scores -= scores.max(axis=-1, keepdims=True)  # the largest exponent is 0: no overflow
    e = xp.exp(scores)
    z = e.sum(axis=-1, keepdims=True)
    dropped, back_dropout = linear(e) if key is None else dropout(e, rate, key)
    y = (dropped @ v) / z
    p = e / z if return_scores else None

    def pullback(dy: Any) -> tuple[Array, Array]:
        dy, dp = dy if return_scores else (dy, None)
        dy = dy / z
        dscores = back_dropout(dy @ v.mT)
        dscores -= (dy * y).sum(axis=-1, keepdims=True)
        if p is not None:
            dscores += (dp - (dp * p).sum(axis=-1, keepdims=True)) / z
        dscores *= e
        if mask is not None:
            dscores = xp.where(mask, dscores, 0)
        return dscores, dropped.mT @ dy

    return (y if p is None else (y, p)), pullback


def to_heads(
    x: Array,
    kernel: Array,
    bias: Array | None = None,
    wrt_x: bool = True,
    wrt_kernel: bool = True,
) -> tuple[Array, Pullback]:
    """y[:, h] = x @ kernel[:, h] + bias[h].   x (N, T, d), kernel (d, H, n), bias (H, n) ->
    y (N, H, T, n). `wrt_x` and `wrt_kernel` are those of `affine`.
    """
    xp = namespace(x)
    n, steps, width = x.shape
    _, heads, size = kernel.shape
    flat_bias = None if bias is None else bias.reshape(-1)
    rows, matrix = x.reshape(-1, width), kernel.reshape(width, -1)
    flat, back = affine(rows, matrix, flat_bias, wrt_x, wrt_kernel)

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dx, dkernel, *dbias = back(xp.permute_dims(dy, (0, 2, 1, 3)).reshape(-1, heads * size))
        dx = dx.reshape(x.shape) if wrt_x else None
        dkernel = dkernel.reshape(kernel.shape) if wrt_kernel else None
        return (dx, dkernel, *(d.reshape(heads, size) for d in dbias))

    return xp.permute_dims(flat.reshape(n, steps, heads, size), (0, 2, 1, 3)), pullback


def from_heads(
    x: Array,
    kernel: Array,
    bias: Array | None = None,
    wrt_x: bool = True,
    wrt_kernel: bool = True,
) -> tuple[Array, Pullback]:
    """y = Σₕ x[:, h] @ kernel[h] + bias.   x (N, H, T, n), kernel (H, n, d), bias (d,) ->
    y (N, T, d). `wrt_x` and `wrt_kernel` are those of `affine`.
    """
    xp = namespace(x)
    n, heads, steps, size = x.shape
    flat_kernel = kernel.reshape(heads * size, -1)
    flat = xp.permute_dims(x, (0, 2, 1, 3)).reshape(-1, heads * size)
    y, back = affine(flat, flat_kernel, bias, wrt_x, wrt_kernel)

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dx, dkernel, *dbias = back(dy.reshape(-1, dy.shape[-1]))
        if wrt_x:
            dx = xp.permute_dims(dx.reshape(n, steps, heads, size), (0, 2, 1, 3))
        return (dx, dkernel.reshape(kernel.shape) if wrt_kernel else None, *dbias)

    return y.reshape(n, steps, -1), pullback
