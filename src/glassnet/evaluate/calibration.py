"""How far a classifier's probabilities can be believed, and a temperature that mends them.

Of the examples that a calibrated network is 80% sure of, it is right in 80%. Networks trained to a
low loss are surer than that; dividing their logits by one number, the temperature, brings most of
it back and changes no answer. Source: Guo et al. 2017, On Calibration of Modern Neural Networks.
"""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.evaluate.classification import interval
from glassnet.ops.activations import softmax

BINS = 15
HOTTEST = 100.0  # temperatures are looked for between 1/100 and 100
_SMALLEST = float(np.finfo(np.float32).tiny)  # stands for a probability of 0, which has no log


@dataclass(frozen=True)
class Bin:
    """The examples whose likeliest class has a probability in (low, high]."""

    low: float
    high: float
    count: int
    confidence: float  # mean probability of the likeliest class
    accuracy: float
    accuracy_interval: tuple[float, float]


@dataclass(frozen=True)
class Reliability:
    """Confidence beside accuracy, in bins of equal width; empty bins are left out.

    `ece`, the expected calibration error, is Σ_b n_b/N |accuracy_b − confidence_b|. It is above 0
    by chance alone: `chance` is what a perfectly calibrated network would show of as many examples.
    `nll` is the mean of −log p(true class).
    """

    ece: float
    chance: float
    nll: float
    bins: tuple[Bin, ...]


def reliability(labels: Array, probabilities: Array, bins: int = BINS) -> Reliability:
    """Of probabilities (N, C) and true classes (N,).

    `chance` is Σ_b √(2/π Σ_{n∈b} c_n (1 − c_n)) / N with c the confidences: the mean size of a
    normal error of a bin's variance.
    """
    p = np.asarray(probabilities, np.float64)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    found, chance = [], 0.0
    for i in range(bins):
        inside = place == i
        if not (count := int(inside.sum())):
            continue
        sure, hits = confidence[inside], int(right[inside].sum())
        low, high, mean = float(edges[i]), float(edges[i + 1]), float(sure.mean())
        found.append(Bin(low, high, count, mean, hits / count, interval(hits, count)))
        chance += math.sqrt(max(0.0, 2 / math.pi * float((sure * (1 - sure)).sum())))
    n = len(labels)
    ece = sum(one.count * abs(one.accuracy - one.confidence) for one in found) / n
    return Reliability(ece, chance / n, nll(labels, log_of(p)), tuple(found))


def temperature(labels: Array, logits: Array) -> float:
    """The T for which softmax(logits / T) has the lowest mean −log p(true class).   logits (N, C)

    Convex in s = 1/T: its slope, the mean of Σᵢ pᵢ zᵢ − z_true, never falls. Its zero is found by
    halving log s between ±log 100; a set without mistakes, which would want T = 0, gets one that
    leaves no doubt. Log probabilities serve as logits.
    """
    z = np.asarray(logits, np.float64)
    z = z - z.max(axis=1, keepdims=True)
    true = z[np.arange(len(z)), labels]
    low, high = -math.log(HOTTEST), math.log(HOTTEST)
    for _ in range(40):
        middle = (low + high) / 2
        slope = float(((softmax(z * math.exp(middle))[0] * z).sum(axis=1) - true).mean())
        low, high = (middle, high) if slope < 0 else (low, middle)
    return math.exp(-(low + high) / 2)


def calibrated(probabilities: Array, temperature: float) -> Array:
    """softmax(log p / T), in float64: the same order of classes, surer for T < 1."""
    return np.asarray(softmax(log_of(probabilities) / temperature)[0])


def log_of(probabilities: Array) -> Array:
    """log p in float64, with the smallest normal float32 in the place of 0."""
    return np.log(np.maximum(np.asarray(probabilities, np.float64), _SMALLEST))


def nll(labels: Array, log_probabilities: Array) -> float:
    """The mean of −log p(true class)."""
    return -float(log_probabilities[np.arange(len(labels)), labels].mean())
