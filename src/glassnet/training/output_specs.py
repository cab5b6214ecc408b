"""`OutputSpec`: loss and metrics of an output, as passed to `compile` and stored in model files.

A network with one output has one `OutputSpec`; with multiple outputs, each has its own, or None.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

from glassnet import losses, metrics
from glassnet.core.errors import GlassnetError, errors_inside, unknown
from glassnet.core.registry import build, describe, names, require_registered
from glassnet.core.trees import Tree
from glassnet.data.augmentation import Augmentation
from glassnet.layers import Layer
from glassnet.layers.network import unfolds
from glassnet.losses import Crossentropy, Loss
from glassnet.metrics import DatasetMetric, Metric, OutputKind
from glassnet.optimizers import Optimizer
from glassnet.training import functions as functions
from glassnet.training.criterion import Criteria, Criterion
from glassnet.training.output_activation import checked_loss, fuse_output_activation
from glassnet.training.step import Objective


@dataclass(frozen=True)
class OutputSpec:
    """The loss and metrics of one output; the metrics in `weighted` use the example weights."""

    loss: Loss
    metrics: tuple[Metric, ...] = ()
    weighted: tuple[Metric, ...] = ()
    share: float = 1.0  # with multiple outputs: the factor of this one's loss


OutputSpecs = Mapping[str, OutputSpec | None]  # by output, in the network's order; None: no loss


class Compiled(NamedTuple):
    """The checked arguments of `compile`."""

    optimizer: Optimizer
    outputs: OutputSpec | OutputSpecs


def output_specs(
    network: Layer, loss: Any, metrics: Any = None, weighted: Any = None, shares: Any = None
) -> OutputSpec | OutputSpecs:
    """Return the checked arguments of `compile`; raise if they don't fit the network."""
    outputs = output_names(network)
    if not outputs:
        if shares is not None:
            raise GlassnetError(
                "weights the losses of multiple outputs, but there is only one.",
                where="loss_weights",
            )
        return _output_spec(network, loss, metrics, weighted)
    if loss is None:
        raise _no_loss()
    if isinstance(loss, Mapping) and (missing := [name for name in outputs if name not in loss]):
        raise GlassnetError(
            f"has no entry for output {missing[0]!r}.",
            where="loss",
            fix=f'If it should have no loss: {{..., "{missing[0]}": None}}.',
        )
    table = {"loss": loss, "metrics": metrics, "weighted_metrics": weighted, "loss_weights": shares}
    rows = zip(*(by_output(value, outputs, what) for what, value in table.items()), strict=True)
    specs: dict[str, OutputSpec | None] = {}
    for number, (part, plain, more, share) in enumerate(rows):
        name = outputs[number]
        specs[name] = None
        if part is not None:
            with errors_inside(f"output {name!r}"):
                specs[name] = _output_spec(network, part, plain, more, share, number)
        elif plain or more:
            raise GlassnetError(
                "has metrics, but no loss, which defines what its targets are.",
                where=f"output {name!r}",
            )
    if not any(specs.values()):
        raise _no_loss()
    log_names = ["loss", *numbers_of(specs)]
    counts = Counter([*log_names, *(f"val_{name}" for name in log_names)])
    if duplicates := [name for name, count in counts.items() if count > 1]:
        raise GlassnetError(
            f"two losses or metrics would be named {duplicates[0]!r}.",
            where="outputs",
            fix="Rename a layer.",
        )
    return specs


def _output_spec(
    network: Layer, loss: Any, plain: Any, weighted: Any, share: Any = None, output: int = 0
) -> OutputSpec:
    if loss is None:
        raise _no_loss()
    loss = losses.get(loss)
    checked_loss(network, loss, output)
    unweighted = metrics.chosen(plain)
    share = 1.0 if share is None else share
    if not isinstance(share, Real) or isinstance(share, bool) or not math.isfinite(share):
        raise GlassnetError(f"must be finite numbers, got {share!r}.", where="loss_weights")
    return OutputSpec(loss, unweighted, metrics.chosen(weighted, unweighted), float(share))


def _no_loss() -> GlassnetError:
    fix = f"One of: {', '.join(names('loss'))}."
    return GlassnetError("compile needs a loss.", where="Model", fix=fix)


def output_names(network: Layer) -> tuple[str, ...]:
    """Return the names of the layers that compute the outputs; () if there is only one output."""
    if not unfolds(network) or len(network.ends) == 1:
        return ()
    inputs = ["input", *(f"input_{i}" for i in range(1, network.inputs))]  # as in Keras
    values = [*inputs]
    for name, layer, *_ in network.calls:
        values += output_names(layer) or layer.outputs_of(name)
    producers = tuple(values[number] for number in network.ends)
    if duplicates := [name for name, count in Counter(producers).items() if count > 1]:
        raise GlassnetError(
            f"two outputs come from {duplicates[0]!r}, so they have the same name.",
            where="Model",
            fix='Give one its own layer: Activation("linear", name="other")(output).',
        )
    return producers


def by_output(value: Any, outputs: tuple[str, ...], what: str) -> list[Any]:
    """Return a value for each output: from a dict by name, a list in order, or one for all."""
    if isinstance(value, Mapping):
        for name in value:
            if name not in outputs:
                raise unknown("output", str(name), outputs, where=what)
        return [value.get(name) for name in outputs]
    if not isinstance(value, list | tuple):
        return [value] * len(outputs)
    if len(value) != len(outputs):
        raise GlassnetError(
            f"has {len(value)} entr{'y' if len(value) == 1 else 'ies'} for {len(outputs)} outputs: "
            f"{', '.join(outputs)}.",
            where=what,
            fix="Pass a list with one element per output, or a dict by name.",
        )
    return list(value)


def numbers_of(spec: OutputSpec | OutputSpecs) -> list[str]:
    """Return the names of all logs besides the loss, in Keras's order."""
    if isinstance(spec, OutputSpec):
        return [metric.name for metric in (*spec.metrics, *spec.weighted)]
    metrics = {name: numbers_of(part) for name, part in spec.items() if part}
    losses = [f"{name}_loss" for name in metrics] if len(metrics) > 1 else []
    return losses + sorted(f"{name}_{number}" for name, of in metrics.items() for number in of)


def require_readable(network: Layer, compiled: "Compiled | None") -> None:
    """Raise unless a model file with this network, optimizer, losses and metrics can be read."""
    require_registered(network, "network")
    build("layer", describe(network), where="network")
    if compiled is None:
        return
    require_registered(compiled.optimizer, "optimizer")
    build("optimizer", describe(compiled.optimizer), where="optimizer")
    outputs = compiled.outputs
    for spec in [outputs] if isinstance(outputs, OutputSpec) else outputs.values():
        if spec is not None:
            require_registered([spec.loss, *spec.metrics, *spec.weighted], "compile")
    from_json(to_json(outputs))


def to_json(spec: OutputSpec | OutputSpecs) -> dict[str, Any]:
    """Return the specs as JSON values, for the model file."""
    if not isinstance(spec, OutputSpec):
        return {
            "outputs": {
                name: to_json(part) | {"loss_weight": part.share} if part else None
                for name, part in spec.items()
            }
        }
    weighted = {"weighted_metrics": metrics.to_json(spec.weighted)} if spec.weighted else {}
    return {"metrics": metrics.to_json(spec.metrics), **weighted, "loss": describe(spec.loss)}


def from_json(about: dict[str, Any]) -> tuple[Any, ...]:
    """Pop what `to_json` wrote from `about`; return the checked arguments of `output_specs`."""
    outputs = about.pop("outputs", None)
    if outputs is None:
        loss, share = about.pop("loss", None), about.pop("loss_weight", None)
        plain, weighted = (
            metrics.from_json(about.pop(name, [])) for name in ("metrics", "weighted_metrics")
        )
        return None if loss is None else build("loss", loss), plain, weighted, share
    if not isinstance(outputs, dict) or not all(
        isinstance(part, dict | None) for part in outputs.values()
    ):
        raise GlassnetError("its outputs are not losses and metrics by name.")
    by_name = {name: from_json(dict(part or {})) for name, part in outputs.items()}

    return tuple({name: part[i] for name, part in by_name.items()} for i in range(4))


def objective_of(
    network: Layer,
    spec: OutputSpec | OutputSpecs,
    weights: Tree,
    outputs: tuple[Any, ...],
    augment: Augmentation | None = None,
    frozen: frozenset[str] = frozenset(),
) -> Objective:
    """Return the objective for outputs of these shapes; raise if a metric doesn't fit them."""
    if isinstance(spec, OutputSpec):
        network, loss = fuse_output_activation(network, spec.loss)
        fused = loss is not spec.loss
        criterion = criterion_of(loss, outputs[-1], spec.metrics, spec.weighted, fused)
        return Objective(network, criterion, weights, augment, frozen)
    criteria: dict[str, Criterion | None] = dict.fromkeys(spec)
    for number, (name, part) in enumerate(spec.items()):
        if part is not None:
            network, loss = fuse_output_activation(network, part.loss, number)
            fused = loss is not part.loss
            classes = outputs[number][-1]
            criteria[name] = criterion_of(loss, classes, part.metrics, part.weighted, fused)
    shares = {name: part.share for name, part in spec.items() if part is not None}
    return Objective(network, Criteria(criteria, shares), weights, augment, frozen)


def criterion_of(
    loss: Loss,
    classes: int,
    metrics: Iterable[Metric] = (),
    weighted: Iterable[Metric] = (),
    fused: bool = False,
) -> Criterion:
    """Return the criterion for this many outputs; raise if a metric does not fit them.

    `fused`: the outputs are logits, because the loss computes the network's last activation.
    """
    kind = replace(output_kind(loss, classes), fused=fused)
    per_example, per_dataset = {}, {}
    for metric in (*metrics, *weighted):
        if not loss.aligned:
            raise GlassnetError(
                "compares each output with a target, but the targets of "
                f"{type(loss).__name__} are not aligned with the outputs.",
                where=f"metric {metric.name!r}",
                fix="Leave it out, and compare what you decode from predict(x).",
            )
        metric.checked(kind)
        if isinstance(metric, DatasetMetric):
            per_dataset[metric.name] = partial(metric.over, kind=kind)
        else:
            per_example[metric.name] = partial(metric.measure, kind=kind)
    names = frozenset(metric.name for metric in weighted)
    return Criterion(loss, per_example, per_dataset, names, classes)


def output_kind(loss: Loss, classes: int) -> OutputKind:
    """Return the kind of outputs and targets that this loss defines."""
    if isinstance(loss, Crossentropy):
        exclusive = loss.fused_activation == "softmax" and classes > 1
        if loss.from_logits:
            return OutputKind(classes, loss.labels, exclusive, loss.fused_activation, threshold=0.0)
        return OutputKind(classes, loss.labels, exclusive)
    signs = loss.allowed[0] == -1  # a hinge loss takes outputs above 0 as yes
    return OutputKind(classes, loss.labels, classes > 1, threshold=0.0 if signs else 0.5)
