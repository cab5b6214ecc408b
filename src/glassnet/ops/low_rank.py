"""Low-rank adaptation (LoRA): the trained product a @ b is added to a kernel that is not trained.

kernel + scale · a @ b is not formed: x passes through a, which has few columns, and then through b.
No gradient of the kernel is computed, the most expensive part of a pullback.
Source: Hu et al. 2021, "LoRA: Low-rank adaptation of large language models".
"""

from collections.abc import Callable
from string import ascii_letters
from typing import Any

from glassnet.core.protocols import Array
from glassnet.ops import Pullback
from glassnet.ops.contraction import contraction, spelled
from glassnet.ops.embedding import lookup
from glassnet.ops.linear import affine


def low_rank(
    x: Array,
    a: Array,
    b: Array,
    bias: Array | None = None,
    *,
    kernel: Array,
    scale: float,
    product: Callable[..., Any] = affine,
    wrt_x: bool = True,
) -> tuple[Array, Pullback]:
    """y = product(x, kernel) + scale · product(x, a) @ b + bias, whose pullback has no dkernel.

    `product` is `affine`, `to_heads` or `from_heads`, with its x, kernel and y. The kernel is
    (..., m), a (..., r), b (r, m).
    """
    y, back = product(x, kernel, bias, wrt_x, False)
    h, back_a = product(x, a, None, wrt_x)
    change, back_b = affine(h, b * scale)

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dx, _, *dbias = back(dy)
        dh, db = back_b(dy)
        dx_low, da = back_a(dh)
        return (dx + dx_low if wrt_x else None, da, db * scale, *dbias)

    return y + change, pullback


def low_rank_contraction(
    x: Array, a: Array, b: Array, *, kernel: Array, equation: str, scale: float
) -> tuple[Array, Pullback]:
    """y = einsum(equation, x, kernel + scale · a @ b), whose pullback has no dkernel.

    kernel (..., m), a (..., r), b (r, m), where m is the kernel's last axis in the equation.
    """
    axes, kernel_axes, result = spelled(equation, x.ndim)
    last = kernel_axes[-1]
    rank = next(letter for letter in ascii_letters if letter not in axes + kernel_axes)
    inner = result.replace(last, "") + (last if last in axes else "") + rank
    y, back = contraction(x, kernel, equation, wrt_kernel=False)
    h, back_a = contraction(x, a, f"{axes},{kernel_axes[:-1]}{rank}->{inner}")
    change, back_b = contraction(h, b * scale, f"{inner},{rank}{last}->{result}")

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dx, _ = back(dy)
        dh, db = back_b(dy)
        dx_low, da = back_a(dh)
        return dx + dx_low, da, db * scale

    return y + change, pullback


def low_rank_lookup(
    a: Array, b: Array, *, embeddings: Array, indices: Array, scale: float
) -> tuple[Array, Pullback]:
    """y = embeddings[indices] + scale · a[indices] @ b, whose pullback has no dembeddings.

    embeddings (n, d), a (n, r), b (r, d), indices (...) -> y (..., d).
    """
    y, _ = lookup(embeddings, indices)
    h, back_a = lookup(a, indices)
    change, back_b = affine(h, b * scale)

    def pullback(dy: Array) -> tuple[Array, Array]:
        dh, db = back_b(dy)
        return back_a(dh), db * scale

    return y + change, pullback
