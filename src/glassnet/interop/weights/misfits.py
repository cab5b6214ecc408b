"""Arrays of a file that don't have the shapes of the network's: what to do, or what is left."""

import warnings
from collections.abc import Sequence


def misfit(name: str, theirs: Sequence[int], ours: Sequence[int]) -> str:
    """Return in words that an array has another shape in the file."""
    return f"{name!r} has the shape {tuple(theirs)} in the file, but {tuple(ours)} in the network"


def other_or_same(place: str, module: str) -> str:
    """Return what to write for a layer whose arrays have other shapes in the file."""
    return (
        f"map another module to it, mapping={{{place!r}: ...}}, or leave it as it is: "
        f"mapping={{{place!r}: None}}, skip={module!r}."
    )


def warn_of_misfits(misfits: Sequence[str]) -> None:
    """Warn that layers stay as they are, for these reasons."""
    warnings.warn(
        f"skip_mismatch: layers of other shapes stay as they are: {'; '.join(misfits)}.",
        stacklevel=2,
    )
