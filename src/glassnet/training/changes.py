"""`Changes`: what a training did to the weights, and the proof that frozen ones are unchanged."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.trees import Tree, items
from glassnet.layers.freezing import frozen_paths
from glassnet.training.step import Objective

_NAMED = 3  # of the arrays that have not moved


@dataclass(frozen=True)
class Changes:
    """What a training did to the weights, compared bit for bit.

    Frozen are all that are not trained, except the statistics that follow the data.
    """

    trained: int  # numbers of weights
    frozen: int
    frozen_layers: tuple[str, ...]  # the outermost ones; "" is the whole network
    sha256: str | None  # of the frozen arrays, before and after; None if there are none
    layers: Mapping[
        str, float | None
    ]  # ‖after − before‖ / ‖before‖ of what is trained in each layer
    unmoved: Mapping[str, str | None]  # trained arrays that have not changed: why, if it is known
    merged: int = 0  # of the frozen weights, those to which adapters were added after the training

    def __str__(self) -> str:
        reasons = [f"{name}: {why}" if why else name for name, why in self.unmoved.items()]
        names = "; ".join(reasons[:_NAMED]) + "; …" * (len(reasons) > _NAMED)
        still = counted(len(self.unmoved), "array")
        text = f"{self.trained:,} trained, "
        text += f"but {still} did not move ({names})" if self.unmoved else "every array has moved"
        if self.sha256 is not None:
            until = f", {self.merged:,} of them until merged with their adapters"
            text += f"; {self.frozen:,} frozen{until * bool(self.merged)}, each bit as before"
            text += f"{' until then' * bool(self.merged)} (sha256 {self.sha256[:12]}…)"
        return text


def changes(
    objective: Objective,
    before: Tree,
    after: Tree,
    statistics: Collection[str],
    why: Callable[[str], str | None] = lambda path: None,
) -> Changes:
    """Return what a training changed; `why(path)` explains why a trained array has not moved.

    `statistics` are the paths of the arrays that follow the data. Raises GlassnetError if a frozen
    array has changed.
    """
    old, new = dict(items(before)), dict(items(after))
    trained, frozen = objective.trained, frozen_arrays(objective, statistics)
    for path in frozen:
        if not _same_bits(old[path], new[path]):
            raise GlassnetError(
                "is frozen, but its bytes are not those of before the training.",
                where=f"weight {path}",
                fix="If the training was resumed, its checkpoint is not that of this run.",
            )
    layers = frozen_paths(objective.weights, objective.frozen).values()
    return Changes(
        trained=sum(new[path].size for path in trained),
        frozen=sum(new[path].size for path in frozen),
        frozen_layers=tuple(dict.fromkeys(layers)),
        sha256=sha256(new, frozen),
        layers=_relative_changes(old, new, trained),
        unmoved={path: why(path) for path in unmoved(before, after, trained)},
    )


def frozen_arrays(objective: Objective, statistics: Collection[str]) -> list[str]:
    """Return the paths of the weights that are neither trained nor statistics of the data."""
    moving = {*objective.trained, *statistics}
    return [path for path, _ in items(objective.weights) if path not in moving]


def sha256(arrays: Mapping[str, Array], paths: Collection[str]) -> str | None:
    """Return a hash of the path, dtype, shape and bytes of these arrays; None if there are none."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path} {arrays[path].dtype} {arrays[path].shape}\n".encode())
        digest.update(np.ascontiguousarray(arrays[path]).data)
    return digest.hexdigest() if paths else None


def unmoved(before: Tree, after: Tree, paths: Collection[str]) -> list[str]:
    """Return those of the paths whose arrays have not changed in a bit."""
    old, new = dict(items(before)), dict(items(after))
    return [path for path in paths if old[path].size and _same_bits(old[path], new[path])]


def _same_bits(a: Array, b: Array) -> bool:
    """True if two arrays are equal in shape, dtype and bytes, as 0 and −0 are not."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    bits = f"u{a.dtype.itemsize}"
    a, b = (np.ascontiguousarray(array).reshape(-1).view(bits) for array in (a, b))
    return bool(np.array_equal(a, b))


def _relative_changes(
    old: Mapping[str, Array], new: Mapping[str, Array], paths: Iterable[str]
) -> dict[str, float | None]:
    """Return the norm of each layer's change, relative to its norm before; None if that was 0."""
    squares: dict[str, list[float]] = {}
    for path in paths:
        sums = squares.setdefault(path.rpartition("/")[0], [0.0, 0.0])
        sums[0] += float(np.square(old[path], dtype=np.float64).sum())
        sums[1] += float(np.square(np.subtract(new[path], old[path], dtype=np.float64)).sum())
    return {
        layer: (change / size) ** 0.5 if size else None if change else 0.0
        for layer, (size, change) in squares.items()
    }
