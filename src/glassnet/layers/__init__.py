"""Layers: functions with weights, and the functions that carry gradients back through them."""

from glassnet.layers.activation import Activation
from glassnet.layers.base import INFERENCE, Call, Layer, Weight
from glassnet.layers.compose import Sequential
from glassnet.layers.dense import Dense
from glassnet.layers.graph import Graph, Input, Node
from glassnet.layers.merging import Add, Average, Concatenate, Maximum, Multiply, Subtract
from glassnet.layers.regularization import Dropout
from glassnet.layers.reshaping import Flatten
from glassnet.layers.residual import Residual
from glassnet.layers.scaling import Normalization, Rescaling

__all__ = [
    "INFERENCE",
    "Activation",
    "Add",
    "Average",
    "Call",
    "Concatenate",
    "Dense",
    "Dropout",
    "Flatten",
    "Graph",
    "Input",
    "Layer",
    "Maximum",
    "Multiply",
    "Node",
    "Normalization",
    "Rescaling",
    "Residual",
    "Sequential",
    "Subtract",
    "Weight",
]
