"""`glassnet verify`: every derivative of the package, or of one network on its own data, proved."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, join_path, map_leaves
from glassnet.layers import CallContext, Embedding, Graph, Layer, Residual, Sequential
from glassnet.layers.graph import select
from glassnet.model.model import Model
from glassnet.runs.data import data_of
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
    call = CallContext(training=True, step=_STEP, record={})
    weights = map_leaves(lambda leaf: np.asarray(leaf, np.float64), params)
    network.forward(weights, given, call)
    assert call.record is not None
    for path, layer, inputs, mask, inner in _layers(network, weights, given, None, call.record, ""):
        if only.lower() in f"{path} {type(layer).__name__}".lower():
            found += 1
            x = map_arrays(partial(_jittered, layer), inputs)
            at = {"call": CallContext(training=True, step=_STEP, path=path, mask=mask)}
            yield prove("layer", f"{path} ({type(layer).__name__})", layer, (x, inner), at, keras)
    if not found:
        raise GlassnetError("is in no layer's name.", where=f"--only {only}")


def verify_run(
    folder: str,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
    keras: bool = True,
    only: str = "",
) -> Iterator[Proof]:
    """A proof for each layer of a run's network, on the first examples of its test set."""
    run = Run(folder)
    model = Model.load(run.model)
    data = data_of(run, model, data_dir, report)
    yield from verify_network(model.network, model.params, data.x_test, keras, only)


def _layers(
    layer: Layer, params: Tree, x: Any, mask: Any, seen: dict[str, Any], path: str
) -> Iterator[tuple[str, Layer, Any, Any, Tree]]:
    """(path, layer, input, mask, weights) of every innermost layer, from what was recorded."""
    if isinstance(layer, Sequential):
        for name, part in layer.parts:
            yield from _layers(part, params.get(name, {}), x, mask, seen, join_path(path, name))
            mask = _mask_after(part, params.get(name, {}), x, mask)
            x = seen[join_path(path, name)]
    elif isinstance(layer, Residual):
        for name, part in layer.parts:
            yield from _layers(part, params.get(name, {}), x, mask, seen, join_path(path, name))
    elif isinstance(layer, Graph):
        values = list(as_tuple(x))
        masks = list(mask) if isinstance(mask, tuple) else [mask] * len(values)
        for name, part, place, sources in layer.calls:
            given, known = select(values, sources), select(masks, sources)
            yield from _layers(
                part, params.get(name, {}), given, known, seen, join_path(path, place)
            )
            values.append(seen[join_path(path, place)])
            masks.append(_mask_after(part, params.get(name, {}), given, known))
    else:
        yield path or "network", layer, x, mask, params


def _mask_after(layer: Layer, params: Tree, x: Any, mask: Any) -> Any:
    """The mask of what a layer makes; layers of layers find it while they compute."""
    call = CallContext(training=True, step=_STEP, mask=mask, masks=[])
    if layer.parts:
        layer.forward(params, x, call)
    return layer.mask_after(x, call)


def _jittered(layer: Layer, x: Array) -> Array:
    """The input with noise of a hundredth of its deviation; indices to look up as they are."""
    if isinstance(layer, Embedding):
        return x.astype(np.int64)
    noise = np.random.default_rng(0).standard_normal(x.shape)
    return np.asarray(x + noise * (0.01 * float(x.std()) or 0.01))
