"""Augmentation: random changes of the training data that preserve their labels.

The names in a configuration: flip, shift (or crop), rotation, zoom, erasing, mixup, cutmix, noise,
brightness, contrast.
"""

from glassnet.data.augmentation.base import Augmentation, Compose, get
from glassnet.data.augmentation.erasing import RandomErasing
from glassnet.data.augmentation.intensity import RandomBrightness, RandomContrast, RandomNoise
from glassnet.data.augmentation.mixing import CutMix, MixUp
from glassnet.data.augmentation.resampling import RandomRotation, RandomZoom
from glassnet.data.augmentation.shifting import RandomFlip, RandomShift

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
