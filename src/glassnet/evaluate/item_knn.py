"""Item-kNN: the items most similar to those that a user has, by the users whom they share."""

from typing import Any

import numpy as np

from glassnet.core.arrays import Array

NEIGHBORS = 200  # of each item
_BLOCK = 1024  # items whose similarities are computed at once


class ItemNeighbors:
    """The similarity of each item to its nearest others, fitted to the items of users.

    sᵢⱼ = Σᵤ xᵤᵢ xᵤⱼ / √(nᵢ nⱼ), the cosine between the users of two items, where nᵢ = Σᵤ xᵤᵢ; the
    score of item j is Σᵢ xᵢ sᵢⱼ, over the items of which j has the 200 largest similarities.
    Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms".
    """

    def __init__(self, x: Array, neighbors: int = NEIGHBORS) -> None:
        """Fit the similarities to the items of users, (U, I) of 0 and 1."""
        from scipy import sparse

        users = sparse.csr_array(x.astype(np.float64))
        norms = np.sqrt(np.maximum(users.sum(axis=0), 1))
        users = (users / norms).tocsc()
        blocks: list[Any] = []
        for start in range(0, x.shape[1], _BLOCK):
            block = (users.T @ users[:, start : start + _BLOCK]).toarray()
            columns = np.arange(block.shape[1])
            block[start + columns, columns] = 0
            if neighbors < len(block):
                least = -np.partition(-block, neighbors - 1, axis=0)[neighbors - 1]
                block[block < least] = 0
            blocks.append(sparse.csc_array(block))
        self._similarity = sparse.hstack(blocks, format="csc")

    def __call__(self, x: Array) -> Array:
        """Return the score of each item, (N, I), for users with the items x (N, I)."""
        from scipy import sparse

        scores: Array = (sparse.csr_array(x.astype(np.float64)) @ self._similarity).toarray()
        return scores
