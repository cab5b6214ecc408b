"""From what a person chose to the task that engines run."""

from collections.abc import Iterable
from functools import partial

from glassnet.augmentation import Augmentation
from glassnet.layers import Layer
from glassnet.losses import Crossentropy, Loss
from glassnet.metrics import Kind, Metric, WholeMetric
from glassnet.training.step import Task, joined
from glassnet.trees import Tree


def task_of(
    network: Layer,
    loss: Loss,
    weights: Tree,
    classes: int,
    metrics: Iterable[Metric] = (),
    weighted: Iterable[Metric] = (),
    augment: Augmentation | None = None,
) -> Task:
    """The task of a network with so many outputs; raises if a metric does not fit them."""
    network, loss = joined(network, loss)
    kind = kind_of(loss, classes)
    every, whole = {}, {}
    for metric in (*metrics, *weighted):
        metric.checked(kind)
        if isinstance(metric, WholeMetric):
            whole[metric.name] = partial(metric.over, kind=kind)
        else:
            every[metric.name] = partial(metric.measure, kind=kind)
    names = frozenset(metric.name for metric in weighted)
    return Task(
        network, loss, every, weights, whole=whole, weighted=names, augment=augment, classes=classes
    )


def kind_of(loss: Loss, classes: int) -> Kind:
    """What outputs and targets are under this loss."""
    if isinstance(loss, Crossentropy):
        exclusive = loss.joins == "softmax" and classes > 1
        if loss.from_logits:
            return Kind(classes, loss.labels, exclusive, loss.joins, threshold=0.0)
        return Kind(classes, loss.labels, exclusive)
    signs = loss.allowed[0] == -1  # a hinge's outputs say yes above 0
    return Kind(classes, loss.labels, classes > 1, threshold=0.0 if signs else 0.5)
