"""`glassnet verify`: every derivative of the package, or of one network on its own data, proved."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, map_leaves
from glassnet.layers import CallContext, Embedding, Layer
from glassnet.layers.base import one_or_tuple
from glassnet.layers.call import AGAIN
from glassnet.model.model import Model
from glassnet.runs.data import TrainingData
from glassnet.runs.run import Run
from glassnet.verify import cases
from glassnet.verify.checks import Proof, prove
from glassnet.verify.inventory import KINDS, everything

_EXAMPLES = 3  # of the data, for each layer of a network
_STEP = 1000  # a training step like any other, for the layers that draw


def missing() -> list[tuple[str, str]]:
    """(kind, name) of what is public and has no case."""
    covered = {id(case.subject) for case in cases.OPS} | {
        type(case.subject) for case in (*cases.LOSSES, *cases.LAYERS)
    }
    return [
        (kind, name)
        for kind in KINDS
        for name, subject in everything(kind).items()
        if (id(subject) if kind == "op" else subject) not in covered
    ]


def verify_all(only: str = "", keras: bool = True) -> Iterator[Proof]:
    """A proof for each case, one after the other; `only` is a part of the name."""
    tables = zip(KINDS, (cases.OPS, cases.LOSSES, cases.LAYERS), strict=True)
    chosen = [(kind, case) for kind, table in tables for case in table]
    chosen = [(kind, case) for kind, case in chosen if only.lower() in str(case).lower()]
    if not chosen:
        raise GlassnetError("is in no case's name.", where=f"--only {only}")
    for kind, case in chosen:
        yield prove(kind, str(case), case.subject, case.arguments, case.constants, keras)


def verify_network(
    network: Layer, params: Tree, x: Array, keras: bool = True, only: str = ""
) -> Iterator[Proof]:
    """A proof for each layer inside a network, with its own weights, on what reaches it from x.

    A little noise is added to what reaches a layer: real data hold equal neighbours (black pixels,
    outputs of a ReLU that are 0), where a maximum or a ReLU has no derivative to compare with.
    """
    found = 0
    given = map_arrays(lambda a: np.asarray(a[:_EXAMPLES], np.float64), x)
    weights = map_leaves(lambda leaf: np.asarray(leaf, np.float64), params)
    for path, layer, inputs, mask, inner in _layers(network, weights, given):
        if only.lower() in f"{path} {type(layer).__name__}".lower():
            found += 1
            x = map_arrays(partial(_jittered, layer), inputs)
            at = {"context": CallContext(training=True, step=_STEP, path=path, mask=mask)}
            yield prove("layer", f"{path} ({type(layer).__name__})", layer, (x, inner), at, keras)
    if not found:
        raise GlassnetError("is in no layer's name.", where=f"--only {only}")


def verify_run(
    folder: str, data_dir: str | None = None, keras: bool = True, only: str = ""
) -> Iterator[Proof]:
    """A proof for each layer of a run's network, on the first examples of its test set."""
    run = Run(folder)
    model = Model.load(run.model)
    x = TrainingData.of_run(run, model, data_dir).test.x
    yield from verify_network(model.network, model.params, x, keras, only)


@dataclass(frozen=True)
class _Masked:
    """What passes between layers: arrays, and which of their steps are not padding."""

    x: Any
    mask: Any = None


def _layers(network: Layer, params: Tree, x: Any) -> list[tuple[str, Layer, Any, Any, Tree]]:
    """(path, layer, input, mask, weights) of every innermost layer, in a training step on x."""
    layers: list[tuple[str, Layer, Any, Any, Tree]] = []

    def visit(path: str, layer: Layer, values: Any) -> _Masked:
        x, mask = (one_or_tuple([getattr(value, what) for value in as_tuple(values)])
                   for what in ("x", "mask"))  # fmt: skip
        context = CallContext(training=True, step=_STEP, path=path, mask=mask, masks=[])
        weights = params
        for name in AGAIN.sub("", path).split("/") if path else ():
            weights = weights.get(name, {})
        if network.at(path) is layer:  # else it joins the branches of a network
            layers.append((path or "network", layer, x, mask, weights))
        return _Masked(layer.forward(weights, x, context)[0], layer.mask_after(x, context))

    network.trace(one_or_tuple([_Masked(array) for array in as_tuple(x)]), visit)
    return layers


def _jittered(layer: Layer, x: Array) -> Array:
    """The input with noise of a hundredth of its deviation; indices to look up as they are."""
    if isinstance(layer, Embedding):
        return x.astype(np.int64)
    noise = np.random.default_rng(0).standard_normal(x.shape)
    return np.asarray(x + noise * (0.01 * float(x.std()) or 0.01))
