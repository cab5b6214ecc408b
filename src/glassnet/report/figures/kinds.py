"""The kinds of pictures, what each needs of a run, and how it is drawn.

Nothing heavy is imported before a picture is drawn: the command line's help reads this table too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from glassnet.core.errors import GlassnetError
from glassnet.report.figures import needs
from glassnet.report.figures.plot_spec import Draw, Need, PlotSpec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.model.diagram import Diagram
    from glassnet.runs.outputs import RunOutputs


KINDS: dict[str, PlotSpec] = {}


def _kind(
    name: str, title: str, caption: str, *needs: Need, several: bool = False, trains: bool = False
) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        KINDS[name] = PlotSpec(name, title, caption, needs, draw, several, trains)
        return draw

    return register


# -- the pictures ----------------------------------------------------------------------------------


@_kind(
    "overview",
    "Overview",
    "The run at a glance: curves, what the first layer looks for, and test images with the "
    "predicted classes.",
)
def _overview(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.overview import overview
    from glassnet.report.figures.arrays import first_kernel

    history = [] if needs.history(outputs) else outputs.run.history()
    if needs.images(outputs):
        return overview(history)
    shown = outputs.scores() if needs.probabilities(outputs) else outputs.probabilities()
    images = outputs.x(), outputs.labels(), shown, outputs.class_names
    return overview(history, first_kernel(outputs.model), images)


@_kind(
    "network",
    "The network",
    "The layers of the network, from its input to its output, with shapes and numbers of weights.",
)
def _network(outputs: "RunOutputs") -> "Diagram":
    from glassnet.model.diagram import diagram

    return diagram(outputs.model.network, outputs.model.input_shape)


@_kind(
    "curves",
    "Training curves",
    "Loss and accuracy by epoch on training and validation examples, with the best epoch ringed.",
    needs.history,
)
def _curves(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.curves import curves

    return curves(outputs.run.history())


@_kind(
    "samples",
    "Samples",
    "Test images of each class, a row for each.",
    needs.images,
)
def _samples(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.images import sample_grid

    return sample_grid(outputs.x(), outputs.labels(), outputs.class_names)


@_kind(
    "classes",
    "Classes",
    "How many training, validation and test examples there are of each class.",
    needs.classes,
)
def _class_distribution(outputs: "RunOutputs") -> "Figure":
    import numpy as np

    from glassnet.plots.classes import class_distribution

    labels = {
        "training": np.delete(outputs.data.y_train, outputs.validation_rows),
        "validation": outputs.labels("validation"),
        "test": outputs.labels(),
    }
    there = {part: found for part, found in labels.items() if len(found)}
    return class_distribution(there, outputs.class_names)


@_kind(
    "predictions",
    "Predicted against true",
    "The first test images with the predicted class; wrong ones also with the true class.",
    needs.images,
    needs.probabilities,
)
def _predictions(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.images import predictions

    some = slice(25)
    return predictions(
        outputs.x()[some],
        outputs.labels()[some],
        outputs.probabilities()[some],
        outputs.class_names,
    )


@_kind(
    "probabilities",
    "Likeliest classes",
    "The likeliest classes of some test examples, half of them judged wrongly, as bars.",
    needs.probabilities,
)
def _probability_bars(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.bars import probability_bars
    from glassnet.report.figures.arrays import right_and_wrong, subjects

    rows = right_and_wrong(outputs, 8)
    images = None if needs.images(outputs) else outputs.x()[rows]
    return probability_bars(
        subjects(outputs, rows), outputs.labels()[rows], outputs.probabilities()[rows],
        outputs.class_names, images,
    )  # fmt: skip


@_kind(
    "confusion",
    "Confusion matrix",
    "How many test examples of each class (row) are taken for each class (column).",
    needs.classes,
)
def _confusion(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.confusion import confusion_matrix

    return confusion_matrix(outputs.labels(), outputs.scores().argmax(axis=1), outputs.class_names)


@_kind(
    "weights",
    "First-layer weights",
    "What the units of the first layer look for: red pixels speak for it, blue ones against it.",
    needs.weights_of_pixels,
)
def _weights(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.kernels import first_weights
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(outputs.model)
    assert kernel is not None  # or the model would lack weights of pixels
    return first_weights(kernel, outputs.x().shape[1:])


@_kind(
    "filters",
    "Filters",
    "The filters of the first convolution: red pixels speak for what it looks for, blue ones "
    "against it.",
    needs.filters,
)
def _filters(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.kernels import filters
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(outputs.model)
    assert kernel is not None  # or the model would lack filters
    return filters(kernel)


@_kind(
    "feature-maps",
    "Feature maps",
    "What the convolutions make of the first test image.",
    needs.convolutions,
)
def _feature_maps(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.features import feature_maps
    from glassnet.report.figures.arrays import maps

    return feature_maps(outputs.x()[0], maps(outputs.model, outputs.x()[:1]))


@_kind(
    "activations",
    "Activations by layer",
    "How the outputs of each layer are spread over some test examples.",
    needs.classes,
)
def _activations(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.histograms import activation_histograms
    from glassnet.report.figures.arrays import activations

    return activation_histograms(activations(outputs))


@_kind(
    "gradients",
    "Gradients by layer",
    "How large the gradients of each layer's weights are on some training examples.",
    needs.classes,
    needs.steps,
)
def _gradients(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.histograms import gradient_histograms
    from glassnet.report.figures.arrays import gradients

    return gradient_histograms(gradients(outputs))


@_kind(
    "calibration",
    "Calibration",
    "How often predictions of each confidence are right: on the dotted line they are as sure as "
    "they should be.",
    needs.probabilities,
)
def _calibration(outputs: "RunOutputs") -> "Figure":
    import numpy as np

    from glassnet.evaluate.calibration import reliability
    from glassnet.plots.calibration import reliability_diagram

    found = reliability(outputs.labels(), outputs.probabilities())
    bins = found.bins
    edges = np.array([(one.low, one.high) for one in bins])
    intervals = np.array([one.accuracy_interval for one in bins])
    confidence, accuracy, counts = (
        np.array([getattr(one, name) for one in bins])
        for name in ("confidence", "accuracy", "count")
    )
    return reliability_diagram(edges, confidence, accuracy, intervals, counts, found.ece)


def _embedded(outputs: "RunOutputs", method: str) -> "Figure":
    from glassnet.plots.embedding import embedding, reduced
    from glassnet.report.figures.arrays import hidden_features

    features, labels = hidden_features(outputs)
    points, note = reduced(features, method)
    title = f"{method} of the last hidden layer: {len(points):,} test examples, {note}"
    return embedding(points, labels, outputs.class_names, title)


@_kind(
    "pca",
    "Last hidden layer (PCA)",
    "Test examples as points: the last hidden layer in the two directions in which it varies most.",
    needs.classes,
)
def _pca(outputs: "RunOutputs") -> "Figure":
    return _embedded(outputs, "PCA")


@_kind(
    "t-sne",
    "Last hidden layer (t-SNE)",
    "Test examples as points: those near each other in the last hidden layer are near each other "
    "here; distances between clusters mean nothing.",
    needs.classes,
)
def _tsne(outputs: "RunOutputs") -> "Figure":
    return _embedded(outputs, "t-SNE")


@_kind(
    "learning-rate",
    "Learning-rate finder",
    "The loss while the learning rate rises from step to step, and where it falls fastest.",
    needs.steps,
    trains=True,
)
def _learning_rate(outputs: "RunOutputs") -> "Figure":
    from glassnet.plots.rates import rate_curve
    from glassnet.runs.lr_find import find_for
    from glassnet.runs.run import settings_of

    found = find_for(settings_of(outputs.run), data_dir=outputs.data_dir)
    return rate_curve(found.rates, found.losses, found.smoothed, found.suggestion)


@_kind(
    "learning-rates",
    "Learning rates compared",
    "The loss by epoch of runs with different learning rates.",
    needs.history,
    needs.steps,
    several=True,
)
def _learning_rates(*runs: "RunOutputs") -> "Figure":
    from glassnet.plots.rates import compared_rates
    from glassnet.runs.run import settings_of

    by_rate = {settings_of(said.run).learning_rate: said.run.history() for said in runs}
    if len(by_rate) < len(runs):
        raise GlassnetError("two runs have the same learning rate.", where="--kind learning-rates")
    return compared_rates(by_rate)


@_kind(
    "seeds",
    "Seeds",
    "Mean and spread by epoch of runs that differ in their seeds alone, a line for each group.",
    needs.history,
    several=True,
)
def _seeds(*runs: "RunOutputs") -> "Figure":
    from glassnet.plots.seeds import seeds
    from glassnet.report.figures.arrays import by_settings

    return seeds(by_settings(runs))
