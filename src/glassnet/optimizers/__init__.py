"""Optimizers and learning rate schedules: they turn gradients into weight updates."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.optimizers.adafactor import Adafactor
from glassnet.optimizers.adam import Adam, Adamax, AdamW, Lamb, Nadam
from glassnet.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from glassnet.optimizers.base import Optimizer
from glassnet.optimizers.base import get as get
from glassnet.optimizers.ftrl import Ftrl
from glassnet.optimizers.muon import Muon
from glassnet.optimizers.schedule_free import ScheduleFreeAdamW
from glassnet.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    OneCycle,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Schedule,
)
from glassnet.optimizers.sgd import SGD, Lion

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "Ftrl",
    "InverseTimeDecay",
    "Lamb",
    "Lion",
    "Muon",
    "Nadam",
    "OneCycle",
    "Optimizer",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "RMSprop",
    "Schedule",
    "ScheduleFreeAdamW",
]


hint_at_missing(__name__)
