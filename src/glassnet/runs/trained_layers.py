"""Which layers of a model from a source are trained: some are frozen, some get adapters."""

import math
from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.trees import items, join_path
from glassnet.layers.freezing import freeze
from glassnet.layers.low_rank import LowRankLayer
from glassnet.model.heads import head_of
from glassnet.model.model import Model
from glassnet.runs.source import Source

NONE = "none"


def freeze_layers(source: Source, model: Model, patterns: str | Sequence[str] | None) -> None:
    """Freeze the layers that the patterns name, separated by commas in a text.

    What is frozen in the source stays frozen, which is said, unless "none" is among the patterns,
    or there are none in a sequence: then all layers are trainable first.
    """
    split = patterns.split(",") if isinstance(patterns, str) else patterns
    if split is None:
        split = ()
    elif not isinstance(split, Sequence) or not all(isinstance(each, str) for each in split):
        what = (
            "must be names of layers, such as 'conv2d*', or 'all-but-head', or 'none'; got "
            f"{split!r:.80}."
        )
        raise GlassnetError(what, where="freeze")
    elif not split or NONE in map(str.strip, split):
        model.trainable = True
    names = [name for pattern in split if (name := pattern.strip()) != NONE]
    before = _frozen(model)
    chosen = freeze(model.network, names, head_of(model.network))
    if not model.trainable_weights:
        fix = "Freeze fewer layers; all-but-head leaves the head."
        raise GlassnetError("no layer is left to train.", where="freeze", fix=fix)
    if still := before - {*chosen}:
        stay = f"{counted(len(still), 'layer')} {'stays' if len(still) == 1 else 'stay'} frozen"
        source.tell(f'{stay} as in the source; freeze="none" (--freeze none) trains everything')


def _frozen(model: Model) -> set[str]:
    """Return the paths of the frozen layers that have weights of their own."""
    layers = {path for path, layer in model.network.walk() if layer.learns and not layer.parts}
    return layers & model.frozen_layers


def adapt_layers(source: Source, model: Model, rank: int, unfreezing: bool = False) -> None:
    """Add low-rank adapters to all layers that take them, except the head and frozen ones.

    Kernels that have no more weights than their adapters would have are trained themselves, which
    is said. `unfreezing` is True if the frozen layers are only frozen at first.
    """
    whole_number(rank, "lora", 1)
    head, shapes = head_of(model.network), {p: leaf.shape for p, leaf in items(model.params)}
    layers = {
        path: layer
        for path, layer in model.network.walk()
        if isinstance(layer, LowRankLayer) and path != head
    }
    kernels = {
        join_path(path, place): shapes[join_path(join_path(path, place), layer.adapted_weight)]
        for path, layer in layers.items()
        if path not in model.frozen_layers
        for place in layer.lora_places
    }
    if not kernels:
        raise _no_place(frozen=bool(layers), unfreezing=unfreezing)
    limits = {place: _useful_rank(shape) for place, shape in kernels.items()}
    if rank > (highest := max(limits.values())):
        fix = "Leave it out: the kernels are trained themselves."
        raise GlassnetError(
            f"rank {rank:,} saves nothing: adapters of this rank have at least as many weights as "
            "each of the kernels.",
            where="lora",
            fix=f"Use at most {highest:,}; a small rank is usual, such as 4." if highest else fix,
        )
    if small := [place for place, limit in limits.items() if limit < rank]:
        source.tell(
            f"rank {rank} saves nothing for {', '.join(small)}: adapters would have at least as "
            f"many weights, so what they would adapt is trained itself"
        )
    model.enable_lora(rank, layers=[f"/{place}" for place in kernels if place not in small])


def _useful_rank(shape: Sequence[int]) -> int:
    """Return the highest rank r of adapters with fewer weights than the kernel (a, b) has:
    r (a + b) < a b.
    """
    a, b = math.prod(shape[:-1]), shape[-1]
    return (a * b - 1) // (a + b)


def _no_place(frozen: bool, unfreezing: bool) -> GlassnetError:
    """Return the error if no layer can have adapters; `frozen` if one could, were it not frozen."""
    if unfreezing and frozen:
        return GlassnetError(
            "does not combine with unfreeze_at (--unfreeze-at) like this: until that epoch, all "
            "layers that could have adapters are frozen, by default all but the head.",
            where="lora",
            fix="Leave out one of the two, or name fewer layers to freeze until then: the others "
            "get adapters.",
        )
    return GlassnetError(
        "no layer can have adapters: dense and attention layers and embeddings can, unless they "
        "are the head or frozen.",
        where="lora",
        fix="Freeze fewer layers." if frozen else "",
    )
