"""`glassnet verify`: verify all derivatives of the package, or of one run on its own data."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, map_leaves
from glassnet.layers import CallContext, CategoryEncoding, Embedding, Layer
from glassnet.layers.call import AGAIN
from glassnet.layers.shapes import one_or_tuple
from glassnet.model.model import Model
from glassnet.runs.data import TrainingData
from glassnet.runs.run import Run
from glassnet.verify import cases
from glassnet.verify.checks import Verification, run_checks
from glassnet.verify.inventory import KINDS, everything

_EXAMPLES = 3  # of the data, for each layer of a network
_STEP = 1000  # any training step, for layers that use random numbers


def missing() -> list[tuple[str, str]]:
    """Return (kind, name) of every public op, loss and layer without a case."""
    covered = {id(case.subject) for case in cases.OPS} | {
        type(case.subject) for case in (*cases.LOSSES, *cases.LAYERS)
    }
    return [
        (kind, name)
        for kind in KINDS
        for name, subject in everything(kind).items()
        if (id(subject) if kind == "op" else subject) not in covered
    ]


def verify_all(only: str = "", keras: bool = True) -> Iterator[Verification]:
    """Yield the verification of each case whose name contains `only`."""
    tables = zip(KINDS, (cases.OPS, cases.LOSSES, cases.LAYERS), strict=True)
    selected = [(kind, case) for kind, table in tables for case in table]
    selected = [(kind, case) for kind, case in selected if only.lower() in str(case).lower()]
    if not selected:
        raise GlassnetError("matches no test case.", where=f"--only {only}")
    for kind, case in selected:
        yield run_checks(kind, str(case), case.subject, case.arguments, case.constants, keras)


def verify_network(
    network: Layer, params: Tree, x: Array, keras: bool = True, only: str = ""
) -> Iterator[Verification]:
    """Yield the verification of each layer in a network, with its own weights, on its input for x.

    A little noise is added to the input of a layer: real data contain equal neighbors (black
    pixels, zeros from a ReLU), at which a maximum or a ReLU is not differentiable.
    """
    count = 0
    examples = map_arrays(lambda a: np.asarray(a[:_EXAMPLES], np.float64), x)
    weights = map_leaves(lambda leaf: np.asarray(leaf, np.float64), params)
    for path, layer, inputs, mask, inner in _layers(network, weights, examples):
        if only.lower() in f"{path} {type(layer).__name__}".lower():
            count += 1
            x = map_arrays(partial(_jittered, layer), inputs)
            at = {"context": CallContext(training=True, step=_STEP, path=path, mask=mask)}
            yield run_checks(
                "layer", f"{path} ({type(layer).__name__})", layer, (x, inner), at, keras
            )
    if not count:
        raise GlassnetError("matches no layer.", where=f"--only {only}")


def verify_run(
    folder: str, data_dir: str | None = None, keras: bool = True, only: str = ""
) -> Iterator[Verification]:
    """Return the verifications of the layers of a run's network, on examples of its test set.

    The run is read at once; each layer is verified when its turn comes.
    """
    run = Run(folder)
    model = Model.load(run.model)
    x = TrainingData.of_run(run, model, data_dir).test.x
    return verify_network(model.network, model.params, x, keras, only)


@dataclass(frozen=True)
class _Masked:
    """A value between layers: arrays and their padding masks."""

    x: Any
    mask: Any = None


def _layers(network: Layer, params: Tree, x: Any) -> list[tuple[str, Layer, Any, Any, Tree]]:
    """Return (path, layer, input, mask, weights) of every innermost layer, in training on x."""
    layers: list[tuple[str, Layer, Any, Any, Tree]] = []

    def visit(path: str, layer: Layer, values: Any) -> _Masked:
        x, mask = (one_or_tuple([getattr(value, what) for value in as_tuple(values)])
                   for what in ("x", "mask"))  # fmt: skip
        context = CallContext(training=True, step=_STEP, path=path, mask=mask, masks=[])
        weights = params
        for name in AGAIN.sub("", path).split("/") if path else ():
            weights = weights.get(name, {})
        if network.at(path) is layer:  # else it merges the branches of a network
            layers.append((path or "network", layer, x, mask, weights))
        return _Masked(layer.forward(weights, x, context)[0], layer.mask_after(x, context))

    network.trace(one_or_tuple([_Masked(array) for array in as_tuple(x)]), visit)
    return layers


def _jittered(layer: Layer, x: Array) -> Array:
    """Return the input plus noise of 1% of its standard deviation; indices are unchanged."""
    if isinstance(layer, Embedding):
        return x.astype(np.int64)
    if isinstance(layer, CategoryEncoding):
        return x
    noise = np.random.default_rng(0).standard_normal(x.shape)
    return x + noise * (0.01 * float(x.std()) or 0.01)
