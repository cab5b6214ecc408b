"""Affine maps."""

from glassnet.core.trees import Array
from glassnet.ops import Pullback


def affine(
    x: Array, kernel: Array, bias: Array | None = None, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y = x @ kernel + bias.   x (..., n), kernel (n, m), bias (m,) -> y (..., m).

    A first layer's x is data: `wrt_x=False` saves the product that nobody asked for (dx is None).
    """
    n, m = kernel.shape
    rows = x.reshape(-1, n)  # one large product: of three axes NumPy would make many small ones
    y = rows @ kernel
    if bias is not None:
        y += bias  # y is new: this spares NumPy a second array of its size

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dy = dy.reshape(-1, m)
        dx = (dy @ kernel.T).reshape(x.shape) if wrt_x else None
        dkernel = rows.T @ dy
        return (dx, dkernel) if bias is None else (dx, dkernel, dy.sum(axis=0))

    return y.reshape(*x.shape[:-1], m), pullback
