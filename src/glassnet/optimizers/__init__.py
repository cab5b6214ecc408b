"""Optimizers and learning rate schedules: they turn gradients into weight updates."""

from typing import TYPE_CHECKING, NoReturn

from glassnet.core.keras_parts import refuse_name
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

if not TYPE_CHECKING:

    def __getattr__(name: str) -> NoReturn:
        refuse_name("optimizer", __name__, name)
