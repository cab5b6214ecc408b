"""Augmentation: training data changed at random in ways that leave their meaning.

As one names them in a configuration: flip, shift (or crop), rotation, zoom, erasing, mixup, cutmix,
noise, brightness, contrast.
"""

from glassnet.augmentation.base import Augmentation, Compose, get
from glassnet.augmentation.erasing import RandomErasing
from glassnet.augmentation.intensity import RandomBrightness, RandomContrast, RandomNoise
from glassnet.augmentation.mixing import CutMix, MixUp
from glassnet.augmentation.resampling import RandomRotation, RandomZoom
from glassnet.augmentation.shifting import RandomFlip, RandomShift

__all__ = [
    "Augmentation",
    "Compose",
    "CutMix",
    "MixUp",
    "RandomBrightness",
    "RandomContrast",
    "RandomErasing",
    "RandomFlip",
    "RandomNoise",
    "RandomRotation",
    "RandomShift",
    "RandomZoom",
    "get",
]
