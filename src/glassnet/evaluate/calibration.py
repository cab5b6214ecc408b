"""The calibration of a classifier's probabilities, and the temperature that improves it.

When a calibrated network is 80% confident, it is right in 80% of the cases. Networks trained to a
low loss are overconfident; dividing their logits by one number, the temperature, corrects most of
it and changes no prediction. Source: Guo et al. 2017, On Calibration of Modern Neural Networks.
"""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array, as_numbers
from glassnet.evaluate.classification import interval
from glassnet.ops.activations import softmax

BINS = 15
MAX_TEMPERATURE = 100.0  # temperatures are searched for between 1/100 and 100
PRIOR = 8.0  # a: before any data, 19 of 20 temperatures are expected between 1/2 and 2
_SMALLEST = float(np.finfo(np.float32).tiny)  # replaces a probability of 0, which has no finite log


@dataclass(frozen=True)
class Bin:
    """The examples whose confidence, the probability of the likeliest class, is in (low, high]."""

    low: float
    high: float
    count: int
    confidence: float  # mean
    accuracy: float
    accuracy_interval: tuple[float, float]


@dataclass(frozen=True)
class Reliability:
    """Confidence and accuracy in bins of equal width; empty bins are left out.

    `ece` is the expected calibration error, Σ_b n_b/N |accuracy_b − confidence_b|. It exceeds 0 by
    chance alone: `chance` is its expectation for a perfectly calibrated network on N examples.
    `nll` is the mean of −log p(true class).
    """

    ece: float
    chance: float
    nll: float
    bins: tuple[Bin, ...]


def reliability(labels: Array, probabilities: Array, bins: int = BINS) -> Reliability:
    """The reliability of probabilities (N, C), given true classes (N,).

    `chance` is Σ_b √(2/π Σ_{n∈b} c_n (1 − c_n)) / N, c the confidences: the mean absolute value of
    a normal error with the variance of each bin.
    """
    p = as_numbers(probabilities, "probabilities").astype(np.float64)
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    bin_of = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    filled, chance = [], 0.0
    for i in range(bins):
        inside = bin_of == i
        if not (count := int(inside.sum())):
            continue
        confidences, hits = confidence[inside], int(correct[inside].sum())
        low, high, mean = float(edges[i]), float(edges[i + 1]), float(confidences.mean())
        filled.append(Bin(low, high, count, mean, hits / count, interval(hits, count)))
        variance = float((confidences * (1 - confidences)).sum())
        chance += math.sqrt(max(0.0, 2 / math.pi * variance))
    n = len(labels)
    ece = sum(bin.count * abs(bin.accuracy - bin.confidence) for bin in filled) / n
    return Reliability(ece, chance / n, nll(labels, log_of(p)), tuple(filled))


def temperature(labels: Array, logits: Array) -> float:
    """The T for which softmax(logits / T) fits the labels best, given a prior.   logits (N, C)

    1/T = s is the mode of its posterior: it minimizes Σₙ −log p(true class) + a (s − log s), whose
    second term is the prior Gamma(a + 1, a), with its mode at s = 1. Few examples, or examples
    without mistakes (whose likelihood has its maximum at T = 0), can't move T far from 1; among
    thousands, the prior has no weight. Both terms are convex in s, so their slope,
    Σₙ (Σᵢ pᵢ zᵢ − z_true) + a (1 − 1/s), never falls. Its zero is found by bisection of log s
    between ±log 100. Log probabilities can be used as logits.
    """
    z = as_numbers(logits, "logits").astype(np.float64)
    z = z - z.max(axis=1, keepdims=True)
    true = z[np.arange(len(z)), labels]
    low, high = -math.log(MAX_TEMPERATURE), math.log(MAX_TEMPERATURE)
    for _ in range(40):
        middle = (low + high) / 2
        slope = float(((softmax(z * math.exp(middle))[0] * z).sum(axis=1) - true).sum())
        slope += PRIOR * (1 - math.exp(-middle))
        low, high = (middle, high) if slope < 0 else (low, middle)
    return math.exp(-(low + high) / 2)


def calibrated(probabilities: Array, temperature: float) -> Array:
    """softmax(log p / T), in float64: the same ranking of classes, more confident for T < 1."""
    return np.asarray(softmax(log_of(probabilities) / temperature)[0])


def log_of(probabilities: Array) -> Array:
    """log p in float64, with 0 replaced by the smallest normal float32."""
    p = as_numbers(probabilities, "probabilities").astype(np.float64, copy=False)
    return np.log(np.maximum(p, _SMALLEST))


def nll(labels: Array, log_probabilities: Array) -> float:
    """The mean of −log p(true class)."""
    return -float(log_probabilities[np.arange(len(labels)), labels].mean())
