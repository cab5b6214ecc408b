"""Embedding: rows of a table, looked up by index."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback


def lookup(embeddings: Array, indices: Array) -> tuple[Array, Pullback]:
    """y = embeddings[indices].   embeddings (n, d), indices (...) -> y (..., d).

    On NumPy, an index out of range raises GlassnetError. A compiled program can't raise: its y is
    NaN there, and so is the loss.
    """
    n, d = embeddings.shape
    y = _rows(embeddings, indices)
    return y, lambda dy: _add_rows(dy.reshape(-1, d), indices.reshape(-1), n)


def embed_columns(x: Array, *tables: Array, columns: Sequence[int]) -> tuple[Array, Pullback]:
    """y = [x without the columns, tables[0][x[:, columns[0]]], tables[1][x[:, columns[1]]], …].

    x (N, F), tables (nᵢ, dᵢ) -> y (N, F − C + Σ dᵢ). Columns hold whole numbers as floats; their
    gradient is 0.
    """
    xp, features = namespace(x), x.shape[1]
    others = [column for column in range(features) if column not in columns]
    indices = [xp.astype(xp.round(x[:, column]), xp.int32) for column in columns]
    embedded, pullbacks = zip(*map(lookup, tables, indices), strict=True)
    ends = np.cumsum([len(others), *(table.shape[1] for table in tables)])
    places = np.argsort([*others, *columns]).tolist()

    def pullback(dy: Array) -> tuple[Array, ...]:
        zeros = xp.zeros((len(dy), len(columns)), dtype=dy.dtype)
        dx = xp.concat([dy[:, : ends[0]], zeros], axis=1)[:, places]
        parts = zip(pullbacks, ends, ends[1:], strict=False)
        return (dx, *(back(dy[:, start:end]) for back, start, end in parts))

    return xp.concat([x[:, others], *embedded], axis=1), pullback


def _rows(table: Any, indices: Any) -> Any:
    n = len(table)
    if namespace(table).__name__ == "jax.numpy":
        # By default, JAX counts negative indices from the end.
        return table.at[indices].get(
            mode="fill", fill_value=float("nan"), wrap_negative_indices=False
        )
    if indices.size and not (indices.min() >= 0 and indices.max() < n):
        wrong = indices[(indices < 0) | (indices >= n)][0]
        raise GlassnetError(
            f"looks up row {wrong} of a table that has rows 0 to {n - 1}.",
            where="Embedding",
            fix="Set input_dim to the largest index in the data plus 1.",
        )
    return table[indices]


def _add_rows(rows: Any, indices: Any, n: int) -> Any:
    """(n, d): row i is the sum of the rows (of dy) whose index is i: those that looked it up."""
    xp = namespace(rows)
    if xp.__name__ == "jax.numpy":
        zeros: Any = xp.zeros((n, rows.shape[1]), dtype=rows.dtype)
        return zeros.at[indices].add(rows, mode="drop", wrap_negative_indices=False)
    if xp.__name__ != "numpy":
        return xp.astype(xp.arange(n)[:, None] == indices, rows.dtype) @ rows
    # A product with the sparse one-hot matrix: a loop in C that adds each row to its sum.
    # numpy.add.at takes 30 times as long, sorting 10 times.
    from scipy.sparse import csc_array

    ones = xp.ones(len(rows), dtype=rows.dtype)
    one_hot = csc_array((ones, indices, xp.arange(len(rows) + 1)), shape=(n, len(rows)))
    return one_hot @ rows
