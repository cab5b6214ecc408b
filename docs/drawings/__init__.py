"""The pictures of docs/concepts, drawn by the functions that they explain."""

from importlib import import_module

from drawings.base import DRAWINGS, draw

__all__ = ["DRAWINGS", "draw"]

for _module in (
    "architectures", "learning", "limits", "networks", "optimizers", "regularization", "search",
    "training",
):  # fmt: skip
    import_module(f"drawings.{_module}")  # adds its drawings
