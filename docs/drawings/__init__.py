"""The pictures of docs/concepts, drawn by the functions that they explain."""

from drawings import architectures, learning, limits, networks, optimizers, regularization, search
from drawings import training
from drawings.base import DRAWINGS, draw

__all__ = [
    "DRAWINGS", "architectures", "draw", "learning", "limits", "networks", "optimizers",
    "regularization", "search", "training",
]  # fmt: skip
