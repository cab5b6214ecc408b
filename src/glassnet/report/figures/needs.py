"""The needs of plots: each function returns why a run does not meet the need, or ""."""

from glassnet.core.arrays import shapes_of, take
from glassnet.data import Rows
from glassnet.engines import KERAS_ENGINES
from glassnet.plots.images import is_image
from glassnet.report.figures.arrays import feature_maps, first_kernel
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of


def history(outputs: RunOutputs) -> str:
    """The history of the epochs."""
    if outputs.run.has_history:
        return ""
    return (
        outputs.run.unfinished_note
        or "it has no history: it was imported, or the history was lost."
    )


def classes(outputs: RunOutputs) -> str:
    """One output per class."""
    if len(outputs.model.output_shape) != 1:
        return "the network continues texts and has no classes."
    task = outputs.training_data.dataset.task
    return "" if task == "classes" else f"the network predicts {task}, not classes."


def probabilities(outputs: RunOutputs) -> str:
    """Class probabilities."""
    if why := classes(outputs):
        return why
    return "" if outputs.has_probabilities else "the network does not output probabilities."


def numbers(outputs: RunOutputs) -> str:
    """Predicted numbers or counts."""
    task = outputs.training_data.dataset.task
    return "" if task in ("numbers", "counts") else f"the network predicts {task}, not numbers."


def table(outputs: RunOutputs) -> str:
    """The columns of a table."""
    data = outputs.training_data.dataset
    return "" if isinstance(data, Rows) else f"{data.name} is not a table with columns."


def images(outputs: RunOutputs) -> str:
    """Examples that are images."""
    if why := classes(outputs):
        return why
    kind, shape = outputs.data.kind, shapes_of(outputs.test.x)
    has_images = kind in ("numbers", "images") and is_image(shape)
    return "" if has_images else f"needs images, and {outputs.data.name} has none."


def pictures(outputs: RunOutputs) -> str:
    """Examples that are drawn as pictures: images, and spectrograms of clips."""
    kind = outputs.training_data.dataset.kind
    return classes(outputs) if kind == "audio" else images(outputs)


def weights_of_pixels(outputs: RunOutputs) -> str:
    """A first layer with one weight per pixel."""
    kernel = first_kernel(outputs.model)
    if kernel is None or kernel.ndim != 2:
        return "the first layer does not have one weight per pixel; try --kind filters."
    return images(outputs)


def filters(outputs: RunOutputs) -> str:
    """A convolution of images as the first layer with weights."""
    kernel = first_kernel(outputs.model)
    if kernel is None or kernel.ndim != 4:
        return "the network does not start with a convolution of images; try --kind weights."
    return ""


def convolutions(outputs: RunOutputs) -> str:
    """A convolution of images anywhere in the network."""
    if why := pictures(outputs):
        return why
    maps = feature_maps(outputs.model, take(outputs.test.x, slice(1)))
    return "" if maps else "the network has no convolutions of images."


def steps(outputs: RunOutputs) -> str:
    """Training steps that can be repeated here."""
    if history(outputs):
        return "the run was imported, so its training steps are unknown."
    by_keras = settings_of(outputs.run).engine in KERAS_ENGINES
    return "it was trained by Keras, whose steps can't be repeated here." if by_keras else ""
