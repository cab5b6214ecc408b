"""Scaled dot-product attention, and the projections of its input and output by heads."""

import math

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
) -> tuple[Array, Pullback]:
    """y = P v,   P = softmax(q kᵀ / √n).   q (..., T, n), k (..., S, n), v (..., S, m).

    Each query averages the values, weighted by how well it matches their keys. Where `mask`, which
    broadcasts to (..., T, S), is false, the query ignores the key; a query whose keys are all
    masked (padding, for example) attends to all of them equally. With a `key`, dropout with `rate`
    is applied to P.

    With E = exp(scores) and z its row sums, P = E / z is never formed: y and dy, which are smaller,
    are divided by z instead. For scores S, dS = P (dP − Σ dP P), where the sum equals Σ dy y.
    Sources: Vaswani et al. 2017; Dao et al. 2022 (the sum).
    """
    xp = namespace(q)
    scale = 1 / math.sqrt(q.shape[-1])
    q = q * scale
    scores = q @ k.mT
    if mask is not None:
        scores = xp.where(mask, scores, xp.finfo(scores.dtype).min / 2)
    scores -= scores.max(axis=-1, keepdims=True)  # the largest exponent is 0: no overflow
    e = xp.exp(scores)
    z = e.sum(axis=-1, keepdims=True)
    dropped, back_dropout = linear(e) if key is None else dropout(e, rate, key)
    y = (dropped @ v) / z

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dy = dy / z
        dscores = back_dropout(dy @ v.mT)
        dscores -= (dy * y).sum(axis=-1, keepdims=True)
        dscores *= e
        if mask is not None:
            dscores = xp.where(mask, dscores, 0)
        return (dscores @ k) * scale, dscores.mT @ q, dropped.mT @ dy

    return y, pullback


def to_heads(
    x: Array, kernel: Array, bias: Array | None = None, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y[:, h] = x @ kernel[:, h] + bias[h].   x (N, T, d), kernel (d, H, n), bias (H, n) ->
    y (N, H, T, n).
    """
    xp = namespace(x)
    n, steps, width = x.shape
    _, heads, size = kernel.shape
    flat_bias = None if bias is None else bias.reshape(-1)
    flat, back = affine(x.reshape(-1, width), kernel.reshape(width, -1), flat_bias, wrt_x)

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dx, dkernel, *dbias = back(xp.permute_dims(dy, (0, 2, 1, 3)).reshape(-1, heads * size))
        dx = dx.reshape(x.shape) if wrt_x else None
        return (dx, dkernel.reshape(kernel.shape), *(d.reshape(heads, size) for d in dbias))

    return xp.permute_dims(flat.reshape(n, steps, heads, size), (0, 2, 1, 3)), pullback


def from_heads(x: Array, kernel: Array, bias: Array | None = None) -> tuple[Array, Pullback]:
    """y = Σₕ x[:, h] @ kernel[h] + bias.   x (N, H, T, n), kernel (H, n, d), bias (d,) ->
    y (N, T, d).
    """
    xp = namespace(x)
    n, heads, steps, size = x.shape
    flat_kernel = kernel.reshape(heads * size, -1)
    flat = xp.permute_dims(x, (0, 2, 1, 3)).reshape(-1, heads * size)
    y, back = affine(flat, flat_kernel, bias)

    def pullback(dy: Array) -> tuple[Array, ...]:
        dflat, dkernel, *dbias = back(dy.reshape(-1, dy.shape[-1]))
        dx = xp.permute_dims(dflat.reshape(n, steps, heads, size), (0, 2, 1, 3))
        return (dx, dkernel.reshape(kernel.shape), *dbias)

    return y.reshape(n, steps, -1), pullback
