"""Losses on probabilities and on logits, for classification and regression."""

import numpy as np

from glassnet import losses
from glassnet.ops import losses as ops
from glassnet.ops import overlaps
from glassnet.ops.ctc import ctc
from glassnet.verify.cases.base import Case, numbers, probabilities

LABELS = np.array([2, 0, 1, 1])
ONE_HOT = np.eye(3)[LABELS]
SIGNS = 2 * ONE_HOT - 1
SOFT = probabilities(4, 3)
OUTPUTS = numbers(4, 3, seed=2, scale=2.0)
POSITIVE = np.random.default_rng(4).uniform(0.1, 0.9, (4, 3))
SEQUENCES = np.array([[1, 2, 2], [3, 0, 0], [0, 0, 0], [1, 1, 0]])
STEPS = numbers(4, 5, 4, seed=3, scale=2.0)
COUNTS = np.array([[0.0, 2.0, 1.0], [3.0, 0.0, 1.0], [1.0, 1.0, 4.0], [2.0, 5.0, 0.0]])


def _op(
    op: object, outputs: np.ndarray, targets: np.ndarray, label: str = "", **more: object
) -> Case:
    return Case(op, (outputs,), {"targets": targets, **more}, label)


def _loss(loss: losses.Loss, outputs: np.ndarray, targets: np.ndarray, label: str = "") -> Case:
    return Case(loss, (outputs,), {"targets": targets}, label)


OPS = [
    _op(ops.softmax_crossentropy, OUTPUTS, SOFT),
    _op(ops.softmax_crossentropy, OUTPUTS, 3 * SOFT, "sum-not-1"),
    _op(ops.sigmoid_crossentropy, OUTPUTS, SOFT),
    _op(ops.categorical_crossentropy, POSITIVE, SOFT),
    _op(ops.binary_crossentropy, POSITIVE, SOFT),
    _op(ops.softmax_focal_crossentropy, OUTPUTS / 2, SOFT),
    _op(ops.softmax_focal_crossentropy, OUTPUTS, SOFT, "gamma", alpha=0.7, gamma=0.6),
    _op(ops.categorical_focal_crossentropy, POSITIVE, SOFT),
    _op(ops.categorical_focal_crossentropy, POSITIVE, SOFT, "gamma", alpha=0.7, gamma=0.6),
    _op(ops.sigmoid_focal_crossentropy, OUTPUTS / 2, SOFT),
    _op(ops.sigmoid_focal_crossentropy, OUTPUTS, SOFT, "alpha", alpha=0.3, gamma=0.6),
    _op(ops.binary_focal_crossentropy, POSITIVE, SOFT),
    _op(ops.binary_focal_crossentropy, POSITIVE, SOFT, "alpha", alpha=0.3, gamma=0.6),
    _op(ops.kl_divergence, POSITIVE, SOFT),
    _op(ops.poisson, POSITIVE, COUNTS),
    _op(ops.mean_squared_error, OUTPUTS, SOFT),
    _op(ops.squared_error, OUTPUTS, SOFT),
    _op(ops.mean_absolute_error, OUTPUTS, SOFT),
    _op(ops.mean_absolute_percentage_error, OUTPUTS, SIGNS * (1 + SOFT)),
    _op(ops.mean_squared_logarithmic_error, OUTPUTS, COUNTS),
    _op(ops.generalized_crossentropy, POSITIVE, ONE_HOT),
    _op(ops.generalized_crossentropy, POSITIVE, ONE_HOT, "q", q=0.8),
    _op(overlaps.dice, POSITIVE, SOFT, axis=(0, 1)),
    _op(overlaps.dice, POSITIVE, ONE_HOT, "rows", axis=(1,)),
    _op(overlaps.tversky, POSITIVE, SOFT, axis=(0, 1)),
    _op(overlaps.tversky, POSITIVE, ONE_HOT, "rows", axis=(1,), alpha=0.3, beta=0.9),
    _op(ops.huber, OUTPUTS, SOFT),
    _op(ops.huber, OUTPUTS, SOFT, "delta", delta=2.0),
    _op(ops.log_cosh, OUTPUTS, SOFT),
    _op(ops.cosine_similarity, OUTPUTS, SOFT),
    _op(ops.hinge, OUTPUTS, SIGNS),
    _op(ops.hinge, OUTPUTS, ONE_HOT, "yes-or-no"),
    _op(ops.squared_hinge, OUTPUTS, SIGNS),
    _op(ops.squared_hinge, OUTPUTS, ONE_HOT, "yes-or-no"),
    _op(ops.categorical_hinge, OUTPUTS, ONE_HOT),
    _op(ctc, STEPS, SEQUENCES),
]

LOSSES = [
    _loss(losses.CategoricalCrossentropy(from_logits=True), OUTPUTS, ONE_HOT),
    _loss(losses.CategoricalCrossentropy(), POSITIVE, SOFT, "probabilities"),
    _loss(losses.CategoricalCrossentropy(True, 0.1), OUTPUTS, ONE_HOT, "smoothed"),
    _loss(losses.SparseCategoricalCrossentropy(from_logits=True), OUTPUTS, LABELS),
    _loss(losses.SparseCategoricalCrossentropy(), POSITIVE, LABELS, "probabilities"),
    _loss(
        losses.SparseCategoricalCrossentropy(True, label_smoothing=0.1), OUTPUTS, LABELS, "smoothed"
    ),
    _loss(losses.SparseCategoricalCrossentropy(True, ignore_class=1), OUTPUTS, LABELS, "ignored"),
    _loss(losses.BinaryCrossentropy(from_logits=True), OUTPUTS, SOFT),
    _loss(losses.BinaryCrossentropy(), POSITIVE, SOFT, "probabilities"),
    _loss(losses.BinaryCrossentropy(True, 0.2), OUTPUTS, ONE_HOT, "smoothed"),
    _loss(losses.CategoricalFocalCrossentropy(from_logits=True), OUTPUTS / 2, SOFT),
    _loss(losses.CategoricalFocalCrossentropy(0.5, 1.5), POSITIVE, SOFT, "probabilities"),
    _loss(
        losses.SparseCategoricalFocalCrossentropy(from_logits=True, label_smoothing=0.3),
        OUTPUTS / 2,
        LABELS,
    ),
    _loss(losses.BinaryFocalCrossentropy(from_logits=True), OUTPUTS / 2, SOFT),
    _loss(losses.BinaryFocalCrossentropy(True, 0.3, 1.5), POSITIVE, SOFT, "probabilities"),
    _loss(losses.KLDivergence(), POSITIVE, SOFT),
    _loss(losses.Poisson(), POSITIVE, COUNTS),
    _loss(losses.MeanSquaredError(), OUTPUTS, SOFT),
    _loss(losses.MeanAbsoluteError(), OUTPUTS, SOFT),
    _loss(losses.SquaredError(), OUTPUTS, SOFT),
    _loss(losses.MeanSquaredError(reduction="sum"), OUTPUTS, SOFT, "sum"),
    _loss(losses.MeanSquaredError(reduction="mean_with_sample_weight"), OUTPUTS, SOFT, "by-weight"),
    _loss(losses.MeanAbsolutePercentageError(), OUTPUTS, SIGNS * SOFT),
    _loss(losses.MeanSquaredLogarithmicError(), OUTPUTS, COUNTS),
    _loss(losses.CategoricalGeneralizedCrossEntropy(0.7), POSITIVE, LABELS),
    _loss(losses.Dice(), POSITIVE, ONE_HOT),
    _loss(losses.Dice(axis=-1), POSITIVE, ONE_HOT, "rows"),
    _loss(losses.Tversky(0.3, 0.9), POSITIVE, ONE_HOT),
    _loss(losses.Tversky(0.3, 0.9, axis=(1,)), POSITIVE, ONE_HOT, "rows"),
    _loss(losses.Huber(1.5), OUTPUTS, SOFT),
    _loss(losses.LogCosh(), OUTPUTS, SOFT),
    _loss(losses.CosineSimilarity(), OUTPUTS, SOFT),
    _loss(losses.Hinge(), OUTPUTS, SIGNS),
    _loss(losses.SquaredHinge(), OUTPUTS, SIGNS),
    _loss(losses.CategoricalHinge(), OUTPUTS, ONE_HOT),
    _loss(losses.CTC(), STEPS, SEQUENCES),
]
