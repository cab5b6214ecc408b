"""What kinds of pictures need of a run: each says why a run has not got it, or ""."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.runs.outputs import Inference


def history(said: "Inference") -> str:
    """Epochs that are known."""
    if said.run.has_history:
        return ""
    return said.run.unfinished or "its epochs are not known: it was imported, or lost them."


def classes(said: "Inference") -> str:
    """One number for each class."""
    one = len(said.model.output_shape) == 1
    return "" if one else "the network continues texts, and has no classes."


def probabilities(said: "Inference") -> str:
    """Probabilities of classes."""
    if why := classes(said):
        return why
    return "" if said.has_probabilities else "the network puts out no probabilities."


def images(said: "Inference") -> str:
    """Examples that are pictures."""
    from glassnet.plots.images import is_image

    if why := classes(said):
        return why
    pictures = said.data.kind == "numbers" and is_image(said.data.x_test.shape[1:])
    return "" if pictures else f"needs images, and {said.data.name} has none."


def weights_of_pixels(said: "Inference") -> str:
    """A first layer with a weight for each pixel."""
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(said.model)
    if kernel is None or kernel.ndim != 2:
        return "the first layer has no weight for each pixel; try --kind filters."
    return images(said)


def filters(said: "Inference") -> str:
    """A first layer with weights that is a convolution of images."""
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(said.model)
    if kernel is None or kernel.ndim != 4:
        return "the network does not begin with a convolution of images; try --kind weights."
    return ""


def convolutions(said: "Inference") -> str:
    """Convolutions of images, anywhere."""
    from glassnet.report.figures.arrays import maps

    if why := images(said):
        return why
    return "" if maps(said.model, said.x()[:1]) else "the network has no convolutions of images."


def steps(said: "Inference") -> str:
    """A training whose steps can be taken again."""
    from glassnet.engines import KERAS_ENGINES
    from glassnet.runs.run import settings_of

    if history(said):
        return "the run was imported: how it was trained is not known here."
    keras = settings_of(said.run).engine in KERAS_ENGINES
    return "it was trained by Keras, whose steps are not taken here." if keras else ""
