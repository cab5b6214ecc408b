"""Connectionist temporal classification: the loss of labels that aren't aligned with the steps."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.losses import one_hot
from glassnet.ops.scan import Arrays, scan

_NEVER = -1e30  # log 0: finite, so that no difference of two is NaN, and far below all others


def ctc(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = −log of the probability of all paths of T classes that read as the labels.

    outputs (N, T, C), logits z; targets (N, L), labels followed by zeros -> l (N,). Class 0 is the
    blank: a path reads as what is left without repetitions, then without blanks. Paths go through
    the S = 2 L + 1 states blank, label 1, blank, label 2, ..., blank; αₜ(s) and βₜ(s) are the
    logarithms of the probabilities of all beginnings that end, and all ends that begin, in state s
    at step t, each up to a constant of the step, so that they stay precise in long sequences.
    dzₜ = (softmax(zₜ) − Σₛ softmax(αₜ + βₜ)ₛ e(class of s)) dl.   Source: Graves et al. 2006.
    """
    xp = namespace(outputs)
    labels = xp.astype(targets, xp.int32)
    blanks = xp.zeros_like(labels)
    states = xp.stack([blanks, labels], axis=-1).reshape(len(labels), -1)
    states = xp.concat([states, blanks[:, :1]], axis=1)  # (N, S)
    before = xp.pad(states, ((0, 0), (2, 0)))[:, :-2]
    skips = (states != 0) & (states != before)  # the blank before such a label may be left out
    last = 2 * (labels != 0).sum(axis=1)[:, None]
    place = xp.arange(states.shape[1])
    ends = (place == last) | (place == last - 1)

    peak = outputs.max(axis=-1, keepdims=True)
    log_total = xp.log(xp.exp(outputs - peak).sum(axis=-1, keepdims=True)) + peak
    classes = xp.broadcast_to(states[:, None], (*outputs.shape[:2], states.shape[1]))
    log_p = xp.moveaxis(xp.take_along_axis(outputs - log_total, classes, axis=2), 1, 0)  # (T, N, S)

    def start(chosen: Array) -> Array:
        return xp.where(chosen, xp.zeros_like(log_p[0]), _NEVER)

    def forward(carry: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
        (beginnings,), (log_p,) = carry, slices
        skipped = xp.where(skips, _shifted(beginnings, 2), _NEVER)
        alpha = log_p + _log_sum(xp.stack((beginnings, _shifted(beginnings, 1), skipped)))
        total = _log_sum(alpha.T)[:, None]
        return (alpha - total,), (alpha - total, total)

    def backward(carry: Arrays, slices: Arrays) -> tuple[Arrays, Arrays]:
        (beta,), (log_p,) = carry, slices
        later = beta + log_p
        skipped = _shifted(xp.where(skips, later, _NEVER), -2)
        beginning = _log_sum(xp.stack((later, _shifted(later, -1), skipped)))
        return (beginning - beginning.max(axis=1, keepdims=True),), (beta,)

    # Before the first step, paths are in the first blank.
    (alpha,), (alphas, totals) = scan(forward, (start(place == 0),), (log_p,))
    losses = -totals.sum(axis=0)[:, 0] - _log_sum(xp.where(ends, alpha, _NEVER).T)

    def pullback(dl: Array) -> Array:
        _, (betas,) = scan(backward, (start(ends),), (log_p,), reverse=True)
        through = xp.moveaxis(alphas + betas, 0, 1)  # (N, T, S)
        through = xp.exp(through - through.max(axis=-1, keepdims=True))
        shares = through / through.sum(axis=-1, keepdims=True)
        expected = shares @ one_hot(states, outputs[:, :1])
        return (xp.exp(outputs - log_total) - expected) * dl[:, None, None]

    return losses, pullback


def _shifted(values: Array, states: int) -> Array:
    """Return the values moved by this many states; none come from outside."""
    xp = namespace(values)
    if states > 0:
        return xp.pad(values, ((0, 0), (states, 0)), constant_values=_NEVER)[:, :-states]
    return xp.pad(values, ((0, 0), (0, -states)), constant_values=_NEVER)[:, -states:]


def _log_sum(logs: Array) -> Array:
    """log Σ exp(logs), over the first axis."""
    xp = namespace(logs)
    peak = logs.max(axis=0)
    return peak + xp.log(xp.exp(logs - peak).sum(axis=0))
