"""From what a person chose to the task that engines run."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from glassnet.core.trees import Tree
from glassnet.data.augmentation import Augmentation
from glassnet.layers import Layer
from glassnet.losses import Crossentropy, Loss
from glassnet.metrics import Kind, Metric, WholeMetric
from glassnet.training.criterion import Goal, Goals
from glassnet.training.objectives import Objective, Objectives
from glassnet.training.step import Task, joined


def task_of(
    network: Layer,
    wanted: Objective | Objectives,
    weights: Tree,
    outputs: tuple[Any, ...],
    augment: Augmentation | None = None,
) -> Task:
    """The task of a network whose outputs have these shapes; raises if a metric doesn't fit."""
    if isinstance(wanted, Objective):
        network, goal = _aimed(network, wanted, outputs)
        return Task(network, goal, weights, augment)
    goals: dict[str, Goal | None] = {}
    for number, (name, one) in enumerate(wanted.items()):
        goals[name] = None
        if one is not None:
            network, goals[name] = _aimed(network, one, outputs[number], number)
    shares = {name: one.share for name, one in wanted.items() if one is not None}
    return Task(network, Goals(goals, shares), weights, augment)


def _aimed(
    network: Layer, wanted: Objective, outputs: tuple[int, ...], output: int = 0
) -> tuple[Layer, Goal]:
    """The network and the goal of one of its outputs, the last activation in the loss."""
    network, loss = joined(network, wanted.loss, output)
    return network, goal_of(loss, outputs[-1], wanted.metrics, wanted.weighted)


def goal_of(
    loss: Loss, classes: int, metrics: Iterable[Metric] = (), weighted: Iterable[Metric] = ()
) -> Goal:
    """The goal of so many outputs; raises if a metric does not fit them."""
    kind = kind_of(loss, classes)
    every, whole = {}, {}
    for metric in (*metrics, *weighted):
        metric.checked(kind)
        if isinstance(metric, WholeMetric):
            whole[metric.name] = partial(metric.over, kind=kind)
        else:
            every[metric.name] = partial(metric.measure, kind=kind)
    names = frozenset(metric.name for metric in weighted)
    return Goal(loss, every, whole, names, classes)


def kind_of(loss: Loss, classes: int) -> Kind:
    """What outputs and targets are under this loss."""
    if isinstance(loss, Crossentropy):
        exclusive = loss.joins == "softmax" and classes > 1
        if loss.from_logits:
            return Kind(classes, loss.labels, exclusive, loss.joins, threshold=0.0)
        return Kind(classes, loss.labels, exclusive)
    signs = loss.allowed[0] == -1  # a hinge's outputs say yes above 0
    return Kind(classes, loss.labels, classes > 1, threshold=0.0 if signs else 0.5)
