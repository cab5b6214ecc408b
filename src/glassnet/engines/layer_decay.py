"""The learning rate of each layer with `layer_decay`: lower, the further it is from the output."""

from itertools import cycle

from glassnet.core.trees import Tree, items
from glassnet.layers import Layer
from glassnet.layers.network import unfolds


def rate_factors(network: Layer, weights: Tree, layer_decay: float | None) -> dict[str, float]:
    """Return the factor of the learning rate of each weight, by path; {} without `layer_decay`.

    The factor is layer_decayᵈ, with d from `depths`.
    Sources: Howard & Ruder 2018, section 3.2; Clark et al. 2020 (ELECTRA), appendix A.
    """
    if layer_decay is None:
        return {}
    return {path: layer_decay**depth for path, depth in depths(network, weights).items()}


def depths(network: Layer, weights: Tree) -> dict[str, int]:
    """Return the depth of each weight, by path: the number of layers after its own.

    Only layers with a kernel count, a weight of two or more axes: so a normalization has the depth
    of the layer before it. They count whether they are frozen or not: unfreezing a layer changes
    no other layer's rate. In a graph, the longest way to an output counts; of a shared layer, the
    call furthest from it. Models inside models are counted layer by layer; any other layer made of
    layers, such as `Residual`, counts once. `weights` are arrays or `Weight`s.
    """
    depth: dict[str, int] = {}
    _enter(depth, "", network, weights, [0] * network.output_count)
    return depth


def _enter(
    depth: dict[str, int], prefix: str, layer: Layer, weights: Tree, outputs: list[int]
) -> list[int]:
    """Enter the depth of each weight, with these depths of the outputs; return the inputs' depths.

    That is one for all inputs unless the layer is a network.
    """
    if not unfolds(layer):
        own, deepest = dict(items(weights, prefix)), max(outputs)
        depth.update({path: max(deepest, depth.get(path, 0)) for path in own})
        return [deepest + any(len(weight.shape) > 1 for weight in own.values())]
    values = [0] * (layer.inputs + sum(call.layer.output_count for call in layer.calls))
    for end, number in zip(layer.ends, outputs, strict=True):
        values[end] = max(number, values[end])
    for name, inner, _, sources, _ in reversed(layer.calls):
        values, after = values[: -inner.output_count], values[-inner.output_count :]
        before = _enter(depth, f"{prefix}{name}/", inner, weights.get(name, {}), after)
        for source, number in zip(sources, cycle(before), strict=False):
            values[source] = max(number, values[source])
    return values
