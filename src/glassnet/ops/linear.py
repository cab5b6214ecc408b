"""The affine map y = x @ kernel + bias."""

from glassnet.core.trees import Array
from glassnet.ops import Pullback


def affine(
    x: Array,
    kernel: Array,
    bias: Array | None = None,
    wrt_x: bool = True,
    wrt_kernel: bool = True,
) -> tuple[Array, Pullback]:
    """y = x @ kernel + bias.   x (..., n), kernel (n, m), bias (m,) -> y (..., m).

    `wrt_x=False` skips dx (then None), which the first layer does not need: its x is data.
    `wrt_kernel=False` skips dkernel (then None), for a kernel that is not trained.
    """
    n, m = kernel.shape
    rows = x.reshape(-1, n)  # one large product: with three axes, NumPy does many small ones
    y = rows @ kernel
    if bias is not None:
        y += bias  # y is a new array: in place, NumPy needs no second one of its size

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dy = dy.reshape(-1, m)
        dx = (dy @ kernel.T).reshape(x.shape) if wrt_x else None
        dkernel = rows.T @ dy if wrt_kernel else None
        return (dx, dkernel) if bias is None else (dx, dkernel, dy.sum(axis=0))

    return y.reshape(*x.shape[:-1], m), pullback
