"""Layers: functions with weights, and the functions that carry gradients back through them."""

from glassnet.layers.activation import Activation
from glassnet.layers.base import INFERENCE, Call, Layer, Weight
from glassnet.layers.compose import Sequential
from glassnet.layers.dense import Dense
from glassnet.layers.regularization import Dropout
from glassnet.layers.reshaping import Flatten
from glassnet.layers.scaling import Normalization, Rescaling

__all__ = [
    "INFERENCE",
    "Activation",
    "Call",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "Normalization",
    "Rescaling",
    "Sequential",
    "Weight",
]
