"""Optimizers: how a gradient becomes a step."""

from glassnet.optimizers.base import Optimizer, get
from glassnet.optimizers.rules import SGD, Adam, RMSprop
from glassnet.optimizers.schedules import CosineDecay, Schedule

__all__ = ["SGD", "Adam", "CosineDecay", "Optimizer", "RMSprop", "Schedule", "get"]
