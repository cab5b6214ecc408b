"""Layers: functions with weights, and the functions that carry gradients back through them."""

from glassnet.layers.activation import Activation
from glassnet.layers.attention import MultiHeadAttention
from glassnet.layers.base import Layer, Weight
from glassnet.layers.bidirectional import Bidirectional
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.convolution import Conv1D, Conv2D
from glassnet.layers.dense import Dense
from glassnet.layers.dropout import (
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
)
from glassnet.layers.embedding import Embedding, PositionEmbedding, SinusoidalPositions
from glassnet.layers.function import Lambda
from glassnet.layers.functional import Input, InputLayer, Node
from glassnet.layers.graph import Graph
from glassnet.layers.masking import Masking
from glassnet.layers.merging import Add, Average, Concatenate, Maximum, Multiply, Subtract
from glassnet.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
)
from glassnet.layers.padding import Cropping1D, Cropping2D, ZeroPadding1D, ZeroPadding2D
from glassnet.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from glassnet.layers.preprocessing import Normalization, Rescaling
from glassnet.layers.rectifiers import ELU, LeakyReLU, ReLU
from glassnet.layers.recurrent import GRU, LSTM, SimpleRNN
from glassnet.layers.resampling import UpSampling2D
from glassnet.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from glassnet.layers.residual import Residual
from glassnet.layers.separable_convolution import DepthwiseConv2D, SeparableConv2D
from glassnet.layers.sequential import Sequential
from glassnet.layers.time_distributed import TimeDistributed
from glassnet.layers.transformer import transformer_decoder, transformer_encoder
from glassnet.layers.transposed_convolution import Conv2DTranspose

__all__ = [
    "ELU",
    "GRU",
    "INFERENCE",
    "LSTM",
    "Activation",
    "Add",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Bidirectional",
    "CallContext",
    "Concatenate",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "Graph",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "MultiHeadAttention",
    "Multiply",
    "Node",
    "Normalization",
    "Permute",
    "PositionEmbedding",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Residual",
    "SeparableConv2D",
    "Sequential",
    "SimpleRNN",
    "SinusoidalPositions",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "TimeDistributed",
    "UpSampling2D",
    "Weight",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "transformer_decoder",
    "transformer_encoder",
]
