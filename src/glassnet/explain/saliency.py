"""Saliency: the gradient of the score, alone or multiplied by the input."""

from glassnet.core.arrays import Array
from glassnet.explain.score import Score


def saliency(score: Score, x: Array, baseline: Array) -> Array:
    """|∂s/∂x|: how sensitive the score is to each input value, not how much the value adds to it.

    Source: Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks".
    """
    return abs(score.gradients(x[None])[0])


def gradient_times_input(score: Score, x: Array, baseline: Array) -> Array:
    """(x − b) ⊙ ∂s/∂x: integrated gradients in one step. Exact if s is linear.

    Source: Shrikumar et al. 2016, "Not just a black box".
    """
    return (x - baseline) * score.gradients(x[None])[0]
