"""Affine maps."""

from glassnet.ops import Pullback
from glassnet.trees import Array


def affine(
    x: Array, kernel: Array, bias: Array | None = None, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y = x @ kernel + bias.   x (..., n), kernel (n, m), bias (m,) -> y (..., m).

    A first layer's x is data: `wrt_x=False` saves the product that nobody asked for (dx is None).
    """

    def pullback(dy: Array) -> tuple[Array, ...]:
        flat_x, flat_dy = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
        dx = dy @ kernel.T if wrt_x else None
        dkernel = flat_x.T @ flat_dy
        return (dx, dkernel) if bias is None else (dx, dkernel, flat_dy.sum(axis=0))

    y = x @ kernel
    return (y if bias is None else y + bias), pullback
