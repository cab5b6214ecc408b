"""The kinds of plots: name, title, caption, what each needs from a run, and how it is drawn."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.errors import GlassnetError
from glassnet.evaluate.calibration import reliability
from glassnet.model.diagram import Diagram, diagram
from glassnet.plots import features
from glassnet.plots.bars import probability_bars
from glassnet.plots.calibration import reliability_diagram
from glassnet.plots.classes import class_distribution
from glassnet.plots.confusion import confusion_matrix
from glassnet.plots.curves import curves
from glassnet.plots.embedding import embedding, reduced
from glassnet.plots.histograms import activation_histograms, gradient_histograms
from glassnet.plots.images import predictions, sample_grid
from glassnet.plots.kernels import filters, first_weights
from glassnet.plots.overview import overview
from glassnet.plots.rates import compared_rates, rate_curve
from glassnet.plots.seeds import seeds
from glassnet.report.figures import needs, of_tables
from glassnet.report.figures.arrays import (
    activations,
    correct_and_wrong_rows,
    example_titles,
    feature_maps,
    first_kernel,
    gradients,
    group_by_settings,
    hidden_features,
    pictures,
)
from glassnet.report.figures.plot_spec import Draw, Need, PlotSpec
from glassnet.runs.lr_find import lr_find
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of

KINDS: dict[str, PlotSpec] = {}


def _kind(
    name: str, title: str, caption: str, *needs: Need, several: bool = False
) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        KINDS[name] = PlotSpec(name, title, caption, needs, draw, several)
        return draw

    return register


@_kind(
    "overview",
    "Overview",
    "An overview of the run: training curves, first-layer weights, and test images with their "
    "predicted classes.",
)
def _overview(outputs: RunOutputs) -> Figure:
    history = [] if needs.history(outputs) else outputs.run.history()
    if needs.pictures(outputs):
        return overview(history)
    scores = outputs.scores() if needs.probabilities(outputs) else outputs.probabilities()
    images = pictures(outputs), outputs.test.labels, scores, outputs.class_names
    shows_kernel = not needs.weights_of_pixels(outputs) or not needs.filters(outputs)
    return overview(history, first_kernel(outputs.model) if shows_kernel else None, images)


@_kind(
    "network",
    "The network",
    "The layers of the network, from input to output, with shapes and numbers of weights.",
)
def _network(outputs: RunOutputs) -> Diagram:
    return diagram(outputs.model.network, outputs.model.input_shape)


@_kind(
    "curves",
    "Training curves",
    "Loss and accuracy by epoch on the training and validation sets; the best epoch is circled.",
    needs.history,
)
def _curves(outputs: RunOutputs) -> Figure:
    return curves(outputs.run.history())


@_kind(
    "samples",
    "Samples",
    "Test images of each class, one row per class; of audio clips, their spectrograms.",
    needs.pictures,
)
def _samples(outputs: RunOutputs) -> Figure:
    return sample_grid(pictures(outputs), outputs.test.labels, outputs.class_names)


@_kind(
    "classes",
    "Classes",
    "The number of training, validation and test examples of each class.",
    needs.classes,
)
def _class_distribution(outputs: RunOutputs) -> Figure:
    labels = {
        "training": outputs.training_data.train.labels,
        "validation": outputs.validation.labels,
        "test": outputs.test.labels,
    }
    not_empty = {split: values for split, values in labels.items() if len(values)}
    return class_distribution(not_empty, outputs.class_names)


@_kind(
    "predictions",
    "Predicted and true classes",
    "The first test images, or spectrograms of clips, with their predicted class; if it is wrong, "
    "also with the true class.",
    needs.pictures,
    needs.probabilities,
)
def _predictions(outputs: RunOutputs) -> Figure:
    first = slice(25)
    return predictions(
        pictures(outputs, first),
        outputs.test.labels[first],
        outputs.probabilities()[first],
        outputs.class_names,
    )


@_kind(
    "probabilities",
    "Most likely classes",
    "The most likely classes of some test examples, half of them misclassified, as bars.",
    needs.probabilities,
)
def _probability_bars(outputs: RunOutputs) -> Figure:
    rows = correct_and_wrong_rows(outputs, 8)
    images = None if needs.pictures(outputs) else pictures(outputs, rows)
    return probability_bars(
        example_titles(outputs, rows), outputs.test.labels[rows], outputs.probabilities()[rows],
        outputs.class_names, images,
    )  # fmt: skip


@_kind(
    "confusion",
    "Confusion matrix",
    "The number of test examples of each true class (row) predicted as each class (column).",
    needs.classes,
)
def _confusion(outputs: RunOutputs) -> Figure:
    return confusion_matrix(
        outputs.test.labels, outputs.scores().argmax(axis=1), outputs.class_names
    )


@_kind(
    "weights",
    "First-layer weights",
    "The weights of first-layer units by pixel: red weights are positive, blue ones negative.",
    needs.weights_of_pixels,
)
def _weights(outputs: RunOutputs) -> Figure:
    return first_weights(first_kernel(outputs.model), outputs.test.x.shape[1:])


@_kind(
    "filters",
    "Filters",
    "The filters of the first convolution: red weights are positive, blue ones negative.",
    needs.filters,
)
def _filters(outputs: RunOutputs) -> Figure:
    return filters(first_kernel(outputs.model))


@_kind(
    "feature-maps",
    "Feature maps",
    "The feature maps of the convolutions for the first test image or spectrogram.",
    needs.convolutions,
)
def _feature_maps(outputs: RunOutputs) -> Figure:
    maps = feature_maps(outputs.model, outputs.test.x[:1])
    if outputs.data.kind == "audio":  # (time, pitch, channels)
        maps = {path: np.flip(np.swapaxes(values, 0, 1), 0) for path, values in maps.items()}
    return features.feature_maps(pictures(outputs, 0), maps)


@_kind(
    "activations",
    "Activations by layer",
    "The distribution of each layer's outputs over some test examples.",
    needs.classes,
)
def _activations(outputs: RunOutputs) -> Figure:
    return activation_histograms(activations(outputs))


@_kind(
    "gradients",
    "Gradients by layer",
    "The size of the gradients of each layer's weights on some training examples.",
    needs.classes,
    needs.steps,
)
def _gradients(outputs: RunOutputs) -> Figure:
    return gradient_histograms(gradients(outputs))


@_kind(
    "calibration",
    "Calibration",
    "The accuracy of predictions by confidence: on the dotted line they are perfectly calibrated.",
    needs.probabilities,
)
def _calibration(outputs: RunOutputs) -> Figure:
    calibration = reliability(outputs.test.labels, outputs.probabilities())
    bins = calibration.bins
    edges = np.array([(bin.low, bin.high) for bin in bins])
    intervals = np.array([bin.accuracy_interval for bin in bins])
    confidence, accuracy, counts = (
        np.array([getattr(bin, name) for bin in bins])
        for name in ("confidence", "accuracy", "count")
    )
    return reliability_diagram(edges, confidence, accuracy, intervals, counts, calibration.ece)


def _embedded(outputs: RunOutputs, method: str) -> Figure:
    features, labels = hidden_features(outputs)
    points, note = reduced(features, method)
    title = f"{method} of the last hidden layer: {len(points):,} test examples, {note}"
    return embedding(points, labels, outputs.class_names, title)


@_kind(
    "pca",
    "Last hidden layer (PCA)",
    "The test examples' last hidden layer, projected onto its first two principal components.",
    needs.classes,
)
def _pca(outputs: RunOutputs) -> Figure:
    return _embedded(outputs, "PCA")


@_kind(
    "t-sne",
    "Last hidden layer (t-SNE)",
    "The test examples' last hidden layer, embedded so that neighbors stay neighbors; distances "
    "between clusters mean nothing.",
    needs.classes,
)
def _tsne(outputs: RunOutputs) -> Figure:
    return _embedded(outputs, "t-SNE")


@_kind(
    "learning-rate",
    "Learning-rate finder",
    "The loss while the learning rate increases from step to step, and where it falls fastest.",
    needs.steps,
)
def _learning_rate(outputs: RunOutputs) -> Figure:
    search = lr_find(outputs.training_data)
    return rate_curve(search.rates, search.losses, search.smoothed, search.suggestion)


@_kind(
    "learning-rates",
    "Learning rates compared",
    "The loss by epoch for runs with different learning rates.",
    needs.history,
    needs.steps,
    several=True,
)
def _learning_rates(*runs: RunOutputs) -> Figure:
    by_rate = {settings_of(outputs.run).learning_rate: outputs.run.history() for outputs in runs}
    if len(by_rate) < len(runs):
        raise GlassnetError("two runs have the same learning rate.", where="--kind learning-rates")
    return compared_rates(by_rate)


@_kind(
    "seeds",
    "Seeds",
    "Mean and spread by epoch of runs that differ only in their seeds, one line per group.",
    needs.history,
    several=True,
)
def _seeds(*runs: RunOutputs) -> Figure:
    return seeds(group_by_settings(runs))


_kind(
    "predicted",
    "Predicted and true values",
    "The predicted numbers of the test rows by their true values: on the dotted line, both are "
    "equal.",
    needs.numbers,
)(of_tables.predicted)
_kind(
    "errors",
    "Errors by predicted value",
    "The errors of the test rows by predicted value; gray is what prediction intervals allow.",
    needs.numbers,
)(of_tables.errors)
_kind(
    "error-histogram",
    "Histogram of the errors",
    "The number of test rows by the error of the predicted number.",
    needs.numbers,
)(of_tables.error_histogram)
_kind(
    "importance",
    "Importance of the columns",
    "How much the error on test rows grows if the values of a column are shuffled.",
    needs.table,
)(of_tables.importance)
