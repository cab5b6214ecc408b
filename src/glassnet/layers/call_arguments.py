"""The arguments of a layer's call on nodes: masks and options."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Arguments, Layer
from glassnet.layers.masking import AttachMask
from glassnet.layers.shapes import flat


def masked(layer: Layer, sources: Sequence[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """Return the nodes that a call is on, with the masks among its arguments attached to them."""
    named = [arguments.get(name) for name in layer.call_masks]
    masks = flat([arguments["mask"]]) if "mask" in arguments else named
    if masks[len(sources) :] not in ([], [None], [None, None]):
        raise GlassnetError(
            f"got {len(masks)} masks for {len(sources)} inputs.",
            where=f"{type(layer).__name__}'s call",
        )
    pairs = zip(sources, [*masks, *(None,) * len(sources)], strict=False)
    return [node if mask is None else AttachMask()(node, mask) for node, mask in pairs]


def options(layer: Layer, arguments: Mapping[str, Any]) -> Arguments:
    """Return the options of a call that are not at their defaults."""
    where = f"{type(layer).__name__}'s call"
    chosen = []
    for name in (*layer.call_options, "training"):
        value = arguments.get(name, name == "training")
        if not isinstance(value, bool):
            raise GlassnetError(
                f"{name} must be True or False, got {value!r:.80}.",
                where=where,
                fix="The option of a call in a graph is the same for all batches.",
            )
        if value is (name != "training"):
            chosen.append((name, value))
    if arguments.get("training") is True:
        raise GlassnetError(
            "takes no training=True: `predict` would draw the same random numbers each time.",
            where=where,
            fix="fit trains and predict doesn't: leave training out, or pass training=False.",
        )
    return tuple(chosen)
